from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..system.engine import is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from .account_move import CREDIT_TYPES, INVOICE_TYPES
from .exceptions import KehuReceiptError, KehuReceiptStateError

LEDGER_FIELDS = frozenset(
    {
        "kehu_amount_invoiced",
        "kehu_amount_received",
        "kehu_amount_due",
        "kehu_receipt_state",
        "kehu_date_due",
        "kehu_due_parts",
        "kehu_last_receipt_date",
    }
)


class SaleOrder(models.Model):
    """What the ledger says about an order: invoiced, received, still due."""

    _inherit = "sale.order"

    kehu_payment_line_ids = fields.One2many(
        "account.move.line",
        "kehu_order_id",
        string="Received Parts",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Parts of posted receipts, and online payments, that were paid for this order.",
    )
    kehu_amount_invoiced = fields.Monetary(
        string="Invoiced",
        compute="_compute_kehu_amounts",
        store=True,
        help="Posted invoices of this order, tax included, less credit notes.",
    )
    kehu_amount_received = fields.Monetary(
        string="Received",
        compute="_compute_kehu_amounts",
        store=True,
        help="What the customer has paid for this order: on its invoices, by whatever route, and by approved receipts and online "
        "payments still to be matched.",
    )
    kehu_amount_due = fields.Monetary(
        string="Due",
        compute="_compute_kehu_amounts",
        store=True,
        help="What the customer still owes: not yet invoiced, plus open on the invoices, less what was received in advance. "
        "Negative when we owe the customer.",
    )
    kehu_receipt_state = fields.Selection(
        [("none", "Nothing Received"), ("partial", "Partly Received"), ("settled", "Settled")],
        string="Receipt Status",
        compute="_compute_kehu_amounts",
        store=True,
        index=True,
    )
    kehu_progress = fields.Selection(
        help="Draft, pending, rejected: on the way to approval. Approved: approved and confirmed. Confirmed: without approval, which it "
        "did not need. Done: confirmed, fully invoiced and settled."
    )
    # the list of open receivables, in its order
    _kehu_open_idx = models.Index(
        "(kehu_date_due, id) WHERE kehu_receipt_state IN ('none', 'partial') "
        "AND (state = 'sale' AND amount_total <> 0 OR kehu_amount_invoiced <> 0 OR kehu_amount_received <> 0 OR kehu_amount_due <> 0)"
    )

    _kehu_surplus_idx = models.Index("(kehu_date_due, id) WHERE kehu_amount_due < 0")

    @api.depends(
        "state",
        "amount_total",
        "currency_id",
        "order_line.invoice_lines.price_total",
        "order_line.invoice_lines.move_id.state",
        "order_line.invoice_lines.move_id.amount_total",
        "order_line.invoice_lines.move_id.amount_residual",
        "kehu_payment_line_ids.amount_residual_currency",
        "kehu_payment_line_ids.parent_state",
    )
    def _compute_kehu_amounts(self):
        """Read the ledger.

        due = what is not invoiced yet + what is open on posted invoices − open credit notes − receipts not matched yet. That is total −
        received − credited, as long as nothing credited is invoiced again. E.g. ordered 1,000, invoiced 600, of which 100 credited and
        300 paid, receipt of 250 not matched: 400 + 200 − 250 = 350 due, 550 received. A credit note thus lowers what is due; invoicing
        again what was credited raises it again (:meth:`_kehu_uninvoiced`). What an accountant writes off when registering a payment
        settles the invoice as money does, so it counts as received: received + due is what the customer was to pay.
        """
        # an order in an unsaved form shows what the saved one has
        documents = self._origin.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type in INVOICE_TYPES + CREDIT_TYPES
        )
        shares = documents._kehu_order_shares()
        for order in self:
            origin = order._origin
            currency = order.currency_id or order.company_id.currency_id
            invoiced = credited = received = residual = 0.0
            goods = []
            for move in origin.order_line.invoice_lines.move_id & documents:
                share = shares[move].get(origin)
                if not share:
                    continue
                total, paid, still_open = (order._kehu_from_document(move, amount) for amount in share[:3])
                goods.append((move, share.goods))
                if move.move_type in CREDIT_TYPES:
                    credited, received, residual = credited + total, received - paid, residual - still_open
                else:
                    invoiced, received, residual = invoiced + total, received + paid, residual + still_open
            unmatched = -sum(
                line.amount_residual_currency for line in origin.kehu_payment_line_ids if line.parent_state == "posted"
            )  # credit lines: negative residuals
            uninvoiced = 0.0
            if order.state == "sale":
                uninvoiced = order._kehu_uninvoiced(goods) if order.amount_total > 0 else min(order.amount_total + credited, 0.0)
            order.kehu_amount_invoiced = currency.round(invoiced - credited)
            order.kehu_amount_received = currency.round(received + unmatched)
            order.kehu_amount_due = currency.round(uninvoiced + residual - unmatched)
            order.kehu_receipt_state = order._kehu_get_receipt_state(bool(invoiced or credited))

    @api.depends("kehu_receipt_state")
    def _compute_kehu_progress(self):
        """An order on which money is still open is not done."""
        result = super()._compute_kehu_progress()
        for order in self:
            if order.kehu_progress == "done" and order.kehu_receipt_state != "settled":
                order.kehu_progress = order._kehu_confirmed_progress()
        return result

    @api.model
    def _kehu_refresh_progress(self):
        """Write the progress of confirmed orders again where it differs, at each update of the add-on: its rule may be a new one.

        In one statement, as there may be hundreds of thousands of orders.
        """
        self.flush_model(["state", "invoice_status", "kehu_approval_state", "kehu_receipt_state", "kehu_progress"])
        self.env.cr.execute(
            SQL(
                """UPDATE sale_order o SET kehu_progress = n.progress
                     FROM (
                        SELECT id, CASE WHEN invoice_status = 'invoiced' AND kehu_receipt_state = 'settled' THEN 'done'
                                        WHEN kehu_approval_state = 'approved' THEN 'approved'
                                        ELSE 'confirmed' END AS progress
                          FROM sale_order WHERE state = 'sale'
                     ) n
                    WHERE n.id = o.id AND o.kehu_progress IS DISTINCT FROM n.progress"""
            )
        )
        self.invalidate_model(["kehu_progress"])

    def _kehu_uninvoiced(self, goods):
        """What is neither invoiced yet nor credited: total − invoiced + invoiced again after a credit note, at least 0.

        Documents are followed by date. What is invoiced on an order line after a credit note on it is taken as invoicing again, up to
        what was credited; down payments are credited and invoiced again against any line. E.g. ordered 1,000, invoiced 500, all of it
        credited: 500 are left; invoiced 500 again: still 500 are left, and 500 are open on the invoice, so 1,000 are due.

        :param list goods: pairs of a posted document and {sale.order.line: amount}, in the currency of the document
        :return: amount in the currency of the order
        """
        self.ensure_one()
        left = self.amount_total
        credited = defaultdict(float)
        down_payments = self.order_line.browse()
        for move, amounts in sorted(goods, key=lambda pair: (pair[0].invoice_date or pair[0].date, pair[0].id)):
            for line, amount in amounts.items():
                key = down_payments if line.is_downpayment else line
                rest = self._kehu_from_document(move, amount)
                if move.move_type in CREDIT_TYPES:
                    credited[key] += rest
                    continue
                for pool in (key, down_payments):
                    if credited[pool] * rest > 0:  # both positive, or both a deduction
                        again = min(credited[pool], rest, key=abs)
                        credited[pool] -= again
                        rest -= again
                left -= rest
        return max(self.currency_id.round(left), 0.0)

    def _kehu_from_document(self, move, amount):
        """Convert an amount of an invoice into the currency of the order, at the date of the invoice."""
        if move.currency_id == self.currency_id:
            return amount
        return move.currency_id._convert(amount, self.currency_id, move.company_id, move.invoice_date or move.date)

    def _kehu_get_receipt_state(self, has_documents):
        self.ensure_one()
        currency = self.currency_id or self.company_id.currency_id
        something = has_documents or (self.state == "sale" and not currency.is_zero(self.amount_total))
        if something and currency.compare_amounts(self.kehu_amount_due, 0.0) <= 0:
            return "settled"
        return "partial" if currency.compare_amounts(self.kehu_amount_received, 0.0) > 0 else "none"

    # ------------------------------------------------------------------
    # Guard: the ledger writes these figures, nobody else
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_ledger_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_ledger_fields(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_on_receipt(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.receipt.allocation - receipts of others count too
        for allocation in self.env["kehu.receipt.allocation"].sudo().search([("order_id", "in", self.ids)], limit=1):
            raise KehuReceiptStateError(
                self.env._(
                    "Order %(order)s is on receipt %(receipt)s and cannot be deleted. Take it off a draft receipt first; an order with "
                    "other receipts is kept, cancelled.",
                    order=allocation.order_id.name,
                    receipt=allocation.receipt_id.name,
                )
            )
        # sudo: account.move.line - money in the ledger, also paid online
        for line in self.env["account.move.line"].sudo().search([("kehu_order_id", "in", self.ids)], limit=1):
            raise KehuReceiptStateError(
                self.env._(
                    "Payment %(payment)s was received for order %(order)s, so the order cannot be deleted. Keep it cancelled.",
                    order=line.kehu_order_id.name,
                    payment=line.move_id.display_name,
                )
            )

    def _kehu_check_ledger_fields(self, vals):
        if not LEDGER_FIELDS.isdisjoint(vals):
            raise KehuEngineOnlyError(
                self.env._(
                    "Received and due amounts of an order come from the accounting and cannot be typed in. "
                    "Enter a receipt, or post the invoice or payment."
                )
            )

    # ------------------------------------------------------------------
    # Matching receipts with invoices
    # ------------------------------------------------------------------

    def _kehu_match_receipts(self):
        """Match open parts of approved receipts with the posted invoices of these orders, the invoice due first before the others.

        A part never pays more of an invoice shared with other orders than its own order has in it: such a part stays open, still counted
        as received by its order, until an invoice can take it. Needs the rights of accounting, so callers come with sudo.
        """
        if not self:
            return
        lines = self.env["account.move.line"].search(
            [("kehu_order_id", "in", self.ids), ("parent_state", "=", "posted"), ("reconciled", "=", False)], order="date, id"
        )
        # fetched together here, found in the cache order by order
        self.order_line.invoice_lines.move_id.line_ids.sale_line_ids.mapped("order_id")
        plan = []
        shared = []
        for (order, account), parts in lines.grouped(lambda line: (line.kehu_order_id, line.account_id)).items():
            invoices = order._kehu_open_invoices()
            own = invoices.filtered(lambda move: len(move.line_ids.sale_line_ids.order_id) == 1)
            targets = own.line_ids.filtered(lambda line, account=account: line.account_id == account and not line.reconciled)
            if targets:
                plan.append(parts | targets)
            shared += [(parts, invoice, order) for invoice in invoices - own]
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)
        for parts, invoice, order in shared:
            for part in parts.filtered(lambda line: not line.reconciled):
                targets = invoice.line_ids.filtered(lambda line, part=part: line.account_id == part.account_id and not line.reconciled)
                if not targets or part.currency_id != invoice.currency_id:
                    continue
                room = invoice._kehu_order_shares()[invoice][order].residual
                if invoice.currency_id.compare_amounts(-part.amount_residual_currency, room) <= 0:
                    (part | targets).reconcile()

    def _kehu_lock_for_receipt(self):
        """Lock these orders until the end of the transaction; see :meth:`kehu.receipt._kehu_lock_orders`.

        :raises KehuReceiptStateError: when another transaction holds one of them
        """
        locked = self.try_lock_for_update()
        if self - locked:
            raise KehuReceiptStateError(
                self.env._(
                    "Order %(order)s is being changed by somebody else at this moment. Try again in a few seconds.",
                    order=(self - locked).mapped("name"),
                )
            )
        self.invalidate_recordset()

    def _kehu_open_invoices(self):
        """:return: posted invoices of this order on which something is open, the one due first comes first"""
        self.ensure_one()
        return self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type in INVOICE_TYPES and not move.currency_id.is_zero(move.amount_residual)
        ).sorted(lambda move: (move.invoice_date_due or move.date, move.id))

    # ------------------------------------------------------------------
    # Receiving
    # ------------------------------------------------------------------

    def action_kehu_receive(self):
        """Open a new receipt for what these orders still owe."""
        self.check_access("read")
        return self._kehu_open_new_receipt()

    def _kehu_open_new_receipt(self):
        """:return: the form of a new receipt, filled with the open orders among these, each with what it owes

        :raises KehuReceiptError: when nothing is due, or when the orders have no common customer, company and currency
        """
        orders = self.filtered(lambda order: order.state == "sale" and order.currency_id.compare_amounts(order.kehu_amount_due, 0.0) > 0)
        if not orders:
            raise KehuReceiptError(
                self.env._("Nothing to receive: %(orders)s owes no money, or is not confirmed yet.", orders=self.mapped("name"))
            )
        customers = orders.kehu_customer_id
        if len(customers) != 1 or len(orders.company_id) != 1 or len(orders.currency_id) != 1:
            raise KehuReceiptError(
                self.env._(
                    "One receipt pays orders of one customer in one currency and company. Choose such orders; you chose "
                    "%(orders)s of %(partners)s.",
                    orders=orders.mapped("name"),
                    partners=(customers or orders.partner_id).mapped("display_name"),
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receive"),
            "res_model": "kehu.receipt",
            "views": [(False, "form")],
            "context": {
                "default_partner_id": customers.id,
                "default_company_id": orders.company_id.id,
                "default_currency_id": orders.currency_id.id,
                "default_amount": sum(orders.mapped("kehu_amount_due")),
                "default_allocation_ids": [
                    Command.create({"order_id": order.id, "amount": order.kehu_amount_due}) for order in orders.sorted("date_order")
                ],
            },
        }
