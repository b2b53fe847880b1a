"""In the browser, in Chinese: a manager sets a target for a year, splits it, and looks at the ranking."""

from odoo.tests import HttpCase, tagged

from ..receivable.common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestTargetTour(ReceivableCommon, HttpCase):
    def test_a_manager_and_targets(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        manager = self.user_sales_manager
        manager.write({"password": manager.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.user_seller.name = "First Seller"
        self.start_tour("/odoo/kehu-targets", "kehu_money_manager_target", login=manager.login, timeout=240)
        self.env.invalidate_all()
        targets = self.env["kehu.target"].search([("user_id", "=", self.user_west_seller.id)])
        months, year = (targets.filtered(lambda target, kind=kind: target.period == kind) for kind in ("month", "year"))
        self.assertEqual((len(targets), len(months), year.value), (17, 12, 120000.0))
        self.assertAlmostEqual(sum(months.mapped("value")), 120000.0, places=2)
        self.env["kehu.target"].create({"user_id": self.user_seller.id, "metric": "ordered", "value": 2000.0})
        self._create_order(10)
        self.start_tour("/odoo/kehu-ranking", "kehu_money_manager_ranking", login=manager.login, timeout=180)
