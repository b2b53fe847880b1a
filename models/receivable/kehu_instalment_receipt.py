from collections import defaultdict
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain

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

    @api.depends(
        "receipt_allocation_ids.amount",
        "receipt_allocation_ids.receipt_id.state",
        "receipt_allocation_ids.receipt_id.advance_use_ids.state",
    )
    def _compute_money(self):
        return super()._compute_money()

    def _kehu_named_money(self):
        """:return: {part: what approved receipts brought for it by name, less what was freed of it since}

        Whether the money is still there is the ledger's to say: never more counts than the order received in all. What was freed of an
        order is first what its receipt brought for no part by name, then what it brought for the last parts.
        """
        allocations = self.env["kehu.receipt.allocation"].sudo()  # sudo: kehu.receipt.allocation - money counts, whoever received it
        groups = allocations._read_group(
            [("instalment_id", "in", self.ids), ("receipt_id.state", "=", "approved")],
            ["receipt_id", "order_id", "instalment_id"],
            ["amount:sum"],
        )
        freed = self._kehu_freed_orders({receipt.id for receipt, *_rest in groups})
        named, by_source = defaultdict(float), defaultdict(list)
        for receipt, order, part, amount in groups:
            named[part.id] += amount
            by_source[receipt, order].append((part, amount))
        for (receipt, order), parts in by_source.items():
            if (receipt.id, order.id) not in freed:
                continue
            lost = sum(amount for _part, amount in parts) - receipt._kehu_given().get(order, 0.0)
            for part, amount in sorted(parts, key=lambda pair: (pair[0].date_due or date.max, pair[0].sequence, pair[0].id), reverse=True):
                taken = max(min(lost, amount), 0.0)
                named[part.id] -= taken
                lost -= taken
        return dict(named)

    @api.model
    def _kehu_freed_orders(self, receipt_ids):
        """:return: {(receipt id, order id)} of which something was freed"""
        lines = self.env["kehu.advance.use.line"].sudo()  # sudo: kehu.advance.use - money counts, whoever freed it
        freed = Domain("use_id.receipt_id", "in", list(receipt_ids)) & Domain("use_id.kind", "=", "free")
        groups = lines._read_group(freed & Domain("use_id.state", "=", "approved"), ["use_id", "order_id"]) if receipt_ids else ()
        return {(use.receipt_id.id, order.id) for use, order in groups}

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
