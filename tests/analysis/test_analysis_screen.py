import base64
import io
from unittest.mock import patch

import openpyxl
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.analysis import kehu_analysis
from ...models.analysis.exceptions import KehuAnalysisError, KehuAnalysisRightError
from ...models.analysis.provider import analyses
from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}


@tagged("post_install", "-at_install")
class TestAnalysisScreen(AnalysisCommon):
    """What the screen asks for: the setup, comparison, kept conditions, the workbook."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._order(cls.customers[0], "2030-03-10", [(cls.products[0], 1, 100.0)])
        cls._order(cls.customers[0], "2031-03-10", [(cls.products[0], 1, 150.0)])
        cls._order(cls.customers[1], "2031-04-10", [(cls.products[2], 3, 50.0)])
        cls.director = cls.env["kehu.analysis"].with_user(cls.user_director)
        cls.kept = cls.env["kehu.analysis.filter"]

    def test_setup_of_each(self):
        for name, provider in analyses(self.env).items():
            with self.subTest(analysis=name):
                setup = self.director.get_setup(name)
                self.assertTrue(setup["title"] and setup["formula"])
                self.assertEqual([one["name"] for one in setup["dimensions"]], list(provider.dimensions))
                figures = self.director.get_figures(name, setup["conditions"], setup["dimension"], setup["measure"])
                self.assertTrue(figures["fresh"])
                action = self.env.ref(f"kehu_crm.kehu_analysis_action_{name}")
                self.assertEqual(action.params, {"analysis": name})
                self.assertEqual(self.env.ref(f"kehu_crm.kehu_analysis_menu_{name}").action, action)

    def test_comparison_with_last_year(self):
        figures = self.director.get_figures("sales_trend", {**YEAR, "comparison": "last_year"}, "month", "untaxed")
        rows = {row["key"]: row for row in figures["rows"]}
        self.assertEqual(
            (rows["2031-03-01"]["values"]["untaxed"], rows["2031-03-01"]["before"], rows["2031-03-01"]["growth"]), (150, 100, 50)
        )
        self.assertEqual(
            (rows["2031-02-01"]["values"]["untaxed"], rows["2031-02-01"]["before"], rows["2031-02-01"]["growth"]), (0, 0, None)
        )
        self.assertEqual((figures["total"]["untaxed"], figures["before"], figures["growth"]), (300, 100, 200))
        quarter = {"preset": "custom", "date_from": "2031-04-01", "date_to": "2031-06-30", "comparison": "last_period"}
        figures = self.director.get_figures("sales_ranking", quarter, "user", "untaxed")
        rows = {row["key"]: row for row in figures["rows"]}
        self.assertEqual((rows[self.user_seller2.id]["values"]["untaxed"], rows[self.user_seller2.id]["before"]), (150, 0))
        self.assertEqual((rows[self.user_seller.id]["values"]["untaxed"], rows[self.user_seller.id]["before"]), (0, 150))

    def test_total_compared_with_does_not_depend_on_what_is_told_apart(self):
        """Sold last year in a month that this year has not reached: no row of a month, yet part of the total."""
        self._order(self.customers[0], "2030-11-10", [(self.products[0], 1, 40.0)])
        for _noted in range(2):
            for name, dimension in (
                ("sales_trend", "month"),
                ("sales_trend", "quarter"),
                ("sales_trend", "year"),
                ("sales_ranking", "user"),
            ):
                with self.subTest(dimension=dimension):
                    figures = self.director.get_figures(name, {**YEAR, "comparison": "last_year"}, dimension, "untaxed")
                    self.assertEqual((figures["total"]["untaxed"], figures["before"], figures["growth"]), (300, 140, 114.3))
            self.env["kehu.sales.summary"]._kehu_fold()
        later = {**YEAR, "date_from": "2031-11-01", "comparison": "last_year"}
        figures = self.director.get_figures("sales_trend", later, "month", "untaxed")
        self.assertEqual((figures["total"]["untaxed"], figures["before"]), (0, 40))

    def test_conditions(self):
        for condition, amount in (
            ({"user": self.user_seller.ids}, 150),
            ({"department": self.department_sales.ids}, 300),
            ({"category": self.categories[1].ids}, 150),
            ({"category": self.categories[1].ids, "user": self.user_seller.ids}, 0),
            ({"state": self.customers[0].state_id.ids}, 150),
            ({"level": self.levels.ids}, 300),
            ({"region": [1]}, 0),
        ):
            for _noted in range(2):
                with self.subTest(condition=condition):
                    figures = self.director.get_figures("sales_trend", {**YEAR, **condition}, "month", "untaxed")
                    self.assertEqual(figures["total"]["untaxed"], amount)
                    self.assertTrue(self.director.check_total("sales_trend", {**YEAR, **condition})["agrees"])
                self.env["kehu.sales.summary"]._kehu_fold()

    def test_profit(self):
        figures = self.director.get_figures("sales_profit", YEAR, "category", "margin")
        rows = {row["key"]: row["values"] for row in figures["rows"]}
        self.assertEqual((rows[self.categories[0].id]["margin"], rows[self.categories[0].id]["margin_rate"]), (100, 66.7))
        self.assertAlmostEqual(figures["total"]["margin"], sum(row["margin"] for row in rows.values()), 2)

    def test_workbook(self):
        """Figures, conditions, total; nothing a spreadsheet would take for a formula."""
        self.customers[0].name = "=HYPERLINK(evil)"
        conditions = {**YEAR, "department": self.department_east.ids, "comparison": "last_year"}
        made = self.director.export_workbook("sales_details", conditions, "customer", "untaxed")
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(made["content"])))
        cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
        texts = [cell for row in cells for cell in row if isinstance(cell, str)]
        self.assertIn("'=HYPERLINK(evil)", texts)
        self.assertFalse([cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"])
        self.assertTrue(any(self.department_east.display_name in text for text in texts))
        row = next(row for row in cells if row[0] == "'=HYPERLINK(evil)")
        self.assertEqual((row[1], row[-2], row[-1]), (150, 100, 50))
        self.assertEqual((cells[-1][0], cells[-1][1]), ("Total", 300))
        with self.assertRaises(KehuAnalysisRightError):
            self.env["kehu.analysis"].with_user(self.user_seller).export_workbook("sales_details", YEAR, "customer", "untaxed")
        self.assertTrue(self.env["kehu.analysis"].with_user(self.user_east_manager).get_setup("sales_details")["can_export"])
        self.assertFalse(self.env["kehu.analysis"].with_user(self.user_seller).get_setup("sales_details")["can_export"])

    def test_workbook_has_an_end(self):
        with patch.object(kehu_analysis, "MOST_IN_WORKBOOK", 2):
            self.assertTrue(self.director.export_workbook("sales_details", YEAR, "customer", "untaxed")["content"])
        with patch.object(kehu_analysis, "MOST_IN_WORKBOOK", 1), self.assertRaisesRegex(KehuAnalysisError, "^More than 1 rows "):
            self.director.export_workbook("sales_details", YEAR, "customer", "untaxed")

    def test_workbook_tells_no_names_that_the_person_may_not_read(self):
        """Conditions are numbers that the client sends; their names are read as the person."""
        rule = {
            "name": "Levels (test)",
            "model_id": self.env["ir.model"]._get_id("kehu.customer.level"),
            "domain_force": f"[('id', '!=', {self.levels[1].id})]",
        }
        self.env["ir.rule"].create(rule)
        conditions = {**YEAR, "level": self.levels.ids}
        made = self.director.export_workbook("sales_trend", conditions, "month", "untaxed")
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(made["content"])))
        facts = {row[0].value: row[1].value for row in book.active.iter_rows()}
        self.assertEqual(facts["Level"], f"{self.levels[0].display_name}、…")

    def test_last_conditions_that_are_refused_now(self):
        """What was kept before a rule was made does not shut the person out."""
        kept = self.kept.with_user(self.user_seller)
        kept.keep_last("sales_trend", {"preset": "custom", "date_from": "2031-01-01"}, "quarter", "margin")
        self.kept.flush_model()
        self.env.cr.execute(
            "UPDATE kehu_analysis_filter SET conditions = %s WHERE user_id = %s AND name IS NULL",
            ('{"preset": "custom", "date_from": "0002-01-01"}', self.user_seller.id),
        )
        self.env.invalidate_all()
        setup = self.env["kehu.analysis"].with_user(self.user_seller).get_setup("sales_trend")
        self.assertEqual((setup["conditions"], setup["dimension"]), (setup["defaults"], "month"))

    def test_last_conditions_are_remembered(self):
        kept = self.kept.with_user(self.user_seller)
        for preset in ("last_year", "this_quarter"):
            kept.keep_last("sales_trend", {"preset": preset}, "quarter", "margin")
        setup = self.env["kehu.analysis"].with_user(self.user_seller).get_setup("sales_trend")
        self.assertEqual((setup["conditions"]["preset"], setup["dimension"], setup["measure"]), ("this_quarter", "quarter", "margin"))
        self.assertEqual(
            self.env["kehu.analysis"].with_user(self.user_seller2).get_setup("sales_trend")["conditions"]["preset"], "this_year"
        )
        self.assertEqual(self.kept.search_count([("user_id", "=", self.user_seller.id)]), 1)

    def test_kept_and_shared(self):
        mine = self.kept.with_user(self.user_east_manager)
        mine.keep("sales_trend", "Alone", {"preset": "last_year"}, "month", "untaxed")
        mine.keep("sales_trend", "East", {"preset": "last_year"}, "month", "untaxed", self.department_east.id)
        mine.keep("sales_trend", "East", {"preset": "this_month"}, "month", "total", self.department_east.id)

        def seen(user):
            return [(kept["name"], kept["own"]) for kept in self.kept.with_user(user)._kehu_kept("sales_trend")]

        self.assertEqual(seen(self.user_east_manager), [("Alone", True), ("East", True)])
        self.assertEqual(seen(self.user_seller), [("East", False)])
        self.assertEqual(seen(self.user_sales_manager), [("East", False)])
        self.assertEqual(seen(self.user_west_seller), [])
        self.assertEqual(seen(self.user_crm_admin), [])
        shared = self.kept.search([("name", "=", "East")])
        self.assertEqual(shared.conditions, {"preset": "this_month"})
        for user in (self.user_seller, self.user_crm_admin):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                shared.with_user(user).write({"name": "Mine"})
        with self.assertRaises(AccessError):
            self.kept.with_user(self.user_seller).create(
                {"name": "x", "analysis": "sales_trend", "conditions": {"preset": "all"}, "dimension": "month", "measure": "untaxed",
                 "user_id": self.user_seller2.id}
            )  # fmt: skip
        with self.assertRaises(KehuAnalysisRightError):
            self.kept.with_user(self.user_seller).keep("sales_trend", "W", {"preset": "all"}, "month", "untaxed", self.department_west.id)
        with self.assertRaises(KehuAnalysisError):
            mine.keep("sales_trend", "Bad", {"preset": "ever"}, "month", "untaxed")
        self.kept.with_user(self.user_seller).forget("sales_trend", shared.id)
        self.assertTrue(shared.exists())
        mine.forget("sales_trend", shared.id)
        self.assertFalse(shared.exists())
