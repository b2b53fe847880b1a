"""The e-mail that reminds of a planned contact: sent by the host's job, at the time, once, to whoever looks after the customer."""

from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import KehuCommon

PLANNED_ON = "2026-08-31 02:00:00"
# nine o'clock of 3 September there, as stored
NINE = {"Asia/Shanghai": datetime(2026, 9, 3, 1), "America/Los_Angeles": datetime(2026, 9, 3, 16)}


@tagged("post_install", "-at_install")
class TestFollowupReminders(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.tz = "Asia/Shanghai"
        cls.user_seller2.tz = "America/Los_Angeles"
        (cls.user_seller | cls.user_seller2).notification_type = "inbox"  # a reminder by e-mail is an e-mail all the same
        cls.job = cls.env.ref("calendar.ir_cron_scheduler_alarm")
        cls.customer = cls._create_customer(owner=cls.user_seller, email="customer@example.com", phone="0512 6688 0000")
        cls.buyer = cls._create_contact(cls.customer, name="Li Si", email="buyer@example.com")

    def plan(self, **values):
        records = self.env["kehu.contact.record"].with_user(self.user_seller)
        return records.create(
            {
                "partner_id": self.customer.id,
                "date": "2026-08-31",
                "content": "Talked",
                "next_contact": "2026-09-03",
                "plan": "Bring the sample",
                "remind_by_email": True,
                **values,
            }
        )

    def ready(self):
        """Tell whether the host's scheduler would start the job now."""
        self.env.flush_all()
        now = fields.Datetime.now()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.job.id), ("call_at", "<=", now)])
        return bool(triggers)

    def run_job(self, moment, only_when_ready=True):
        """Let the host's job run at that moment, if its scheduler would start it; return the messages it made."""
        now = fields.Datetime.to_datetime(moment)
        # the job looks at Python's clock, its scheduler at that of the database
        with freeze_time(now), patch("odoo.sql_db.BaseCursor.now", lambda _cursor: now):
            if only_when_ready and not self.ready():
                return self.env["mail.message"]
            before = self.env["mail.message"].search([], order="id desc", limit=1).id
            with mute_logger("odoo.addons.base.models.ir_cron"), self.enter_registry_test_mode():
                self.job.method_direct_trigger()
            self.env.invalidate_all()
            return self.env["mail.message"].search([("id", ">", before), ("model", "=", "calendar.event")])

    def start_job_before(self, moment="2026-08-31 01:00:00"):
        """The job has run that morning, as it does every day, and nothing is due."""
        self.run_job(moment, only_when_ready=False)

    def test_the_owner_gets_an_email_at_the_time_and_once(self):
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            self.plan()
        nine = NINE["Asia/Shanghai"]
        self.assertFalse(self.run_job(nine - timedelta(minutes=1)), "nothing before the time")
        self.assertFalse(self.run_job(nine), "the very second belongs to the run after it, which sends")
        message = self.run_job(nine + timedelta(seconds=30))
        self.assertEqual(len(message), 1)
        self.assertEqual(message.notified_partner_ids, self.user_seller.partner_id)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertEqual(mail.recipient_ids, self.user_seller.partner_id)
        self.assertFalse(mail.email_cc)
        self.assertEqual(message.notification_ids.mapped("notification_type"), ["email"])
        self.assertIn("Bring the sample", message.subject)
        for words in ("Suzhou Science Park", "0512 6688 0000", "9:00", "Asia/Shanghai", f"/odoo/kehu-customers/{self.customer.id}"):
            with self.subTest(words=words):
                self.assertIn(words, str(message.body).replace("09:00", "9:00"))
        self.assertFalse(self.run_job(nine + timedelta(minutes=5), only_when_ready=False), "not a second time")
        self.assertFalse(self.run_job(nine + timedelta(days=1), only_when_ready=False))

    def test_in_the_owners_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.env.ref("kehu_crm.calendar_attendee_template_kehu_reminder")
        template.with_context(lang="zh_CN").subject = "提醒：{{ object.event_id.name }}"
        self.user_seller.lang = "zh_CN"
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            self.plan()
        message = self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2))
        self.assertEqual(message.subject, "提醒：Bring the sample")
        self.assertIn("星期四", str(message.body))
        self.assertIn("2026/9/3", str(message.body))

    def test_where_the_owner_lives(self):
        """At UTC-7 the same plan reminds at nine o'clock there."""
        self.customer.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "Moved")
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            records = self.env["kehu.contact.record"].with_user(self.user_seller2)
            records.create({"partner_id": self.customer.id, "date": "2026-08-30", "next_contact": "2026-09-03", "remind_by_email": True})
        self.assertFalse(self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2)))
        message = self.run_job(NINE["America/Los_Angeles"] + timedelta(seconds=2))
        self.assertEqual(message.notified_partner_ids, self.user_seller2.partner_id)
        self.assertIn("America/Los_Angeles", str(message.body))

    def test_a_moved_date_moves_the_reminder(self):
        nine = NINE["Asia/Shanghai"]
        for route in ("customer", "record", "calendar", "many"):
            with self.subTest(route=route):
                self.start_job_before()
                with freeze_time(PLANNED_ON):
                    record = self.plan()
                    customer = self.customer.with_user(self.user_seller)
                    if route == "customer":
                        customer.kehu_next_contact = "2026-09-05"
                    elif route == "record":
                        record.next_contact = "2026-09-05"
                    elif route == "many":
                        customer._kehu_move_next_contact("2026-09-05", "Fair")
                    else:
                        start = nine + timedelta(days=2)
                        record.event_ids.with_user(self.user_seller).write({"start": start, "stop": start + timedelta(hours=1)})
                self.assertFalse(self.run_job(nine + timedelta(seconds=2), only_when_ready=False))
                message = self.run_job(nine + timedelta(days=2, seconds=2))
                self.assertEqual(message.notified_partner_ids, self.user_seller.partner_id)
                record.sudo().unlink()

    def test_after_a_transfer_the_new_owner_is_reminded(self):
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            event = self.plan().event_ids.sudo()
            self.customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Holiday")
        self.assertEqual(event.start, NINE["America/Los_Angeles"], "nine o'clock where the new owner lives")
        self.assertFalse(self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2), only_when_ready=False))
        message = self.run_job(NINE["America/Los_Angeles"] + timedelta(seconds=2))
        self.assertEqual(message.notified_partner_ids, self.user_seller2.partner_id)

    def test_an_hour_that_was_agreed_on_stays_and_so_do_guests(self):
        with freeze_time(PLANNED_ON):
            event = self.plan().event_ids.sudo()
            agreed = datetime(2026, 9, 3, 6)
            event.with_context(no_mail_to_attendees=True).write(
                {"start": agreed, "stop": agreed + timedelta(hours=1), "partner_ids": [Command.link(self.buyer.id)]}
            )
            self.customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Holiday")
        self.assertEqual(event.start, agreed)
        self.assertEqual(event.partner_ids, self.user_seller2.partner_id | self.buyer)

    def test_a_returned_customers_plan_reminds_nobody(self):
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            self.plan()
            self.customer.with_user(self.user_seller).kehu_return("No need")
        self.assertFalse(self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2), only_when_ready=False))

    def test_an_archived_customers_plan_reminds_nobody(self):
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            self.plan()
            self.customer.action_archive()
        self.assertFalse(self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2)))

    def test_guests_are_not_told_what_was_planned(self):
        """A customer who is invited to the visit gets the host's invitation, not the note of the salesperson."""
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            event = self.plan(plan="Ask for a higher price").event_ids.sudo()
            event.with_context(no_mail_to_attendees=True).partner_ids = [Command.link(self.buyer.id), Command.link(self.customer.id)]
        message = self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2))
        self.assertEqual(message.notified_partner_ids, self.user_seller.partner_id)

    def test_a_completed_entry_reminds_nobody(self):
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            self.plan().event_ids.with_user(self.user_seller).kehu_complete("Brought it at once")
        self.assertFalse(self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2)))

    def test_without_the_tick_nobody_is_reminded(self):
        self.start_job_before()
        with freeze_time(PLANNED_ON):
            record = self.plan(remind_by_email=False)
        self.assertTrue(record.event_ids)
        triggers = self.env["ir.cron.trigger"]
        moment = [("cron_id", "=", self.job.id), ("call_at", ">=", NINE["Asia/Shanghai"]), ("call_at", "<", "2026-09-04")]
        self.assertFalse(triggers.search(moment))
        with freeze_time("2026-09-01 02:00:00"):
            record.remind_by_email = True
        self.assertTrue(triggers.search(moment))
        self.assertTrue(self.run_job(NINE["Asia/Shanghai"] + timedelta(seconds=2)))
        with freeze_time("2026-09-01 02:00:00"):
            other = self._create_customer(owner=self.user_seller, name="Other")
            records = self.env["kehu.contact.record"].with_user(self.user_seller)
            records.create({"partner_id": other.id, "date": "2026-08-31", "next_contact": "2026-09-04"})
        self.assertFalse(self.run_job(NINE["Asia/Shanghai"] + timedelta(days=1, seconds=2), only_when_ready=False))

    def test_the_job_is_woken_once_for_many_plans_of_one_moment(self):
        customers = self.env["res.partner"].create(
            [{"name": f"C{index}", "kehu_is_customer": True, "user_id": self.user_seller.id} for index in range(5)]
        )
        with freeze_time(PLANNED_ON):
            self.start_job_before()
            before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.job.id)])
            self.env["kehu.contact.record"].with_user(self.user_seller).create(
                [
                    {"partner_id": customer.id, "date": "2026-08-31", "next_contact": "2026-09-03", "remind_by_email": True}
                    for customer in customers
                ]
            )
            self.assertEqual(self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.job.id)]) - before, 1)
