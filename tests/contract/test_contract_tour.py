"""In the browser, in Chinese: a contract of an order, approved, renewed, terminated."""

from datetime import date

from odoo.tests import HttpCase, tagged

from .common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractTour(ContractCommon, HttpCase):
    def test_a_contract_from_beginning_to_end(self):
        for user in (self.user_seller, self.user_order_approver):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.env["res.lang"]._activate_lang("zh_CN")
        self.type_sale.with_context(lang="zh_CN").name = "Sales 销售合同"
        self.customer.name, self.contact.name = "兴城维涛网络有限公司", "张三"
        order = self._create_order(10)
        seller, approver = self.user_seller.login, self.user_order_approver.login
        self.start_tour(f"/odoo/kehu-orders/{order.id}", "kehu_contract_make", login=seller, timeout=180)
        self.env.invalidate_all()
        contract = order.kehu_contract_id
        self.assertEqual((contract.state, contract.amount, contract.their_signatory_id), ("pending", 1000.0, self.contact))
        self.start_tour("/odoo/kehu-to-approve", "kehu_contract_approve", login=approver, timeout=240)
        self.env.invalidate_all()
        self.assertEqual(contract.state, "approved")
        contract.action_reopen()
        contract.date_to = date(2040, 12, 31)
        self._approve(contract)
        self.start_tour(f"/odoo/kehu-contracts/{contract.id}", "kehu_contract_renew", login=seller, timeout=240)
        self.start_tour(f"/odoo/kehu-contracts/{contract.id}", "kehu_contract_terminate", login=seller, timeout=240)
        self.env.invalidate_all()
        self.assertEqual((contract.state, contract.termination_reason), ("terminated", "项目取消"))
        self.assertEqual(contract.renewal_ids.state, "draft")
