from odoo import models


class SaleOrderLine(models.Model):
    """Frozen with its order, except for what the host's invoicing and delivery add."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "kehu.approval.line.mixin"]
    _kehu_document_field = "order_id"

    def _kehu_protected_line_fields(self):
        return super()._kehu_protected_line_fields() | {
            "combo_item_id",
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

    def _kehu_line_is_free(self):
        """Down-payment lines and, for accountants, expenses charged on: the host adds both to confirmed orders, with quantity 0."""
        if self.product_uom_qty:
            return False
        return self.is_downpayment or (self.is_expense and (self.env.su or self.env.user.has_group("account.group_account_invoice")))

    def _kehu_free_line_fields(self):
        """The host writes text, price and taxes of a down payment when its invoice is posted."""
        return {"name", "price_unit", "tax_ids", "extra_tax_data", "technical_price_unit", "purchase_price", "discount"}
