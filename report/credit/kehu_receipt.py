from odoo import models
from odoo.tools import format_date


class KehuReceipt(models.Model):
    """What the print asks the receipt for. A receipt reads the same whoever prints it, so orders of colleagues are named on it too."""

    _inherit = "kehu.receipt"

    def _kehu_print_name(self):
        """Name of the printed file."""
        self.ensure_one()
        return self.env._("Receipt - %(number)s", number=self.name)

    def _kehu_print_day(self, day):
        """A day in the language of the paper, which need not be that of who prints it."""
        return format_date(self.env, day)

    def _kehu_print_facts(self):
        """From whom and how the money came, as [(key of a word, text)]."""
        self.ensure_one()
        # sudo: res.partner, account.journal, res.users - names on a receipt that one may read
        receipt = self.sudo()
        facts = [("received_from", receipt.partner_id.display_name)]
        if receipt.payer != receipt.partner_id:
            facts.append(("paid_by", receipt.payer.display_name))
        account = receipt.journal_id.name
        if len(receipt._kehu_methods()) > 1 and receipt.payment_method_line_id:
            account = f"{account} · {receipt.payment_method_line_id.name}"
        facts += [("received_in", account), ("cashier", receipt.user_id.name), ("remarks", receipt.note)]
        return [(key, text) for key, text in facts if text]

    def _kehu_print_rows(self):
        """For which orders the money is, as dicts with ``order`` (number), ``date``, ``total``, ``amount``."""
        self.ensure_one()
        lines = self.sudo().allocation_ids  # sudo: kehu.receipt.allocation, sale.order - see the class
        return [
            {"order": line.order_id.name, "date": line.order_id.date_order, "total": line.order_id.amount_total, "amount": line.amount}
            for line in lines
        ]
