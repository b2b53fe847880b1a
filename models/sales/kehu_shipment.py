from odoo import api, fields, models

from ..system.engine import as_engine
from .exceptions import KehuShipmentError

ENGINE = "shipment"


class KehuShipment(models.Model):
    """Goods of an order that left together, and who received them.

    Written by :meth:`sale.order.kehu_ship`, :meth:`sale.order.kehu_sign_delivery`, the portal and :meth:`kehu_cancel` only; kept for ever.

    Life: shipped → signed, or shipped → cancelled.
    """

    _name = "kehu.shipment"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Shipment"
    _order = "date desc, id desc"
    _kehu_engine = ENGINE
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, help="The order's number and a count.")
    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_shipping_id", string="Deliver to")
    user_id = fields.Many2one("res.users", string="Shipped by", required=True, index="btree_not_null", ondelete="restrict")
    date = fields.Date(string="Shipped on", required=True, index=True)
    carrier = fields.Char(help="Who transports the goods.")
    waybill = fields.Char(string="Waybill No.", help="The carrier's number, by which the customer can follow the goods.")
    note = fields.Text(string="Remarks")
    line_ids = fields.One2many("kehu.shipment.line", "shipment_id", string="Goods")
    state = fields.Selection(
        [("shipped", "Shipped"), ("signed", "Signed For"), ("cancelled", "Cancelled")],
        required=True,
        default="shipped",
        index=True,
        help="Shipped: on the way, or there and not signed for. Cancelled: it was recorded by mistake and counts no more.",
    )
    received_by = fields.Char(help="Who signed for the goods at the customer's.")
    received_on = fields.Date()
    signature = fields.Image(max_width=1024, max_height=1024, attachment=True)
    recorded_by_id = fields.Many2one(
        "res.users", string="Recorded by", ondelete="restrict", help="Who of us noted it down. Empty: the customer signed on the portal."
    )
    kehu_can_cancel = fields.Boolean(compute="_compute_kehu_can_cancel")

    @api.depends("state", "order_id")
    @api.depends_context("uid")
    def _compute_kehu_can_cancel(self):
        for shipment in self:
            shipment.kehu_can_cancel = shipment.state == "shipped" and shipment.order_id._kehu_may_ship()

    def kehu_cancel(self):
        """Take shipments back that were recorded by mistake; their quantities are to be shipped again.

        :raises KehuShipmentError: when one was signed for or cancelled already
        :raises AccessError: for orders of others
        """
        self.check_access("read")
        orders = self.order_id
        orders._kehu_check_may_ship()
        orders._kehu_lock_fulfilment()
        for shipment in self:
            if shipment.state != "shipped":
                raise KehuShipmentError(
                    self.env._(
                        "Shipment “%(shipment)s” is signed for or cancelled already; only what is on the way can be cancelled.",
                        shipment=shipment.name,
                    )
                )
        for line in self.line_ids:
            order_line = line.order_line_id
            if order_line:
                as_engine(order_line, ENGINE).qty_delivered = max(order_line.qty_delivered - line.quantity, 0.0)
        # sudo: kehu.shipment - users only read shipments; the rights on the order were checked
        as_engine(self.sudo(), ENGINE).write({"state": "cancelled"})
        for shipment in self:
            shipment.order_id.message_post(body=self.env._("Shipment %(shipment)s was cancelled.", shipment=shipment.name))
        return True

    def _get_report_base_filename(self):
        """Name of the file that the portal sends."""
        self.ensure_one()
        return self.env._("Delivery Note %(number)s", number=self.name)


class KehuShipmentLine(models.Model):
    """A quantity of a shipment. It remembers what was ordered, as order lines may change or go once an order is reopened."""

    _name = "kehu.shipment.line"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Goods of a Shipment"
    _order = "shipment_id, id"
    _kehu_engine = ENGINE

    shipment_id = fields.Many2one("kehu.shipment", required=True, index=True, ondelete="cascade")
    order_line_id = fields.Many2one("sale.order.line", index=True, ondelete="set null")
    name = fields.Text(string="Description", required=True)
    product_id = fields.Many2one("product.product", required=True, index=True, ondelete="restrict")
    product_uom_id = fields.Many2one("uom.uom", string="Unit", ondelete="restrict")
    specification = fields.Char()
    quantity = fields.Float(digits="Product Unit", required=True, help="In the unit of the order line.")
    quantity_ordered = fields.Float(string="Ordered", digits="Product Unit", help="When it was shipped.")
    quantity_before = fields.Float(string="Shipped before", digits="Product Unit", help="Of this order line, until this shipment.")
    quantity_left = fields.Float(string="Still to Ship", digits="Product Unit", compute="_compute_quantity_left")

    @api.depends("quantity", "quantity_ordered", "quantity_before")
    def _compute_quantity_left(self):
        for line in self:
            line.quantity_left = max(line.quantity_ordered - line.quantity_before - line.quantity, 0.0)
