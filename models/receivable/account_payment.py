from odoo import api, fields, models

from ..system.engine import is_uninstalling
from .exceptions import KehuReceiptLedgerError


class AccountPayment(models.Model):
    _inherit = "account.payment"

    kehu_receipt_ids = fields.One2many(
        "kehu.receipt",
        "payment_id",
        string="Receipts",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="The approved receipt that posted this payment.",
    )

    def write(self, vals):
        if vals.get("state") in ("draft", "canceled", "rejected"):
            self.move_id._kehu_check_receipts_stand()
        elif "move_id" in vals:
            self.filtered(lambda payment: payment.move_id.id != vals["move_id"]).move_id._kehu_check_receipts_stand()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_on_receipt(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.receipt - accountants without a CRM role are told, too
        receipt = self.sudo().kehu_receipt_ids[:1]
        if receipt:
            raise KehuReceiptLedgerError(
                self.env._(
                    "Payment %(payment)s belongs to receipt %(receipt)s and is kept as its proof, also when that is cancelled.",
                    payment=receipt.payment_id.display_name,
                    receipt=receipt.name,
                )
            )
        # sudo: kehu.advance.use - see above
        refund = self.env["kehu.advance.use"].sudo().search([("payment_id", "in", self.ids)], limit=1)
        if refund:
            raise KehuReceiptLedgerError(
                self.env._(
                    "Payment %(payment)s belongs to refund %(refund)s and is kept as its proof, also when that is cancelled.",
                    payment=refund.payment_id.display_name,
                    refund=refund.name,
                )
            )

    def _synchronize_to_moves(self, changed_fields):
        """The receivable side of a receipt's payment is split per order; the host can rebuild an unsplit one only."""
        # sudo: kehu.receipt - accountants without a CRM role meet the guard too
        of_receipts = self.filtered(lambda payment: "approved" in payment.sudo().kehu_receipt_ids.mapped("state"))
        if of_receipts and not changed_fields.isdisjoint(self._get_trigger_fields_to_synchronize()):
            raise KehuReceiptLedgerError(
                self.env._(
                    "Payment %(payment)s was posted by receipt %(receipt)s and cannot be changed. Cancel the receipt and make a new one.",
                    payment=of_receipts[0].display_name,
                    receipt=of_receipts[0].sudo().kehu_receipt_ids[:1].name,  # sudo: kehu.receipt - its number only
                )
            )
        # sudo: kehu.advance.use - see above
        refunds = self.env["kehu.advance.use"].sudo()
        if not changed_fields.isdisjoint(self._get_trigger_fields_to_synchronize()):
            refunds = refunds.search([("payment_id", "in", self.ids), ("state", "=", "approved")], limit=1)
        if refunds:
            raise KehuReceiptLedgerError(
                self.env._(
                    "Payment %(payment)s was posted by refund %(refund)s and cannot be changed. Cancel the refund and make a new one.",
                    payment=refunds.payment_id.display_name,
                    refund=refunds.name,
                )
            )
        return super()._synchronize_to_moves(changed_fields)
