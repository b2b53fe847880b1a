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

    def test_director_looks_at_the_newer_analyses(self):
        """In the browser, in Chinese: each opens ready, splits otherwise, proves itself and shows the records of a row."""
        director = self.user_director
        director.write({"password": director.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        today = self.env.company._kehu_today()
        beijing = self.env.ref("base.state_cn_BJ")
        self.customers.state_id = beijing
        self._order(self.customers[0], today.isoformat(), [(self.products[0], 2, 125.0)])
        stages = self.env["crm.stage"].search([("is_won", "=", False)], limit=2)
        lead = self.env["crm.lead"].create(
            {"name": "Pumps", "type": "opportunity", "user_id": self.user_seller.id, "stage_id": stages[0].id}
        )
        lead.stage_id = stages[1]
        self.env["kehu.contact.record"].with_user(self.user_seller).create({"partner_id": self.customers[0].id, "content": "Talked"})
        self.customers[1].with_user(self.user_seller2).kehu_return("No need now")
        self.customers[1].kehu_assign(self.user_seller.id, "By region")
        self.env.flush_all()
        for name, path in (
            ("customers_contribution", "kehu-customers-contribution"),
            ("customers_followup", "kehu-customers-followup"),
            ("sales_funnel", "kehu-sales-funnel"),
            ("sales_conversion", "kehu-sales-conversion"),
            ("pool_flow", "kehu-pool-flow"),
            ("pool_yield", "kehu-pool-yield"),
            ("staff_performance", "kehu-staff-performance"),
            ("map", "kehu-sales-distribution"),
        ):
            with self.subTest(name=name):
                self.start_tour(f"/odoo/{path}", f"kehu_analysis_{name}", login=director.login, timeout=240)
