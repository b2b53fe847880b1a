from odoo import fields, models


class KehuDunningHold(models.TransientModel):
    """Until when no dunning letter is written to customers, or about orders, and why."""

    _name = "kehu.dunning.hold"
    _description = "Hold Dunning"

    partner_ids = fields.Many2many("res.partner", string="Customers", domain=[("kehu_is_customer", "=", True)])
    order_ids = fields.Many2many("sale.order", string="Orders")
    until = fields.Date(help="Last day of the hold.")
    reason = fields.Char(help="What was agreed, or what is in dispute. Noted on the customer or order.")

    def action_hold(self):
        """Hold; the methods of customers and orders check the right."""
        self.ensure_one()
        for records in (self.partner_ids, self.order_ids):
            if records:
                records.kehu_hold_dunning(self.until, self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_release(self):
        """Go on with the dunning."""
        self.ensure_one()
        for records in (self.partner_ids, self.order_ids):
            if records:
                records.kehu_hold_dunning(False)
        return {"type": "ir.actions.act_window_close"}
