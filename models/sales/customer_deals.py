from odoo import api, models


class ResPartner(models.Model):
    """The clock of the pool asks when a customer last confirmed an order."""

    _inherit = "res.partner"

    @api.depends("kehu_order_ids.state", "kehu_order_ids.date_order")
    def _compute_kehu_last_deal(self):
        customers = self.filtered("kehu_is_customer")
        newest = {}
        if customers:
            orders = self.env["sale.order"].with_context(active_test=False)
            rows = orders._read_group(
                [("kehu_customer_id", "in", customers.ids), ("state", "=", "sale")], ["kehu_customer_id", "company_id"], ["date_order:max"]
            )
            for customer, company, moment in rows:
                day = company._kehu_local_day(moment)
                newest[customer] = max(day, newest.get(customer, day))
        for partner in self:
            partner.kehu_last_deal = newest.get(partner._origin, False)
