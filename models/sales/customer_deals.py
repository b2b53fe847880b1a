from odoo import api, fields, models
from odoo.tools import SQL

from ..approval.guard import FROZEN_STATES, changed_fields
from ..system.engine import is_engine
from .exceptions import KehuOrderRightError

# of a line, which the amount of its order follows
AMOUNT_FIELDS = {"extra_tax_data", "price_unit", "product_uom_qty", "discount", "tax_ids", "product_id", "product_uom_id"}


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
        main = newest and self.env["res.company"]._kehu_main()
        for partner in self:
            moment = newest.get(partner._origin.id)
            partner.kehu_last_opportunity = moment and (partner.company_id or main)._kehu_local_day(moment)

    @api.depends("kehu_order_ids.state", "kehu_order_ids.date_order")
    def _compute_kehu_last_deal(self):
        """The newest day of a confirmed order that has an amount. One dated in the future counts from the day it was entered.

        An amount that changes later is reported by the order itself, so that no quote that is edited has this computed.
        """
        customers = self.filtered("kehu_is_customer")
        newest = {}
        if customers:
            self.env["sale.order"].flush_model(["kehu_customer_id", "company_id", "state", "date_order", "amount_total"])
            rows = self.env.execute_query(
                SQL(
                    """SELECT kehu_customer_id, company_id, max(CASE WHEN date_order <= %(now)s THEN date_order ELSE create_date END)
                         FROM sale_order
                        WHERE kehu_customer_id IN %(ids)s AND state = 'sale' AND amount_total > 0
                     GROUP BY kehu_customer_id, company_id""",
                    now=fields.Datetime.now(),
                    ids=tuple(customers._origin.ids) or (0,),
                )
            )
            companies = self.env["res.company"]
            for customer_id, company_id, moment in rows:
                day = companies.browse(company_id)._kehu_local_day(moment)
                newest[customer_id] = max(day, newest.get(customer_id, day))
        for partner in self:
            partner.kehu_last_deal = newest.get(partner._origin.id, False)

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


class SaleOrder(models.Model):
    """The day of a confirmed order resets the clock of its customer: it stays as the confirmation set it, and lies not in the future."""

    _inherit = "sale.order"

    def _compute_amounts(self):
        """Have the last deal of their customers computed again where the amount of confirmed orders changes."""
        result = super()._compute_amounts()
        self._kehu_tell_deal()
        return result

    def _kehu_tell_deal(self):
        """Have the last deal computed again of those whose confirmed orders these are; nothing is done for quotes."""
        customers = self.filtered(lambda order: order.id and order.state == "sale").kehu_customer_id
        if customers:
            self.env.add_to_compute(customers._fields["kehu_last_deal"], customers)

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._kehu_check_order_day()
        return orders

    def write(self, vals):
        if "date_order" in vals and not is_engine(self.env, "approval") and not self._kehu_dates_freely():
            for order in self:
                # sudo: state only; what is frozen says so itself
                frozen = order.sudo().kehu_approval_state in FROZEN_STATES
                if order.state == "sale" and order.kehu_customer_id and not frozen and changed_fields(order, vals, {"date_order"}):
                    raise KehuOrderRightError(
                        self.env._(
                            "“%(order)s” is confirmed, and its day stays: it counts for the days without an order. "
                            "A manager can correct it.",
                            order=order.display_name,
                        )
                    )
        result = super().write(vals)
        if vals.get("state") == "sale":
            self._kehu_check_order_day()
        return result

    @api.model
    def _kehu_dates_freely(self):
        """Tell whether the current user may correct the day of a confirmed order."""
        user = self.env.user
        return self.env.su or user.has_group("kehu_crm.group_kehu_manager") or user.has_group("sales_team.group_sale_manager")

    def _kehu_check_order_day(self):
        """A salesperson confirms no order of a customer for a day to come.

        :raises KehuOrderRightError: naming the first such order
        """
        if self._kehu_dates_freely():
            return
        latest = fields.Datetime.add(fields.Datetime.now(), days=1)  # where one lives it may be tomorrow already
        for order in self.filtered(lambda order: order.kehu_customer_id and order.date_order and order.date_order > latest):
            raise KehuOrderRightError(
                self.env._(
                    "“%(order)s” cannot be confirmed for a day to come. Set the order date to today; the delivery date says when it is "
                    "due.",
                    order=order.display_name,
                )
            )


class SaleOrderLine(models.Model):
    """What changes the amount of a confirmed order is known to its customer at once, before anybody looks at the amount."""

    _inherit = "sale.order.line"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & AMOUNT_FIELDS:
            self.order_id._kehu_tell_deal()
        return result
