from odoo import api, fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """The clock of the pool asks when a customer last had an opportunity, and when it last confirmed an order."""

    _inherit = "res.partner"

    @api.depends("kehu_opportunity_ids.type", "kehu_opportunity_ids.date_conversion", "kehu_opportunity_ids.date_closed")
    def _compute_kehu_last_opportunity(self):
        """The newest day counts on which one was entered, became an opportunity, or was closed; days to come do not count."""
        customers = self.filtered("kehu_is_customer")
        newest = {}
        if customers:
            leads = self.env["crm.lead"]
            names = ("kehu_customer_id", "type", "date_conversion", "date_closed")
            leads.flush_model(names)
            rows = self.env.execute_query(
                SQL(
                    """SELECT kehu_customer_id, max(GREATEST(create_date, CASE WHEN date_conversion <= %(now)s THEN date_conversion END,
                                                                          CASE WHEN date_closed <= %(now)s THEN date_closed END))
                         FROM crm_lead WHERE kehu_customer_id IN %(ids)s AND type = 'opportunity' GROUP BY kehu_customer_id""",
                    now=fields.Datetime.now(),
                    ids=tuple(customers._origin.ids) or (0,),
                )
            )
            newest = dict(rows)
        main = self.env["res.company"]._kehu_main()
        for partner in self:
            moment = newest.get(partner._origin.id)
            partner.kehu_last_opportunity = moment and (partner.company_id or main)._kehu_local_day(moment)

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

    def _kehu_count_open_documents(self):
        owned = [("kehu_customer_id", "in", self.ids), ("user_id", "in", self.user_id.ids)]
        # sudo: crm.lead, sale.order - how many there are, for the dialog that asks who gets them
        leads = self.env["crm.lead"].sudo().search_count([*owned, ("won_status", "=", "pending")])
        # sudo: see above
        orders = self.env["sale.order"].sudo().search_count([*owned, ("state", "in", ("draft", "sent"))])
        return super()._kehu_count_open_documents() + leads + orders


class KehuPool(models.Model):
    _inherit = "kehu.pool"

    @api.model
    def _kehu_sql_open_opportunity(self, alias):
        leads = self.env["crm.lead"]._fields
        return SQL(
            "EXISTS (SELECT FROM crm_lead opportunity WHERE %s = %s AND %s IS TRUE AND %s = 'pending' AND %s = 'opportunity')",
            SQL.identifier("opportunity", "kehu_customer_id", to_flush=leads["kehu_customer_id"]),
            SQL.identifier(alias, "id"),
            SQL.identifier("opportunity", "active", to_flush=leads["active"]),
            SQL.identifier("opportunity", "won_status", to_flush=leads["won_status"]),
            SQL.identifier("opportunity", "type", to_flush=leads["type"]),
        )
