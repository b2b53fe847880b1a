from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools import period
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_days, check_links_exist, check_types
from .exceptions import KehuBudgetError
from .kehu_target import PERIODS, period_label

KINDS = [("sales", "Sales"), ("receipts", "Money Received"), ("expenses", "Expenses")]
CREDITED = {"sales": "ordered", "receipts": "received"}  # kind: metric of kehu.achievement
EXPENSE_TYPES = ("expense", "expense_other", "expense_depreciation")
KEY_FIELDS = ("company_id", "department_id", "kind", "date_from", "date_to")


class KehuBudget(models.Model):
    """What is planned for a department, with all below, or for the company: sales, receipts, expenses; and what became of it.

    Sales are confirmed orders and receipts the money received, credited as targets are (`kehu.achievement`). Expenses are posted journal
    items on expense accounts, without the cost of revenue: all of the company, or what their analytic distribution gives to the cost
    centres of the budget. A department also counts those that budgets of departments below name, and, where its budget names none,
    those of its other budgets. Nothing is typed in but the plan.
    """

    _name = "kehu.budget"
    _description = "Budget"
    _inherit = ["mail.thread"]
    _order = "date_from desc, kind, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["department_id"]

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade")
    department_id = fields.Many2one(
        "hr.department",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="The department, with all below. Empty: the company as a whole.",
    )
    whose = fields.Char(compute="_compute_display_name", help="The department or the company.")
    period = fields.Selection(PERIODS, compute="_compute_period", store=True, help="A month, a quarter, a year, or other days.")
    date_from = fields.Date(
        string="From",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.company._kehu_today().replace(day=1),
        help="The first day.",
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
    kind = fields.Selection(
        KINDS,
        required=True,
        default="expenses",
        tracking=True,
        help="Sales: confirmed orders, with tax. Money received: less refunds. Expenses: posted on expense accounts.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    planned = fields.Monetary(required=True, tracking=True, help="What is planned, in the currency of the company.")
    analytic_ids = fields.Many2many(
        "account.analytic.account",
        "kehu_budget_analytic_rel",
        "budget_id",
        "account_id",
        string="Cost Centres",
        context={"active_test": False},  # what was booked on one that is archived stays booked, and others do not count
        help="Analytic accounts on which these expenses are booked. Empty: those of the other budgets of the department and of departments "
        "below; of the company all expenses.",
    )
    note = fields.Char(help="What the plan stands on.")
    actual = fields.Monetary(compute="_compute_actual", help="What became of it so far.")
    difference = fields.Monetary(
        compute="_compute_actual", help="Actual less planned. More than planned is good for sales, and not for expenses."
    )
    completion = fields.Float(
        string="Used (%)", compute="_compute_actual", digits=(16, 1), aggregator=None, help="Actual in per cent of the plan."
    )
    is_over = fields.Boolean(string="Overspent", compute="_compute_actual", help="More was spent than was planned.")

    _key_uniq = models.UniqueIndex(
        "(company_id, COALESCE(department_id, 0), kind, date_from, date_to)",
        "There is a budget for the same department, period and kind already. Change that one.",
    )

    @api.depends("date_from")
    def _compute_date_to(self):
        """The end of the month, unless somebody says until when."""
        for budget in self:
            budget.date_to = budget.date_to or (budget.date_from and period.span("month", budget.date_from)[1])

    @api.depends("date_from", "date_to")
    def _compute_period(self):
        for budget in self:
            budget.period = budget.date_from and budget.date_to and period.kind(budget.date_from, budget.date_to)

    @api.depends("department_id", "company_id", "kind", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for budget in self:
            when = budget.date_from and budget.date_to and period_label(self.env, budget.date_from, budget.date_to)
            # sudo: res.company - the name of whose budget it is
            budget.whose = budget.department_id.name or budget.company_id.sudo().name
            budget.display_name = " · ".join(part for part in (budget.whose, kinds.get(budget.kind), when) if part)

    @api.depends("department_id", "company_id", "kind", "date_from", "date_to", "planned", "analytic_ids")
    def _compute_actual(self):
        amounts = {**dict.fromkeys(self, 0.0), **self._kehu_told()._kehu_actuals()}
        for budget in self:
            budget.actual = actual = amounts[budget]
            budget.difference = actual - budget.planned
            budget.completion = round(actual / budget.planned * 100, 1) if budget.planned else 0.0
            budget.is_over = budget.kind == "expenses" and actual > budget.planned

    def _kehu_told(self):
        """Return those of these budgets whose figures the user may know: whoever asks for a saved one was let in before.

        A form asks for figures of anybody, on any cost centre, before the budget is saved: whoever may not make one is told nothing, the
        others what they might read.
        """
        drafts = self.filtered(lambda budget: not budget.id)
        if self.env.su or not drafts:
            return self
        if not drafts.browse().has_access("create"):
            return self - drafts
        readable = self.env["ir.rule"]._compute_domain(self._name, "read")
        told = self - drafts
        for draft in drafts:
            keys = {name: draft[name]._origin.id for name in ("company_id", "department_id")}
            # sudo: hr.department - to whom it belongs; a budget of its own, since a form may claim another
            if self.sudo().new(keys).filtered_domain(readable):
                told |= draft
        return told

    def _kehu_actuals(self):
        """Add up what became of each of these budgets: one query for each kind and company.

        :return: {kehu.budget: amount}, currency of the company
        :rtype: dict
        """
        amounts = dict.fromkeys(self, 0.0)
        whole = self.filtered(lambda budget: budget.date_from and budget.date_to and budget.date_from <= budget.date_to)
        # sudo: kehu.achievement - what a budget counts does not depend on who looks at it
        achievement = self.env["kehu.achievement"].sudo()
        for (company, kind), budgets in whole.grouped(lambda budget: (budget.company_id._origin, budget.kind)).items():
            if not company or not kind:
                continue
            if kind == "expenses":
                amounts.update(budgets._kehu_expenses(company))
                continue
            wanted = {budget: (budget._kehu_who(), budget.date_from, budget.date_to) for budget in budgets}
            totals = achievement._kehu_totals(CREDITED[kind], company, set(wanted.values()))
            amounts.update({budget: totals[key] for budget, key in wanted.items()})
        return amounts

    def _kehu_who(self):
        """Return whose this one budget is, as `kehu.achievement` names it."""
        self.ensure_one()
        department = self.department_id._origin
        return ("department", department.id) if department else ("company", self.company_id._origin.id)

    def _kehu_expenses(self, company):
        """Add up posted expenses for these budgets of one company, in one query.

        A journal item of 100 with 60 % on a cost centre of the department and 40 % elsewhere is 60 for the department.

        :return: {kehu.budget: amount}
        :rtype: dict
        """
        for name in ("account.move.line", "account.move", "account.account"):
            self.env[name].flush_model()
        budgets = self.sudo()  # sudo: kehu.budget, account.analytic.account - cost centres count, whoever may see them
        named = budgets.search([("company_id", "=", company.id), ("kind", "=", "expenses"), ("analytic_ids", "!=", False)])
        centres = {}
        for budget in budgets:
            department = budget.department_id._origin
            centres[budget] = budget.analytic_ids._origin
            for other in named:
                below = department and f"/{department.id}/" in f"/{other.department_id.parent_path or ''}"
                if below and (other.department_id != department or not budget.analytic_ids):
                    centres[budget] |= other.analytic_ids
        wholes = [not budget.department_id and not budget.analytic_ids for budget in budgets]
        rows = self.env.execute_query(
            SQL(
                """WITH wanted AS (
                       SELECT * FROM UNNEST(%(numbers)s::int[], %(whole)s::bool[], %(starts)s::date[], %(ends)s::date[])
                           AS wanted(number, whole, date_from, date_to)
                   ), centre AS (
                       SELECT * FROM UNNEST(%(centre_numbers)s::int[], %(centres)s::text[]) AS centre(number, account)
                   ), expense AS (
                       SELECT l.id, l.date, l.balance, l.analytic_distribution
                         FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                        WHERE a.account_type = ANY(%(types)s) AND l.parent_state = 'posted' AND l.company_id = %(company)s
                          AND l.date BETWEEN %(first)s AND %(last)s
                   )
                   SELECT w.number, SUM(e.balance) FROM wanted w
                     JOIN expense e ON w.whole AND e.date BETWEEN w.date_from AND w.date_to GROUP BY w.number
                    UNION ALL
                   SELECT w.number, SUM(e.balance * share.percent::numeric / 100)
                     FROM expense e
                    CROSS JOIN LATERAL jsonb_each_text(COALESCE(e.analytic_distribution, '{}'::jsonb)) AS share(accounts, percent)
                     JOIN wanted w ON NOT w.whole AND e.date BETWEEN w.date_from AND w.date_to
                    WHERE EXISTS (SELECT FROM centre c WHERE c.number = w.number
                                     AND c.account = ANY(STRING_TO_ARRAY(share.accounts, ',')))
                    GROUP BY w.number""",
                numbers=list(range(len(self))),
                whole=wholes,
                starts=[budget.date_from for budget in self],
                ends=[budget.date_to for budget in self],
                centre_numbers=[number for number, budget in enumerate(budgets) for _centre in centres[budget]],
                centres=[str(centre.id) for budget in budgets for centre in centres[budget]],
                types=list(EXPENSE_TYPES),
                company=company.id,
                first=min(self.mapped("date_from")),
                last=max(self.mapped("date_to")),
            )
        )
        totals = {number: float(amount or 0.0) for number, amount in rows}
        return {budget: company.currency_id.round(totals.get(number, 0.0)) for number, budget in enumerate(self)}

    # ------------------------------------------------------------
    # What a budget must satisfy
    # ------------------------------------------------------------

    @api.constrains("date_from", "date_to", "planned")
    def _check_budget(self):
        for budget in self:
            if budget.date_to < budget.date_from:
                raise KehuBudgetError(
                    self.env._(
                        "Budget “%(budget)s” ends on %(last)s, before it begins. Correct one of the two days.",
                        budget=budget.display_name,
                        last=format_date(self.env, budget.date_to),
                    )
                )
            if budget.planned < 0:
                raise KehuBudgetError(
                    self.env._(
                        "Budget “%(budget)s” is less than zero. Enter what is planned as a positive amount.", budget=budget.display_name
                    )
                )

    def _kehu_check_taken(self, wanted):
        """:raises KehuBudgetError: for values of KEY_FIELDS that another budget has, whoever may see that one"""
        days = [key[3] for key in wanted if key[3]]
        # sudo: kehu.budget - those of others count too, nothing of them is shown
        others = self.sudo().search(Domain("id", "not in", self.ids) & Domain("date_from", "in", days))
        taken = {other._kehu_key() for other in others}
        for key in wanted:
            if key in taken:
                twin = self.new(dict(zip(KEY_FIELDS, key, strict=True)))
                raise KehuBudgetError(
                    self.env._("There is a budget “%(budget)s” already. Change that one instead.", budget=twin.display_name)
                )
            taken.add(key)

    def _kehu_key(self):
        """Return the values of KEY_FIELDS of this one budget, links as ids or False."""
        return self.company_id.id, self.department_id.id or False, self.kind, self.date_from, self.date_to

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(list(KEY_FIELDS))
        check_days(self, defaults, KehuBudgetError)
        wanted = []
        for vals in vals_list:
            self._kehu_check_vals(vals)
            key = {name: vals.get(name, defaults.get(name)) or False for name in KEY_FIELDS}
            key["date_from"] = first = fields.Date.to_date(key["date_from"])
            key["date_to"] = fields.Date.to_date(key["date_to"]) or (first and period.span("month", first)[1])
            wanted.append(tuple(key.values()))
        check_links_exist(self, vals_list, KehuBudgetError)
        # before a sentence says what there is
        self.check_access("create")
        self.env["res.company"].browse({key[0] for key in wanted if key[0]}).check_access("read")
        self._kehu_check_taken(wanted)
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_vals(vals)
        check_links_exist(self, [vals], KehuBudgetError)
        changed = {
            name: fields.Date.to_date(vals[name]) if name.startswith("date_") else vals[name] or False
            for name in KEY_FIELDS
            if name in vals
        }
        if changed:
            self.check_access("write")
            self.env["res.company"].browse(changed.get("company_id") or []).check_access("read")
            self._kehu_check_taken(
                [tuple({**dict(zip(KEY_FIELDS, budget._kehu_key(), strict=True)), **changed}.values()) for budget in self]
            )
        return super().write(vals)

    def copy_data(self, default=None):
        """A copy is for the period that follows."""
        default = dict(default or {})
        data = super().copy_data(default)
        for budget, vals in zip(self, data, strict=True):
            if not set(KEY_FIELDS) & default.keys():
                vals["date_from"], vals["date_to"] = period.following(budget.date_from, budget.date_to)
        return data

    def _kehu_check_vals(self, vals):
        """Refuse what no field holds, and what is computed."""
        if "period" in vals:
            raise KehuEngineOnlyError(self.env._("The kind of period follows from the two days. Leave it out."))
        check_types(self, vals, KehuBudgetError)
        check_days(self, vals, KehuBudgetError)

    def _update_cache(self, values, validate=True):
        """A budget that is only being typed, too."""
        check_days(self, values, KehuBudgetError)
        return super()._update_cache(values, validate=validate)
