"""The policy of a pool: its numbers, and the one SQL expression that says when a customer falls."""

from collections import namedtuple
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ...tools.pool_clock import IDLE, NO_DEAL, NO_OPPORTUNITY
from .res_company import local_day

RULES = [(IDLE, "No Effective Contact"), (NO_OPPORTUNITY, "No Opportunity"), (NO_DEAL, "No Confirmed Order")]
# each rule with its number of days on the pool and the level, and the day of the customer that resets it; the first one wins a tie
RULE_DAYS = {IDLE: "idle_days", NO_OPPORTUNITY: "no_opportunity_days", NO_DEAL: "no_deal_days"}
RULE_RESETS = {IDLE: "kehu_effective_contact", NO_OPPORTUNITY: "kehu_last_opportunity", NO_DEAL: "kehu_last_deal"}

Zone = namedtuple("Zone", "company_id name is_main")


def eases(own, days):
    """Tell whether a level with so many days keeps a customer longer than the pool's own number does; 0 days: for good.

    >>> eases(30, 0), eases(30, 31), eases(30, 30), eases(30, 7), eases(0, 0), eases(0, 365)
    (True, True, False, False, False, False)
    """
    return bool(own) and not 0 < days <= own


class Policy(NamedTuple):
    """What the SQL needs of one pool."""

    pool_id: int
    company_id: int
    is_default: bool
    auto: bool
    days: tuple  # of each rule, in the order of RULE_DAYS; 0: it does not apply
    protect_days: int
    warn_days: int
    spare_dealt: bool
    spare_opportunities: bool
    levels: tuple  # (level id, days of each rule) of each level that differs
    exempt_levels: tuple
    exempt_tags: tuple
    members: tuple
    managers: tuple

    def all_days(self):
        """Return every number of days after which some customer of this pool comes back."""
        return [days for numbers in (self.days, *(numbers for _level, numbers in self.levels)) for days in numbers if days]

    def days_of(self, level_id, rule, confirmed=False):
        """Return the number of days of one rule for one level; the pool's own where the level would ease the rule and does not.

        :param bool confirmed: whether a manager has confirmed the level
        """
        which = list(RULE_DAYS).index(rule)
        own, days = self.days[which], dict(self.levels).get(level_id, self.days)[which]
        return days if days and (confirmed or not eases(own, days)) else own

    def keeping_levels(self):
        """Return the levels that keep a customer from a rule, altogether or for longer, which a manager has to confirm."""
        easing = [level for level, numbers in self.levels if any(eases(own, days) for own, days in zip(self.days, numbers, strict=True))]
        return (*self.exempt_levels, *easing)


DAYS = (*RULE_DAYS.values(), "warn_days", "protect_days", "quiet_days", "cooldown_days")
POLICY_FIELDS = {
    *DAYS,
    "max_held",
    "max_claims_per_day",
    "max_locked",
    "lock_days",
    "auto_recycle",
    "spare_dealt",
    "spare_opportunities",
    "level_rule_ids",
    "exempt_level_ids",
    "exempt_tag_ids",
    "member_ids",
    "manager_ids",
    "active",
    "is_default",
    "company_id",
}


def clear_policies(env):
    """Forget the policies kept in memory, since one has just been changed."""
    env.registry.clear_cache()


