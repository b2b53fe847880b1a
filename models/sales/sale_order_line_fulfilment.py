from odoo import models
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    """What of a line is to be shipped."""

    _inherit = "sale.order.line"

    def _kehu_is_goods(self):
        """Tell whether this one line is something that can be shipped: ordered goods, no service, down payment or text."""
        return not self.display_type and not self.is_downpayment and self.product_id.type == "consu" and self.product_uom_qty > 0

    def _kehu_is_shipped_by_hand(self):
        """Tell whether our shipments count for this one line; where the host's inventory is installed, its transfers do."""
        return self._kehu_is_goods() and self.qty_delivered_method == "manual"

    def _kehu_quantity_to_ship(self):
        """What is still to be shipped of this one line, in its unit; never negative."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        left = self.product_uom_qty - self.qty_delivered
        return left if float_compare(left, 0.0, precision_digits=digits) > 0 else 0.0

    def _kehu_shipment_values(self, quantity):
        """Values of a kehu.shipment.line for some of this one line."""
        return {
            "order_line_id": self.id,
            "name": self.name or self.product_id.display_name,
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom_id.id,
            "specification": self.kehu_specification,
            "quantity": quantity,
            "quantity_ordered": self.product_uom_qty,
            "quantity_before": self.qty_delivered,
        }
