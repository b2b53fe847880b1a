from odoo import api, models

from ..system.engine import is_engine
from ..system.values import check_types
from .down_payment import ENGINE as DOWN_PAYMENT
from .exceptions import KehuOrderNumberError

NUMBERS = frozenset(
    {"customer_lead", "discount", "price_unit", "product_uom_qty", "purchase_price", "qty_delivered", "technical_price_unit"}
)


class SaleOrderLine(models.Model):
    """Frozen with its order, except for what the host's invoicing and delivery add."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "kehu.approval.line.mixin"]
    _kehu_document_field = "order_id"

    def _kehu_protected_line_fields(self):
        return super()._kehu_protected_line_fields() | {
            "combo_item_id",
            "customer_lead",
            "discount",
            "display_type",
            "extra_tax_data",
            "is_downpayment",
            "is_expense",
            "linked_line_id",
            "name",
            "price_unit",
            "product_id",
            "product_no_variant_attribute_value_ids",
            "product_uom_id",
            "product_uom_qty",
            "purchase_price",
            "tax_ids",
            "technical_price_unit",
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuOrderNumberError, NUMBERS)
        lines = super().create(vals_list)
        lines._kehu_check_confirmed_orders()
        return lines

    def write(self, vals):
        check_types(self, vals, KehuOrderNumberError, NUMBERS)
        if "order_id" in vals:
            # the host asks for the right on the order that a line leaves, not on the one that it goes to
            self.env["sale.order"].browse(vals["order_id"] or []).check_access("write")
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._kehu_protected_line_fields()):
            self._kehu_check_confirmed_orders()
        return result

    def _update_cache(self, values, validate=True):
        """Lines of an order that is only being typed, or of which the host makes a draft in memory before it is created."""
        check_types(self, values, KehuOrderNumberError, NUMBERS)
        return super()._update_cache(values, validate=validate)

    def _kehu_check_confirmed_orders(self):
        """An order confirmed without approval, because no flow applied, must not grow into one that needs it."""
        self.filtered(lambda line: not line._kehu_line_is_free()).order_id._kehu_check_confirmed()

    def _kehu_computed_columns(self, names):
        """The host, as the system, sets what is to be invoiced when a whole order was paid online, and links invoices."""
        found = super()._kehu_computed_columns(names)
        return found - {"qty_to_invoice"} if self.env.su else found | ({"invoice_lines"} & set(names))

    def _kehu_technical_fields(self):
        return super()._kehu_technical_fields() | {"combo_item_id", "extra_tax_data", "technical_price_unit"}

    def _kehu_line_is_free(self):
        """What the host adds to confirmed orders, with quantity 0: down payments it invoices and, for accountants, expenses charged on."""
        if self.product_uom_qty:
            return False
        if self.is_downpayment:
            return self.env.su or is_engine(self.env, DOWN_PAYMENT)
        return self.is_expense and (self.env.su or self.env.user.has_group("account.group_account_invoice"))

    def _kehu_free_line_fields(self):
        """The host writes text, price and taxes of a down payment when its invoice is posted."""
        return {"name", "price_unit", "tax_ids", "extra_tax_data", "technical_price_unit", "purchase_price", "discount"}