class KehuPool(models.Model):
    _inherit = "kehu.pool"

    # -- when customers come back
    auto_recycle = fields.Boolean(
        string="Customers Come Back by Themselves",
        default=True,
        help="Off: the days below are kept and shown to nobody, and no customer comes back by itself. Dates are not lost meanwhile.",
    )
    idle_days = fields.Integer(
        string="Days Without Contact",
        help="A customer comes back after so many days without an effective contact, counted from the later of the day its owner got it "
        "and the last contact record that has a result, and a content which was not written for the customer in the year before. 0: never.",
    )
    no_opportunity_days = fields.Integer(
        string="Days Without an Opportunity",
        help="A customer comes back after so many days without an opportunity, counted from the later of the day its owner got it and the "
        "day on which its newest opportunity was made or closed, which still counts as a day with one. While one is open it does not come "
        "back for this. 0: never.",
    )
    no_deal_days = fields.Integer(
        string="Days Without an Order",
        help="A customer comes back after so many days without a confirmed order, counted from the later of the day its owner got it "
        "and its last confirmed order. 0: never.",
    )
    warn_days = fields.Integer(
        string="Warn Days Before",
        help="The owner is warned so many days before. A customer comes back only when the warning has reached its owner and so many days "
        "have passed since. 0: no warning.",
    )
    protect_days = fields.Integer(
        string="Protection Days",
        help="For so many days after its owner got it, no customer comes back, whatever the other days say. 0: none.",
    )
    level_rule_ids = fields.One2many("kehu.pool.level.rule", "pool_id", string="Days per Level", copy=True)
    # -- which customers never do
    exempt_level_ids = fields.Many2many(
        "kehu.customer.level",
        "kehu_pool_exempt_level_rel",
        "pool_id",
        "level_id",
        string="Exempt Levels",
        help="Customers of these levels never come back by themselves, provided that a manager has given or confirmed the level. "
        "Owners set levels too; what they set keeps no customer until a manager ticks “Level Confirmed” on it.",
    )
    exempt_tag_ids = fields.Many2many(
        "res.partner.category",
        "kehu_pool_exempt_tag_rel",
        "pool_id",
        "category_id",
        string="Exempt Tags",
        help="Customers with one of these tags never come back by themselves. Only managers put such a tag on a customer.",
    )
    spare_dealt = fields.Boolean(
        string="Customers with Orders Stay", help="A customer that has a confirmed order never comes back by itself."
    )
    spare_opportunities = fields.Boolean(
        string="Customers with Open Opportunities Stay", help="A customer with an open opportunity does not come back by itself."
    )
    # -- limits
    max_held = fields.Integer(
        string="Customers per Person",
        help="A person holds at most so many customers of this pool, whether claimed, assigned, transferred, entered or imported; "
        "archived ones count too. 0: no limit.",
    )
    max_claims_per_day = fields.Integer(
        string="Claims per Person and Day",
        help="A person takes at most so many customers out of this pool on one day, those given back since included. "
        "Pool managers and directors are not limited. 0: no limit.",
    )
    cooldown_days = fields.Integer(
        string="Cool-down Days",
        help="Whoever gave a customer back, or lost it, cannot take it again for so many days, from whatever pool. Managers may assign it. "
        "0: none; even so, whoever takes it again before the day on which it would have come back goes on with the rules and days as they "
        "were.",
    )
    quiet_days = fields.Integer(
        help="A customer that has just come into the pool can be assigned at once, but claimed only after so many days. 0: at once.",
    )
    policy_summary = fields.Text(compute="_compute_policy_summary")
    due_soon_count = fields.Integer(string="Falling Soon", compute="_compute_due_soon_count")

    _policy_numbers = models.Constraint(
        "CHECK (COALESCE(idle_days, 0) BETWEEN 0 AND 3650 AND COALESCE(no_deal_days, 0) BETWEEN 0 AND 3650"
        " AND COALESCE(no_opportunity_days, 0) BETWEEN 0 AND 3650"
        " AND COALESCE(warn_days, 0) BETWEEN 0 AND 365 AND COALESCE(protect_days, 0) BETWEEN 0 AND 3650"
        " AND COALESCE(quiet_days, 0) BETWEEN 0 AND 365 AND COALESCE(cooldown_days, 0) BETWEEN 0 AND 3650"
        " AND COALESCE(max_held, 0) >= 0 AND COALESCE(max_claims_per_day, 0) >= 0)",
        "Days and limits of a pool are not negative, and at most ten years (warning and quiet days: one year). Use 0 for none.",
    )

    # -- computes ------------------------------------------------------------------------------------------------------

    @api.depends(*sorted(POLICY_FIELDS - {"member_ids", "active", "is_default", "company_id"}))
    @api.depends_context("lang")
    def _compute_policy_summary(self):
        """Say in plain sentences what these numbers do, so that nobody has to guess."""
        for pool in self:
            pool.policy_summary = "\n".join(pool._kehu_policy_sentences())

    def _kehu_policy_sentences(self):
        self.ensure_one()
        says = []
        recycles = any(row[name] for row in (self, *self.level_rule_ids) for name in RULE_DAYS.values())
        if not recycles:
            says.append(self.env._("No customer comes back by itself."))
        elif not self.auto_recycle:
            says.append(self.env._("Switched off: no customer comes back by itself until you switch it on."))
        if self.idle_days:
            says.append(self.env._("A customer comes back after %(days)s days without an effective contact.", days=self.idle_days))
        if self.no_opportunity_days:
            says.append(self.env._("A customer comes back after %(days)s days without an opportunity.", days=self.no_opportunity_days))
        if self.no_deal_days:
            says.append(self.env._("A customer comes back after %(days)s days without a confirmed order.", days=self.no_deal_days))
        if any(row.idle_days for row in (self, *self.level_rule_ids)):
            says.append(
                self.env._("A contact record counts when it has a result, and a content not written for the customer in the year before.")
            )
        if any(row.no_opportunity_days for row in (self, *self.level_rule_ids)):
            says.append(self.env._("The day on which an opportunity is closed still counts as a day with one."))
        for rule in self.level_rule_ids:
            says.append(
                self.env._(
                    "“%(level)s”: %(idle)s days without contact, %(opportunity)s days without an opportunity, "
                    "%(deal)s days without an order (0: never).",
                    level=rule.level_id.name,
                    idle=rule.idle_days,
                    opportunity=rule.no_opportunity_days,
                    deal=rule.no_deal_days,
                )
            )
        if recycles and self.warn_days:
            says.append(self.env._("The owner is warned at least %(days)s days before.", days=self.warn_days))
        if recycles and self.protect_days:
            says.append(self.env._("A new owner keeps the customer for at least %(days)s days.", days=self.protect_days))
        exempt = [*self.exempt_level_ids.mapped("name"), *self.exempt_tag_ids.mapped("name")]
        if recycles and exempt:
            says.append(self.env._("Exempt are locked customers and those marked %(names)s.", names=exempt))
        if recycles and self._kehu_policy().keeping_levels():
            says.append(self.env._("A level keeps a customer when a manager has given or confirmed it."))
        if recycles and self.spare_dealt:
            says.append(self.env._("Customers with a confirmed order stay."))
        if recycles and self.spare_opportunities:
            says.append(self.env._("Customers with an open opportunity stay."))
        if self.max_held:
            says.append(self.env._("A person holds at most %(count)s customers.", count=self.max_held))
        if self.max_claims_per_day:
            says.append(self.env._("A person claims at most %(count)s customers a day.", count=self.max_claims_per_day))
        if self.cooldown_days:
            says.append(self.env._("A former owner cannot claim back for %(days)s days.", days=self.cooldown_days))
        if self.quiet_days:
            says.append(self.env._("What comes into the pool can be claimed after %(days)s days.", days=self.quiet_days))
        return says

    @api.depends_context("uid")
    def _compute_due_soon_count(self):
        """Customers of this pool's policy that one may see and that fall within a week."""
        partners = self.env["res.partner"]
        for pool in self:
            pool.due_soon_count = 0
            if pool._origin and pool.auto_recycle and partners.has_access("read"):
                pool.due_soon_count = partners.search_count([*pool._kehu_due_soon_domain()])

    def _kehu_due_soon_domain(self):
        self.ensure_one()
        return [("kehu_is_customer", "=", True), ("kehu_fall_on", "<=", "today +7d"), ("kehu_policy_pool_id", "=", self._origin.id)]

    def action_open_due_soon(self):
        """Open the customers that fall back into this pool within a week."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_customer_action_falling")
        return {**action, "domain": self._kehu_due_soon_domain(), "display_name": self.display_name}

    # -- the policies in memory ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        pools = super().create(vals_list)
        clear_policies(self.env)
        return pools

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & POLICY_FIELDS:
            clear_policies(self.env)
        return result

    def unlink(self):
        result = super().unlink()
        clear_policies(self.env)
        return result

    @api.model
    def _kehu_policies(self):
        """Return the policies of all active pools, of every company, and the time zones of the companies.

        :return: (tuple of Policy, tuple of Zone)
        """
        return self.sudo()._kehu_policies_cached()  # sudo: kehu.pool - a policy holds whoever looks

    @api.model
    def _kehu_managed_ids(self):
        """Return the ids of the active pools that the current person manages, from memory.

        :rtype: set[int]
        """
        policies, _zones = self._kehu_policies()
        return {policy.pool_id for policy in policies if self.env.uid in policy.managers} if self.env.user._is_internal() else set()

    @tools.ormcache()
    def _kehu_policies_cached(self):
        pools = self.env["kehu.pool"].with_context(active_test=True).search([("active", "=", True)], order="is_default desc, id")
        main = self.env["res.company"]._kehu_main()
        companies = self.env["res.company"].search([("active", "=", True)])
        return (
            tuple(pool._kehu_policy() for pool in pools),
            tuple(Zone(company.id, company.kehu_timezone or "UTC", company == main) for company in companies),
        )

    def _kehu_policy(self, **changes):
        """Return what the SQL needs of this pool.

        :param changes: other numbers, to try out before they are saved
        :rtype: Policy
        """
        self.ensure_one()
        policy = Policy(
            pool_id=self.id,
            company_id=self.company_id.id,
            is_default=self.is_default,
            auto=self.auto_recycle,
            days=tuple(self[name] for name in RULE_DAYS.values()),
            protect_days=self.protect_days,
            warn_days=self.warn_days,
            spare_dealt=self.spare_dealt,
            spare_opportunities=self.spare_opportunities,
            levels=tuple((rule.level_id.id, tuple(rule[name] for name in RULE_DAYS.values())) for rule in self.level_rule_ids),
            exempt_levels=tuple(self.exempt_level_ids.ids),
            exempt_tags=tuple(self.exempt_tag_ids.ids),
            members=tuple(self.with_context(active_test=False).member_ids.ids),
            managers=tuple(self.with_context(active_test=False).manager_ids.ids),
        )
        return policy._replace(**changes)

    # -- the SQL -------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_sql_per_company(self, alias, values):
        """Return an expression with one value per company, that of the main company for customers of none.

        :param list values: (Zone, SQL) pairs
        """
        codes = {(value.code, tuple(value.params)) for _zone, value in values}
        main = next(value for zone, value in values if zone.is_main)
        if len(codes) == 1:
            return main
        whens = SQL(" ").join(SQL("WHEN %s THEN %s", zone.company_id, value) for zone, value in values)
        return SQL("CASE %s %s ELSE %s END", SQL.identifier(alias, "company_id"), whens, main)

    @api.model
    def _kehu_sql_today(self, alias, zones, today=None):
        """Return the present day in the time zone of the customer's company."""
        if today:
            return SQL("%s::date", today)
        now = fields.Datetime.now()
        return self._kehu_sql_per_company(alias, [(zone, SQL("%s::date", local_day(now, zone.name))) for zone in zones])

    @api.model
    def _kehu_sql_received(self, alias, zones):
        """Return the local day on which the owner got the customer, or on which it was created when that is not known."""
        names = self._kehu_sql_per_company(alias, [(zone, SQL("%s", zone.name)) for zone in zones])
        moment = SQL(
            "COALESCE(%s, %s)",
            SQL.identifier(alias, "kehu_assigned_on", to_flush=self._kehu_partner_field("kehu_assigned_on")),
            SQL.identifier(alias, "create_date"),
        )
        return SQL("timezone(%s, timezone('UTC', %s))::date", names, moment)

    @api.model
    def _kehu_partner_field(self, name):
        return self.env["res.partner"]._fields[name]

    @api.model
    def _kehu_sql_column(self, alias, name):
        return SQL.identifier(alias, name, to_flush=self._kehu_partner_field(name))

    @api.model
    def _kehu_sql_governing(self, alias, policies, owner=None):
        """Return the id of the pool whose policy holds for an owned customer: the one it came from, else the one its owner is a member
        of, else the default pool of its company. Archived pools govern nothing.

        :param res.users owner: ask as if this person had it
        """
        column = self._kehu_sql_column
        holder = SQL("%s", owner.id) if owner else column(alias, "user_id")
        home = column(alias, "kehu_home_pool_id")
        default = next((policy.pool_id for policy in policies if policy.is_default and not policy.company_id), None)
        own = [policy for policy in policies if policy.is_default and policy.company_id]
        fallback = SQL("%s::int", default)
        if own:
            whens = SQL(" ").join(SQL("WHEN %s THEN %s", policy.company_id, policy.pool_id) for policy in own)
            fallback = SQL("CASE %s %s ELSE %s END", column(alias, "company_id"), whens, fallback)
        whens = []
        if policies:
            whens.append(SQL("WHEN %s IN %s THEN %s", home, tuple(policy.pool_id for policy in policies), home))
        for policy in policies:
            if policy.members and not policy.is_default:
                fits = SQL("%s IN %s", holder, policy.members)
                if policy.company_id:
                    fits = SQL("%s AND %s = %s", fits, column(alias, "company_id"), policy.company_id)
                whens.append(SQL("WHEN %s THEN %s", fits, policy.pool_id))
        if not whens:
            return fallback
        return SQL("CASE %s ELSE %s END", SQL(" ").join(whens), fallback)

    @api.model
    def _kehu_governing_id(self, policies, home_id, owner_id, company_id):
        """The same of one customer whose values are known, without a query.

        :return: id of a pool, None where none governs
        """
        if any(policy.pool_id == home_id for policy in policies):
            return home_id
        for policy in policies:
            if owner_id in policy.members and not policy.is_default and policy.company_id in (False, company_id):
                return policy.pool_id
        defaults = {policy.company_id: policy.pool_id for policy in policies if policy.is_default}
        return defaults.get(company_id) or defaults.get(False)

    @api.model
    def _kehu_sql_days(self, alias, policy, rule):
        """Return the number of days of one rule as SQL, None where the rule never applies."""
        which = list(RULE_DAYS).index(rule)
        general = policy.days[which]
        special = [(level, numbers[which]) for level, numbers in policy.levels if numbers[which] != general]
        if not special:
            return SQL("%s", general) if general else None
        level_column, confirmed = self._kehu_sql_column(alias, "kehu_level_id"), self._kehu_sql_column(alias, "kehu_level_confirmed")
        whens = SQL(" ").join(
            # a level that lifts the rule, or slows it down, does so when a manager has confirmed it
            SQL("WHEN %s = %s AND %s IS TRUE THEN %s", level_column, level, confirmed, days or None)
            if eases(general, days)
            else SQL("WHEN %s = %s THEN %s", level_column, level, days or None)
            for level, days in special
        )
        return SQL("(CASE %s ELSE %s END)::int", whens, general or None)

    @api.model
    def _kehu_sql_strikes(self, alias, policy, received):
        """Return (rule, day on which it strikes) pairs of one pool, in the order in which they win a tie."""
        strikes = []
        for rule, reset in RULE_RESETS.items():
            days = self._kehu_sql_days(alias, policy, rule)
            if days is None:
                continue
            column = self._kehu_sql_column(alias, reset)
            day = SQL("GREATEST(%s, %s) + %s", received, column, days)
            if policy.protect_days:
                # NULL days make both sides NULL: the rule does not apply to that level
                day = SQL("GREATEST(%s, %s + (%s + 0 * %s))", day, received, policy.protect_days, days)
            working = self._kehu_sql_open_opportunity(alias) if rule == NO_OPPORTUNITY else None
            if working:
                # most customers never had one, so that nobody looks for an open one
                day = SQL("CASE WHEN %s IS NOT NULL AND %s THEN NULL ELSE %s END", column, working, day)
            strikes.append((rule, day))
        return strikes

    @api.model
    def _kehu_sql_exempt(self, alias, policy):
        """Return the condition that keeps a customer from falling under this policy, or None."""
        terms = []
        column = self._kehu_sql_column
        if policy.exempt_levels:
            level, confirmed = column(alias, "kehu_level_id"), column(alias, "kehu_level_confirmed")
            terms.append(SQL("(COALESCE(%s IN %s, FALSE) AND %s IS TRUE)", level, policy.exempt_levels, confirmed))
        if policy.spare_dealt:
            terms.append(SQL("%s IS NOT NULL", column(alias, "kehu_last_deal")))
        if policy.spare_opportunities and (working := self._kehu_sql_open_opportunity(alias)):
            terms.append(working)
        if policy.exempt_tags:
            terms.append(
                SQL(
                    "EXISTS (SELECT FROM res_partner_res_partner_category_rel tag WHERE tag.partner_id = %s AND tag.category_id IN %s)",
                    SQL.identifier(alias, "id"),
                    policy.exempt_tags,
                )
            )
        return SQL("(%s)", SQL(" OR ").join(terms)) if terms else None

    @api.model
    def _kehu_sql_open_opportunity(self, alias):
        """Return the condition that a customer has an open opportunity; the room that knows opportunities says how."""
        return None

    @api.model
    def _kehu_sql_owned(self, alias):
        """Return the condition that a customer can fall at all: it has an owner, is not archived and not locked."""
        column = self._kehu_sql_column
        return SQL(
            "%s IS NOT NULL AND %s IS TRUE AND %s IS TRUE AND %s IS NOT TRUE",
            column(alias, "user_id"),
            column(alias, "kehu_is_customer"),
            column(alias, "active"),
            column(alias, "kehu_locked"),
        )

    @api.model
    def _kehu_sql_per_policy(self, alias, policies, expression):
        """Return one expression that is a different one for each pool, or None when no pool has any.

        :param expression: function of a policy, returns SQL or None
        """
        parts = [(policy, expression(policy)) for policy in policies if policy.auto]
        parts = [(policy, part) for policy, part in parts if part is not None]
        if not parts:
            return None
        whens = SQL(" ").join(SQL("WHEN %s THEN %s", policy.pool_id, part) for policy, part in parts)
        return SQL("CASE %s %s END", self._kehu_sql_governing(alias, policies), whens)

    @api.model
    def _kehu_sql_due(self, alias, policies, zones):
        """Return the day on which the first rule strikes, whether the owner was warned or not; None when no rule can.

        The caller adds :meth:`_kehu_sql_owned`.
        """
        received = self._kehu_sql_received(alias, zones)

        def due(policy):
            strikes = self._kehu_sql_strikes(alias, policy, received)
            if not strikes:
                return None
            day = strikes[0][1] if len(strikes) == 1 else SQL("LEAST(%s)", SQL(", ").join(day for _rule, day in strikes))
            exempt = self._kehu_sql_exempt(alias, policy)
            return SQL("CASE WHEN %s THEN NULL ELSE %s END", exempt, day) if exempt else day

        return self._kehu_sql_per_policy(alias, policies, due)

    @api.model
    def _kehu_sql_rule(self, alias, policies, zones):
        """Return which rule strikes first, as text; without regard to exemptions."""
        received = self._kehu_sql_received(alias, zones)

        def first(strikes):
            name, day = strikes[0]
            if len(strikes) == 1:
                return SQL("%s", name)
            others = SQL("LEAST(%s)", SQL(", ").join(other for _rule, other in strikes[1:]))
            return SQL("CASE WHEN %s IS NULL OR %s < %s THEN %s ELSE %s END", day, others, day, first(strikes[1:]), name)

        def rule(policy):
            strikes = self._kehu_sql_strikes(alias, policy, received)
            if not strikes:
                return None
            return first(strikes)

        return self._kehu_sql_per_policy(alias, policies, rule)

    @api.model
    def _kehu_sql_warn_days(self, alias, policies):
        """Return the number of days between warning and fall, as SQL; None when no pool warns."""
        if not any(policy.auto and policy.warn_days for policy in policies):
            return None
        return self._kehu_sql_per_policy(alias, policies, lambda policy: SQL("%s", policy.warn_days))

    @api.model
    def _kehu_sql_fall(self, alias, due, warn_days, today):
        """Return the day on which the customer really falls: the due day, but never before the owner was warned in time.

        :param SQL due: the due day; it is repeated, so better a column than an expression
        :param SQL warn_days: days of warning, or None
        """
        if warn_days is None:
            return due
        return SQL(
            """CASE WHEN %(due)s IS NULL THEN NULL
                    WHEN %(warn)s = 0 OR %(due)s >= %(today)s + %(warn)s THEN %(due)s
                    ELSE GREATEST(%(due)s, %(warn)s + COALESCE(
                        (SELECT min(warning.delivered_on) FROM kehu_pool_warning warning
                          WHERE warning.partner_id = %(id)s AND warning.user_id = %(user)s AND warning.due_on = %(due)s
                            AND warning.state = 'delivered'),
                        (SELECT %(today)s - %(warn)s FROM res_users leaver WHERE leaver.id = %(user)s AND leaver.active IS NOT TRUE),
                        %(today)s))
               END""",
            due=due,
            warn=warn_days,
            today=today,
            id=SQL.identifier(alias, "id"),
            user=SQL.identifier(alias, "user_id"),
        )
