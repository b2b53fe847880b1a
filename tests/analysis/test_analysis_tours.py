from odoo.tests import HttpCase, tagged

from .common import AnalysisCommon


@tagged("post_install", "-at_install")
class TestAnalysisTours(AnalysisCommon, HttpCase):
    def test_manager_looks_at_the_trend(self):
        """In the browser, in Chinese: conditions, comparison, kept conditions, the check, the lines behind a figure."""
        self.user_east_manager.write({"password": self.user_east_manager.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        year = self.env.company._kehu_today().year
        valve = self.products[2]
        valve.standard_price = 0
        self._order(self.customers[0], f"{year}-01-10", [(self.products[0], 2, 125.0)])
        self._order(self.customers[1], f"{year}-01-12", [(valve, 1, 50.0)])
        self._order(self.customers[2], f"{year}-01-12", [(valve, 1, 7777.0)])  # of another department
        self._order(self.customers[0], f"{year - 1}-01-10", [(self.products[0], 1, 100.0)])
        self.start_tour("/odoo/kehu-sales-trend", "kehu_analysis_manager", login=self.user_east_manager.login, timeout=240)
        kept = self.env["kehu.analysis.filter"].search([("user_id", "=", self.user_east_manager.id), ("name", "!=", False)])
        self.assertEqual((kept.name, kept.dimension, kept.measure), ("我的季度", "quarter", "margin"))
        self.assertEqual(kept.conditions["user"], self.user_seller2.ids)
