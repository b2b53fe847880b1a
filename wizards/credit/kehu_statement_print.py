from odoo import fields, models
from odoo.tools import format_date

from ...models.credit.res_partner_statement import UNUSED
from .kehu_statement import AGES


class KehuStatementSheet(models.TransientModel):
    """What the print asks the sheet for."""

    _inherit = "kehu.statement.sheet"

    def _kehu_print_name(self):
        """Name of the printed file."""
        self.ensure_one()
        return self.env._(
            "Statement - %(customer)s - %(currency)s - %(day)s",
            customer=self.partner_id.name,
            currency=self.currency_id.name,
            day=fields.Date.to_string(self.date_to),
        )

    def _kehu_print_day(self, day):
        """A day in the language of the paper, which need not be that of who prints it."""
        return format_date(self.env, day)

    def _kehu_print_entries(self, words):
        """The lines of this one sheet, by date.

        :param words: see ``kehu.print``
        :return: dicts with ``date``, ``kind`` (a word), ``number``, ``text``, ``debit``, ``credit`` (0.0 for the other one), ``balance``
        :rtype: list[dict]
        """
        self.ensure_one()
        account = self._kehu_accounts().get(self, {})
        balance, rows = account.get("opening", 0.0), []
        entries = account.get("entries", [])
        # sudo: account.move, kehu.receipt, sale.order - numbers of the customer's papers, for those who may see its account
        moves = self.env["account.move"].sudo().browse({move_id for _day, move_id, *_rest in entries})
        moves.mapped("name")
        others = moves.browse({other_id for _day, _move, other_id, _amount in entries if other_id})
        for day, move_id, other_id, amount in entries:
            balance = self.currency_id.round(balance + amount)
            move, other = moves.browse(move_id), others.browse(other_id)
            kind, number, text = self._kehu_print_document(move, other)
            rows.append(
                {
                    "date": day,
                    "kind": words[kind],
                    "number": number,
                    "text": text,
                    "debit": max(amount, 0.0),
                    "credit": max(-amount, 0.0),
                    "balance": balance,
                }
            )
        return rows

    def _kehu_print_document(self, move, other):
        """What one entry is: (key of a word, number, text)."""
        if other:
            return "kind_transfer", move.name, other.name
        receipt = move.origin_payment_id.kehu_receipt_ids[:1]
        orders = ", ".join((move.line_ids.sale_line_ids.order_id | move.line_ids.kehu_order_id).mapped("name"))
        if receipt:
            return "kind_receipt", receipt.name, orders
        if move.move_type in ("out_invoice", "out_receipt"):
            return "kind_invoice", move.name, orders or move.ref or ""
        if move.move_type == "out_refund":
            return "kind_credit_note", move.name, orders or move.ref or ""
        payment = move.origin_payment_id
        if payment or move.journal_id.type in ("bank", "cash"):
            outgoing = payment.payment_type == "outbound"
            return "kind_refund" if outgoing else "kind_receipt", move.name, payment.memo or move.ref or ""
        return "kind_entry", move.name, move.ref or ""

    def _kehu_print_ages(self):
        """[(key of a word, amount)] of this one sheet; credit not used only where there is some."""
        return [(key, self[key]) for key in AGES if key != UNUSED or not self.currency_id.is_zero(self[key])]

    def _kehu_print_orders(self):
        """Confirmed orders of the period, of this one customer and currency, by date.

        :rtype: sale.order, in superuser mode
        """
        self.ensure_one()
        # sudo: sale.order - the customer's own orders, for those who may see its account
        orders = self.env["sale.order"].sudo().with_context(tz=self.company_id.kehu_timezone or self.env.context.get("tz"))
        first = fields.Datetime.to_datetime(self.date_from)
        found = orders.search(
            [
                ("kehu_customer_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("state", "=", "sale"),
                ("date_order", ">=", fields.Datetime.subtract(first, days=1)),
                ("date_order", "<", fields.Datetime.add(fields.Datetime.to_datetime(self.date_to), days=2)),
            ],
            order="date_order, id",
        )
        return found.filtered(lambda order: self.date_from <= self._kehu_order_day(order) <= self.date_to)

    def _kehu_order_day(self, order):
        """The day of an order where the company is."""
        return order.company_id._kehu_local_day(order.date_order)
