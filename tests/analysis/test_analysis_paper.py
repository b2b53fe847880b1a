import base64
import re
from pathlib import Path
from xml.etree import ElementTree

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ...models.analysis.exceptions import KehuAnalysisRightError
from ...models.analysis.provider import analyses
from ...tools.analysis_chart import COLOR, COLOR_BEFORE, WIDTH, draw
from ...tools.analysis_map import STEPS, TILES, draw_map
from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}


class TestAnalysisChart(BaseCase):
    """The chart for paper, as the numbers that it is made of."""

    def _shapes(self, name, *arguments, **named):
        drawn = ElementTree.fromstring(draw(*arguments, lambda value: f"{value:g}", **named))
        return [shape for shape in drawn.iter() if shape.tag.endswith(f"}}{name}")]

    def test_bars_are_as_long_as_their_figures(self):
        bars = self._shapes("rect", ["a", "b", "c"], [100, 50, 0], None)
        self.assertEqual([round(float(bar.get("width"))) for bar in bars], [560, 280, 0])
        texts = [text.text for text in self._shapes("text", ["a", "b", "c"], [100, 50, 0], None)]
        self.assertEqual(texts, ["a", "100", "b", "50", "c", "0"])

    def test_below_zero(self):
        """What is below zero goes to the other side of the axis, and stays on the page."""
        for named in ({}, {"upright": True}):
            with self.subTest(named=named):
                up, down = self._shapes("rect", ["a", "b"], [60, -40], None, **named)
                side = "y" if named else "x"
                self.assertTrue((float(up.get(side)) < float(down.get(side))) == bool(named))
                for bar in (up, down):
                    self.assertGreaterEqual(float(bar.get("x")), 0)
                    self.assertLessEqual(float(bar.get("x")) + float(bar.get("width")), WIDTH)

    def test_compared(self):
        """Both series are told apart by colour, by form, and by name."""
        for named, shape, fills in (({}, "rect", 4), ({"upright": True, "line": True}, "polyline", 2)):
            drawn = draw(["a", "b"], [1, 2], [2, 1], str, names=("This & that", "<before>"), **named)
            with self.subTest(named=named):
                shapes = self._shapes(shape, ["a", "b"], [1, 2], [2, 1], names=("This", "before"), **named)
                self.assertGreaterEqual(len(shapes), fills)
                self.assertIn(COLOR, drawn)
                self.assertIn(COLOR_BEFORE, drawn)
                self.assertIn("This &amp; that", drawn)
                self.assertIn("&lt;before&gt;", drawn)
        dashes = [line.get("stroke-dasharray") for line in self._shapes("polyline", ["a"], [1], [2], upright=True, line=True)]
        self.assertEqual(sorted(map(bool, dashes)), [False, True])

    def test_texts(self):
        """Long names are cut; many months do not bear a figure each; nothing to draw is no chart."""
        texts = [text.text for text in self._shapes("text", ["江南智能装备股份有限公司上海第二分公司"], [1], None)]
        self.assertTrue(texts[0].endswith("…"))
        self.assertLess(len(texts[0]), 16)
        months = [f"2031-{number:02}" for number in range(1, 37)]
        texts = [text.text for text in self._shapes("text", months, [5.0] * 36, None, upright=True)]
        self.assertNotIn("5", texts)
        self.assertLess(len(texts), 14)
        self.assertEqual(draw(["a"], [0], None, str), "")
        self.assertEqual(draw([], [], None, str), "")

    def test_map(self):
        """The tiles of the screen, the largest figure the darkest, what has none white; without any province there is no map."""
        screen = (Path(__file__).parents[2] / "static/src/analysis/china_map.js").read_text(encoding="utf-8")
        tiles = re.findall(r"(\S): \[(\d+), (\d+)\]", screen.split("const TILES = {")[1].split("};")[0])
        self.assertEqual({code: (int(column), int(line)) for code, column, line in tiles}, TILES)
        drawn = draw_map({"苏": 300.0, "浙": 100.0, "沪": 0, "??": 9.0}, {"苏": "江苏省", "蒙": "内蒙古自治区"}, "{:g}".format)
        shapes = ElementTree.fromstring(drawn)
        texts = [shape.text for shape in shapes.iter() if shape.tag.endswith("}text")]
        for text in ("江苏", "内蒙古", "浙", "300", "100"):
            self.assertIn(text, texts)
        self.assertNotIn("9", texts)
        fills = [shape.get("fill") for shape in shapes.iter() if shape.tag.endswith("}rect") and shape.get("rx")]
        self.assertEqual((len(fills), fills.count("#fff"), fills.count(STEPS[-1]), fills.count(STEPS[0])), (34, 32, 1, 1))
        self.assertEqual(draw_map({"??": 9.0}, {}, str), "")


