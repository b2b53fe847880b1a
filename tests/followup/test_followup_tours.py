"""A salesperson's day on screen: complete what was planned, log a contact, move the next contact."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestFollowupTours(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.write({"password": cls.user_seller.login, "tz": "UTC"})
        cls.user_seller.group_ids = [Command.link(cls.env.ref("base.group_allow_export").id)]
        cls.customer = cls._create_customer(owner=cls.user_seller, name="Tour Customer")
        cls.second = cls._create_customer(owner=cls.user_seller, name="Second Customer")
        cls.today = fields.Date.today()
        records = cls.env["kehu.contact.record"].with_user(cls.user_seller)
        for customer, plan in ((cls.customer, "Bring the sample"), (cls.second, "Call")):
            records.create(
                {
                    "partner_id": customer.id,
                    "date": cls.today - timedelta(days=9),
                    "content": "Talked",
                    "next_contact": cls.today - timedelta(days=1),
                    "plan": plan,
                }
            )

    def test_the_schedule(self):
        now = fields.Datetime.now()
        meeting = {"name": "Weekly meeting", "start": now - timedelta(hours=2), "stop": now - timedelta(hours=1)}
        self.env["calendar.event"].with_user(self.user_seller).with_context(no_mail_to_attendees=True).create(meeting)
        self.start_tour("/odoo/kehu-schedule", "kehu_followup_schedule", login=self.user_seller.login, timeout=180)
        self.env.invalidate_all()
        record = self.customer.kehu_contact_record_ids[0]
        self.assertEqual((record.content, record.result, record.date), ("Brought it", "They want ten", self.today))
        planned = self.customer.kehu_contact_record_ids[1].sudo().event_ids
        self.assertEqual((planned.kehu_outcome, planned.kehu_done_by), ("Brought it", self.user_seller))
        self.assertEqual(self.customer.kehu_last_contact, self.today)

    def test_the_plan(self):
        self.start_tour("/odoo/kehu-contact-plan", "kehu_followup_plan", login=self.user_seller.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual(self.customer.kehu_contact_record_ids[0].content, "Called about the pump")
        self.assertEqual(self.second.kehu_next_contact, self.today)
        self.assertEqual(self.second.kehu_contact_record_ids.sudo().event_ids.start.date(), self.today)
        self.assertIn("The fair", str(self.second.message_ids[0].body))
