from odoo import api, models
from odoo.tools import float_compare

from ..system.engine import is_engine
from .exceptions import KehuShipmentError, KehuShipmentQuantityError
from .kehu_shipment import ENGINE

OF_WHAT = {"order_id", "product_id"}
COUNTED = {"qty_delivered", "product_uom_qty", "price_unit", "is_downpayment"}


class SaleOrderLine(models.Model):
    """What of a line is to be shipped."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        for line, vals in zip(lines, vals_list, strict=True):
            if vals.get("qty_delivered"):
                line._kehu_check_delivered()
                line._kehu_check_delivered_later()
        return lines

    def write(self, vals):
        if not OF_WHAT.isdisjoint(vals):
            self.filtered(lambda line: any(name in vals and line[name].id != vals[name] for name in OF_WHAT))._kehu_check_shipped()
        ours = is_engine(self.env, ENGINE)
        typed = "qty_delivered" in vals and not ours
        shipped = self._kehu_check_typed_delivery(vals["qty_delivered"]) if typed else self.browse()
        before = {line: line.qty_delivered for line in shipped}
        result = super().write(vals)
        if not ours and not COUNTED.isdisjoint(vals):
            (self if typed else self.filtered(lambda line: not line.is_expense))._kehu_check_delivered()
        for line, quantity in before.items():
            line.order_id.message_post(
                body=self.env._(
                    "Delivered quantity of “%(product)s” corrected by hand: %(before)s → %(after)s.",
                    product=line.product_id.display_name,
                    before=line._kehu_print_quantity(quantity),
                    after=line._kehu_print_quantity(line.qty_delivered),
                )
            )
        return result

    def _kehu_check_shipped(self):
        """:raises KehuShipmentError: when goods of one of these lines are out"""
        # sudo: kehu.shipment.line - whether there is one, also for those who see none
        goods = self.env["kehu.shipment.line"].sudo()
        out = self.ids and goods.search([("order_line_id", "in", self.ids), ("shipment_id.state", "!=", "cancelled")])
        if out:
            out.order_line_id.order_id.with_env(self.env)._kehu_check_goods_kept()

    def _kehu_check_delivered(self):
        """Where the host invoices what is delivered, a delivery nobody ordered would be a price, or a discount, that nobody approved.

        E.g. an order of 1000 and a line of 0 × -40: approved with 1000, and 20 of the latter delivered, invoiced with 200. More than was
        ordered may be delivered of what is sold, at its price.

        :raises KehuShipmentQuantityError: for less than nothing, anything where nothing was ordered, and more of what lowers the amount
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        told = self.filtered(lambda line: line.qty_delivered and line.order_id.kehu_customer_id)
        # sudo: stock.move - whether there is one: the host's inventory adds what left or came back without being ordered
        told = told.filtered(lambda line: line.qty_delivered_method != "stock_move" or not line.sudo().move_ids)
        for line in told:
            ordered, delivered = line.product_uom_qty, line.qty_delivered
            sign = -1 if ordered < 0 else 1
            less = float_compare(sign * delivered, 0.0, precision_digits=digits) < 0
            more = float_compare(sign * delivered, sign * ordered, precision_digits=digits) > 0
            if less or (more and (ordered <= 0 or line.price_unit < 0 or line.is_downpayment)):
                raise KehuShipmentQuantityError(
                    self.env._(
                        "Of “%(product)s” of “%(order)s” %(ordered)s were ordered, so %(delivered)s cannot be delivered. Correct the "
                        "quantity.",
                        product=line.product_id.display_name or line.name,
                        order=line.order_id.display_name,
                        ordered=line._kehu_print_quantity(ordered),
                        delivered=line._kehu_print_quantity(delivered),
                    )
                )

    def _kehu_check_delivered_later(self):
        """:raises KehuShipmentError: for goods of a customer that would be delivered before their order is confirmed"""
        goods = self.filtered(lambda line: line._kehu_is_shipped_by_hand() and line.order_id.kehu_customer_id)
        goods.order_id._kehu_check_shippable()

    def _kehu_check_typed_delivery(self, quantity):
        """Refuse to type in what shipments count; a manager may, when goods came back, and the order tells of it.

        Lines without a shipment are delivered as the host does it: by whoever may write the order, or by the inventory.

        :param quantity: as a client sent it, text that the host takes for a number included
        :raises ValueError: for what is no number, as the host says it
        :return: lines of shipments that a manager is about to correct
        :rtype: sale.order.line
        :raises KehuShipmentError: naming the first line that has a shipment
        """
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        number = self._fields["qty_delivered"].convert_to_cache(quantity, self)
        changed = self.filtered(
            lambda line: line.qty_delivered_method == "manual" and float_compare(line.qty_delivered, number, precision_digits=digits)
        )
        if number:
            changed._kehu_check_delivered_later()
        # sudo: kehu.shipment.line - whether there is one, also for those who see none
        shipped = self.env["kehu.shipment.line"].sudo()
        shipped = changed and shipped.search([("order_line_id", "in", changed.ids), ("shipment_id.state", "!=", "cancelled")])
        manager = self.env.user.has_group("kehu_crm.group_kehu_manager")
        for goods in shipped or ():
            line = goods.order_line_id.with_env(self.env)
            if not manager or not line.order_id._kehu_may_ship():
                raise KehuShipmentError(
                    self.env._(
                        "“%(product)s” of “%(order)s” left with shipment %(shipment)s, so what is delivered of it is not typed in. "
                        "Record a further shipment or cancel one; a manager corrects the quantity when goods came back.",
                        product=line.product_id.display_name,
                        order=line.order_id.display_name,
                        shipment=goods.shipment_id.name,
                    )
                )
        return shipped.order_line_id.with_env(self.env) if shipped else self.browse()

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
