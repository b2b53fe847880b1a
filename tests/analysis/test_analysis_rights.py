from odoo.fields import Domain
from odoo.tests import tagged

from ...models.analysis.exceptions import KehuAnalysisError, KehuAnalysisRightError
from ...models.analysis.provider import analyses
from ...models.analysis.scope import split
from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}
PEOPLE = ("seller", "seller2", "west_seller", "east_manager", "sales_manager", "director", "crm_admin", "finance")


@tagged("post_install", "-at_install")
class TestAnalysisRights(AnalysisCommon):
    """Everybody's figures are those of the order lines that a search as them finds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, customer in enumerate(cls.customers):
            for month in (3, 4):
                cls._order(
                    customer,
                    f"2031-{month:02}-1{number}",
                    [(cls.products[number % 3], number + 1, 10.0**number + month), (cls.products[2], 1, 0.13)],
                )
        cls._order(cls.customers[0], "2031-06-01", [(cls.products[0], 1, 500000.0)], user=False)
        cls.analysis = cls.env["kehu.analysis"]

    def _searched(self, user, extra=()):
        lines = self.env["sale.order.line"].with_user(user)
        domain = Domain("state", "=", "sale") & Domain("order_id.date_order", ">=", "2030-12-31 16:00:00")
        return round(sum(lines.search(domain & Domain(list(extra))).mapped("price_subtotal")), 2)

    def _assert_equal_to_search(self):
        for role in PEOPLE:
            user = getattr(self, f"user_{role}")
            analysis = self.analysis.with_user(user)
            searched = self._searched(user)
            for name in ("sales_details", "sales_by_class", "sales_trend", "sales_products", "sales_distribution", "sales_ranking"):
                for dimension in analyses(self.env)[name].dimensions:
                    with self.subTest(role=role, analysis=name, dimension=dimension):
                        measure = analyses(self.env)[name].measures[0]
                        conditions = {**YEAR, **({"date_to": "2031-06-30"} if dimension == "day" else {})}
                        figures = analysis.get_figures(name, conditions, dimension, measure)
                        self.assertEqual(round(figures["total"]["untaxed"], 2), searched)
                        self.assertEqual(round(sum(row["values"]["untaxed"] for row in figures["rows"]), 2), searched)
            checked = analysis.check_total("sales_details", YEAR)
            self.assertTrue(checked["agrees"], checked)

    def test_each_role_sees_its_own_figures(self):
        self._assert_equal_to_search()
        self.env["kehu.sales.summary"]._kehu_fold()
        self._assert_equal_to_search()
        amounts = {role: self._searched(getattr(self, f"user_{role}")) for role in PEOPLE}
        self.assertEqual(len({amounts["director"], amounts["crm_admin"], amounts["finance"]}), 1)
        self.assertLess(amounts["seller"], amounts["east_manager"])
        self.assertLess(amounts["east_manager"], amounts["director"])

    def test_who_was_asked_sees_the_order_in_the_figures_too(self):
        """A rule that the summary cannot tell: the order comes from its lines, and only once."""
        order = self.env["sale.order"].search([("partner_id", "=", self.customers[2].id)], limit=1)
        before = self._searched(self.user_seller)
        self.assertNotIn(order, self.env["sale.order"].with_user(self.user_seller).search([]))
        rule = self.env["ir.rule"].create(
            {
                "name": "Asked (test)",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "groups": [(4, self.env.ref("kehu_crm.group_kehu_user").id)],
                "domain_force": f"[('id', '=', {order.id})]",
            }
        )
        rule.copy({"model_id": self.env["ir.model"]._get_id("sale.order.line"), "domain_force": f"[('order_id', '=', {order.id})]"})
        self.env.registry.clear_cache()
        self.assertTrue(order.amount_untaxed)
        self.assertEqual(self._searched(self.user_seller), round(before + order.amount_untaxed, 2))
        self._assert_equal_to_search()
        self.env["kehu.sales.summary"]._kehu_fold()
        self._assert_equal_to_search()

    def test_rule_in_two(self):
        company, own, dept, asked = (Domain("company_id", "in", [1]), Domain("user_id", "=", 7), Domain("kehu_department_id.x", "=", 2),
                                     Domain("asked", "=", True))  # fmt: skip
        rule = company & (own | dept | asked)
        self.assertEqual(split(rule, {"company_id", "user_id", "kehu_department_id"}), (company & (own | dept), company & asked))
        self.assertEqual(split(rule, {"company_id", "kehu_department_id"}), (company & dept, company & (own | asked)))
        self.assertEqual(split(company, {"company_id"}), (company, Domain.FALSE))
        self.assertEqual(split(asked & dept & own, {"company_id"}), (Domain.FALSE, asked & dept & own))

    def test_conditions_do_not_widen(self):
        """Asking for somebody else's figures gives nothing."""
        for condition in ({"user": self.user_west_seller.ids}, {"department": self.department_west.ids}):
            with self.subTest(condition=condition):
                figures = self.analysis.with_user(self.user_seller).get_figures("sales_trend", {**YEAR, **condition}, "month", "untaxed")
                self.assertEqual(figures["total"]["untaxed"], 0)

    def test_names_are_told_to_those_who_see_a_record(self):
        """Whatever number is asked for: no name comes back unless the person finds a record that bears it."""
        hidden, own = self.customers[2], self.customers[0]
        hidden.write({"name": "Hidden Partner (test)", "email": "hidden@test.example", "vat": "91350211M000100Y43"})
        own.write({"email": "own@test.example", "street": "Test Road 9"})
        wide = {"show_email": True, "show_address": True, "show_vat": True, "sale_show_partner_name": True, "active_test": False}
        for context in ({}, wide):
            seller = self.analysis.with_user(self.user_seller).with_context(**context)
            for name, dimension, key in (
                ("sales_details", "customer", hidden.id),
                ("sales_details", "customer", self.env.company.partner_id.id),
                ("sales_details", "order", self.env["sale.order"].search([("partner_id", "=", hidden.id)], limit=1).id),
                ("sales_ranking", "user", self.user_west_seller.id),
                ("customers_growth", "department", self.department_west.id),
            ):
                with self.subTest(context=context, name=name, dimension=dimension):
                    with self.assertRaises(KehuAnalysisError) as refused:
                        seller.get_records(name, {"preset": "all"}, dimension, key)
                    told = self.env[analyses(self.env)[name].known_dimensions[dimension].model].browse(key).name
                    self.assertNotIn(told, str(refused.exception))
            action = seller.get_records("sales_details", YEAR, "customer", own.id)
            self.assertTrue(action["name"].endswith(own.name), action["name"])
            rows = seller.get_figures("sales_details", YEAR, "customer", "untaxed")["rows"]
            self.assertEqual([row["label"] for row in rows if row["key"] == own.id], [own.name])

    def test_second_company_alone(self):
        """The analyses open while only a company is active to which the person's department does not belong."""
        company = self.env["res.company"].create({"name": "Second (test)"})
        self.user_east_manager.company_ids |= company
        analysis = self.analysis.with_user(self.user_east_manager).with_context(allowed_company_ids=company.ids)
        setup = analysis.get_setup("sales_trend")
        self.assertEqual(setup["company"], company.name)
        self.assertIn(self.department_east.id, [team["id"] for team in setup["departments"]])
        conditions = {**YEAR, "department": self.department_east.ids}
        self.assertEqual(analysis.get_figures("sales_trend", conditions, "month", "untaxed")["total"]["untaxed"], 0)
        analysis.env["kehu.analysis.filter"].keep("sales_trend", "Second", conditions, "month", "untaxed", self.department_east.id)
        self.assertTrue(analysis.export_workbook("sales_trend", conditions, "month", "untaxed")["content"])

    def test_records_behind_a_figure(self):
        """The list behind a row holds what the row adds up, as this person."""
        for role in ("seller", "east_manager", "director"):
            user = getattr(self, f"user_{role}")
            analysis = self.analysis.with_user(user)
            for name, provider in analyses(self.env).items():
                for dimension in provider.dimensions if provider.records_model == "sale.order.line" else ():
                    conditions = {**YEAR, **({"date_to": "2031-06-30"} if dimension == "day" else {})}
                    for row in analysis.get_figures(name, conditions, dimension, provider.measures[0])["rows"]:
                        with self.subTest(role=role, analysis=name, dimension=dimension, row=row["label"]):
                            action = analysis.get_records(name, conditions, dimension, row["key"])
                            lines = self.env[action["res_model"]].with_user(user).search(action["domain"])
                            self.assertAlmostEqual(sum(lines.mapped("price_subtotal")), row["values"]["untaxed"], 2)

    def test_roles_without_analyses(self):
        for role in ("service", "order_approver", "receipt_approver", "employee"):
            user = getattr(self, f"user_{role}")
            analysis = self.analysis.with_user(user)
            for call in (
                lambda analysis=analysis: analysis.get_setup("sales_trend"),
                lambda analysis=analysis: analysis.get_figures("sales_trend", YEAR, "month", "untaxed"),
                lambda analysis=analysis: analysis.get_records("sales_trend", YEAR),
                lambda analysis=analysis: analysis.check_total("sales_trend", YEAR),
                lambda analysis=analysis: analysis.export_workbook("sales_trend", YEAR, "month", "untaxed"),
            ):
                with self.subTest(role=role), self.assertRaises(KehuAnalysisRightError):
                    call()

    def test_other_companies_stay_out(self):
        company = self.env["res.company"].create({"name": "Second (test)"})
        self.user_director.company_ids |= company
        own = self.analysis.with_user(self.user_director).get_figures("sales_trend", YEAR, "month", "untaxed")["total"]["untaxed"]
        other = self.analysis.with_user(self.user_director).with_context(allowed_company_ids=[company.id, self.env.company.id])
        self.assertEqual(own, self._searched(self.user_director))
        self.assertTrue(own)
        self.assertEqual(other.get_figures("sales_trend", YEAR, "month", "untaxed")["total"]["untaxed"], 0)

    def test_customers(self):
        """Counts of customers are those of a search, per role."""
        for role in PEOPLE:
            user = getattr(self, f"user_{role}")
            analysis = self.analysis.with_user(user)
            found = self.env["res.partner"].with_user(user).search_count([("kehu_is_customer", "=", True)])
            for dimension in analyses(self.env)["customers_by_class"].dimensions:
                with self.subTest(role=role, dimension=dimension):
                    figures = analysis.get_figures("customers_by_class", {}, dimension, "count")
                    self.assertEqual(figures["total"]["count"], found)
            for name in ("customers_by_class", "customers_growth", "customers_level_changes"):
                with self.subTest(role=role, analysis=name):
                    self.assertTrue(analysis.check_total(name, {})["agrees"])
                    for dimension in analyses(self.env)[name].dimensions:
                        for row in analysis.get_figures(name, {}, dimension, "count")["rows"]:
                            action = analysis.get_records(name, {}, dimension, row["key"])
                            count = self.env[action["res_model"]].with_user(user).search_count(action["domain"])
                            self.assertEqual(count, row["values"]["count"], (dimension, row))

    def test_nonsense_is_refused(self):
        analysis = self.analysis.with_user(self.user_director)
        for conditions in (
            "all",
            {"preset": "ever"},
            {"comparison": "next_year"},
            {"preset": "custom", "date_from": "2031-13-01"},
            {"preset": "custom", "date_from": "2031-02-01", "date_to": "2031-01-01"},
            {"user": ["1 OR 1=1"]},
            {"user": 5},
            {"company": [1]},
            {"preset": "custom", "date_from": "0002-01-01"},
            {"preset": "custom", "date_to": "9999-12-31"},
            {"preset": "custom", "date_from": ["2031-01-01"]},
            {"preset": "custom", "date_from": {"year": 2031}},
        ):
            with self.subTest(conditions=conditions), self.assertRaises(KehuAnalysisError):
                analysis.get_figures("sales_trend", conditions, "month", "untaxed")
        for name, dimension, measure in (
            ("sales", "month", "untaxed"),
            ("sales_trend", "user", "untaxed"),
            ("sales_trend", "month", "cost"),
        ):
            with self.subTest(name=name, dimension=dimension, measure=measure), self.assertRaises(KehuAnalysisError):
                analysis.get_figures(name, YEAR, dimension, measure)

        for dimension, key in (
            ("month", None),
            ("month", False),
            ("month", 5),
            ("month", ["2031-01-01"]),
            ("month", "0001-01-01"),
            ("month", "9999-12-31"),
            ("customer", []),
            ("customer", {}),
            ("customer", "1"),
            ("customer", True),
            ("customer", 2**40),
            (["customer"], 1),
        ):
            with self.subTest(dimension=dimension, key=key), self.assertRaises(KehuAnalysisError):
                analysis.get_records("sales_details", YEAR, dimension, key)
        widest = {"preset": "custom", "date_from": "1970-01-01", "date_to": "2999-12-31"}
        for comparison in ("none", "last_year", "last_period"):
            with self.subTest(comparison=comparison):
                figures = analysis.get_figures("sales_trend", {**widest, "comparison": comparison}, "year", "untaxed")
                self.assertEqual(figures["total"]["untaxed"], self._searched(self.user_director))
                counted = analysis.get_figures("customers_growth", {**widest, "comparison": comparison}, "year", "count")
                customers = self.env["res.partner"].with_user(self.user_director).search_count([("kehu_is_customer", "=", True)])
                self.assertEqual(counted["total"]["count"], customers)
                self.assertEqual(sum(row["values"]["count"] for row in counted["rows"]), customers)

    def test_queries_do_not_grow(self):
        """As many queries for ten times as many orders."""
        self.env["kehu.sales.summary"]._kehu_fold()
        analysis = self.analysis.with_user(self.user_east_manager)

        def count():
            analysis.get_figures("sales_distribution", {**YEAR, "comparison": "last_year"}, "state", "untaxed")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            analysis.get_figures("sales_distribution", {**YEAR, "comparison": "last_year"}, "state", "untaxed")
            return self.env.cr.sql_log_count - before

        few = count()
        for number in range(30):
            self._order(self.customers[number % 5], f"2031-{number % 12 + 1:02}-20", [(self.products[0], 1, 10.0)])
        self.assertLessEqual(count(), few + 5, "noted parts: which they are, the summary without them, their lines")
        self.env["kehu.sales.summary"]._kehu_fold()
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 11)

    def test_check_finds_what_was_tampered_with(self):
        self.env["kehu.sales.summary"]._kehu_fold()
        analysis = self.analysis.with_user(self.user_director)
        self.assertTrue(analysis.check_total("sales_trend", YEAR)["agrees"])
        self.env.cr.execute(
            "UPDATE kehu_sales_summary SET untaxed = untaxed + 0.01 "
            "WHERE id = (SELECT min(id) FROM kehu_sales_summary WHERE facet = 'person' AND month >= '2031-01-01')"
        )
        checked = analysis.check_total("sales_trend", YEAR)
        self.assertFalse(checked["agrees"])
        self.assertAlmostEqual(checked["figures"][0]["ours"] - checked["figures"][0]["host"], 0.01, 4)
        self.env["kehu.sales.summary"].with_user(self.user_crm_admin).action_rebuild()
        self.assertTrue(analysis.check_total("sales_trend", YEAR)["agrees"])
