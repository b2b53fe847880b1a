"""Call lists in the browser, in Chinese: a manager lets people call, a salesperson calls."""

from odoo.tests import HttpCase, tagged

from .common import CallCommon


@tagged("post_install", "-at_install")
class TestCallTour(CallCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.user_seller, cls.user_seller2, cls.user_east_manager):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})

    def test_a_manager_lets_people_call(self):
        self._create_customers(2, owner=self.user_seller2)
        self.start_tour("/odoo/kehu-call-lists", "kehu_call_manager", login=self.user_east_manager.login, timeout=240)
        call_list = self.env["kehu.call.list"].search([("name", "=", "Tour of calls")])
        self.assertEqual((call_list.state, call_list.user_id, call_list.caller_ids), ("running", self.user_east_manager, self.user_seller2))
        self.assertGreaterEqual(call_list.line_count, 2)

    def test_a_salesperson_calls(self):
        customers = self._create_customers(2, owner=self.user_seller)
        customers[0].name, customers[1].name = "Tour A", "Tour B"
        call_list = self._create_list(customers, self.user_seller)
        self.start_tour("/odoo/kehu-my-calls", "kehu_call_caller", login=self.user_seller.login, timeout=240)
        self.env.invalidate_all()
        first, second = self._lines(call_list)
        self.assertEqual((first.state, first.outcome, second.outcome, second.attempts), ("done", "interested", "no_answer", 1))
        self.assertEqual(first.last_call_id.note, "Wants 20 pumps")
        self.assertEqual(first.last_call_id.contact_record_id.content, "Wants 20 pumps")
        self.assertEqual(first.last_call_id.duration, 3.5)
