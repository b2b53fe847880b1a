from odoo import api, fields, models

from ..system.engine import as_engine, is_engine, is_uninstalling
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

    # ------------------------------------------------------------------
    # Payments of receipts: their entries are split per order
    # ------------------------------------------------------------------

    @api.model
    def _kehu_create_posted(self, wanted):
        """Create payments whose entries have the given journal items, and post them: all entries in one go, as the host does without.

        The account is set on the payment, so that it has an entry also where an accounting add-on would leave it out.

        :param list wanted: tuples (values of the payment, account of the money, commands for the journal items)
        :return: the payments, in that order
        """
        payments = as_engine(self, "receipt").create([values for values, _account, _lines in wanted])
        for payment, (_values, account, _lines) in zip(payments, wanted, strict=True):
            if payment.outstanding_account_id != account:
                payment.outstanding_account_id = account
        lines = {payment.id: commands for payment, (_values, _account, commands) in zip(payments, wanted, strict=True)}
        payments.with_context(kehu_payment_lines=lines).action_post()
        return payments.with_env(self.env)

    def _generate_move_vals(self, write_off_line_vals=None, force_balance=None, line_ids=None):
        if not line_ids and is_engine(self.env, "receipt"):
            line_ids = self.env.context.get("kehu_payment_lines", {}).get(self.id)
        return super()._generate_move_vals(write_off_line_vals, force_balance, line_ids)

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
