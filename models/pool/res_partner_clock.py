from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ...tools.pool_clock import NO_DEAL, NO_OPPORTUNITY
from ..system.engine import is_engine
from .kehu_pool_policy import RULES

COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}
FALL_FIELDS = ("kehu_fall_on", "kehu_days_left", "kehu_fall_rule", "kehu_policy_pool_id", "kehu_fall_hint")
# what the clock stands on; the engines write it
CLOCK_COLUMNS = {"kehu_home_pool_id", "kehu_effective_contact", "kehu_last_opportunity", "kehu_last_deal"}


class ResPartner(models.Model):
    """The clock of an owned customer: when it falls back into the pool, by which rule, and what would stop it.

    Nothing of this is stored but the days it stands on, so that a changed policy holds at once and nothing can be out of date.
    """

    _inherit = "res.partner"

    kehu_home_pool_id = fields.Many2one(
        "kehu.pool",
        string="Came From",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The pool from which the present owner got the customer.",
        groups="base.group_user",
    )
    kehu_effective_contact = fields.Date(
        string="Last Effective Contact",
        readonly=True,
        copy=False,
        help="Day of the newest contact record that has a result, and a content which was not written for the customer in the year before.",
        groups="base.group_user",
    )
    kehu_last_opportunity = fields.Date(
        string="Last Opportunity",
        compute="_compute_kehu_last_opportunity",
        compute_sudo=True,
        store=True,
        help="Day on which the newest opportunity of the customer or of its contacts was made, or closed.",
        groups="base.group_user",
    )
    kehu_last_deal = fields.Date(
        string="Last Confirmed Order",
        compute="_compute_kehu_last_deal",
        compute_sudo=True,
        store=True,
        help="Day of the newest confirmed order of the customer or of its contacts.",
        groups="base.group_user",
    )
    kehu_policy_pool_id = fields.Many2one(
        "kehu.pool",
        string="Pool Policy",
        compute="_compute_kehu_fall",
        search="_search_kehu_policy_pool_id",
        help="The pool whose rules hold for this customer, and into which it would fall.",
        groups="base.group_user",
    )
    kehu_fall_on = fields.Date(
        string="Back to Pool On",
        compute="_compute_kehu_fall",
        search="_search_kehu_fall_on",
        help="In the night to this day the customer goes back to the pool, unless its clock is reset before. Empty: never by itself.",
        groups="base.group_user",
    )
    kehu_days_left = fields.Integer(
        string="Days Left", compute="_compute_kehu_fall", help="Days until the customer goes back to the pool.", groups="base.group_user"
    )
    kehu_fall_rule = fields.Selection(
        RULES, string="Rule That Strikes", compute="_compute_kehu_fall", help="The rule that strikes first.", groups="base.group_user"
    )
    kehu_fall_hint = fields.Char(string="What Resets the Clock", compute="_compute_kehu_fall", groups="base.group_user")

    def _auto_init(self):
        """Make the computed columns by hand: no partner is a customer yet when the add-on is installed."""
        for name in ("kehu_last_opportunity", "kehu_last_deal"):
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, "date")
        return super()._auto_init()

    def _compute_kehu_last_opportunity(self):
        """The room that knows opportunities says which day it is."""
        self.kehu_last_opportunity = False

    def _compute_kehu_last_deal(self):
        """The room that knows orders says which day it is."""
        self.kehu_last_deal = False

    @api.depends(
        "user_id",
        "active",
        "company_id",
        "category_id",
        "kehu_is_customer",
        "kehu_locked",
        "kehu_level_id",
        "kehu_level_confirmed",
        "kehu_assigned_on",
        "kehu_home_pool_id",
        "kehu_effective_contact",
        "kehu_last_opportunity",
        "kehu_last_deal",
    )
    def _compute_kehu_fall(self):
        """All of these customers in one query."""
        rows = self._origin._kehu_fall_rows()
        none = self.env["kehu.pool"]
        exempting = {policy.pool_id: levels for policy in none._kehu_policies()[0] if (levels := policy.keeping_levels())}
        for partner in self:
            fall_on, today, rule, pool_id = rows.get(partner._origin.id, (False, None, False, False))
            partner.kehu_fall_on = fall_on
            partner.kehu_days_left = max((fall_on - today).days, 0) if fall_on else 0
            partner.kehu_fall_rule = fall_on and rule
            partner.kehu_policy_pool_id = none.browse(pool_id or [])
            partner.kehu_fall_hint = fall_on and self._kehu_reset_hint(rule)
            if fall_on and pool_id in exempting:
                partner.kehu_fall_hint += partner._kehu_level_hint(exempting[pool_id])

    @api.model
    def _kehu_reset_hint(self, rule):
        """Say what the owner can do to keep a customer."""
        if rule == NO_DEAL:
            return self.env._("A confirmed order resets the clock.")
        if rule == NO_OPPORTUNITY:
            return self.env._("A new opportunity resets the clock.")
        return self.env._("A contact record with what was said and what came out of it resets the clock.")

    def _kehu_fall_rows(self):
        """Return when these customers fall.

        :return: {id: (day or None, present day of its company, rule, id of the pool)}
        """
        pools = self.env["kehu.pool"]
        policies, zones = pools._kehu_policies()
        due = self.ids and pools._kehu_sql_due("p", policies, zones)
        if not due:
            return {}
        today = pools._kehu_sql_today("p", zones)
        rows = self.env.execute_query(
            SQL(
                """SELECT p.id, %(fall)s, %(today)s, %(rule)s, %(pool)s
                     FROM res_partner p CROSS JOIN LATERAL (SELECT %(due)s AS due_on) clock
                    WHERE p.id IN %(ids)s AND %(owned)s""",
                fall=pools._kehu_sql_fall("p", SQL("clock.due_on"), pools._kehu_sql_warn_days("p", policies), today),
                today=today,
                rule=pools._kehu_sql_rule("p", policies, zones),
                pool=pools._kehu_sql_governing("p", policies),
                due=due,
                ids=tuple(self.ids),
                owned=pools._kehu_sql_owned("p"),
            )
        )
        return {row[0]: row[1:] for row in rows}

    # -- search, sort and group, though nothing is stored --------------------------------------------------------------

    @api.model
    def _kehu_sql_fall_on(self, alias):
        """Return the day of the fall as one expression on a row of partners."""
        pools = self.env["kehu.pool"]
        policies, zones = pools._kehu_policies()
        due = pools._kehu_sql_due(alias, policies, zones)
        if due is None:
            return SQL("NULL::date")
        fall = pools._kehu_sql_fall(
            alias, SQL("clock.due_on"), pools._kehu_sql_warn_days(alias, policies), pools._kehu_sql_today(alias, zones)
        )
        return SQL("(SELECT %s FROM (SELECT %s AS due_on OFFSET 0) clock WHERE %s)", fall, due, pools._kehu_sql_owned(alias))

    def _field_to_sql(self, alias, field_expr, query=None):
        """Lists are sorted and grouped by the day of the fall as if it were a column."""
        if field_expr == "kehu_fall_on":
            self._check_field_access(self._fields[field_expr], "read")
            return self._kehu_sql_fall_on(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search_kehu_fall_on(self, operator, value):
        def condition(model, alias, query):
            column = model._kehu_sql_fall_on(alias)
            if operator in COMPARISONS:
                return SQL("%s %s %s", column, COMPARISONS[operator], fields.Date.to_date(value))
            days = tuple(fields.Date.to_date(day) for day in value if day)
            found = SQL("COALESCE(%s IN %s, FALSE)", column, days) if days else SQL("FALSE")
            return SQL("(%s OR %s IS NULL)", found, column) if False in value else found

        if operator not in COMPARISONS and operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["kehu_fall_on"], "read")  # the host asks only for fields that are columns
        return Domain.custom(to_sql=condition)

    @api.model
    def _search_kehu_policy_pool_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._check_field_access(self._fields["kehu_policy_pool_id"], "read")  # see above

        def condition(model, alias, query):
            pools = model.env["kehu.pool"]
            policies, _zones = pools._kehu_policies()
            governing = pools._kehu_sql_governing(alias, policies)
            owned = pools._kehu_sql_owned(alias)
            ids = tuple(pool_id for pool_id in value if pool_id)
            found = SQL("(%s AND COALESCE(%s IN %s, FALSE))", owned, governing, ids) if ids else SQL("FALSE")
            return SQL("(%s OR NOT COALESCE(%s, FALSE) OR %s IS NULL)", found, owned, governing) if False in value else found

        return Domain.custom(to_sql=condition)

    # -- who writes the clock ------------------------------------------------------------------------------------------

    @api.model
    def _kehu_system_fields(self):
        return (
            super()._kehu_system_fields()
            | {"kehu_last_opportunity", "kehu_last_deal"}
            | (set() if is_engine(self.env, "ownership") else {"kehu_home_pool_id"})
            | (set() if is_engine(self.env, "contact") else {"kehu_effective_contact"})
        )

    def _kehu_write_ownership_columns(self, vals):
        """Remember the pool that a customer leaves for an owner: its rules go on to hold, and into it the customer falls back."""
        if vals.get("user_id") and not vals.get("kehu_pool_id"):
            leaving = self.filtered(lambda partner: partner.kehu_is_customer and partner.kehu_pool_id)
            for pool, customers in leaving.grouped("kehu_pool_id").items():
                super(ResPartner, customers)._kehu_write_ownership_columns({**vals, "kehu_home_pool_id": pool.id})
            if leaving == self:
                return
            return super(ResPartner, self - leaving)._kehu_write_ownership_columns(vals)
        return super()._kehu_write_ownership_columns(vals)
