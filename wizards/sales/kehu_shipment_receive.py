from odoo import fields, models


class KehuShipmentReceive(models.TransientModel):
    """Who received the goods of an order; :meth:`sale.order.kehu_sign_delivery` checks and records it."""

    _name = "kehu.shipment.receive"
    _description = "Record Receipt"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    name = fields.Char(string="Received by", required=True, help="Who signed for the goods at the customer's.")
    date = fields.Date(string="Received on", required=True, default=fields.Date.context_today)
    signature = fields.Image(max_width=1024, max_height=1024, help="Optional: signed here, or a picture of the signed delivery note.")

    def action_sign(self):
        """Record the receipt and close the dialog."""
        self.ensure_one()
        self.order_id.kehu_sign_delivery(self.name, date=self.date, signature=self.signature)
        return {"type": "ir.actions.act_window_close"}
