from odoo import api, models

from ..system.engine import is_uninstalling
from .exceptions import KehuReceiptInUseError


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.ondelete(at_uninstall=True)
    def _unlink_except_on_receipt(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.receipt - also of receipts that the accountant may not see
        receipt = self.env["kehu.receipt"].sudo().search([("journal_id", "in", self.ids)], limit=1)
        if receipt:
            raise KehuReceiptInUseError(
                self.env._(
                    "The money of receipt %(receipt)s came into “%(journal)s”, so the journal cannot be deleted. Archive it instead.",
                    journal=receipt.journal_id.display_name,
                    receipt=receipt.name,
                )
            )