@tagged("post_install", "-at_install")
class TestAnalysisPaper(AnalysisCommon):
    """An analysis as a PDF: the same figures, with chart, conditions and formula."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._order(cls.customers[0], "2030-03-10", [(cls.products[0], 1, 100.0)])
        cls._order(cls.customers[0], "2031-03-10", [(cls.products[0], 1, 150.5)])
        cls._order(cls.customers[1], "2031-04-10", [(cls.products[2], 3, 50.0)])
        cls.director = cls.env["kehu.analysis"].with_user(cls.user_director)

    def test_map_is_printed(self):
        self.customers[0].state_id = self.env.ref("base.state_cn_JS")
        page = self.director._kehu_page("sales_distribution", YEAR, "state", "untaxed")
        self.assertIn('rx="4"', page["chart"], "provinces as tiles")
        compared = self.director._kehu_page("sales_distribution", {**YEAR, "comparison": "last_year"}, "state", "untaxed")
        self.assertNotIn('rx="4"', compared["chart"], "two periods are bars")
        self.assertIn("<rect", compared["chart"])

    def test_what_is_printed(self):
        conditions = {**YEAR, "comparison": "last_year", "department": self.department_east.ids}
        made = self.director.export_pdf("sales_details", conditions, "customer", "untaxed")
        text = base64.b64decode(made["content"]).decode()  # without wkhtmltopdf in tests: the page itself
        formula = self.director.get_setup("sales_details")["formula"]
        for part in ("<svg", COLOR, COLOR_BEFORE, "150.50", "300.50", "100.00", self.customers[0].name, formula, self.department_east.name):
            self.assertIn(part, text)
        self.customers[0].name = "<b>Bold</b> & Sons"
        made = self.director.export_pdf("sales_details", YEAR, "customer", "untaxed")
        text = base64.b64decode(made["content"]).decode()
        self.assertNotIn("<b>Bold", text)

    def test_each_can_be_printed(self):
        for name, provided in analyses(self.env).items():
            with self.subTest(analysis=name):
                conditions = self.director.get_setup(name)["defaults"]
                page = self.director._kehu_page(name, conditions, provided.dimensions[0], provided.measures[0])
                figures = self.director.get_figures(name, conditions, provided.dimensions[0], provided.measures[0])
                self.assertEqual([row[0] for row in page["rows"]], [row["label"] for row in figures["rows"]])
                self.assertTrue(all(len(row) == len(page["headers"]) for row in [*page["rows"], page["total"]]))

    def test_paper(self):
        """The host's engine makes a file of it, with the number of the page."""
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() in ("install", "broken"):
            self.skipTest("wkhtmltopdf is not installed: no PDF was made")
        director = self.director.with_context(force_report_rendering=True)
        # the host passes a header and a footer to an unpatched build as well, and there is no server that has style sheets
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            made = director.export_pdf("sales_trend", YEAR, "month", "untaxed")
        self.assertTrue(base64.b64decode(made["content"]).startswith(b"%PDF"))
        self.assertTrue(made["filename"].endswith(".pdf"))
        self.assertEqual(made["mimetype"], "application/pdf")

    def test_who_may(self):
        seller = self.env["kehu.analysis"].with_user(self.user_seller)
        for method in ("export_pdf", "export_workbook"):
            with self.subTest(method=method), self.assertRaises(KehuAnalysisRightError):
                getattr(seller, method)("sales_trend", YEAR, "month", "untaxed")
        manager = self.env["kehu.analysis"].with_user(self.user_east_manager)
        self.assertIn(b"300.50", base64.b64decode(manager.export_pdf("sales_trend", YEAR, "month", "untaxed")["content"]))
        page = manager._kehu_page("sales_trend", YEAR, "month", "untaxed")
        self.assertEqual(page["total"][1], "300.50")
        self._order(self.customers[1], "2031-05-10", [(self.products[2], 1, 9e11)])
        page = manager._kehu_page("sales_trend", {**YEAR, "comparison": "last_year"}, "month", "untaxed")
        self.assertEqual(page["total"][1], "900,000,000,300")
        self.assertIn("without cents", page["note"])
