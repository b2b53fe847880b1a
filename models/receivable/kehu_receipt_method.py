from odoo import api, fields, models

from .exceptions import KehuReceiptError


class KehuReceipt(models.Model):
    """How the money came: one of the payment methods of the account, which may book it on an account of its own."""

    _inherit = "kehu.receipt"

    payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Payment Method",
        compute="_compute_payment_method_line_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        domain="[('journal_id', '=', journal_id), ('payment_type', '=', 'inbound')]",
        help="How the money came. The accountant sets the methods of an account on its journal.",
    )

    @api.depends("journal_id", "payer")
    def _compute_payment_method_line_id(self):
        """The payer's own method where the account has it, else the one chosen, else the first: as the host does on a payment."""
        for receipt in self:
            # sudo: account.journal, res.partner, account.payment - methods, for those who may not open these
            known = receipt.sudo()
            if known.payment_id:
                receipt.payment_method_line_id = known.payment_id.payment_method_line_id
                continue
            methods = known._kehu_methods()
            own = known.payer.with_company(known.company_id).property_inbound_payment_method_line_id
            receipt.payment_method_line_id = own & methods or known.payment_method_line_id & methods or methods[:1]

    def _kehu_methods(self):
        """:return: the incoming payment methods of the account of this one receipt"""
        return self.journal_id.inbound_payment_method_line_ids._origin

    @api.constrains("payment_method_line_id", "journal_id")
    def _check_payment_method(self):
        for receipt in self:
            known = receipt.sudo()  # sudo: account.journal - its methods, for those who may not open it
            method = known.payment_method_line_id
            if method - known._kehu_methods():
                raise KehuReceiptError(
                    self.env._(
                        "Receipt %(receipt)s: %(journal)s does not receive money by that payment method. Choose one of the account's.",
                        receipt=receipt.name,
                        journal=known.journal_id.display_name,
                    )
                )

    def _kehu_payment_method_values(self):
        """:return: what the payment of this one receipt says of its method; nothing where none was chosen, then the host takes one"""
        self.ensure_one()
        method = self.payment_method_line_id & self._kehu_methods()
        return {"payment_method_line_id": method.id} if method else {}
