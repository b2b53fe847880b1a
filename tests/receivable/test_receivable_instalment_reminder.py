"""Somebody is reminded of an instalment before it is due, and told when its day is over: once."""

from datetime import date

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged

from .test_receivable_instalment import InstalmentCommon

TYPE = "kehu_crm.kehu_instalment_mail_activity_type_due"


@tagged("post_install", "-at_install")
class TestReceivableInstalmentReminder(InstalmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_order(10)
        cls.order.write(
            {
                "kehu_instalment_ids": [
                    Command.create({"amount": 300.0, "date_due": date(2030, 1, 10), "remind_days": 5}),
                    Command.create({"amount": 700.0, "date_due": date(2030, 3, 10), "remind_days": 0}),
                ]
            }
        )
        cls.first, cls.second = cls.order.kehu_instalment_ids

    def _run(self, day, hour=8):
        with freeze_time(f"{day} {hour:02}:00:00"), self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_instalment_cron").method_direct_trigger()
        self.env.invalidate_all()

    def _todo(self):
        return self.order.activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref(TYPE))

    def _told(self):
        return self.env["mail.message"].search(
            [
                ("model", "=", "sale.order"),
                ("res_id", "=", self.order.id),
                ("message_type", "=", "user_notification"),
                ("subject", "=like", "Overdue: %"),
            ]
        )

    def test_before(self):
        self._run("2030-01-04")
        self.assertFalse(self._todo())
        self._run("2030-01-05")
        todo = self._todo()
        self.assertEqual((todo.user_id, todo.date_deadline), (self.user_seller, date(2030, 1, 10)))
        self.assertIn("300.00", todo.summary)
        self.assertEqual(self.first.activity_id, todo)
        self._run("2030-01-06")
        self.assertEqual(self._todo(), todo)
        todo.action_feedback()
        self._run("2030-01-07")
        self.assertFalse(self._todo().filtered("active"))

    def test_paid_takes_it_back(self):
        self._run("2030-01-05")
        self.assertTrue(self._todo())
        self._receive(300.0, [(self.order, 300.0)])
        self._run("2030-01-06")
        self.assertFalse(self._todo())
        self._run("2030-01-11")
        self.assertFalse(self._told())

    def test_overdue(self):
        self._run("2030-01-10")
        before = self._told()
        self._run("2030-01-11")
        told = self._told() - before
        self.assertEqual(told.partner_ids, self.user_seller.partner_id)
        self.assertIn("300.00", told.body)
        self._run("2030-01-12")
        self.assertEqual(self._told() - before, told)
        # never reminded of the second, as it says; but told when it is late
        self._run("2030-03-09")
        self.assertFalse(self.second.activity_id)
        self._run("2030-03-11")
        self.assertEqual(len(self._told() - before), 2)

    def test_another_day(self):
        self._run("2030-01-05")
        todo = self._todo()
        with freeze_time("2030-01-06 08:00:00"):
            self.first.date_due = date(2030, 2, 10)
        self.assertFalse(todo.exists())
        self._run("2030-01-20")
        self.assertFalse(self._todo())
        self._run("2030-02-05")
        self.assertEqual(self._todo().date_deadline, date(2030, 2, 10))

    def test_calendar_of_the_salesperson(self):
        """At 20:00 UTC on 4 January it is 5 January in Shanghai."""
        self.user_seller.tz = "UTC"
        self._run("2030-01-04", 20)
        self.assertFalse(self._todo())
        self.user_seller.tz = "Asia/Shanghai"
        self._run("2030-01-04", 20)
        self.assertTrue(self._todo())

    def test_salesperson_has_left(self):
        self.user_seller.active = False
        self._run("2030-01-05")
        self.assertEqual(self._todo().user_id, self.user_east_manager)

    def test_not_in_force(self):
        quotation = self._create_order(10, confirm=False)
        quotation.write({"kehu_instalment_ids": [Command.create({"percent": 100, "date_due": date(2030, 1, 10)})]})
        self._run("2030-01-08")
        self._run("2030-01-12")
        self.assertFalse(quotation.kehu_instalment_ids.reminded_for or quotation.kehu_instalment_ids.overdue_told_for)

    def test_many_are_done_in_slices(self):
        """What one slice leaves, the next one of the same run does; nobody hears twice."""
        others = self.env["kehu.instalment"]
        for _number in range(4):
            order = self._create_order(10)
            order.write({"kehu_instalment_ids": [Command.create({"percent": 100, "date_due": date(2030, 1, 10), "remind_days": 5})]})
            others |= order.kehu_instalment_ids
        from ...models.receivable import kehu_instalment_reminder

        self.patch(kehu_instalment_reminder, "BATCH", 2)
        self._run("2030-01-05")
        self._run("2030-01-05", 9)
        self.assertEqual(len(others.activity_id), 4)
        for part in others | self.first:
            with self.subTest(part=part.display_name):
                self.assertEqual((part.reminded_for, len(part.order_id.activity_ids)), (date(2030, 1, 10), 1))
