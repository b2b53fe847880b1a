from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools import period
from ..system.engine import is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_days, check_links_exist, check_types
from .exceptions import KehuTargetError, KehuTargetRightError, KehuTargetTwiceError
from .kehu_achievement import METRICS, MONEY_METRICS

PERIODS = [("month", "Month"), ("quarter", "Quarter"), ("year", "Year"), ("other", "Other")]
KEY_FIELDS = ("company_id", "metric", "date_from", "date_to", "user_id", "department_id")
ENGINE_FIELDS = frozenset({"level", "kehu_department_id", "currency_id"})  # computed: Odoo lets RPC write a stored column too


def period_label(env, first, last):
    """Name a period as people do: March 2030, 2030 Q1, 2030; the two days of any other."""
    name, chinese = period.kind(first, last), (env.lang or "").startswith("zh")
    if name == "month":
        return format_date(env, first, date_format="yyyy年M月" if chinese else "LLLL yyyy")
    if name == "quarter" and first.month % 3 == 1:
        quarter = (first.month + 2) // 3
        return f"{first.year}年第{quarter}季度" if chinese else f"{first.year} Q{quarter}"
    if name == "year" and first.month == 1:
        return str(first.year)
    return f"{format_date(env, first)} – {format_date(env, last)}"


class KehuTarget(models.Model):
    """What a person, a department with all below, or the company is to achieve in a period.

    Person, department or neither (the company) make its level. What is achieved is never typed in: see :class:`KehuAchievement`. People see
    their own targets; managers those of the departments they oversee, and set those of their people and of the departments below; the
    director and the administrator see and set all.
    """

    _name = "kehu.target"
    _description = "Target"
    _inherit = ["mail.thread"]
    _order = "date_from desc, metric, level, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["user_id", "department_id"]

    # whose
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Whose target it is. Leave person and department empty for the target of the company.",
    )
    department_id = fields.Many2one(
        "hr.department",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        ondelete="restrict",
        help="The department whose target it is, with all departments below.",
    )
    level = fields.Selection(
        [("company", "Company"), ("department", "Department"), ("person", "Person")],
        compute="_compute_level",
        store=True,
        index=True,
        precompute=True,
    )
    kehu_department_id = fields.Many2one(
        "hr.department",
        string="Belongs To",
        compute="_compute_kehu_department_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="The department itself, or that of the person. Its managers see the target.",
    )
    # when
    period = fields.Selection(
        PERIODS,
        compute="_compute_period",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="A month, a quarter or a year; other: from any day to any day, such as a campaign.",
    )
    date_from = fields.Date(
        string="From", required=True, index=True, tracking=True, default=lambda self: self._default_date_from(), help="The first day."
    )
    date_to = fields.Date(
        string="Until",
        compute="_compute_date_to",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="The last day, which counts too.",
    )
    whose = fields.Char(compute="_compute_display_name", help="The person, the department or the company.")
    when = fields.Char(string="Period Name", compute="_compute_display_name", help="The month, the quarter, the year, or the two days.")
    # what
    metric = fields.Selection(
        METRICS,
        required=True,
        default="ordered",
        tracking=True,
        help="Order total: confirmed orders with tax. Invoiced: posted invoices less credit notes, with tax. Received: money less refunds, "
        "as the ledger says. Margin: of confirmed orders, without tax. New customers: those entered. Contact records: those made.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, precompute=True, ondelete="restrict")
    value = fields.Monetary(string="Target", required=True, tracking=True, aggregator="sum", help="What must be achieved.")
    stretch = fields.Monetary(tracking=True, help="What would be good. 0: none.")
    challenge = fields.Monetary(tracking=True, help="What would be outstanding. 0: none.")
    note = fields.Char(help="Why so much, or what it stands on.")

    _key_uniq = models.UniqueIndex(
        "(company_id, metric, date_from, date_to, COALESCE(user_id, 0), COALESCE(department_id, 0))",
        "There is a target for the same person or department, period and metric already. Change that one.",
    )

    # ------------------------------------------------------------
    # Defaults and computes
    # ------------------------------------------------------------

    def _default_date_from(self):
        return self.env.company._kehu_today().replace(day=1)

    @api.depends("user_id", "department_id")
    def _compute_level(self):
        for target in self:
            target.level = "person" if target.user_id else "department" if target.department_id else "company"

    @api.depends("department_id", "user_id.kehu_home_department_id")
    def _compute_kehu_department_id(self):
        for target in self:
            target.kehu_department_id = target.department_id or target.user_id.kehu_home_department_id

    @api.depends("date_from")
    def _compute_date_to(self):
        """The end of the month, unless somebody says until when."""
        for target in self:
            if target.date_from and not target.date_to:
                target.date_to = period.span("month", target.date_from)[1]
            else:
                target.date_to = target.date_to

    @api.depends("date_from", "date_to")
    def _compute_period(self):
        for target in self:
            whole = target.date_from and target.date_to
            target.period = period.kind(target.date_from, target.date_to) if whole else target.period or "month"

    @api.depends("metric", "company_id.currency_id")
    def _compute_currency_id(self):
        """Numbers of customers and of contacts have no currency."""
        for target in self:
            target.currency_id = target.metric in MONEY_METRICS and target.company_id.currency_id

    @api.depends("user_id", "department_id", "company_id", "metric", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        metrics = dict(self._fields["metric"]._description_selection(self.env))
        for target in self:
            target.whose = target._kehu_whose()
            target.when = target.date_from and target.date_to and period_label(self.env, target.date_from, target.date_to)
            parts = (target.whose, metrics.get(target.metric), target.when)
            target.display_name = " · ".join(part for part in parts if part)

    def _kehu_whose(self):
        """Name whose target this one is."""
        self.ensure_one()
        target = self.sudo()  # sudo: res.users, hr.department, res.company - names of who has a target one may see
        return target.user_id.name or target.department_id.name or target.company_id.name or ""

    @api.onchange("period", "date_from")
    def _onchange_period(self):
        """A month, quarter or year begins and ends where the calendar says."""
        if self.period and self.period != "other" and self.date_from and self.period != period.kind(self.date_from, self.date_to):
            self.date_from, self.date_to = period.span(self.period, self.date_from)

    @api.onchange("user_id")
    def _onchange_user_id(self):
        if self.user_id:
            self.department_id = False

    @api.onchange("department_id")
    def _onchange_department_id(self):
        if self.department_id:
            self.user_id = False

    # ------------------------------------------------------------
    # What a target must satisfy
    # ------------------------------------------------------------

    @api.constrains("date_from", "date_to", "period")
    def _check_dates(self):
        for target in self:
            if target.date_to < target.date_from:
                raise KehuTargetError(
                    self.env._(
                        "“%(target)s” ends before it begins. Correct one of the two days.",
                        target=target.display_name,
                    )
                )
            kind = period.kind(target.date_from, target.date_to)
            names = dict(self._fields["period"]._description_selection(self.env))
            if kind != target.period == "other":
                raise KehuTargetError(
                    self.env._(
                        "“%(target)s”: from %(first)s until %(last)s is a whole period. Choose “%(period)s”, or other days.",
                        target=target.display_name,
                        first=format_date(self.env, target.date_from),
                        last=format_date(self.env, target.date_to),
                        period=names[kind],
                    )
                )
            if target.period != kind:
                raise KehuTargetError(
                    self.env._(
                        "“%(target)s”: from %(first)s until %(last)s is no %(period)s. Choose another kind of period, or other days.",
                        target=target.display_name,
                        first=format_date(self.env, target.date_from),
                        last=format_date(self.env, target.date_to),
                        period=names[target.period].lower(),
                    )
                )

    @api.constrains("user_id", "department_id", "company_id")
    def _check_whose(self):
        for target in self.sudo():  # sudo: res.users - whether the person works here
            if target.user_id and target.department_id:
                raise KehuTargetError(
                    self.env._(
                        "A target is for a person or for a department: leave %(user)s or %(department)s out.",
                        user=target.user_id.name,
                        department=target.department_id.name,
                    )
                )
            if target.user_id.share or (target.user_id and target.company_id not in target.user_id.company_ids):
                raise KehuTargetError(
                    self.env._(
                        "%(user)s does not work for %(company)s and cannot have a target there. Choose somebody who does.",
                        user=target.user_id.name,
                        company=target.company_id.name,
                    )
                )

    @api.constrains("value", "stretch", "challenge")
    def _check_values(self):
        for target in self:
            steps = [target.value] + [step for step in (target.stretch, target.challenge) if step]
            if any(step < 0 for step in steps):
                raise KehuTargetError(
                    self.env._("“%(target)s” is less than zero. Enter what is to be achieved.", target=target.display_name)
                )
            if steps != sorted(steps):
                raise KehuTargetError(
                    self.env._(
                        "“%(target)s”: the stretch target is at least the target, and the challenge at least the stretch target. "
                        "Correct the three, or enter 0 for none.",
                        target=target.display_name,
                    )
                )

    def _kehu_check_keys(self, wanted):
        """Check the right to set such targets at all, before a sentence says which of them there are.

        :param list wanted: see :meth:`_kehu_check_taken`
        :raises AccessError: for another company, or somebody else's people
        """
        self.browse().check_access("create")
        for key in wanted:
            values = dict(zip(KEY_FIELDS, key, strict=True))
            self.env["res.company"].browse(values["company_id"] or []).check_access("read")
            self.new(values)._kehu_check_may_set()

    def _kehu_check_taken(self, wanted):
        """Say in a sentence what the database would refuse in its own words.

        :param list wanted: values of KEY_FIELDS as tuples, dates as dates, links as ids or False
        :raises KehuTargetTwiceError: for one that another target has, whoever may see that one
        """
        days = [day for key in wanted for day in key[2:4] if day]
        if not days:
            return  # the database asks for the days
        # sudo: kehu.target - those of others count too, nothing of them is shown
        others = self.sudo().search(
            Domain("id", "not in", self.ids)
            & Domain("company_id", "in", list({key[0] for key in wanted}))
            & Domain("metric", "in", list({key[1] for key in wanted}))
            & Domain("date_from", ">=", min(days))
            & Domain("date_to", "<=", max(days))
        )
        taken = {other._kehu_key() for other in others}
        for key in wanted:
            if key in taken:
                company, metric, first, last, user, department = key
                twin = self.new(
                    {
                        "company_id": company,
                        "metric": metric,
                        "date_from": first,
                        "date_to": last,
                        "user_id": user,
                        "department_id": department,
                    }
                )
                raise KehuTargetTwiceError(
                    self.env._("There is a target “%(target)s” already. Change that one instead.", target=twin.display_name)
                )
            taken.add(key)

    def _kehu_key(self):
        """Return the values of KEY_FIELDS of this one target, links as ids or False."""
        return tuple(self[name].id or False if self._fields[name].type == "many2one" else self[name] or False for name in KEY_FIELDS)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """What the system sets has no default, neither from the context nor among those that users save for themselves."""
        return super().default_get([name for name in fields if name not in ENGINE_FIELDS])

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["company_id", "metric", "period", "date_from", "date_to", "user_id", "department_id"])
        check_days(self, defaults, KehuTargetError)
        for vals in vals_list:
            self._kehu_check_vals(vals)
        vals_list = [{**vals, **self._kehu_days_of_period(vals, defaults)} for vals in vals_list]
        wanted = []
        for vals in vals_list:
            key = {name: vals.get(name, defaults.get(name)) or False for name in KEY_FIELDS}
            key["date_from"] = fields.Date.to_date(key["date_from"])
            key["date_to"] = fields.Date.to_date(key["date_to"]) or (key["date_from"] and period.span("month", key["date_from"])[1])
            wanted.append(tuple(key[name] for name in KEY_FIELDS))
        check_links_exist(self, vals_list, KehuTargetError)
        if not self.env.su:
            self._kehu_check_keys(wanted)
        self._kehu_check_taken(wanted)
        return super().create(vals_list)

    def _kehu_days_of_period(self, vals, defaults):
        """The days of a month, quarter or year that is named without its end: from the day given, else the one that today belongs to.

        :return: values for ``date_from`` and ``date_to``, or nothing
        :rtype: dict
        """
        name = vals.get("period", defaults.get("period"))
        if name not in period.MONTHS or vals.get("date_to", defaults.get("date_to")):
            return {}
        first = fields.Date.to_date(vals.get("date_from"))
        if first:
            return {"date_to": period.until(name, first)}
        first = fields.Date.to_date(defaults.get("date_from"))
        return dict(zip(("date_from", "date_to"), period.span(name, first), strict=True)) if first and "date_from" not in vals else {}

    def write(self, vals):
        self._kehu_check_vals(vals)
        check_links_exist(self, [vals], KehuTargetError)
        if not self.env.su:
            self.check_access("write")
            self._kehu_check_may_set()
        if set(KEY_FIELDS) & vals.keys():
            changed = {
                name: fields.Date.to_date(vals[name]) if name.startswith("date_") else vals[name] or False
                for name in KEY_FIELDS
                if name in vals
            }
            wanted = []
            for target in self:
                key = dict(zip(KEY_FIELDS, target._kehu_key(), strict=True))
                wanted.append(tuple({**key, **changed}.values()))
            if not self.env.su:
                self._kehu_check_keys(wanted)
            self._kehu_check_taken(wanted)
        result = super().write(vals)
        if {"user_id", "department_id", "company_id"} & vals.keys():
            self._kehu_check_may_set()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_of_others(self):
        if is_uninstalling(self.env):
            return
        self._kehu_check_may_set()

    def copy_data(self, default=None):
        """A copy is for the period that follows."""
        default = dict(default or {})
        data = super().copy_data(default)
        for target, vals in zip(self, data, strict=True):
            if not {"date_from", "date_to", "metric", "user_id", "department_id"} & default.keys():
                vals["date_from"], vals["date_to"] = period.following(target.date_from, target.date_to)
                vals["period"] = target.period
        return data

    def _kehu_check_vals(self, vals):
        """Refuse what no field holds, and what the system sets.

        :raises KehuTargetError: naming the field
        :raises KehuEngineOnlyError: see above
        """
        for name in sorted(ENGINE_FIELDS & vals.keys()):
            if self or vals[name]:
                raise KehuEngineOnlyError(
                    self.env._(
                        "“%(field)s” of a target follows from the rest of it. Leave it out.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )
        check_types(self, vals, KehuTargetError)
        check_days(self, vals, KehuTargetError)

    def _update_cache(self, values, validate=True):
        """A target that is only being typed, too."""
        check_days(self, values, KehuTargetError)
        return super()._update_cache(values, validate=validate)

    def _kehu_check_may_set(self):
        """Managers set the targets of their people and of departments below theirs; nobody but the director and the administrator more.

        :raises KehuTargetRightError: naming the first target that this person may not set
        """
        user = self.env.user
        if self.env.su or user.has_group("kehu_crm.group_kehu_director"):
            return
        for target in self.sudo():  # sudo: hr.department - overseers, to compare only
            if target.user_id == user:
                raise KehuTargetRightError(
                    self.env._(
                        "Nobody sets a target for oneself. Ask the manager above you to set “%(target)s”.", target=target.display_name
                    )
                )
            overseers = target.user_id.kehu_home_department_id.kehu_overseer_ids or target.department_id.parent_id.kehu_overseer_ids
            if not user.has_group("kehu_crm.group_kehu_manager") or user not in overseers:
                raise KehuTargetRightError(
                    self.env._(
                        "You cannot set “%(target)s”. Sales managers set the targets of the people in their departments and of the "
                        "departments below; ask the sales director for all others.",
                        target=target.display_name,
                    )
                )
