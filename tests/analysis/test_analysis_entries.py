from unittest.mock import patch

from odoo.tests import tagged

from ...models.analysis import kehu_sales_summary
from ...models.analysis.exceptions import KehuAnalysisError, KehuAnalysisRightError
from .common import AnalysisCommon

ALL = {"preset": "all"}


@tagged("post_install", "-at_install")
class TestAnalysisEntries(AnalysisCommon):
    """What a client sends to keep conditions, and what the database meets behind the summary's back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept = cls.env["kehu.analysis.filter"].with_user(cls.user_seller)

    def test_nonsense_is_refused_with_a_sentence(self):
        for method, arguments in (
            ("keep_last", (["sales_trend"], ALL, "month", "untaxed")),
            ("keep_last", ("sales", ALL, "month", "untaxed")),
            ("keep_last", ("sales_trend", None, "month", "untaxed")),
            ("keep_last", ("sales_trend", [], "month", "untaxed")),
            ("keep_last", ("sales_trend", {**ALL, "user": [1.5]}, "month", "untaxed")),
            ("keep_last", ("sales_trend", {**ALL, "evil": "x"}, "month", "untaxed")),
            ("keep_last", ("sales_trend", ALL, {"a": 1}, "untaxed")),
            ("keep_last", ("sales_trend", ALL, "month", None)),
            ("keep", ("sales_trend", None, ALL, "month", "untaxed")),
            ("keep", ("sales_trend", "  ", ALL, "month", "untaxed")),
            ("keep", ("sales_trend", ["x"], ALL, "month", "untaxed")),
            ("keep", ("sales_trend", "x" * 61, ALL, "month", "untaxed")),
            ("keep", ("sales_trend", "x", ALL, "month", "untaxed", "1")),
            ("keep", ("sales_trend", "x", ALL, "month", "untaxed", [1])),
            ("keep", ({}, "x", ALL, "month", "untaxed")),
            ("forget", ("sales_trend", "1")),
            ("forget", ("sales_trend", [1])),
            ("forget", (None, 1)),
        ):
            with self.subTest(method=method, arguments=arguments), self.assertRaises(KehuAnalysisError) as refused:
                getattr(self.kept, method)(*arguments)
            self.assertRegex(str(refused.exception), r"\.$")
        service = self.env["kehu.analysis.filter"].with_user(self.user_service)
        with self.assertRaises(KehuAnalysisRightError):
            service.keep_last("sales_trend", ALL, "month", "untaxed")
        self.assertFalse(self.kept.search([], limit=1))

    def test_names(self):
        """Blanks around a name do not make another one; a name is never an empty text, whichever way it comes."""
        self.kept.keep("sales_trend", " Mine ", ALL, "month", "untaxed")
        kept = self.kept.keep("sales_trend", "Mine", {"preset": "last_year"}, "month", "untaxed")
        self.assertEqual([(one["name"], one["conditions"]) for one in kept], [("Mine", {"preset": "last_year"})])
        values = {"analysis": "sales_trend", "conditions": ALL, "dimension": "month", "measure": "untaxed"}
        self.assertIs(self.kept.create({**values, "name": "   "}).name, False)
        with self.assertRaises(KehuAnalysisError):
            self.kept.create({**values, "name": "x" * 61})

    def test_two_windows_at_once(self):
        """Both find nothing kept yet; the second one comes after the first without a stumble."""
        self.assertTrue(self.kept.keep_last("sales_trend", {"preset": "last_year"}, "month", "untaxed"))
        blind = patch.object(self.env.registry["kehu.analysis.filter"], "search", lambda filters, *args, **kwargs: filters.browse())
        with blind:
            self.assertFalse(self.kept.keep_last("sales_trend", ALL, "month", "untaxed"))
        self.assertEqual(self.kept.search([]).conditions, {"preset": "last_year"})
        self.assertTrue(self.kept.keep_last("sales_trend", ALL, "month", "untaxed"))
        self.assertEqual(self.kept.search([]).conditions, ALL)

    def test_emptied_tables(self):
        """Somebody empties a table at the database: no trigger of a row fires, the figures follow all the same."""
        summary = self.env["kehu.sales.summary"]
        self._order(self.customers[0], "2031-05-05", [(self.products[0], 2, 100.0)])
        summary._kehu_fold()
        self.assertTrue(summary._kehu_figures(None, None, {}, ("month",)))
        self.env.cr.execute("TRUNCATE sale_order_line CASCADE")  # emptying the orders empties their lines
        self.env.invalidate_all(flush=False)
        self.assertEqual(summary._kehu_figures(None, None, {}, ("month",)), {})
        summary._kehu_fold()
        self.assertEqual(summary._kehu_figures(None, None, {}, ("month",)), {})

    def test_many_parts_are_added_up_in_batches(self):
        """However many parts wait, no query of the job names more than a few, and no part is left out or counted twice."""
        summary = self.env["kehu.sales.summary"]
        summary._kehu_fold()
        for number in range(7):
            self._order(self.customers[number % 5], f"2031-{number + 1:02}-15", [(self.products[0], 1, 10.0 + number)])
        registry = self.env.registry["kehu.sales.summary"]
        sizes, add_up = [], registry._kehu_add_up

        def counted(model, company, parts=None):
            sizes.append(parts and len(parts))
            return add_up(model, company, parts)

        with patch.object(kehu_sales_summary, "PARTS_AT_ONCE", 3), patch.object(registry, "_kehu_add_up", counted):
            summary._kehu_fold()
        self.assertGreaterEqual(len(sizes), 3)
        self.assertTrue(all(size and size <= 3 for size in sizes), sizes)
        for groups in (("month",), ("month", "user_id")):
            self.assertEqual(
                summary._kehu_figures(None, None, {}, groups), summary._kehu_figures(None, None, {}, groups, from_lines=True)
            )
