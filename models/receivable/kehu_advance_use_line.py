from odoo import api, fields, models
from odoo.tools import format_amount

from .checks import check_money, check_values
from .exceptions import KehuAdvanceError, KehuOverAllocationError


class KehuAdvanceUseLine(models.Model):
    """How much of a used advance is for one order."""

    _name = "kehu.advance.use.line"
    _description = "Order of an Advance Use"
    _inherit = ["kehu.approval.line.mixin"]
    _order = "use_id, id"

    _kehu_document_field = "use_id"

    use_id = fields.Many2one("kehu.advance.use", string="Use of an Advance", required=True, index=True, ondelete="cascade")
    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one(related="use_id.currency_id")
    amount = fields.Monetary(
        required=True, help="Part of the advance that pays this order, at most what it still owes; or what is freed from it."
    )
    order_name = fields.Char(string="Order Number", compute="_compute_order_figures")
    order_total = fields.Monetary(compute="_compute_order_figures")
    order_due = fields.Monetary(compute="_compute_order_figures")

    _order_uniq = models.Constraint("UNIQUE (use_id, order_id)", "The order is on this use already. Change the amount on that line.")

    @api.depends("order_id.name", "order_id.amount_total", "order_id.kehu_amount_due")
    @api.depends_context("uid")
    def _compute_order_figures(self):
        """For those who see the order, or the saved line that names it."""
        visible = self.order_id._filtered_access("read")
        saved = self._origin._filtered_access("read")
        for line in self:
            telling = line.order_id in visible or (line._origin in saved and line.order_id == line._origin.order_id)
            # sudo: sale.order - its figures, for those who may know them
            order = line.order_id.sudo() if telling else visible.browse()
            line.order_name, line.order_total, line.order_due = order.name, order.amount_total, order.kehu_amount_due

    @api.onchange("order_id")
    def _onchange_order_id(self):
        """Propose what the order owes, as far as the advance reaches."""
        others = sum(line.amount for line in self.use_id.line_ids if line != self)
        if self.use_id.kind == "free":
            # sudo: kehu.receipt - what it gave to an order whose figures this person knows
            given = self.use_id.receipt_id.sudo()._kehu_given().get(self.order_id._origin, 0.0) if self.order_name else 0.0
            self.amount = max(min(-self.order_due, given), 0.0)
        else:
            self.amount = max(min(self.order_due, self.use_id.advance_open - others), 0.0)

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["use_id", "order_id"])
        for vals in vals_list:
            check_values(self, vals)
            if not (vals.get("order_id") or defaults.get("order_id")) or not (vals.get("use_id") or defaults.get("use_id")):
                raise KehuAdvanceError(self.env._("Each line of a use of an advance names one order. Choose it."))
        # before values are stored, since the sentences of the constraints tell about the order
        order_ids = {vals.get("order_id") or defaults.get("order_id") for vals in vals_list}
        self.env["sale.order"].browse(order_ids).check_access("read")
        lines = super().create(vals_list)
        lines.use_id._kehu_check_not_posted()
        return lines

    def write(self, vals):
        check_values(self, vals)
        self.use_id._kehu_check_not_posted()
        if vals.get("order_id"):
            self.env["sale.order"].browse(vals["order_id"]).check_access("read")
        result = super().write(vals)
        if "use_id" in vals:
            self.use_id._kehu_check_not_posted()
        return result

    def unlink(self):
        self.use_id._kehu_check_not_posted()
        return super().unlink()

    def _kehu_protected_line_fields(self):
        return super()._kehu_protected_line_fields() | {"order_id", "amount"}

    def _kehu_tolerated_line_fields(self):
        """See the use."""
        return set()

    @api.constrains("order_id", "amount", "use_id")
    def _check_line(self):
        for line in self:
            check_money(self.env, line.amount)
            if line.currency_id.compare_amounts(line.amount, 0.0) <= 0:
                raise KehuAdvanceError(
                    self.env._(
                        "What %(use)s gives to order %(order)s must be greater than zero. Change the amount or remove the line.",
                        use=line.use_id.name,
                        order=line.order_id.name,
                    )
                )
        self.use_id._check_use()

    def _kehu_check_order(self):
        """Check this part of a use against its order as the ledger has it now. Comes with sudo.

        :raises KehuAdvanceError: with the sentence that says which rule is broken and what to do
        """
        self.ensure_one()
        order, use = self.order_id, self.use_id
        names = {"order": order.name, "use": use.name}
        if order.kehu_customer_id != use.partner_id:
            raise KehuAdvanceError(
                self.env._(
                    "Order %(order)s is not of %(customer)s, whose advance %(use)s takes. Choose an order of that customer.",
                    **names,
                    customer=use.partner_id.display_name,
                )
            )
        if order.state != "sale":
            raise KehuAdvanceError(
                self.env._("Order %(order)s is not confirmed, so %(use)s cannot pay it. Have the order approved first.", **names)
            )
        if order.company_id != use.company_id or order.currency_id != use.currency_id:
            raise KehuAdvanceError(
                self.env._(
                    "The advance of %(use)s is in %(currency)s in %(company)s, and order %(order)s is not. Choose an order of the same "
                    "currency and company.",
                    **names,
                    currency=use.currency_id.name,
                    company=use.company_id.name,
                )
            )
        if use.currency_id.compare_amounts(self.amount, order.kehu_amount_due) > 0:
            raise KehuOverAllocationError(
                self.env._(
                    "%(use)s gives %(amount)s to order %(order)s, which owes only %(due)s. Lower the amount; the rest stays an advance.",
                    **names,
                    amount=format_amount(self.env, self.amount, use.currency_id),
                    due=format_amount(self.env, max(order.kehu_amount_due, 0.0), use.currency_id),
                )
            )
