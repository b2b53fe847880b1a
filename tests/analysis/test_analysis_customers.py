from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ...models.analysis import contribution_analyses, kehu_analysis, ledger
from ...models.analysis.exceptions import KehuAnalysisError
from ...models.analysis.provider import analyses
from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}
PEOPLE = ("seller", "west_seller", "east_manager", "sales_manager", "director", "crm_admin", "finance")


@tagged("post_install", "-at_install")
class TestAnalysisCustomers(AnalysisCommon):
    """Contribution, follow-up and receivables: figures by hand, per person, with the list behind each and the check."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analysis = cls.env["kehu.analysis"]
        cls.today = cls.env.company._kehu_today()

    def _rows(self, figures):
        return {row["key"]: row["values"] for row in figures["rows"]}

    # ------------------------------------------------------------
    # Contribution
    # ------------------------------------------------------------

    def _sell(self):
        orders = self.env["sale.order"]
        for number, amount in enumerate((700.0, 150.0, 100.0, 40.0, 10.0)):
            orders |= self._order(self.customers[number], "2031-03-10", [(self.products[0], 1, amount)])
        return orders

    def test_contribution(self):
        self._sell()
        director = self.analysis.with_user(self.user_director)
        figures = director.get_figures("customers_contribution", YEAR, "customer", "untaxed")
        told = [(row["values"]["untaxed"], row["share"], row["values"]["running"], row["values"]["abc"]) for row in figures["rows"]]
        self.assertEqual(told, [(700, 70, 70, "A"), (150, 15, 85, "A"), (100, 10, 95, "B"), (40, 4, 99, "C"), (10, 1, 100, "C")])
        self.assertEqual((figures["total"]["untaxed"], figures["total"]["margin"], figures["total"]["customer_count"]), (1000, 750, 5))
        classes = self._rows(director.get_figures("customers_contribution", YEAR, "abc", "untaxed"))
        told = {key: (row["untaxed"], row["customer_count"]) for key, row in classes.items()}
        self.assertEqual(told, {"a": (850, 2), "b": (100, 1), "c": (50, 2)})
        with patch.object(kehu_analysis, "MOST_ROWS", 3):
            cut = director.get_figures("customers_contribution", YEAR, "customer", "untaxed")
        told = [(row["values"]["untaxed"], row["values"]["running"], row["values"]["abc"]) for row in cut["rows"]]
        self.assertEqual(told, [(700, 70, "A"), (150, 85, "A"), (150, 100, None)])
        by_orders = director.get_figures("customers_contribution", YEAR, "customer", "order_count")
        self.assertEqual([row["values"]["running"] for row in by_orders["rows"]], [20, 40, 60, 80, 100])

    def test_what_was_received(self):
        order = self._sell()[0]
        invoice = order._create_invoices()
        invoice.action_post()
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"amount": 300.0}
        )._create_payments()
        director = self.analysis.with_user(self.user_director)
        rows = self._rows(director.get_figures("customers_contribution", YEAR, "customer", "received"))
        self.assertEqual(rows[self.customers[0].id]["received"], 300)
        checked = director.check_total("customers_contribution", YEAR)
        self.assertTrue(checked["agrees"], checked)
        self.assertEqual([round(figure["host"], 2) for figure in checked["figures"]], [1000, 750, 300])
        due = director.get_figures("sales_receivables", {}, "customer", "amount_due")
        self.assertEqual(self._rows(due)[self.customers[0].id]["amount_due"], 400)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET kehu_amount_received = 300.01, kehu_amount_due = 399.99 WHERE id = %s", (order.id,))
        self.env.invalidate_all()
        for name in ("customers_contribution", "sales_receivables"):
            with self.subTest(name=name):
                self.assertFalse(director.check_total(name, YEAR if name.startswith("customers") else {})["agrees"])

    def test_contribution_of_each_person(self):
        self._sell()
        self.customers[0].kehu_transfer(self.user_west_seller.id, "Test")  # the order stays with its seller
        for role in PEOPLE:
            user = getattr(self, f"user_{role}")
            analysis, orders = self.analysis.with_user(user), self.env["sale.order"].with_user(user)
            seen = orders.search([("state", "=", "sale"), ("date_order", ">=", "2030-12-31 16:00:00")])
            for dimension in ("customer", "abc"):
                figures = analysis.get_figures("customers_contribution", YEAR, dimension, "untaxed")
                self.assertEqual(figures["total"]["untaxed"], sum(seen.mapped("amount_untaxed")), role)
                for row in figures["rows"]:
                    with self.subTest(role=role, dimension=dimension, row=row["label"]):
                        action = analysis.get_records("customers_contribution", YEAR, dimension, row["key"], "untaxed")
                        self.assertEqual(sum(orders.search(action["domain"]).mapped("amount_untaxed")), row["values"]["untaxed"])
            checked = analysis.check_total("customers_contribution", YEAR)
            self.assertTrue(checked["agrees"], (role, checked))
        seller = self.analysis.with_user(self.user_seller).get_figures("customers_contribution", YEAR, "customer", "untaxed")
        self.assertEqual(seller["total"]["untaxed"], 700)

    def test_too_many_to_list(self):
        self._sell()
        director = self.analysis.with_user(self.user_director)
        with patch.object(contribution_analyses, "MOST_CUSTOMERS", 1), self.assertRaisesRegex(KehuAnalysisError, "more than 1 cust"):
            director.get_records("customers_contribution", YEAR, "abc", "a")
        with patch.object(ledger, "MOST_ORDERS", 1), self.assertRaisesRegex(KehuAnalysisError, "at most 1 orders"):
            director.check_total("customers_contribution", YEAR)
        with self.assertRaises(KehuAnalysisError):
            director.get_records("customers_contribution", YEAR, "abc", "d")

    # ------------------------------------------------------------
    # Follow-up
    # ------------------------------------------------------------

    def _follow(self):
        """Five customers: spoken with today, 20, 60 and 200 days ago, never; the newest ones planned, the others overdue."""
        self.env.flush_all()
        for customer, days in zip(self.customers, (0, 20, 60, 200, None), strict=True):
            last = None if days is None else self.today - timedelta(days=days)
            planned = self.today + timedelta(days=3 if days in (0, 20) else -1)
            self.env.cr.execute(
                "UPDATE res_partner SET kehu_last_contact = %s, kehu_next_contact = %s, kehu_assigned_on = %s WHERE id = %s",
                (last, planned, self.env.company._kehu_midnight(self.today - timedelta(days=100)), customer.id),
            )
        self.env.invalidate_all()

    def test_followup(self):
        self._follow()
        director = self.analysis.with_user(self.user_director)
        mine = {"level": self.levels.ids, "user": self.customers.user_id.ids}
        figures = director.get_figures("customers_followup", mine, "last", "neglected")
        told = {key: (row["count"], row["neglected"]) for key, row in self._rows(figures).items()}
        self.assertEqual(told, {"week": (1, 0), "month": (1, 0), "quarter": (1, 1), "older": (1, 1), "never": (1, 1)})
        total = figures["total"]
        self.assertEqual([total[name] for name in ("count", "overdue", "neglected", "never", "neglected_rate")], [5, 3, 3, 1, 60])
        self.assertEqual([row["key"] for row in figures["rows"]], ["week", "month", "quarter", "older", "never"], "in their own order")

    def test_followup_of_each_person(self):
        self._follow()
        provided = analyses(self.env)["customers_followup"]
        for role in PEOPLE:
            user = getattr(self, f"user_{role}")
            analysis, partners = self.analysis.with_user(user), self.env["res.partner"].with_user(user)
            owned = partners.search_count([("kehu_is_customer", "=", True), ("user_id", "!=", False)])
            for dimension in provided.dimensions:
                for measure in provided.measures[:-1]:
                    figures = analysis.get_figures("customers_followup", {}, dimension, measure)
                    self.assertEqual(figures["total"]["count"], owned, role)
                    for row in figures["rows"]:
                        with self.subTest(role=role, dimension=dimension, measure=measure, row=row["label"]):
                            if row["values"][measure]:
                                action = analysis.get_records("customers_followup", {}, dimension, row["key"], measure)
                                self.assertEqual(partners.search_count(action["domain"]), row["values"][measure])
            checked = analysis.check_total("customers_followup", {})
            self.assertTrue(checked["agrees"], (role, checked))

    def test_those_about_to_leave(self):
        """By the policy of the pool: who falls within 14 days is counted, listed, and told apart by how soon."""
        self._follow()
        pool = self.env["kehu.pool"].search([], limit=1)
        pool.write({"auto_recycle": True, "idle_days": 65})
        director = self.analysis.with_user(self.user_director)
        domain = [("id", "in", self.customers.ids), ("kehu_fall_on", "<=", self.today + timedelta(days=14))]
        leaving = self.env["res.partner"].with_user(self.user_director).search(domain)
        figures = director.get_figures("customers_followup", {"user": self.customers.user_id.ids}, "fall", "leaving")
        everybody = [("user_id", "in", self.customers.user_id.ids), ("kehu_is_customer", "=", True)]
        found = self.env["res.partner"].with_user(self.user_director).search_count([*everybody, domain[1]])
        self.assertTrue(leaving)
        self.assertEqual(figures["total"]["leaving"], found)
        self.assertEqual(sum(row["values"]["leaving"] for row in figures["rows"]), found)
        self.assertEqual({row["key"] for row in figures["rows"] if row["values"]["leaving"]} - {"now", "week", "fortnight"}, set())
        self.assertTrue(director.check_total("customers_followup", {})["agrees"])

    # ------------------------------------------------------------
    # Receivables
    # ------------------------------------------------------------

    def _owe(self):
        orders = self._sell()
        self.env.flush_all()
        for order, days in zip(orders, (-5, 10, 40, 70, 100), strict=True):
            day = self.today - timedelta(days=days)
            self.env.cr.execute("UPDATE sale_order SET kehu_date_due = %s, kehu_due_parts = NULL WHERE id = %s", (day, order.id))
        self.env.invalidate_all()
        return orders

    def test_receivables(self):
        self._owe()
        director = self.analysis.with_user(self.user_director)
        mine = {"level": self.levels.ids, "user": self.customers.user_id.ids}
        ages = self._rows(director.get_figures("sales_receivables", mine, "age", "amount_due"))
        told = {key: (row["amount_due"], row["overdue"], row["order_count"]) for key, row in ages.items()}
        overdue = {"due_1_30": (150, 150, 1), "due_31_60": (100, 100, 1), "due_61_90": (40, 40, 1), "due_over_90": (10, 10, 1)}
        self.assertEqual(told, {"due_current": (700, 0, 1), **overdue})
        figures = director.get_figures("sales_receivables", mine, "customer", "overdue")
        self.assertEqual([row["values"]["overdue"] for row in figures["rows"]], [150, 100, 40, 10, 0])
        total = figures["total"]
        self.assertEqual([total[name] for name in ("amount_due", "overdue", "overdue_rate", "order_count")], [1000, 300, 30, 5])
        with patch.object(kehu_analysis, "MOST_ROWS", 2):
            cut = director.get_figures("sales_receivables", mine, "customer", "overdue")
        self.assertEqual([row["values"]["overdue"] for row in cut["rows"]], [150, 150])

    def test_receivables_of_each_person(self):
        self._owe()
        self.customers[0].kehu_transfer(self.user_west_seller.id, "Test")  # the order stays with its seller
        provided = analyses(self.env)["sales_receivables"]
        for role in PEOPLE:
            user = getattr(self, f"user_{role}")
            analysis, receivables = self.analysis.with_user(user), self.env["kehu.receivable"].with_user(user)
            seen = receivables.search([("settled", "=", False), ("company_id", "=", self.env.company.id)])
            for conditions in ({}, {"level": self.levels.ids}):
                for dimension in provided.dimensions:
                    figures = analysis.get_figures("sales_receivables", conditions, dimension, "amount_due")
                    if not conditions:
                        self.assertAlmostEqual(figures["total"]["amount_due"], sum(seen.mapped("amount_due")), 2)
                    for row in figures["rows"]:
                        with self.subTest(role=role, dimension=dimension, row=row["label"]):
                            action = analysis.get_records("sales_receivables", conditions, dimension, row["key"], "amount_due")
                            name = row["key"] if dimension == "age" else "amount_due"
                            found = sum(receivables.search(action["domain"]).mapped(name))
                            self.assertAlmostEqual(found, row["values"]["amount_due"], 2)
                checked = analysis.check_total("sales_receivables", conditions)
                self.assertTrue(checked["agrees"], (role, checked))
        conditions = {"level": self.levels.ids}
        seller = self.analysis.with_user(self.user_seller).get_figures("sales_receivables", conditions, "customer", "amount_due")
        self.assertEqual(seller["total"]["amount_due"], 700)
