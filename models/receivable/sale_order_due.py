from collections import defaultdict

from odoo import api, fields, models

from ...tools.apportion import apportion
from .account_move import CREDIT_TYPES, INVOICE_TYPES


class SaleOrder(models.Model):
    """When what an order owes falls due, and when money last came: stored, so that a list of a million orders reads columns only."""

    _inherit = "sale.order"

    kehu_date_due = fields.Date(
        string="Due On",
        compute="_compute_kehu_due_days",
        store=True,
        help="Earliest day on which something still open falls due: by the open invoices, and for what is not invoiced by the "
        "instalments, or else by the payment terms.",
    )
    kehu_due_parts = fields.Json(
        compute="_compute_kehu_due_days",
        store=True,
        copy=False,
        export_string_translation=False,
        help="What is due by day, {day: amount} in the currency of the order, when not all of it is due on the same day.",
    )
    kehu_last_receipt_date = fields.Date(
        string="Last Receipt",
        compute="_compute_kehu_last_receipt_date",
        store=True,
        copy=False,
        help="The last day on which money for this order came, by whatever route.",
    )

    @api.depends(
        "state",
        "date_order",
        "payment_term_id",
        "kehu_amount_due",
        "kehu_receipt_state",
        "order_line.invoice_lines.move_id.state",
        "order_line.invoice_lines.move_id.amount_residual",
        "order_line.invoice_lines.move_id.invoice_date_due",
        "kehu_instalment_ids.amount_due",
        "kehu_instalment_ids.date_due",
        "kehu_contract_id.kehu_instalment_ids.amount_due",
        "kehu_contract_id.kehu_instalment_ids.date_due",
    )
    def _compute_kehu_due_days(self):
        """Split what an order owes over days; the parts add up to it.

        What is open on invoices is due as they say. What is not invoiced is due by the plan of the order, its last parts; or in
        proportion to the open parts of its contract; or, without a plan, on the first day of the payment terms. E.g. 1,000 ordered, planned
        300 on 1 January, 300 on 1 February and 400 on 1 March; 300 invoiced, due on 20 January, nothing paid: 300 on 20 January, 300 on
        1 February, 400 on 1 March.
        """
        # an order in an unsaved form shows what the saved one has
        invoices = self._origin.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type in INVOICE_TYPES
        )
        shared = invoices.filtered(lambda move: len(move.line_ids.sale_line_ids.order_id) > 1)
        shares = shared._kehu_order_shares()
        for order in self:
            origin = order._origin
            currency = order.currency_id or order.company_id.currency_id
            own = origin.order_line.invoice_lines.move_id & invoices
            lines = own.line_ids.filtered(lambda line: line.display_type == "payment_term" and line.date_maturity)
            by_day = defaultdict(float)
            for move in own:
                residual = move.amount_residual
                if move in shared:
                    residual = shares[move][origin].residual if origin in shares[move] else 0.0
                still_open = {line: line.amount_residual_currency for line in lines & move.line_ids if not line.reconciled}
                for line, part in apportion(move.currency_id.round(residual), still_open, move.currency_id.rounding).items():
                    by_day[line.date_maturity] += order._kehu_from_document(move, part)
            due = order.kehu_amount_due
            uninvoiced = currency.round(due - sum(by_day.values()))
            if currency.compare_amounts(uninvoiced, 0.0) > 0:
                for day, part in order._kehu_uninvoiced_by_day(uninvoiced).items():
                    by_day[day] += part
            else:  # money or credit that is not matched: what is oldest is settled first
                excess = -uninvoiced
                for day in sorted(by_day):
                    part = max(min(by_day[day], excess), 0.0)
                    by_day[day] -= part
                    excess -= part
            open_days = {day: currency.round(part) for day, part in by_day.items() if currency.compare_amounts(part, 0.0) > 0}
            order.kehu_due_parts = (
                {fields.Date.to_string(day): part for day, part in sorted(open_days.items())} if len(open_days) > 1 else False
            )
            order.kehu_date_due = min(open_days) if open_days else order._kehu_settled_day(lines)

    def _kehu_uninvoiced_by_day(self, amount):
        """Split what of this one order is owed and not invoiced over days.

        :param float amount: in the currency of the order, positive
        :rtype: dict[date, float]
        """
        self.ensure_one()
        by_day = defaultdict(float)
        parts = self._kehu_plan().filtered("date_due")
        for part in reversed(parts):
            taken = min(part.amount_due, amount)
            if taken > 0:
                by_day[part.date_due] += taken
                amount = self.currency_id.round(amount - taken)
        if parts and amount > 0:  # more than the plan: with its first part that is open
            by_day[min(by_day, default=parts[0].date_due)] += amount
        if not parts:
            contract_parts = self.kehu_contract_id.kehu_instalment_ids.filtered(lambda part: part.date_due and part.amount_due > 0)
            weights = {part: part.amount_due for part in contract_parts}
            for part, share in apportion(amount, weights, self.currency_id.rounding).items():
                by_day[part.date_due] += share
        if not by_day and self.date_order:
            by_day[self._kehu_terms_day()] = amount
        return by_day

    def _kehu_terms_day(self):
        """:return: the first day that the payment terms of this one order name, counted from its date"""
        self.ensure_one()
        ordered = fields.Date.context_today(self, self.date_order)
        return min((line._get_due_date(ordered) for line in self.payment_term_id.line_ids), default=ordered)

    def _kehu_settled_day(self, lines):
        """:return: of this one order, on which nothing is open, the last day that its invoices, its plan or its terms name"""
        self.ensure_one()
        days = lines.mapped("date_maturity") or self._kehu_plan().filtered("date_due").mapped("date_due")
        return max(days, default=self.date_order and self._kehu_terms_day())

    @api.depends(
        "kehu_amount_received",
        "order_line.invoice_lines.move_id.state",
        "order_line.invoice_lines.move_id.amount_residual",
        "kehu_payment_line_ids.parent_state",
        "kehu_payment_line_ids.date",
    )
    def _compute_kehu_last_receipt_date(self):
        """By the posted parts of receipts, and by what is matched with the invoices: payments and bank lines, not credit or rates."""
        moves = self._origin.order_line.invoice_lines.move_id
        invoice_lines = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        invoice_lines.matched_credit_ids.credit_move_id.move_id.mapped("journal_id")  # fetched together
        for order in self:
            origin = order._origin
            # what takes money off the order is no receipt
            days = [line.date for line in origin.kehu_payment_line_ids if line.parent_state == "posted" and line.amount_currency < 0]
            for move in origin.order_line.invoice_lines.move_id:
                if move.state != "posted" or move.move_type not in INVOICE_TYPES:
                    continue
                for line in move.line_ids & invoice_lines:
                    for credit in line.matched_credit_ids.credit_move_id:
                        if credit.kehu_order_id and credit.kehu_order_id != origin:
                            continue  # on an invoice of several orders, another one was paid
                        if (
                            credit.move_id.move_type not in INVOICE_TYPES + CREDIT_TYPES
                            and credit.journal_id != move.company_id.currency_exchange_journal_id
                        ):
                            days.append(credit.date)
            order.kehu_last_receipt_date = max(days, default=False) if order.kehu_amount_received else False
