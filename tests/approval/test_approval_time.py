"""Time limits in working hours, reminders and escalation."""

from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged

from ...models.approval import kehu_approval_request_alarm as alarm_module
from ...models.approval.exceptions import KehuApprovalDeciderError
from .test_approval_step import StepCommon

FRIDAY = "2026-03-13 15:00:00"


@tagged("post_install", "-at_install")
class TestApprovalTime(StepCommon):
    """The company works from Monday to Friday, 8 to 12 and 13 to 17 by the clock of Greenwich."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(FRIDAY))
        hours = [(8, 12, "morning"), (13, 17, "afternoon")]
        cls.env.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {
                "name": "Office (test)",
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {"name": f"{day} {period}", "dayofweek": str(day), "hour_from": begin, "hour_to": end, "day_period": period}
                        )
                        for day in range(5)
                        for begin, end, period in hours
                    ),
                ],
            }
        )

    def _at(self, moment):
        """Let the job run at some moment."""
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_approval_cron_alarms").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _limited(self, **values):
        self._steps(self._users(self.anna, **values))
        return self._submit().sudo()

    def _messages(self, call):
        """Titles of the notifications that a call sends, by the name of who gets them."""
        sent = []

        def note(user, kind, message, **_kwargs):
            if kind == "simple_notification":
                sent.extend((person.name, message["title"]) for person in user)

        with patch.object(self.env.registry["res.users"], "_bus_send", note):
            call()
        return sent

    # ------------------------------------------------------------
    # when
    # ------------------------------------------------------------

    def test_working_hours(self):
        """Friday at three, four working hours: Monday at ten."""
        request = self._limited(time_limit=4, remind_after=2.5)
        line = request.step_line_ids
        self.assertEqual(line.date_due, datetime(2026, 3, 16, 10))
        self.assertEqual(line.date_remind, datetime(2026, 3, 16, 8, 30))
        self.assertEqual((line.date_alarm, request.date_due, request.turn_on), (line.date_remind, line.date_due, datetime(2026, 3, 13, 15)))

    def test_holidays(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.env.company.resource_calendar_id.id,
                "date_from": "2026-03-16 00:00:00",
                "date_to": "2026-03-16 23:59:59",
            }
        )
        self.assertEqual(self._limited(time_limit=4).date_due, datetime(2026, 3, 17, 10))

    def test_no_working_hours(self):
        """A calendar that says nothing: by the clock. No limit: no date."""
        self.env.company.resource_calendar_id.attendance_ids.unlink()
        self.assertEqual(self._limited(time_limit=4).date_due, datetime(2026, 3, 13, 19))
        self.order.kehu_withdraw()
        request = self._limited()
        self.assertFalse(request.date_due or request.step_line_ids.date_alarm)

    def test_next_step_has_its_own_limit(self):
        self._steps(self._users(self.anna, time_limit=1), self._users(self.ben, time_limit=2), self._users(self.cora))
        request = self._submit().sudo()
        first, second, third = request.step_line_ids
        self.assertFalse(second.date_due or third.date_due)
        with freeze_time("2026-03-16 08:00:00"):
            self.order.with_user(self.anna).kehu_approve()
        self.assertEqual((request.date_due, second.date_alarm), (datetime(2026, 3, 16, 10), datetime(2026, 3, 16, 10)))
        self.assertFalse(first.date_alarm, "what is decided rings no more")
        with freeze_time("2026-03-16 09:00:00"):
            self.order.with_user(self.ben).kehu_approve()
        self.assertFalse(request.date_due or second.date_alarm)

    # ------------------------------------------------------------
    # reminder
    # ------------------------------------------------------------

    def test_reminder(self):
        request = self._limited(time_limit=8, remind_after=2, escalate="nothing")
        line = request.step_line_ids
        self.assertEqual(self._messages(lambda: self._at("2026-03-13 16:59:00")), [])
        self.assertEqual(self._messages(lambda: self._at("2026-03-13 17:00:00")), [("Anna", "Still to Approve")])
        self.assertEqual(line.date_alarm, line.date_due)
        self.assertEqual(self._messages(lambda: self._at("2026-03-13 17:15:00")), [], "once")
        self.assertEqual(self._messages(lambda: self._at("2026-03-16 16:00:00")), [], "nothing happens when it is late")
        self.assertFalse(line.date_alarm)
        self.assertEqual(request.decider_ids, self.anna)

    def test_reminder_by_mail(self):
        """Who handles notifications by e-mail gets another one."""
        self.anna.write({"notification_type": "email", "email": "anna@example.com"})
        request = self._limited(remind_after=1)
        mails = self.env["mail.mail"].sudo()
        self.assertTrue(request._kehu_send_mail())
        self.assertFalse(request._kehu_send_mail() or request.mail_pending, "told once")
        self._at("2026-03-16 08:00:00")
        self.assertTrue(request.mail_pending)
        again = request._kehu_send_mail()
        self.assertIn(self.order.name, mails.browse(again.ids).mail_message_id.body)

    def test_one_message_for_many(self):
        self._steps(self._users(self.anna, remind_after=1))
        for _number in range(3):
            self._submit(self._create_order())
        self.assertEqual(self._messages(lambda: self._at("2026-03-16 08:00:00")), [("Anna", "Still to Approve")])

    def test_decided_in_time(self):
        self._limited(time_limit=4, remind_after=2)
        self.order.with_user(self.anna).kehu_reject("No")
        self.assertEqual(self._messages(lambda: self._at("2026-03-20 08:00:00")), [])

    # ------------------------------------------------------------
    # escalation
    # ------------------------------------------------------------

    def test_remind_again(self):
        request = self._limited(time_limit=4, escalate="remind")
        self.assertEqual(self._messages(lambda: self._at("2026-03-16 10:00:00")), [("Anna", "Still to Approve")])
        self.assertEqual((request.decider_ids, request.decision_ids.mapped("result")), (self.anna, ["submitted"]))

    def _employee(self, user, department):
        self.env["hr.employee"].create({"name": user.name, "user_id": user.id, "department_id": department.id})

    def test_manager(self):
        """Their manager may decide as well; the two of them are told, and it is kept."""
        self._employee(self.anna, self.department_west)
        self.department_west.manager_id = self.env["hr.employee"].create({"name": "Ben", "user_id": self.ben.id})
        request = self._limited(time_limit=4, escalate="manager")
        sent = self._messages(lambda: self._at("2026-03-16 10:00:00"))
        self.assertEqual(request.decider_ids, self.anna | self.ben)
        self.assertEqual(sorted(sent), [("Anna", "Still to Approve"), ("Ben", "To Approve")])
        decision = request.decision_ids[-1]
        self.assertEqual((decision.result, decision.target_user_id), ("escalated", self.ben))
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna | self.ben)
        self._at("2026-03-16 11:00:00")
        self.assertEqual(request.decision_ids.mapped("result"), ["submitted", "escalated"], "once")
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_manager_decides_for_all(self):
        """Where all have to agree, the one to whom it was escalated is enough for the whole step."""
        self._employee(self.anna, self.department_west)
        self.department_west.manager_id = self.env["hr.employee"].create({"name": "Cora", "user_id": self.cora.id})
        self._steps(self._users(self.anna, self.ben, agree="all", time_limit=4, escalate="manager"))
        request = self._submit().sudo()
        self.order.with_user(self.ben).kehu_approve()
        self._at("2026-03-16 10:00:00")
        self.assertEqual(request.decider_ids, self.anna | self.cora)
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_administrator(self):
        """Also where a manager was to decide and there is none; never on their own document."""
        for escalate in ("administrator", "manager"):
            order = self._create_order()
            self._steps(self._users(self.anna, time_limit=1, escalate=escalate))
            request = self._submit(order).sudo()
            self._at("2026-03-16 10:00:00")
            with self.subTest(escalate):
                self.assertIn(self.user_crm_admin, request.decider_ids)
                order.with_user(self.user_crm_admin).kehu_approve()
                self.assertEqual(order.state, "sale")
        own = self._create_order()
        self._submit(own)
        own.sudo().user_id = self.user_crm_admin
        self._at("2026-03-16 10:00:00")
        self.assertNotIn(self.user_crm_admin, own.sudo().kehu_request_id.decider_ids)
        self._refused(KehuApprovalDeciderError, lambda: own.with_user(self.user_crm_admin).kehu_approve(), "own document")

    # ------------------------------------------------------------
    # the job
    # ------------------------------------------------------------

    def test_in_slices(self):
        """More than one slice; each step is looked at once, also when the job is killed after the first."""
        self._steps(self._users(self.anna, time_limit=1, escalate="administrator"))
        orders = [self._create_order() for _number in range(5)]
        for order in orders:
            self._submit(order)
        self.patch(alarm_module, "SLICE", 2)
        lines = self.env["kehu.approval.request.step"].search([("request_id.res_id", "in", [order.id for order in orders])])
        cron = self.env.registry["ir.cron"]
        with patch.object(cron, "_commit_progress", lambda *_args, **_kwargs: 0), freeze_time("2026-03-16 10:00:00"):
            lines.sudo()._cron_alarms()
        self.assertEqual(len(lines.filtered("date_alarm")), 3)
        self._at("2026-03-16 10:15:00")
        self.assertFalse(lines.filtered("date_alarm"))
        for order in orders:
            self.assertEqual(order.sudo().kehu_request_id.decision_ids.mapped("result"), ["submitted", "escalated"])

    def test_document_that_is_gone(self):
        """Rows removed behind the program's back do not stop the job."""
        request = self._limited(time_limit=1, escalate="administrator")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sale_order_line WHERE order_id = %s", [self.order.id])
        self.env.cr.execute("DELETE FROM sale_order WHERE id = %s", [self.order.id])
        self.env.invalidate_all()
        self._at("2026-03-16 10:00:00")
        self.assertFalse(request.step_line_ids.date_alarm)
