from odoo import api, models

from ..system.engine import is_uninstalling
from .exceptions import KehuReceiptInUseError


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.ondelete(at_uninstall=True)
    def _unlink_except_on_receipt(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.receipt - also of receipts that the administrator may not see
        receipt = self.env["kehu.receipt"].sudo().search([("user_id", "in", self.ids)], limit=1)
        if receipt:
            raise KehuReceiptInUseError(
                self.env._(
                    "%(user)s looks after receipt %(receipt)s and cannot be deleted. Archive the user instead.",
                    user=receipt.user_id.name,
                    receipt=receipt.name,
                )
            )
