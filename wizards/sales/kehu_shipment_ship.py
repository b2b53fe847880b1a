from odoo import api, fields, models


class KehuShipmentShip(models.TransientModel):
    """What leaves now, of one order; :meth:`sale.order.kehu_ship` checks and records it."""

    _name = "kehu.shipment.ship"
    _description = "Ship"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(string="Shipped on", required=True, default=fields.Date.context_today)
    carrier = fields.Char(help="Who transports the goods.")
    waybill = fields.Char(string="Waybill No.", help="The carrier's number, by which the customer can follow the goods.")
    note = fields.Text(string="Remarks", help="Printed on the delivery note.")
    line_ids = fields.One2many("kehu.shipment.ship.line", "dialog_id", string="Goods")

    def action_ship(self):
        """Record the shipment and close the dialog."""
        self.ensure_one()
        self.order_id.kehu_ship(
            [[line.order_line_id.id, line.quantity] for line in self.line_ids],
            date=self.date,
            carrier=self.carrier,
            waybill=self.waybill,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close"}


class KehuShipmentShipLine(models.TransientModel):
    _name = "kehu.shipment.ship.line"
    _description = "Goods to Ship"

    dialog_id = fields.Many2one("kehu.shipment.ship", required=True, index=True, ondelete="cascade")
    order_line_id = fields.Many2one("sale.order.line", required=True, readonly=True, ondelete="cascade")
    name = fields.Text(related="order_line_id.name", string="Product")
    product_uom_id = fields.Many2one(related="order_line_id.product_uom_id", string="Unit")
    quantity_ordered = fields.Float(related="order_line_id.product_uom_qty", string="Ordered")
    quantity_left = fields.Float(string="Still to Ship", digits="Product Unit", compute="_compute_quantity_left")
    quantity = fields.Float(string="Ship Now", digits="Product Unit")

    @api.depends("order_line_id")
    def _compute_quantity_left(self):
        for line in self:
            line.quantity_left = line.order_line_id._kehu_quantity_to_ship()
