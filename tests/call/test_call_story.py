"""The manager of the east has the customers of a fair called: from the filter to the figures, as people see it."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.tests import Form, tagged

from .common import CallCommon


@tagged("post_install", "-at_install")
class TestCallStory(CallCommon):
    def test_the_customers_of_a_fair(self):
        self.user_seller.tz = self.user_east_manager.tz = "Asia/Shanghai"
        fair = self.env["res.partner.category"].create({"name": "Autumn Fair"})
        owned = self._create_customers(2, owner=self.user_seller, category_id=fair.ids)
        pooled = self._create_customers(1, start=10, category_id=fair.ids)
        hidden = self._create_customers(1, start=20, owner=self.user_west_seller, category_id=fair.ids)
        silent = self._create_customers(1, start=30, phone=False, category_id=fair.ids)

        # The manager chooses the customers of the fair, writes what to say, and names who calls.
        form = Form(self.env["kehu.call.list"].with_user(self.user_east_manager))
        form.name = "After the fair"
        form.domain = repr([("category_id", "in", fair.ids)])
        form.script = "<p>You saw our pumps at the fair.</p>"
        form.caller_ids.add(self.user_seller)
        call_list = form.save()
        call_list.action_build()
        self.assertEqual(call_list.line_count, 3)
        self.assertEqual(call_list.build_report, "Left out: 1 without a phone number.", "not a word of the west's customer")
        call_list.action_start()

        # The salesperson takes one after the other. The first is interested.
        lines = self.lines.with_user(self.user_seller)
        desks = self.env["kehu.call.desk"].with_user(self.user_seller)
        desk = desks.browse(lines.action_next()["res_id"])
        self.assertIn("pumps at the fair", desk.script)
        with Form(desk) as screen:
            screen.note = "Wants a quote for 20 pumps"
        action = desk.with_context(kehu_outcome="interested").action_log()
        self.assertEqual(owned[0].kehu_last_contact, fields.Date.context_today(lines))

        # The second wants to be called tomorrow, the third does not answer.
        desk = desks.browse(action["res_id"])
        tomorrow = fields.Datetime.now().replace(microsecond=0) + timedelta(days=1)
        with Form(desk) as screen:
            screen.callback_on = tomorrow
        desk = desks.browse(desk.with_context(kehu_outcome="callback").action_log()["res_id"])
        self.assertEqual(desk.partner_id, pooled)
        action = desk.with_context(kehu_outcome="no_answer").action_log()
        self.assertEqual(action["tag"], "display_notification", "nobody else is due today")
        self.assertFalse(pooled.kehu_last_contact)

        # Tomorrow both come again; the first one before the other, as promised.
        with freeze_time(tomorrow + timedelta(minutes=1)):
            desk = desks.browse(lines.action_next()["res_id"])
            self.assertEqual(desk.partner_id, owned[1])
            action = desk.with_context(kehu_outcome="not_interested").action_log()
            desk = desks.browse(action["res_id"])
            self.assertEqual((desk.partner_id, desk.attempts), (pooled, 1))
            desk.with_context(kehu_outcome="do_not_call").action_log()
        self.assertEqual((call_list.open_count, call_list.progress), (0, 100.0))

        # The manager looks at the figures and ends the list.
        report = self.env["kehu.call.report"].with_user(self.user_east_manager)
        [(caller, customers, calls, reached)] = report._read_group(
            [("list_id", "=", call_list.id)], ["user_id"], ["customers:sum", "attempts:sum", "reached:sum"]
        )
        self.assertEqual((caller, customers, calls, reached), (self.user_seller, 3, 5, 4))
        call_list.action_finish()
        self.assertFalse((hidden | silent).kehu_phone_call_ids)
