from odoo.tests import HttpCase, tagged

from .common import AnalysisCommon


@tagged("post_install", "-at_install")
class TestReportTours(AnalysisCommon, HttpCase):
    def test_report_and_page(self):
        """In the browser, in Chinese: make a report, click a bar, put two on a page, take them away as a workbook."""
        manager = self.user_east_manager
        manager.write({"password": manager.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        year = self.env.company._kehu_today().year
        self._order(self.customers[0], f"{year}-01-10", [(self.products[0], 2, 125.0)])
        self._order(self.customers[0], f"{year}-02-10", [(self.products[0], 1, 50.0)])
        self._order(self.customers[1], f"{year}-01-12", [(self.products[0], 1, 50.0)])
        self._order(self.customers[2], f"{year}-01-12", [(self.products[0], 1, 7777.0)])  # of another department
        self.start_tour("/odoo/kehu-reports", "kehu_report_made", login=manager.login, timeout=240)
        report = self.env["kehu.report"].search([("user_id", "=", manager.id)])
        self.assertEqual(report.with_context(lang="zh_CN").name, "我的订单")
        self.assertEqual((report.source, report.row, report.column), ("orders", "user_id", False))
        self.assertEqual(report.measures, ["amount_untaxed:sum", "__count"])
        self.env["kehu.report"].with_user(manager).create(
            {"name": "我的客户", "source": "customers", "row": "kehu_level_id", "measures": ["__count"], "chart": "pie"}
        )
        self.start_tour("/odoo/kehu-report-pages/new", "kehu_report_page_made", login=manager.login, timeout=240)
        page = self.env["kehu.report.page"].search([("user_id", "=", manager.id)])
        self.assertEqual(page.line_ids.report_id.mapped("source"), ["orders", "customers"])
        logged = self.env["kehu.operation.log"].search([("user_id", "=", manager.id), ("operation", "=", "export")])
        self.assertTrue(logged)

    def test_copy(self):
        """In the browser, in Chinese: a salesperson begins with an example."""
        seller = self.user_seller
        seller.write({"password": seller.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.start_tour("/odoo/kehu-reports", "kehu_report_copied", login=seller.login, timeout=120)
        report = self.env["kehu.report"].search([("user_id", "=", seller.id)])
        self.assertEqual((report.with_context(lang="zh_CN").name, report.sharing), ("我的副本", "private"))
