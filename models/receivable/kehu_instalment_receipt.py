from odoo import api, fields, models

from ..system.engine import is_uninstalling
from .exceptions import KehuInstalmentPaidError


class KehuInstalment(models.Model):
    """Receipts may name the part that they pay."""

    _inherit = "kehu.instalment"

    receipt_allocation_ids = fields.One2many(
        "kehu.receipt.allocation",
        "instalment_id",
        string="Receipts for This Part",
        groups="kehu_crm.group_kehu_user,kehu_crm.group_kehu_finance",
        help="What receipts allocate to this part by name; other money covers the oldest part first.",
    )

    @api.depends("receipt_allocation_ids.amount", "receipt_allocation_ids.receipt_id.state")
    def _compute_money(self):
        return super()._compute_money()

    def _kehu_named_money(self):
        """:return: {part: what approved receipts brought for it by name}

        Whether the money is still there is the ledger's to say: never more counts than the order received in all.
        """
        allocations = self.env["kehu.receipt.allocation"].sudo()  # sudo: kehu.receipt.allocation - money counts, whoever received it
        groups = allocations._read_group(
            [("instalment_id", "in", self.ids), ("receipt_id.state", "=", "approved")], ["instalment_id"], ["amount:sum"]
        )
        return {part.id: amount for part, amount in groups}

    @api.ondelete(at_uninstall=True)
    def _unlink_except_named_on_receipt(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.receipt.allocation - receipts of others count too
        line = self.env["kehu.receipt.allocation"].sudo().search([("instalment_id", "in", self.ids)], limit=1)
        if line:
            raise KehuInstalmentPaidError(
                self.env._(
                    "“%(instalment)s” is named on receipt %(receipt)s. Choose another part there, or delete that receipt first.",
                    instalment=line.instalment_id.display_name,
                    receipt=line.receipt_id.name,
                )
            )
