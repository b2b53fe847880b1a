from odoo import api, fields, models

from ..system.engine import is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError


class AccountMoveLine(models.Model):
    """A part of a payment may be meant for one sales order, before and after an invoice exists."""

    _inherit = "account.move.line"

    kehu_order_id = fields.Many2one(
        "sale.order",
        string="Received for Order",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        help="Sales order for which this part of a receipt, or this online payment, was paid. It is matched with the invoices of that "
        "order as soon as they are posted.",
    )

    kehu_advance_receipt_id = fields.Many2one(
        "kehu.receipt",
        string="Advance of Receipt",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        help="Receipt whose advance this part of a payment is; what is open on it can still be used or refunded.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("kehu_order_id") or vals.get("kehu_advance_receipt_id") for vals in vals_list):
            self._kehu_check_receipt_engine()
        return super().create(vals_list)

    def write(self, vals):
        if "kehu_order_id" in vals or "kehu_advance_receipt_id" in vals:
            self._kehu_check_receipt_engine()
        names = {"account_id", "partner_id"} & vals.keys()
        if names:
            moved = self.filtered(
                lambda line: (
                    line.account_type == "asset_receivable"
                    and (line.move_id.origin_payment_id or line.move_id.move_type == "entry")
                    and any(line[name].id != vals[name] for name in names)
                )
            )
            moved.move_id._kehu_check_receipts_stand()
        return super().write(vals)

    def unlink(self):
        """See the entry."""
        if not is_uninstalling(self.env):
            entries = self.move_id.filtered(lambda move: move.state == "posted" and (move.origin_payment_id or move.move_type == "entry"))
            entries._kehu_check_receipts_stand()
        return super().unlink()

    def _kehu_check_receipt_engine(self):
        if not is_engine(self.env, "receipt"):
            raise KehuEngineOnlyError(
                self.env._("The order of a journal item is set by approving a receipt. Allocate the receipt to the order instead.")
            )
