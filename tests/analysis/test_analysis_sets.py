from unittest.mock import patch

from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.analysis import kehu_analysis, provider
from ...models.analysis.customer_analyses import CustomersByClass
from ...models.analysis.provider import analyses
from ...models.analysis.scope import split
from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}


@tagged("post_install", "-at_install")
class TestAnalysisSets(AnalysisCommon):
    """Figure, list behind it and check are over one set: the orders that the person may see, whoever looks after their customer now."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls.customers[0]
        state = customer.state_id
        city = cls.env["res.city"].create({"name": "Set City", "state_id": state.id, "country_id": state.country_id.id})
        customer.write({"city_id": city.id, "industry_id": cls.env["res.partner.industry"].create({"name": "Sets"}).id})
        cls._order(customer, "2031-03-10", [(cls.products[0], 2, 100.0)])
        cls._order(cls.customers[1], "2031-04-10", [(cls.products[2], 1, 7.0)], user=cls.user_seller)
        cls.analysis = cls.env["kehu.analysis"]

    def _assert_one_set(self, user, amount):
        analysis = self.analysis.with_user(user)
        for name, provided in analyses(self.env).items():
            if provided.records_model != "sale.order.line":
                continue
            for dimension in provided.dimensions:
                conditions = {**YEAR, **({"date_to": "2031-06-30"} if dimension == "day" else {})}
                figures = analysis.get_figures(name, conditions, dimension, "untaxed")
                self.assertEqual(figures["total"]["untaxed"], amount)
                for row in figures["rows"]:
                    with self.subTest(user=user.name, analysis=name, dimension=dimension, row=row["label"]):
                        action = analysis.get_records(name, conditions, dimension, row["key"])
                        lines = self.env["sale.order.line"].with_user(user).search(action["domain"])
                        self.assertAlmostEqual(sum(lines.mapped("price_subtotal")), row["values"]["untaxed"], 2)
        for name in ("state", "city", "level", "user", "category"):
            known = analyses(self.env)["sales_details"].known_dimensions[name]
            ids = [key for (key,) in self.env["kehu.sales.summary"]._kehu_figures(None, None, {}, (known.column,)) if key]
            with self.subTest(user=user.name, condition=name):
                self.assertTrue(ids)
                conditions = {**YEAR, name: ids}
                checked = analysis.check_total("sales_details", conditions)
                self.assertTrue(checked["agrees"], checked)
                total = analysis.get_figures("sales_details", conditions, "product", "untaxed")["total"]["untaxed"]
                self.assertAlmostEqual(checked["figures"][0]["host"], total, 2)
                self.assertTrue(total)

    def test_customer_of_somebody_else(self):
        """Handed over, its orders not: the seller keeps the figure, finds its lines, and the check agrees."""
        for customer in self.customers[:2]:
            customer.kehu_transfer(self.user_west_seller.id, "Test")
        hidden = self.customers[0].with_user(self.user_seller)
        self.assertFalse(hidden.has_access("read"))
        for _noted in range(2):
            self._assert_one_set(self.user_seller, 207)
            self._assert_one_set(self.user_east_manager, 207)
            self.env["kehu.sales.summary"]._kehu_fold()

    def test_archived(self):
        """Archived customers, products and people are still what was sold to, what was sold and who sold."""
        self.customers[0].sudo().active = False
        self.products[0].sudo().active = False
        self._assert_one_set(self.user_director, 207)

    def test_facts_of_the_customer_stay_with_the_house(self):
        """A portal user who sees an order learns nothing of the level that its customer has with us."""
        for name in ("level", "source", "nature", "region"):
            self.assertEqual(self.env["sale.order"]._fields[f"kehu_customer_{name}_id"].groups, "base.group_user")

    def test_condition_with_its_own_sql(self):
        """What a rule says in SQL of its own is about the orders' table, never about the summary."""
        own = Domain.custom(to_sql=lambda model, alias, query: SQL("%s > 0", SQL.identifier(alias, "amount_total")))
        company = Domain("company_id", "in", [1])
        self.assertEqual(split(own, {"company_id"}), (Domain.FALSE, own))
        self.assertEqual(split(company & own, {"company_id"}), (Domain.FALSE, company & own))
        told, left = split(company | own, {"company_id"})
        self.assertEqual((told, left), (company, own))
        self.assertEqual(split(~own, {"company_id"})[0], Domain.FALSE)
        self.assertEqual(split(~company & Domain.TRUE, {"company_id"}), (~company, Domain.FALSE))
        summary = self.env["kehu.sales.summary"]
        summary._kehu_fold()
        rules = self.env.registry["ir.rule"]
        kept = rules._compute_domain

        def compute(rule, model_name, mode="read"):
            return company | own if model_name == "sale.order" else kept(rule, model_name, mode)

        with patch.object(rules, "_compute_domain", compute):
            figures = summary.with_user(self.user_director)._kehu_figures(None, None, {}, ("user_id",))
            lines = summary.with_user(self.user_director)._kehu_figures(None, None, {}, ("user_id",), from_lines=True)
        self.assertTrue(figures)
        self.assertEqual(figures, lines)

    def test_largest(self):
        """Of many customers the largest are told apart in the database; the rest is one row, and nothing is lost."""
        for number, customer in enumerate(self.customers):
            self._order(customer, "2031-05-05", [(self.products[0], 1, 10.0 * number + 1)])
            self._order(customer, "2030-05-05", [(self.products[0], 1, 100.0 - number)])
        director = self.analysis.with_user(self.user_director)
        conditions = {**YEAR, "comparison": "last_year"}
        for measure in ("untaxed", "margin_rate", "line_count"):
            whole = director.get_figures("sales_details", conditions, "customer", measure)
            self.assertEqual((len(whole["rows"]), whole["others"]), (len(self.customers), 0))
            with patch.object(kehu_analysis, "MOST_ROWS", 3):
                cut = director.get_figures("sales_details", conditions, "customer", measure)
            with self.subTest(measure=measure):
                self.assertEqual((cut["total"], cut["before"]), (whole["total"], whole["before"]))
                self.assertEqual((len(cut["rows"]), cut["others"]), (3, len(self.customers) - 2))
                self.assertEqual([row["is_others"] for row in cut["rows"]], [False, False, True])
                self.assertEqual(cut["rows"][:2], whole["rows"][:2])
                rest = cut["rows"][2]
                for name in ("untaxed", "total", "quantity", "line_count"):
                    self.assertAlmostEqual(rest["values"][name], sum(row["values"][name] for row in whole["rows"][2:]), 2)
                if measure == "untaxed":
                    self.assertAlmostEqual(rest["before"], sum(row["before"] for row in whole["rows"][2:]), 2)
                    self.assertAlmostEqual(sum(row["before"] for row in cut["rows"]), cut["before"], 2)
        with patch.object(kehu_analysis, "MOST_ROWS", 3):
            queried = self.env["kehu.sales.summary"].with_user(self.user_director)
            figures, _total, left = queried._kehu_largest(None, None, {}, "customer_id", ("untaxed",), 3)
        self.assertEqual(len(figures), 3)
        self.assertGreater(left, 0)

    def test_only_of_before(self):
        """Bought last year alone: a row while there is room, part of the others when there is none."""
        self._order(self.customers[3], "2030-05-05", [(self.products[0], 1, 40.0)])
        director = self.analysis.with_user(self.user_director)
        conditions = {**YEAR, "comparison": "last_year"}
        whole = director.get_figures("sales_details", conditions, "customer", "untaxed")
        self.assertEqual([(row["values"]["untaxed"], row["before"]) for row in whole["rows"]], [(200, 0), (7, 0), (0, 40)])
        with patch.object(kehu_analysis, "MOST_ROWS", 2):
            cut = director.get_figures("sales_details", conditions, "customer", "untaxed")
        self.assertEqual([(row["values"]["untaxed"], row["before"]) for row in cut["rows"]], [(200, 0), (7, 40)])
        self.assertEqual(cut["others"], 2)

    def test_check_of_foreign_orders(self):
        """Orders in another currency are converted in the database, however many; the check needs as many queries."""
        foreign = self.env["res.currency"].with_context(active_test=False).search([("id", "!=", self.env.company.currency_id.id)], limit=1)
        foreign.active = True
        self.env["res.currency.rate"].create({"currency_id": foreign.id, "name": "2020-01-01", "rate": 0.137})
        pricelist = self.env["product.pricelist"].create({"name": "Foreign (test)", "currency_id": foreign.id})
        director = self.analysis.with_user(self.user_director)

        def check():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            checked = director.check_total("sales_details", YEAR)
            self.assertTrue(checked["agrees"], checked)
            return checked["figures"][0]["host"], self.env.cr.sql_log_count - before

        amounts, queries = [], []
        for number in (1, 4):
            for _order in range(number):
                self._order(self.customers[0], "2031-07-07", [(self.products[0], 3, 33.33)], pricelist_id=pricelist.id)
            for _warm in range(2):  # rights of what only the second look reads
                check()
            amount, count = check()
            amounts.append(amount)
            queries.append(count)
        self.assertEqual(queries[0], queries[1])
        self.assertGreater(amounts[1], amounts[0] + 207)

    def test_check_of_counts_looks_for_itself(self):
        """An analysis that counts the wrong customers is found out."""
        director = self.analysis.with_user(self.user_director)
        for name in ("customers_by_class", "customers_growth", "customers_level_changes"):
            for conditions in ({}, {"department": self.department_east.ids}, {"user": self.user_seller.ids}):
                checked = director.check_total(name, conditions)
                self.assertTrue(checked["agrees"], (name, checked))
        growth = {"preset": "this_month", "department": self.department_east.ids, "level": self.levels.ids}
        checked = director.check_total("customers_growth", growth)
        self.assertTrue(checked["agrees"] and checked["figures"][0]["host"], checked)
        pool = self.env["kehu.pool"].search([], limit=1)
        self.env["res.partner"].create({"name": "In a pool", "kehu_is_customer": True, "kehu_pool_id": pool.id})
        owned = Domain("kehu_is_customer", "=", True) & Domain("user_id", "!=", False)
        with patch.object(CustomersByClass, "base_domain", lambda analysis: owned):
            checked = director.check_total("customers_by_class", {})
        self.assertFalse(checked["agrees"])
        self.assertLess(checked["figures"][0]["ours"], checked["figures"][0]["host"])

    def test_analysis_of_an_addon_that_this_database_has_not(self):
        """Several databases share one server, and one list of what its add-ons registered."""

        class Elsewhere(CustomersByClass):
            name = "customers_elsewhere"

        Elsewhere.__module__ = "odoo.addons.elsewhere.models.analysis"
        with patch.dict(provider._REGISTERED):
            provider.register(Elsewhere)
            self.assertNotIn("customers_elsewhere", analyses(self.env))
            self.assertIsNone(provider.find(self.env, "customers_elsewhere"))
            self.env.registry._init_modules.add("elsewhere")
            self.addCleanup(self.env.registry._init_modules.discard, "elsewhere")
            self.assertIn("customers_elsewhere", analyses(self.env))

    def test_recipe(self):
        """The one in the provider's docstring does what it says."""
        from ...models.analysis.sales_analyses import SalesAnalysis, _lt

        recipe = provider.__doc__.split("A new one::")[1].split("\nand a client action")[0].replace("\n    ", "\n")
        known = {"register": provider.register, "SalesAnalysis": SalesAnalysis, "_lt": _lt, "__name__": provider.__name__}
        with patch.dict(provider._REGISTERED):
            exec(recipe, known)  # noqa: S102 - text of ours
            director = self.analysis.with_user(self.user_director)
            for dimension in director.get_setup("sales_of_people")["dimensions"]:
                figures = director.get_figures("sales_of_people", YEAR, dimension["name"], "untaxed")
                self.assertEqual(figures["total"]["untaxed"], 207)

    def test_zone_and_digits_that_are_remembered(self):
        """A change of the company's time zone, of its currency or of the digits of a currency holds at once."""
        company = self.env["res.company"].create({"name": "Remembered (test)", "currency_id": self.env.ref("base.CNY").id})
        company.kehu_timezone = "Asia/Shanghai"
        self.assertEqual((company._kehu_zone(), company._kehu_digits()), ("Asia/Shanghai", 2))
        yen = self.env.ref("base.JPY")
        yen.active = True
        yen.rounding = 1.0
        company.write({"kehu_timezone": "Europe/Berlin", "currency_id": yen.id})
        self.assertEqual((company._kehu_zone(), company._kehu_digits()), ("Europe/Berlin", 0))
        yen.rounding = 0.01
        self.assertEqual(company._kehu_digits(), 2)

    def test_nothing_noted_one_query(self):
        """Without noted changes the figures come in one query; a note of a customer without orders hides nothing."""
        summary = self.env["kehu.sales.summary"].with_user(self.user_director)
        summary.sudo()._kehu_fold()
        summary._kehu_figures(None, None, {}, ("user_id",))
        before = self.env.cr.sql_log_count
        found = summary._kehu_figures(None, None, {}, ("user_id",))
        self.assertEqual(self.env.cr.sql_log_count - before, 1)
        self.assertTrue(found)
        idle = self.env["res.partner"].create({"name": "Without orders (test)", "kehu_is_customer": True})
        self.env.cr.execute("INSERT INTO kehu_sales_change (company_id, customer_id) VALUES (%s, %s)", (self.env.company.id, idle.id))
        self.assertEqual(summary._kehu_figures(None, None, {}, ("user_id",)), found)

    def test_job_that_is_off(self):
        director = self.analysis.with_user(self.user_director)
        job = self.env.ref("kehu_crm.kehu_sales_summary_ir_cron")
        self.env["kehu.sales.summary"]._kehu_fold()
        self.assertEqual(director.get_figures("sales_trend", YEAR, "month", "untaxed")["notes"], [])
        self.assertEqual(director.get_figures("customers_by_class", {}, "level", "count")["notes"], [])
        job.active = False
        self.assertEqual(len(director.get_figures("sales_trend", YEAR, "month", "untaxed")["notes"]), 1)
        job.active = True
        self.assertEqual(director.get_figures("sales_trend", YEAR, "month", "untaxed")["notes"], [])
        self.env.cr.execute("UPDATE kehu_sales_summary SET stamped = now() AT TIME ZONE 'UTC' - interval '2 days' WHERE facet = 'stamp'")
        self.assertEqual(director.get_figures("sales_trend", YEAR, "month", "untaxed")["notes"], [], "nothing waits")
        self._order(self.customers[0], "2031-03-10", [(self.products[0], 1, 1.0)])
        self.assertEqual(len(director.get_figures("sales_trend", YEAR, "month", "untaxed")["notes"]), 1)
