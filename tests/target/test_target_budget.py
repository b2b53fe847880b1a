"""Budgets: what was planned and what became of it."""

from contextlib import suppress
from datetime import date
from itertools import product
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.target.exceptions import KehuBudgetError
from .common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetBudget(TargetCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls.env["account.analytic.plan"].create({"name": "Departments"})
        other_plan = cls.env["account.analytic.plan"].create({"name": "Projects"})
        centres = cls.env["account.analytic.account"]
        cls.east_centre, cls.west_centre = centres.create([{"name": name, "plan_id": plan.id} for name in ("East", "West")])
        cls.project = centres.create({"name": "Fair", "plan_id": other_plan.id})
        accounts = cls.env["account.account"].with_company(cls.env.company)
        cls.expense, cls.cost = (
            accounts.search([("account_type", "=", kind), *accounts._check_company_domain(cls.env.company)], limit=1)
            or accounts.create({"name": kind, "code": f"KH{kind[-4:]}", "account_type": kind})
            for kind in ("expense", "expense_direct_cost")
        )
        cls.liquidity = cls.bank.default_account_id

    @classmethod
    def _create_budget(cls, kind, planned=1000.0, month=3, **values):
        return cls.env["kehu.budget"].create({"kind": kind, "planned": planned, "date_from": date(2030, month, 1), **values})

    def _spend(self, day, amount, distribution=None, account=None, post=True):
        move = self.env["account.move"].create(
            {
                "journal_id": self.env["account.journal"]
                .search([("type", "=", "general"), ("company_id", "=", self.env.company.id)], limit=1)
                .id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": (account or self.expense).id,
                            "debit": amount,
                            "analytic_distribution": {
                                ",".join(str(centre.id) for centre in centres): percent for centres, percent in (distribution or {}).items()
                            },
                        }
                    ),
                    Command.create({"account_id": self.liquidity.id, "credit": amount}),
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def assertBudget(self, budget, actual):
        budget.invalidate_recordset()
        self.assertAlmostEqual(budget.actual, actual, places=2)
        self.assertAlmostEqual(budget.difference, actual - budget.planned, places=2)

    def test_sales_and_receipts(self):
        sales = self._create_budget("sales", department_id=self.department_sales.id)
        east = self._create_budget("receipts", department_id=self.department_east.id)
        company = self._create_budget("receipts", 500.0)
        order = self._order_on("2030-03-05", 8)
        with freeze_time("2030-03-06 04:00:00"):
            self._receive(600.0, [(order, 600.0)])
        self.assertBudget(sales, 800)
        self.assertEqual(sales.completion, 80)
        self.assertBudget(east, 600)
        self.assertBudget(company, 600)
        self.assertFalse(company.is_over)  # more money than planned is no fault

    def test_expenses(self):
        """Of 100, 60 % are for East; the cost of revenue and drafts count nothing, other months neither."""
        company = self._create_budget("expenses", 250.0)
        east = self._create_budget("expenses", department_id=self.department_east.id, analytic_ids=self.east_centre.ids)
        west = self._create_budget("expenses", department_id=self.department_west.id, analytic_ids=self.west_centre.ids)
        sales = self._create_budget("expenses", department_id=self.department_sales.id)
        quarter = self._create_budget(
            "expenses", department_id=self.department_east.id, month=1, date_to=date(2030, 3, 31), analytic_ids=False
        )
        self._spend("2030-03-10", 100.0, {(self.east_centre,): 60, (self.west_centre,): 40})
        self._spend("2030-03-11", 200.0, {(self.east_centre, self.project): 100})
        self._spend("2030-03-12", 30.0)
        self._spend("2030-03-13", 1000.0, {(self.east_centre,): 100}, account=self.cost)
        self._spend("2030-03-14", 1000.0, {(self.east_centre,): 100}, post=False)
        self._spend("2030-02-10", 7.0, {(self.east_centre,): 100})
        self.assertBudget(company, 330)
        self.assertTrue(company.is_over)
        self.assertBudget(east, 260)
        self.assertBudget(west, 40)
        self.assertBudget(sales, 300)
        self.assertBudget(quarter, 267)
        self.west_centre.active = False  # an archived cost centre is not all expenses of the company
        company.analytic_ids = self.west_centre
        for budget, spent in ((company, 40), (west, 40), (sales, 300)):
            self.env.invalidate_all()
            self.assertBudget(budget, spent)

    def test_one_query_for_a_kind(self):
        for month in range(1, 11):
            self._create_budget("expenses", month=month, department_id=self.department_east.id, analytic_ids=self.east_centre.ids)
        budgets = self.env["kehu.budget"].search([], order="date_from")
        counts = []
        for chosen in (budgets[:2], budgets):
            self.env.flush_all()
            self.env.invalidate_all()
            chosen.mapped("date_to")
            before = self.cr.sql_log_count
            chosen._kehu_actuals()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_rules(self):
        budget = self._create_budget("sales")
        with self.assertRaises(KehuBudgetError):
            self._create_budget("sales")
        with self.assertRaises(KehuBudgetError):
            self._create_budget("sales", -1, 4)
        with self.assertRaises(KehuBudgetError):
            budget.date_to = date(2030, 2, 1)
        with self.assertRaises(KehuBudgetError):
            budget.planned = float("nan")
        copy = budget.copy()
        self.assertEqual((copy.date_from, copy.date_to), (date(2030, 4, 1), date(2030, 4, 30)))
        with self.assertRaises(KehuBudgetError):
            copy.write({"date_from": date(2030, 3, 1), "date_to": date(2030, 3, 31)})

    def test_form(self):
        form = Form(self.env["kehu.budget"].with_user(self.user_finance))
        form.department_id = self.department_east
        form.planned = 500
        budget = form.save()
        self.assertEqual((budget.period, budget.kind), ("month", "expenses"))

    def test_a_form_tells_no_figures_of_others(self):
        """Before a budget is saved it is nobody's: only who may make one, in their own companies, is told what became of it."""
        self._spend("2030-03-05", 100.0, {(self.west_centre,): 100})
        self._order_on("2030-03-06", customer=self.other_customer, user_id=self.user_west_seller.id)
        east = self._create_budget("expenses", department_id=self.department_east.id, analytic_ids=self.east_centre.ids)
        days = {"date_from": "2030-03-01", "date_to": "2030-03-31", "planned": 1.0, "company_id": self.env.company.id}
        west = {**days, "department_id": self.department_west.id}
        centre = [Command.set(self.west_centre.ids)]
        asked = {
            "sales": {**west, "kind": "sales"},
            "expenses": {**west, "kind": "expenses", "analytic_ids": centre},
            "own department": {**days, "department_id": self.department_east.id, "kind": "expenses", "analytic_ids": centre},
            "company": {**days, "department_id": False, "kind": "sales"},
        }
        spec = {name: {} for name in ("actual", "completion", "difference", "is_over")}
        for role in ("seller", "service", "employee", "east_manager", "finance", "director"):
            allowed = role in ("finance", "director")
            budgets = self.env["kehu.budget"].with_user(getattr(self, f"user_{role}"))
            for (name, values), form in product(asked.items(), (budgets, budgets.browse(east.id))):
                self.env.invalidate_all()
                told = {}
                with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"), suppress(AccessError):
                    told = form.onchange(values, list(values), spec | {key: {} for key in values})["value"]
                with self.subTest(name, role=role, saved=bool(form)):
                    self.assertEqual(bool(told.get("actual")), allowed)
                    self.assertEqual(bool(told.get("completion")), allowed)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        budgets = self.env["kehu.budget"].with_user(self.user_director)
        with patch.object(self.registry["kehu.budget"], "_kehu_actuals", lambda some: dict.fromkeys(some, 5.0)):
            for company, expected in ((self.env.company, 5.0), (other, 0.0)):
                values = {**days, "department_id": False, "kind": "sales", "company_id": company.id}
                self.assertEqual(budgets.onchange(values, [], spec)["value"]["actual"], expected)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
    def test_nobody_learns_what_others_have(self):
        """That there is a budget, or a target, is told to those who may have one there."""
        self._create_budget("expenses", department_id=self.department_west.id)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._create_budget("sales", company_id=other.id)
        twin = {"kind": "expenses", "department_id": self.department_west.id, "date_from": "2030-03-01", "planned": 1}
        elsewhere = {"kind": "sales", "company_id": other.id, "date_from": "2030-03-01", "planned": 1}
        for role, values in (("seller", twin), ("east_manager", twin), ("director", elsewhere), ("finance", elsewhere)):
            with self.subTest(role=role), self.assertRaises(AccessError), self.env.cr.savepoint():
                self.env["kehu.budget"].with_user(getattr(self, f"user_{role}")).create(values)
        mine = self._create_budget("sales").with_user(self.user_director)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            mine.company_id = other
        with self.assertRaises(KehuBudgetError), self.env.cr.savepoint():
            self.env["kehu.budget"].with_user(self.user_finance).create(twin)
        self._create_target(self.user_west_seller)
        east = self._create_target(self.user_seller).with_user(self.user_east_manager)
        for values in ({"user_id": self.user_west_seller.id}, {"user_id": False}, {"company_id": other.id}):
            with self.subTest(values=values), self.assertRaises(AccessError), self.env.cr.savepoint():
                east.write(values)
        targets = self.env["kehu.target"].with_user(self.user_seller)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            targets.create({"user_id": self.user_west_seller.id, "metric": "ordered", "date_from": "2030-03-01", "value": 1})
        self._create_target(None, company_id=other.id)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            targets.with_user(self.user_director).create(
                {"company_id": other.id, "metric": "ordered", "date_from": "2030-03-01", "value": 1}
            )

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
    def test_who(self):
        east = self._create_budget("expenses", department_id=self.department_east.id, analytic_ids=self.east_centre.ids)
        west = self._create_budget("expenses", department_id=self.department_west.id, analytic_ids=self.west_centre.ids)
        company = self._create_budget("expenses")
        every = east | west | company
        seen = {"east_manager": east, "sales_manager": east | west, "director": every, "crm_admin": every, "finance": every}
        for role, expected in seen.items():
            budgets = self.env["kehu.budget"].with_user(getattr(self, f"user_{role}"))
            with self.subTest(role=role):
                self.assertEqual(set(budgets.search([("id", "in", every.ids)]).ids), set(expected.ids))
                budgets.search([("id", "in", every.ids)]).read(["actual", "display_name", "analytic_ids"])
                if role.endswith("manager"):
                    with self.assertRaises(AccessError):
                        expected.with_user(budgets.env.user).write({"planned": 1})
                else:
                    east.with_user(budgets.env.user).write({"planned": 1})
        for role in ("seller", "service", "employee", "order_approver", "receipt_approver"):
            with self.assertRaises(AccessError):
                self.env["kehu.budget"].with_user(getattr(self, f"user_{role}")).search([])
