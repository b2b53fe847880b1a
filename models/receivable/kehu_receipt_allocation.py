from odoo import api, fields, models
from odoo.tools import format_amount

from .checks import check_money, check_values, raise_missing
from .exceptions import KehuOverAllocationError, KehuReceiptError


class KehuReceiptAllocation(models.Model):
    """How much of a receipt is for one order."""

    _name = "kehu.receipt.allocation"
    _description = "Receipt Allocation"
    _inherit = ["kehu.approval.line.mixin"]
    _order = "receipt_id, id"

    _kehu_document_field = "receipt_id"

    receipt_id = fields.Many2one("kehu.receipt", required=True, index=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="restrict")
    instalment_id = fields.Many2one(
        "kehu.instalment",
        index="btree_not_null",
        ondelete="restrict",
        domain="['|', ('order_id', '=', order_id), ('contract_id.order_ids', '=', order_id)]",
        help="Part of the payment plan that this money is for. Without one it covers the oldest open part.",
    )
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    amount = fields.Monetary(
        compute="_compute_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Part of the receipt that pays this order; at most what the order still owes.",
    )
    # what the order says, for the person who allocates or approves: `_kehu_telling` says when
    order_name = fields.Char(string="Order Number", compute="_compute_order_figures")
    order_date = fields.Datetime(compute="_compute_order_figures")
    order_total = fields.Monetary(compute="_compute_order_figures")
    order_received = fields.Monetary(compute="_compute_order_figures")
    order_due = fields.Monetary(compute="_compute_order_figures")
    order_waiting = fields.Monetary(
        string="On Other Receipts",
        compute="_compute_order_figures",
        help="Submitted for this order on other receipts that are not approved yet.",
    )

    _order_part_uniq = models.UniqueIndex(
        "(receipt_id, order_id, COALESCE(instalment_id, 0))", "The order is on this receipt already. Change the amount on that line."
    )

    @api.depends("order_id")
    def _compute_amount(self):
        """Propose what the order owes, as far as the receipt reaches."""
        for allocation in self:
            receipt = allocation.receipt_id
            others = receipt.allocation_ids - allocation
            # sudo: sale.order - what the order owes, also of a colleague's order on a receipt one sees
            due = allocation._kehu_telling().order_id.sudo().kehu_amount_due
            # another part of the same order may be on the receipt already
            due = max(due - sum(others.filtered(lambda line, order=allocation.order_id: line.order_id == order).mapped("amount")), 0.0)
            left = receipt.amount - sum(others.mapped("amount"))
            allocation.amount = allocation.amount or (min(due, left) if left > 0 else due)

    @api.onchange("order_id")
    def _onchange_order_id(self):
        """A part of another order's plan is none of this one's."""
        if self.instalment_id and self.instalment_id not in self._kehu_plan_parts():
            self.instalment_id = False

    @api.onchange("instalment_id")
    def _onchange_instalment_id(self):
        """Propose what is open of the part, as far as the order owes it and the receipt reaches."""
        if self.instalment_id:
            others = sum((self.receipt_id.allocation_ids - self).mapped("amount"))
            left = self.receipt_id.amount - others
            part = min(self.instalment_id.amount_due, self.order_due)
            self.amount = min(part, left) if left > 0 else part

    def _kehu_plan_parts(self):
        """:return: parts that money for the order of this one line can be for: of its own plan, or of its contract's"""
        self.ensure_one()
        order = self.order_id
        # sudo: kehu.contract - which orders come under it, to compare only
        parts = self.instalment_id.sudo().filtered(lambda part: part.order_id == order or order in part.contract_id.order_ids)
        return parts.with_env(self.env)

    @api.depends(
        "order_id.name", "order_id.date_order", "order_id.amount_total", "order_id.kehu_amount_received", "order_id.kehu_amount_due"
    )
    @api.depends_context("uid")
    def _compute_order_figures(self):
        telling = self._kehu_telling()
        # sudo: sale.order, kehu.receipt.allocation - figures of the order, its other receipts included, for those who may know them
        orders = telling.order_id.sudo()
        groups = self.sudo()._read_group(  # sudo: see above
            [("order_id", "in", orders.ids), ("receipt_id.state", "=", "pending")], ["order_id", "receipt_id"], ["amount:sum"]
        )
        for allocation in self:
            order = allocation.order_id.sudo() if allocation in telling else orders.browse()  # sudo: see above
            receipt = allocation.receipt_id._origin
            allocation.order_name = order.name
            allocation.order_date = order.date_order
            allocation.order_total = order.amount_total
            allocation.order_received = order.kehu_amount_received
            allocation.order_due = order.kehu_amount_due
            allocation.order_waiting = sum(amount for other, by, amount in groups if other == order and by != receipt)

    def _kehu_telling(self):
        """Those among these lines whose order's figures this person may know: they see the order, or the saved line that names it."""
        if self.env.su:
            return self
        visible = self.order_id._filtered_access("read")
        saved = self._origin._filtered_access("read")
        return self.filtered(
            # sudo: its order, to compare only
            lambda line: line.order_id in visible or (line._origin in saved and line.order_id == line._origin.sudo().order_id)
        )

    # ------------------------------------------------------------------
    # Guard: nothing is said of an order that the person may not see
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["receipt_id", "order_id"])
        for vals in vals_list:
            check_values(self, vals)
            for name in ("receipt_id", "order_id"):
                if not (vals.get(name) or defaults.get(name)):
                    raise_missing(self, name)
        default = defaults.get("order_id")
        self._kehu_check_order_access(vals.get("order_id", default) for vals in vals_list)
        self._kehu_check_part_access(vals.get("instalment_id") for vals in vals_list)
        return super().create(vals_list)

    def write(self, vals):
        check_values(self, vals)
        if "order_id" in vals and any(line.order_id.id != vals["order_id"] for line in self):
            self._kehu_check_order_access([vals["order_id"]])
        if vals.get("instalment_id"):
            self._kehu_check_part_access([vals["instalment_id"]])
        return super().write(vals)

    def _kehu_check_order_access(self, order_ids):
        """Before values are stored, since the sentences of the constraints tell about the order.

        :raises AccessError: as the host words it
        """
        self.env["sale.order"].browse({order_id for order_id in order_ids if order_id}).check_access("read")

    def _kehu_check_part_access(self, part_ids):
        """As above, for parts of a plan.

        :raises AccessError: as the host words it
        """
        self.env["kehu.instalment"].browse({part_id for part_id in part_ids if part_id}).check_access("read")

    def _kehu_protected_line_fields(self):
        return super()._kehu_protected_line_fields() | {"order_id", "instalment_id", "amount"}

    def _kehu_tolerated_line_fields(self):
        """See the receipt."""
        return set()

    @api.constrains("amount")
    def _check_amount(self):
        for allocation in self:
            check_money(self.env, allocation.amount)
            if allocation.currency_id.compare_amounts(allocation.amount, 0.0) <= 0:
                raise KehuReceiptError(
                    self.env._(
                        "What receipt %(receipt)s allocates to order %(order)s must be greater than zero. Change the amount or "
                        "remove the line.",
                        receipt=allocation.receipt_id.name,
                        order=allocation.order_id.name,
                    )
                )

    @api.constrains("order_id", "instalment_id", "amount", "receipt_id")
    def _check_allocation(self):
        self.receipt_id._check_receipt()

    def _kehu_check_order(self):
        """Check this part of a receipt against its order as the ledger has it now. Comes with sudo.

        :raises KehuReceiptError: with the sentence that says which rule is broken and what to do
        """
        self.ensure_one()
        order, receipt = self.order_id, self.receipt_id
        names = {"order": order.name, "receipt": receipt.name}
        if order.kehu_customer_id != receipt.partner_id:
            raise KehuReceiptError(
                self.env._(
                    "Order %(order)s belongs to %(partner)s, but receipt %(receipt)s is of %(customer)s. Make a receipt of its own for it.",
                    **names,
                    partner=order.partner_id.display_name,
                    customer=receipt.partner_id.display_name,
                )
            )
        if order.state != "sale":
            raise KehuReceiptError(
                self.env._(
                    "Order %(order)s is not confirmed, so receipt %(receipt)s cannot pay it. Have the order approved first, or "
                    "leave the money "
                    "as an advance.",
                    **names,
                )
            )
        if order.company_id != receipt.company_id:
            raise KehuReceiptError(
                self.env._(
                    "Order %(order)s is of %(company)s, receipt %(receipt)s is not. Make a receipt in that company.",
                    **names,
                    company=order.company_id.name,
                )
            )
        if order.currency_id != receipt.currency_id:
            raise KehuReceiptError(
                self.env._(
                    "Order %(order)s is in %(order_currency)s and receipt %(receipt)s in %(currency)s. Make a receipt in "
                    "%(order_currency)s.",
                    **names,
                    order_currency=order.currency_id.name,
                    currency=receipt.currency_id.name,
                )
            )
        if self.instalment_id and not self._kehu_plan_parts():
            raise KehuReceiptError(
                self.env._(
                    "“%(instalment)s” is no part of the payment plan of order %(order)s. Choose one of its parts on receipt %(receipt)s, "
                    "or none.",
                    **names,
                    instalment=self.instalment_id.display_name,
                )
            )
        lines = receipt.allocation_ids.filtered(lambda line: line.order_id == order)
        allocated = sum(lines.mapped("amount"))
        if receipt.currency_id.compare_amounts(allocated, order.kehu_amount_due) > 0:
            raise KehuOverAllocationError(
                self.env._(
                    "Receipt %(receipt)s allocates %(amount)s to order %(order)s, which owes only %(due)s. Lower the allocation; "
                    "the rest can "
                    "stay as an advance.",
                    **names,
                    amount=format_amount(self.env, allocated, receipt.currency_id),
                    due=format_amount(self.env, max(order.kehu_amount_due, 0.0), receipt.currency_id),
                )
            )
