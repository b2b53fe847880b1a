"""Submitter and approver at their screens, in Chinese."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalDeskTour(ApprovalCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        for user in (cls.user_seller, cls.user_order_approver, cls.user_director):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai", "notification_type": "inbox"})
        cls.env["kehu.approval.flow"].create(
            {
                "name": "Two Steps",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "sequence": -10,
                "step_ids": [
                    Command.create({"name": "销售审核", "kind": "users", "user_ids": [Command.set(cls.user_order_approver.ids)]}),
                    Command.create({"name": "总监批准", "kind": "users", "user_ids": [Command.set(cls.user_director.ids)]}),
                ],
            }
        )

    def test_submitter_and_approver(self):
        others = self._create_order() | self._create_order()
        others.kehu_submit()
        self.start_tour(f"/odoo/sale.order/{self.order.id}", "kehu_approval_submitter", login=self.user_seller.login, timeout=180)
        orders = self.order | others
        self.assertEqual(orders.kehu_request_id.decider_ids, self.user_order_approver)
        self.start_tour("/odoo", "kehu_approval_approver", login=self.user_order_approver.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(orders.kehu_request_id.decider_ids, self.user_director)
        self.assertEqual(set(orders.mapped("kehu_approval_state")), {"pending"})
        opinions = orders.kehu_request_id.decision_ids.filtered(lambda decision: decision.result == "approved").mapped("comment")
        self.assertEqual(sorted(opinions), ["同意", "都同意", "都同意"])
        self.start_tour("/odoo/kehu-my-requests", "kehu_approval_my_requests", login=self.user_seller.login, timeout=180)

    def test_page_brings_the_number(self):
        self.order.kehu_submit()
        for user, expected in ((self.user_order_approver, {"count": 1, "shown": True}), (self.user_seller, {"count": 0, "shown": False})):
            with self.subTest(user=user.login):
                user.password = user.login
                self.authenticate(user.login, user.login)
                session = self.make_jsonrpc_request("/web/session/get_session_info")
                self.assertEqual(session["kehu_waiting"], expected)
