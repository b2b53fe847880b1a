"""The workbench in the browser, in Chinese, as the people who work with it."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import WorkbenchCommon


@tagged("post_install", "-at_install")
class TestWorkbenchTour(WorkbenchCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        for user in (cls.user_seller, cls.user_order_approver):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai", "notification_type": "inbox"})

    def test_seller(self):
        """Log in, complete an entry, log a contact in a dialog, arrange the panels with the keyboard and save."""
        customer = self._create_customer(self.user_seller, name="苏州科技园")
        customer.kehu_next_contact = self.today - timedelta(days=3)
        now = fields.Datetime.now()
        event = (
            self.env["calendar.event"]
            .with_user(self.user_seller)
            .create(
                {
                    "name": "送样品",
                    "start": now,
                    "stop": now + timedelta(minutes=5),
                    "partner_ids": [Command.set(self.user_seller.partner_id.ids)],
                }
            )
        )
        self._workbench(self.user_seller).save_layout([{"name": name} for name in ("schedule", "contacts", "targets")])
        self.start_tour("/odoo", "kehu_workbench_seller", login=self.user_seller.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(event.kehu_outcome, "样品已送到")
        self.assertEqual(customer.kehu_contact_record_ids.content, "谈了交货")
        layout = self._workbench(self.user_seller).get_layout()["panels"]
        self.assertEqual(
            layout,
            [{"name": "contacts", "size": 2}, {"name": "schedule", "size": 1}, {"name": "receivables", "size": 1}],
        )

    def test_people(self):
        """Read a notice, claim a customer with one click, find the card that was opened."""
        self.env["kehu.notice"].create({"name": "年会通知", "body": "周五下午三点"})
        waiting = self._create_customer(self.user_seller2, name="盐城海上风电")
        waiting.with_user(self.user_seller2).kehu_return("没有时间")
        names = ("notices", "claim", "new_customers", "recent")
        self._workbench(self.user_seller).save_layout([{"name": name} for name in names])
        self.start_tour("/odoo", "kehu_workbench_people", login=self.user_seller.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(waiting.user_id, self.user_seller)
        self.assertEqual(self._panel(self.user_seller, "notices")["count"], 0)

    def test_approver(self):
        """Approve one order and reject the other with an opinion, on the workbench."""
        self._flow("sale.order", self.user_order_approver)
        first, second = self._submitted_order(), self._submitted_order()
        self.start_tour("/odoo", "kehu_workbench_approver", login=self.user_order_approver.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual((first.kehu_approval_state, second.kehu_approval_state), ("approved", "rejected"))
        rejection = second.kehu_request_id.decision_ids.filtered(lambda decision: decision.result == "rejected")
        self.assertEqual(rejection.comment, "价格太低")
