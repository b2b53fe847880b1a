"""Entries of the schedule are completed with a text, and stay completed, whatever the door."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ...models.customer.exceptions import KehuHiddenLinkError, KehuSystemFieldError
from ...models.followup.exceptions import (
    KehuScheduleCompletedError,
    KehuScheduleError,
    KehuScheduleRightsError,
)
from ..common import KehuCommon

TWO = ("2026-09-03 06:00:00", "2026-09-03 07:00:00")


@tagged("post_install", "-at_install")
class TestFollowupSchedule(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.tz = cls.user_seller2.tz = cls.user_east_manager.tz = "Asia/Shanghai"
        cls.customer = cls._create_customer(owner=cls.user_seller)
        cls.contact = cls._create_contact(cls.customer)

    def entry(self, user=None, **values):
        user = user or self.user_seller
        events = self.env["calendar.event"].with_user(user).with_context(no_mail_to_attendees=True)
        return events.create(
            {"name": "Visit", "start": TWO[0], "stop": TWO[1], "partner_ids": [Command.link(user.partner_id.id)], **values}
        )

    def series(self, **values):
        """Five Mondays from 7 September on."""
        event = self.entry(
            start="2026-09-07 06:00:00",
            stop="2026-09-07 07:00:00",
            recurrency=True,
            rrule_type="weekly",
            mon=True,
            interval=1,
            count=5,
            end_type="count",
            event_tz="Asia/Shanghai",
            **values,
        )
        return event.recurrence_id.calendar_event_ids.sorted("start")

    def plan(self, day="2026-08-31", following="2026-09-03", user=None, **values):
        records = self.env["kehu.contact.record"].with_user(user or self.user_seller)
        return records.create({"partner_id": self.customer.id, "date": day, "content": "Talked", "next_contact": following, **values})

    # -- completing ----------------------------------------------------------------------------------------------------

    @freeze_time("2026-09-03 08:00:00")
    def test_completing_keeps_who_when_and_what(self):
        event = self.entry()
        event.kehu_complete("  Showed the pump  ")
        self.assertEqual(event.kehu_done_on, datetime(2026, 9, 3, 8))
        self.assertEqual(event.kehu_done_by, self.user_seller)
        self.assertEqual(event.kehu_outcome, "Showed the pump")
        self.assertFalse(event.user_can_edit)
        with self.assertRaisesRegex(KehuScheduleCompletedError, "Seller"):
            event.kehu_complete("Again")
        self.assertEqual(event.kehu_outcome, "Showed the pump")

    def test_a_text_is_needed(self):
        event = self.entry()
        for text in (None, False, "", "  \n", 5, ["x"]):
            with self.subTest(text=text), self.assertRaises(KehuScheduleError):
                event.kehu_complete(text)
        with self.assertRaises(KehuScheduleError):
            self.env["calendar.event"].with_user(self.user_seller).kehu_complete("Nothing chosen")
        gone = self.entry()
        gone.unlink()
        with self.assertRaises(KehuScheduleError):
            (event | gone).kehu_complete("One is gone")
        self.assertFalse(event.kehu_done_on)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_may_complete(self):
        """Whoever takes part; a plan is its owner's."""
        shared = self.entry(partner_ids=[Command.set((self.user_seller.partner_id | self.user_seller2.partner_id).ids)])
        plan = self.plan().event_ids
        allowed = {
            "seller": (True, True),
            "seller2": (True, False),
            "west_seller": (False, False),
            "east_manager": (False, False),
            "director": (False, False),
            "crm_admin": (False, False),
            "service": (False, False),
            "employee": (False, False),
        }
        for role, rights in allowed.items():
            for event, may in zip((shared, plan), rights, strict=True):
                seen = self.env["calendar.event"].with_user(getattr(self, f"user_{role}")).browse(event.id)
                with self.subTest(role=role, private=event == plan):
                    self.env.invalidate_all()
                    if may:
                        seen._kehu_check_completable()
                        continue
                    with self.assertRaises(KehuScheduleRightsError) as caught:
                        seen.kehu_complete("Not mine")
                    if event == plan and role not in ("east_manager", "director", "crm_admin", "service"):
                        self.assertNotIn("Suzhou", str(caught.exception))
        self.assertFalse((shared | plan).filtered("kehu_done_on"))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_nobody_forges_a_completion(self):
        event = self.entry()
        done = {"kehu_done_on": "2026-09-03 08:00:00", "kehu_done_by": self.user_seller.id, "kehu_outcome": "Forged"}
        for name, value in done.items():
            for records in (event, event.sudo(), event.with_context(kehu_engine_schedule=True)):
                with self.subTest(field=name), self.assertRaises(KehuSystemFieldError):
                    records.write({name: value})
            with self.subTest(created=name), self.assertRaises(KehuSystemFieldError):
                self.entry(**{name: value})
            with self.subTest(default=name):
                events = self.env["calendar.event"].with_user(self.user_seller).with_context(**{f"default_{name}": value})
                self.assertFalse(events.create({"name": "Mine", "start": TWO[0], "stop": TWO[1]})[name])
        event.kehu_complete("Done")
        copied = event.copy()
        self.assertFalse(copied.kehu_done_on or copied.kehu_done_by or copied.kehu_outcome)

    # -- completed stays completed -------------------------------------------------------------------------------------

    def test_a_completed_entry_stays_as_it_was(self):
        event = self.entry()
        event.kehu_complete("Showed the pump")
        changes = [
            {"name": "Else"},
            {"start": "2026-09-04 06:00:00", "stop": "2026-09-04 07:00:00"},
            {"duration": 5},
            {"allday": True, "start_date": "2026-09-05", "stop_date": "2026-09-05"},
            {"user_id": self.user_seller2.id},
            {"active": False},
            {"kehu_done_on": False},
            {"kehu_done_by": False},
            {"kehu_outcome": "Nothing"},
            {"kehu_outcome": False, "kehu_done_on": False},
        ]
        for user in (self.user_seller, self.user_crm_admin, self.env.ref("base.user_admin")):
            for vals in changes:
                for records in (event.with_user(user), event.with_user(user).sudo()):
                    with self.subTest(user=user.name, su=records.env.su, vals=vals):
                        forged = any(name.startswith("kehu_") for name in vals)
                        with self.assertRaises(KehuSystemFieldError if forged else KehuScheduleCompletedError):
                            records.write(dict(vals))
        for label, route in {
            "archive": event.action_archive,
            "delete": event.unlink,
            "mass archive": lambda: event.action_mass_archive("self_only"),
        }.items():
            with self.subTest(route=label), self.assertRaises(KehuScheduleCompletedError):
                route()
        with self.assertRaises(KehuScheduleCompletedError):
            event.sudo().with_context(_force_unlink=True, force_delete=True, archive_on_error=True).with_user(self.user_crm_admin).unlink()
        wizard = self.env["calendar.popover.delete.wizard"].with_user(self.user_seller)
        with self.assertRaises(KehuScheduleCompletedError):
            wizard.create({"calendar_event_id": event.id, "delete": "one"}).close()
        # what does not tell of it may change, and a form that sends back what it read harms nothing
        event.write({"name": event.name, "start": event.start, "stop": event.stop, "active": True, "notes": "<p>More</p>"})
        self.assertEqual(event.kehu_outcome, "Showed the pump")

    def test_through_other_records(self):
        """An activity that carries the meeting, a contact record that planned it, the customer's own dates."""
        activity = self.env["mail.activity"].with_user(self.user_seller)
        activity = activity.create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_meeting").id,
                "date_deadline": "2026-09-03",
                "user_id": self.user_seller.id,
            }
        )
        event = self.entry(activity_ids=[Command.link(activity.id)])
        event.kehu_complete("Met")
        with self.assertRaises(KehuScheduleCompletedError):
            activity.unlink_w_meeting()
        with self.assertRaises(KehuScheduleCompletedError):
            activity.write({"date_deadline": "2026-09-10"})
        with freeze_time("2026-08-31 04:00:00"):
            record = self.plan()
            planned = record.event_ids
            planned.kehu_complete("Called at once")
            record.write({"next_contact": "2026-09-08", "plan": "Call again"})
            self.assertEqual(planned.start, datetime(2026, 9, 3, 1))
            later = record.event_ids - planned
            self.assertEqual((later.name, later.start), ("Call again", datetime(2026, 9, 8, 1)))
            self.customer.with_user(self.user_seller).kehu_next_contact = "2026-09-15"
            self.assertEqual(planned.start, datetime(2026, 9, 3, 1))
            record.add_to_schedule = False
            self.assertTrue(planned.exists())
            self.assertFalse(later.exists())
            self.customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Moved")
            self.assertEqual(planned.sudo().user_id, self.user_seller)
            self.customer.with_user(self.user_seller2).kehu_return("No need")
            record.sudo().unlink()
            self.assertEqual(planned.sudo().exists().kehu_outcome, "Called at once")

    # -- series --------------------------------------------------------------------------------------------------------

    def test_of_a_series_one_occurrence_is_completed(self):
        events = self.series()
        self.assertEqual(len(events), 5)
        events[1].kehu_complete("Second week")
        self.assertEqual(events.mapped(lambda event: bool(event.kehu_done_on)), [False, True, False, False, False])

    def test_a_series_with_a_completed_occurrence(self):
        events = self.series()
        first, second, third = events[:3]
        second.kehu_complete("Second week")
        refused = {
            "delete all": lambda: first.action_mass_deletion("all_events"),
            "archive all": lambda: first.action_mass_archive("all_events"),
            "archive following": lambda: first.action_mass_archive("future_events"),
            "delete following": lambda: first.action_mass_deletion("future_events"),
            "move all": lambda: first.write(
                {"recurrence_update": "all_events", "start": "2026-09-07 08:00:00", "stop": "2026-09-07 09:00:00"}
            ),
            "rename all": lambda: first.write({"recurrence_update": "all_events", "name": "Else"}),
            "end the series": lambda: first.write({"recurrence_update": "all_events", "recurrency": False}),
            "another rhythm": lambda: first.write({"recurrence_update": "all_events", "mon": False, "tue": True}),
            "delete with the dialog": lambda: (
                self.env["calendar.popover.delete.wizard"]
                .with_user(self.user_seller)
                .create({"calendar_event_id": first.id, "delete": "all"})
                .close()
            ),
        }
        for label, route in refused.items():
            with self.subTest(route=label), self.assertRaises(KehuScheduleCompletedError), self.env.cr.savepoint():
                route()
            self.env.invalidate_all()
            self.assertEqual(len(events.exists()), 5)
            self.assertTrue(second.active and second.kehu_done_on)
        # this and the following ones can go
        third.action_mass_deletion("future_events")
        self.assertEqual(events.exists(), first | second)
        first.unlink()
        self.assertEqual(second.exists().kehu_outcome, "Second week")

    def test_deleting_the_series_record_keeps_what_was_done(self):
        events = self.series()
        events[0].kehu_complete("First week")
        events[0].recurrence_id.sudo().unlink()
        self.assertTrue(events[0].exists().kehu_done_on)

    # -- completing is logging a contact -------------------------------------------------------------------------------

    @freeze_time("2026-09-03 08:00:00")
    def test_one_dialog_completes_and_logs_the_contact(self):
        self.customer.kehu_level_id = self.level_key
        event = self.plan(contact_id=self.contact.id).event_ids
        action = event.action_kehu_complete()
        form = Form(self.env[action["res_model"]].with_user(self.user_seller).with_context(**action["context"]))
        self.assertEqual(form.customer_id, self.customer)
        self.assertTrue(form.log_contact)
        self.assertEqual(fields.Date.to_date(form.next_contact), date(2026, 9, 6))
        form.outcome = "Showed the pump"
        form.method = "visit"
        form.result = "Wants an offer"
        form.plan = "Bring the offer"
        form.save().action_apply()
        self.assertEqual((event.kehu_done_by, event.kehu_outcome), (self.user_seller, "Showed the pump"))
        record = self.customer.kehu_contact_record_ids[0]
        self.assertEqual(
            (record.content, record.result, record.method, record.date), ("Showed the pump", "Wants an offer", "visit", date(2026, 9, 3))
        )
        self.assertEqual((record.user_id, record.contact_id, record.level_id), (self.user_seller, self.contact, self.level_key))
        self.assertEqual((self.customer.kehu_last_contact, self.customer.kehu_next_contact), (date(2026, 9, 3), date(2026, 9, 6)))
        self.assertFalse(record.is_next_contact_typed)
        self.assertEqual((record.event_ids.name, record.event_ids.start), ("Bring the offer", datetime(2026, 9, 6, 1)))

    @freeze_time("2026-09-05 08:00:00")
    def test_the_day_of_the_conversation(self):
        """An overdue call is made now; a meeting was on its day; another day can be typed."""
        wizard = self.env["kehu.schedule.completion"].with_user(self.user_seller)
        event = self.plan().event_ids
        wizard.create({"entry_ids": [Command.set(event.ids)], "outcome": "Called", "next_contact": "2026-09-20"}).action_apply()
        record = self.customer.kehu_contact_record_ids[0]
        self.assertEqual((record.date, record.next_contact), (date(2026, 9, 5), date(2026, 9, 20)))
        self.assertTrue(record.is_next_contact_typed)
        people = (self.user_seller.partner_id | self.contact).ids
        meeting = self.entry(partner_ids=[Command.set(people)])
        self.assertEqual(wizard.create({"entry_ids": [Command.set(meeting.ids)], "outcome": "Met"}).date, date(2026, 9, 3))
        later = self.entry(partner_ids=[Command.set(people)], start="2026-09-10 06:00:00", stop="2026-09-10 07:00:00")
        dialog = wizard.create({"entry_ids": [Command.set(later.ids)], "outcome": "Met earlier", "date": "2026-09-04"})
        dialog.action_apply()
        made = self.customer.kehu_contact_record_ids.filtered(lambda record: record.content == "Met earlier")
        self.assertEqual((made.date, made.contact_id), (date(2026, 9, 4), self.contact))

    @freeze_time("2026-09-03 08:00:00")
    def test_without_a_contact_record(self):
        event = self.plan().event_ids
        wizard = self.env["kehu.schedule.completion"].with_user(self.user_seller)
        wizard.create({"entry_ids": [Command.set(event.ids)], "outcome": "Not reached", "log_contact": False}).action_apply()
        self.assertEqual(len(self.customer.kehu_contact_record_ids), 1)
        self.assertTrue(event.kehu_done_on)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @freeze_time("2026-09-03 08:00:00")
    def test_which_customer_an_entry_is_about(self):
        lead = self.env["crm.lead"].create({"name": "Deal", "partner_id": self.contact.id, "user_id": self.user_seller.id})
        about = {
            "attendee": self.entry(partner_ids=[Command.set((self.user_seller.partner_id | self.contact).ids)]),
            "document": self.entry(res_model_id=self.env["ir.model"]._get_id("res.partner"), res_id=self.contact.id),
            "opportunity": self.entry(opportunity_id=lead.id),
            "plan": self.plan().event_ids,
        }
        for label, event in about.items():
            with self.subTest(about=label):
                self.assertEqual(event.kehu_customer_id, self.customer)
        self.assertFalse(self.entry().kehu_customer_id)
        # all in one list, among entries about others and about nobody
        other = self._create_customer(owner=self.user_seller, name="Other")
        mixed = [*about.values(), self.entry(), self.entry(partner_ids=[Command.link(other.id)])]
        self.env.invalidate_all()
        mixed = self.env["calendar.event"].with_user(self.user_seller).browse(event.id for event in mixed)
        rows = [row["kehu_customer_id"] and row["kehu_customer_id"][0] for row in mixed.read(["kehu_customer_id"])]
        self.assertEqual(rows, [*[self.customer.id] * 4, False, other.id])
        # a colleague who takes part completes, and learns nothing of a customer that is not theirs
        everybody = self.user_seller.partner_id | self.user_west_seller.partner_id
        shared = self.entry(opportunity_id=lead.id, partner_ids=[Command.set(everybody.ids)]).with_user(self.user_west_seller)
        self.env.invalidate_all()
        self.assertFalse(shared.kehu_customer_id)
        wizard = self.env["kehu.schedule.completion"].with_user(self.user_west_seller)
        with self.assertRaises(KehuScheduleError):
            wizard.create({"entry_ids": [Command.set(shared.ids)], "outcome": "Met", "log_contact": True}).action_apply()
        self.env.invalidate_all()
        private = self.env["calendar.event"].with_user(self.user_west_seller).browse(about["plan"].id)
        self.assertFalse(private.kehu_customer_id)

    @freeze_time("2026-09-03 08:00:00")
    def test_several_at_once(self):
        events = self.entry() | self.entry(name="Call")
        wizard = (
            self.env["kehu.schedule.completion"]
            .with_user(self.user_seller)
            .create({"entry_ids": [Command.set(events.ids)], "outcome": "Done"})
        )
        self.assertEqual(wizard.entry, "2 entries")
        self.assertFalse(wizard.log_contact)
        wizard.action_apply()
        self.assertEqual(events.mapped("kehu_outcome"), ["Done", "Done"])
        mine, other = self.entry(), self.entry(user=self.user_seller2)
        with self.assertRaises(KehuScheduleRightsError):
            (mine | other.with_user(self.user_seller)).kehu_complete("All or none")
        self.assertFalse(mine.kehu_done_on)

    # -- a conversation carries out what was planned -------------------------------------------------------------------

    def test_a_record_completes_the_plan_of_its_day(self):
        with freeze_time("2026-08-31 04:00:00"):
            planned = self.plan().event_ids
        with freeze_time("2026-09-03 04:00:00"):
            self.plan(day="2026-09-03", following="2026-09-10", content="Called as planned")
        self.assertEqual((planned.kehu_outcome, planned.kehu_done_by), ("Called as planned", self.user_seller))

    def test_a_late_record_completes_what_was_overdue_and_an_old_one_nothing(self):
        with freeze_time("2026-08-31 04:00:00"):
            planned = self.plan().event_ids
        with freeze_time("2026-09-10 04:00:00"):
            self.plan(day="2026-09-01", following=False, content="Typed in late")
            self.assertFalse(planned.kehu_done_on)
            self.plan(day="2026-09-08", following=False, content=False)
            self.assertEqual(planned.kehu_outcome, "Phone")

    def test_the_plan_of_a_deleted_record_comes_back_beside_what_was_done(self):
        with freeze_time("2026-08-31 04:00:00"):
            self.env.flush_all()
            self.cr.execute("UPDATE res_partner SET kehu_assigned_on = '2026-08-01' WHERE id = %s", [self.customer.id])
            self.env.invalidate_all()
            first = self.plan(following="2026-08-31")
            planned = first.event_ids
            mistaken = self.plan(day="2026-08-31", following="2026-09-10")
            self.assertTrue(planned.kehu_done_on)
            mistaken.sudo().unlink()
            self.assertTrue(planned.exists().kehu_done_on)
            self.assertEqual(self.customer.kehu_next_contact, date(2026, 8, 31))
            again = first.event_ids - planned
            self.assertEqual((again.start, again.kehu_done_on), (planned.start, False))

    # -- what the screen shows -----------------------------------------------------------------------------------------

    def _shown(self, user, event, names=frozenset(("overdue", "today", "week", "month"))):
        """Return which of these filters of the schedule show the entry to that person."""
        events = self.env["calendar.event"].with_user(user).with_context(tz=user.tz)
        arch = etree.fromstring(events.get_view(self.env.ref("kehu_crm.calendar_event_view_search_kehu_schedule").id, "search")["arch"])
        shown = set()
        for node in arch.findall(".//filter[@domain]"):
            domain = safe_eval(node.get("domain"), {"uid": user.id})
            if events.search_count([*domain, ("id", "=", event.id)]):
                shown.add(node.get("name"))
        return shown & names

    def test_the_schedule_counts_days_where_one_lives(self):
        """Half past one of Sunday, 6 September in Shanghai; half past ten of Saturday morning at UTC-7."""
        zones = {
            # zone: today there, [(hours from the local midnight of today, shown by)]
            "Asia/Shanghai": datetime(2026, 9, 5, 16),
            "America/Los_Angeles": datetime(2026, 9, 5, 7),
        }
        week_ends = {"Asia/Shanghai": 24, "America/Los_Angeles": 48}  # Monday, 7 September, in hours from today's midnight
        for language in ("1", "7"):
            self.env["res.lang"].search([("active", "=", True)]).week_start = language
            for zone, midnight in zones.items():
                self.user_seller.tz = zone
                monday = week_ends[zone]
                cases = [
                    (-2, {"overdue", "week", "month"}),
                    (0, {"overdue", "today", "week", "month"}),
                    (23, {"today", "week", "month"}),
                    (24, {"month"} if monday == 24 else {"week", "month"}),
                    (monday - 1, {"week", "month"} | ({"today"} if monday == 24 else set())),
                    (monday, {"month"}),
                    (monday - 24 * 7 - 2, {"overdue"}),
                    (24 * 40, set()),
                ]
                for hours, expected in cases:
                    start = midnight + timedelta(hours=hours)
                    event = self.entry(start=start, stop=start + timedelta(hours=1))
                    with self.subTest(zone=zone, hours=hours, week_start=language), freeze_time("2026-09-05 17:30:00"):
                        self.assertEqual(self._shown(self.user_seller, event), expected)

    def test_what_the_schedule_opens_with(self):
        """What is to be done from today on, what was not done, and no meeting of long ago; a planned contact waits for ever."""
        planned = self.plan().event_ids
        meeting = self.entry()
        defaults = {"overdue", "coming"}
        for moment, shown in (
            ("2026-09-02 08:00:00", ({"coming"}, {"coming"})),
            ("2026-09-03 08:00:00", (defaults, defaults)),
            ("2026-09-20 08:00:00", ({"overdue"}, {"overdue"})),
            ("2027-03-03 08:00:00", ({"overdue"}, set())),
        ):
            with freeze_time(moment), self.subTest(moment=moment):
                self.assertEqual(tuple(self._shown(self.user_seller, event, defaults) for event in (planned, meeting)), shown)
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.calendar_event_action_kehu_schedule")
        context = safe_eval(action["context"])
        self.assertEqual({name for name in defaults if context.get(f"search_default_{name}")}, defaults)

    def test_all_day_entries_are_of_their_day_everywhere(self):
        for zone in ("Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
            self.user_seller.tz = zone
            with freeze_time("2026-09-09 11:30:00"):
                today = fields.Date.context_today(self.env["calendar.event"].with_context(tz=zone))
                for offset, expected in ((-1, {"overdue", "week", "month"}), (0, {"today", "week", "month"}), (1, {"week", "month"})):
                    day = today + timedelta(days=offset)
                    event = self.entry(allday=True, start_date=day, stop_date=day, start=f"{day} 08:00:00", stop=f"{day} 18:00:00")
                    with self.subTest(zone=zone, offset=offset):
                        self.assertEqual(self._shown(self.user_seller, event), expected)

    @freeze_time("2026-09-03 08:00:00")
    def test_the_history_is_searched_by_period(self):
        event = self.entry()
        event.kehu_complete("Showed the pump")
        events = self.env["calendar.event"].with_user(self.user_seller)
        found = events.search(
            [("kehu_done_on", ">=", "2026-09-01"), ("kehu_done_on", "<", "2026-10-01"), ("kehu_outcome", "ilike", "pump")]
        )
        self.assertEqual(found, event)
        self.assertFalse(events.search([("kehu_done_on", ">=", "2026-10-01"), ("id", "=", event.id)]))
        arch = etree.fromstring(events.get_view(self.env.ref("kehu_crm.calendar_event_view_search_kehu_schedule").id, "search")["arch"])
        self.assertTrue(arch.xpath("//filter[@name='done_on'][@date='kehu_done_on']"))
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.calendar_event_action_kehu_history")
        open_one = self.entry(name="Still to do")
        self.assertEqual(events.search([*safe_eval(action["domain"]), ("id", "in", (event | open_one).ids)]), event)
        view = self.env.ref("kehu_crm.calendar_event_view_list_kehu_history")
        self.assertEqual(etree.fromstring(events.get_view(view.id)["arch"]).get("default_order"), "kehu_done_on desc, id desc")

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @freeze_time("2026-09-03 08:00:00")
    def test_private_entries_tell_nothing(self):
        """But to those who may read the contact record: the manager sees what is planned, and goes on having no right to change it."""
        plan = self.plan(plan="Secret plan", contact_id=self.contact.id).event_ids
        plan.kehu_complete("Secret outcome")
        other = self.entry(name="Secret doctor", privacy="private", description="<p>Secret illness</p>")
        names = ["name", "display_name", "kehu_outcome", "kehu_done_on", "kehu_done_by", "kehu_contact_record_id", "kehu_customer_id"]
        for role in ("seller2", "west_seller", "employee", "finance", "east_manager", "sales_manager", "service", "director", "crm_admin"):
            user = getattr(self, f"user_{role}")
            events = self.env["calendar.event"].with_user(user)
            reads_record = role in ("east_manager", "sales_manager", "service", "director", "crm_admin", "finance")
            with self.subTest(role=role):
                self.env.invalidate_all()
                [row] = events.browse(plan.id).read(names)
                if reads_record:
                    self.assertEqual([row[name] for name in names[:3]], ["Secret plan", "Secret plan", "Secret outcome"])
                    self.assertEqual([row["kehu_done_by"][0], row["kehu_customer_id"][0]], [self.user_seller.id, self.customer.id])
                else:
                    self.assertEqual([row[name] for name in names], ["Busy", "Busy", *[False] * 5])
                [row] = events.browse(other.id).read(["name", "display_name", "description", "partner_ids"])
                self.assertEqual([row["name"], row["display_name"], row["description"], row["partner_ids"]], ["Busy", "Busy", False, []])
                for domain in (
                    [("kehu_outcome", "ilike", "secret")],
                    [("kehu_done_by", "=", self.user_seller.id)],
                    [("kehu_done_on", "!=", False)],
                    [("kehu_contact_record_id", "!=", False)],
                    ["!", ("kehu_done_on", "=", False)],
                ):
                    with self.subTest(domain=domain):
                        self.assertEqual(bool(events.search([*domain, ("id", "=", plan.id)])), reads_record)
                for group in ("kehu_done_by", "kehu_done_on:month", "kehu_contact_record_id"):
                    rows = events.formatted_read_group([("id", "in", (plan | other).ids)], [group], ["__count"])
                    self.assertEqual(sum(row["__count"] for row in rows), int(reads_record), group)
                for event in (plan, other):
                    with self.assertRaises(AccessError):
                        events.browse(event.id).write({"location": "Mine"})
                    with self.assertRaises(AccessError):
                        events.browse(event.id).unlink()
                exported = events.browse((plan | other).ids)._export_rows([["name"], ["description"], ["kehu_outcome"]])
                self.assertEqual("Secret plan" in str(exported), reads_record)
                self.assertNotIn("doctor", str(exported))
                self.assertNotIn("illness", str(exported))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @freeze_time("2026-09-03 08:00:00")
    def test_the_author_who_lost_the_customer_does_not_watch_the_new_owner(self):
        plan = self.plan(plan="Visit").event_ids
        seller, seller2 = self.user_seller, self.user_seller2
        self.customer.with_user(self.user_east_manager).kehu_transfer(seller2.id, "Holidays")
        plan.with_user(seller2).write({"location": "Secret place", "description": "<p>Secret offer</p>"})
        plan.with_user(seller2).kehu_complete("Secret outcome")
        self.env.invalidate_all()
        events = self.env["calendar.event"].with_user(seller)
        self.assertTrue(plan.kehu_contact_record_id.with_user(seller).has_access("read"), "what one wrote one goes on reading")
        [row] = events.browse(plan.id).read(["name", "location", "description", "kehu_outcome", "kehu_done_by"])
        self.assertEqual(list(row.values()), [plan.id, "Busy", False, False, False, False])
        self.assertFalse(events.search([("kehu_outcome", "ilike", "secret"), ("id", "=", plan.id)]))
        self.assertFalse(events.formatted_read_group([("id", "=", plan.id)], ["kehu_done_by"], ["__count"]))
        self.env.invalidate_all()
        [row] = events.with_user(self.user_east_manager).browse(plan.id).read(["name", "kehu_outcome"])
        self.assertEqual((row["name"], row["kehu_outcome"]), ("Visit", "Secret outcome"))
        self.customer.action_archive()
        self.env.invalidate_all()
        self.assertEqual(events.with_user(self.user_east_manager).browse(plan.id).kehu_outcome, "Secret outcome", "archived ones too")

    @freeze_time("2026-09-03 08:00:00")
    def test_nobody_unties_an_entry_from_its_record(self):
        """The plan would stay with its former owner when the customer goes, and a completed one would tell of no customer."""
        record, own = self.plan(), self.entry()
        plan = record.event_ids.with_user(self.user_seller)
        routes = {
            "write": lambda: plan.write({"kehu_contact_record_id": False}),
            "with another": lambda: (own | plan).write({"kehu_contact_record_id": False}),
            "command unlink": lambda: record.write({"event_ids": [Command.unlink(plan.id)]}),
            "command clear": lambda: record.write({"event_ids": [Command.clear()]}),
        }
        for completed in (False, True):
            if completed:
                plan.kehu_complete("Called")
            for route, untie in routes.items():
                with self.subTest(route=route, completed=completed), self.assertRaises(KehuSystemFieldError):
                    untie()
                self.env.invalidate_all()
                self.assertEqual(plan.kehu_contact_record_id, record)
        own.write({"kehu_contact_record_id": False})

    def test_seeing_plans_costs_the_same_however_many(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Planned {number}", "kehu_is_customer": True, "user_id": self.user_seller.id} for number in range(12)]
        )
        records = self.env["kehu.contact.record"].with_user(self.user_seller)
        day = fields.Date.context_today(records) + timedelta(days=3)
        plans = records.create([{"partner_id": customer.id, "content": "x", "next_contact": day} for customer in customers]).event_ids
        counts = []
        for events in (plans[:1], plans[:2], plans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = events.with_user(self.user_east_manager).read(["name", "start"])
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(row["name"].startswith("Contact Planned") for row in rows))
        self.assertEqual(counts[1], counts[2])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_new_entry_names_nobody_hidden(self):
        hidden = self._create_customer(owner=self.user_west_seller, name="Hidden Pumps")
        lead = self.env["crm.lead"].create({"name": "Hidden deal", "partner_id": hidden.id, "user_id": self.user_west_seller.id})
        record = self.env["kehu.contact.record"].with_user(self.user_west_seller).create({"partner_id": hidden.id, "content": "Secret"})
        events = self.env["calendar.event"].with_user(self.user_seller)
        numbers = {"partner_id": hidden.id, "opportunity_id": lead.id, "kehu_contact_record_id": record.id}
        spec = {name: {"fields": {"display_name": {}}} for name in [*numbers, "partner_ids"]}
        for name, number in numbers.items():
            with self.subTest(default=name):
                self.env.invalidate_all()
                shown = events.with_context(**{f"default_{name}": number}).onchange({}, [], spec)
                self.assertNotIn("Hidden", str(shown))
            for value in (number, {"id": number}, [number, "x"]):
                with self.subTest(value=name, form=value), self.assertRaises(KehuHiddenLinkError) as caught:
                    self.env.invalidate_all()
                    events.onchange({name: value}, [name], spec)
                self.assertNotIn("Hidden", str(caught.exception))
        for label, look in {
            "default": lambda: events.with_context(default_partner_ids=hidden.ids).onchange({}, [], spec),
            "value": lambda: events.onchange({"partner_ids": [Command.link(hidden.id)]}, ["partner_ids"], spec),
        }.items():
            with self.subTest(attendees=label):
                self.env.invalidate_all()
                try:
                    shown = look()
                except AccessError as error:
                    shown = error
                self.assertNotIn("Hidden", str(shown))
        event = self.entry()
        for label, act in {
            "create": lambda: self.entry(opportunity_id=lead.id),
            "write": lambda: event.write({"opportunity_id": lead.id}),
            "default": lambda: events.with_context(default_opportunity_id=lead.id).create({"name": "Try", "start": TWO[0], "stop": TWO[1]}),
        }.items():
            with self.subTest(saved=label):
                self.env.invalidate_all()
                try:
                    self.assertFalse(act().opportunity_id)
                except AccessError as error:
                    self.assertNotIn("Hidden", str(error))
        self.assertFalse(event.opportunity_id)
        # an entry that names it already can be written on by whoever takes part
        both = [Command.set((self.user_seller.partner_id | self.user_west_seller.partner_id).ids)]
        theirs = self.entry(user=self.user_west_seller, opportunity_id=lead.id, partner_ids=both).with_user(self.user_seller)
        theirs.write({"opportunity_id": lead.id, "location": "Room 2"})
        mine = self.env["crm.lead"].with_user(self.user_seller).create({"name": "Own deal", "partner_id": self.customer.id})
        shown = events.with_context(default_opportunity_id=mine.id).onchange({}, [], spec)
        self.assertEqual(shown["value"]["opportunity_id"]["display_name"], "Own deal")

    def test_completing_closes_the_activity_of_the_document(self):
        event = self.entry(res_model_id=self.env["ir.model"]._get_id("res.partner"), res_id=self.customer.id)
        activity = event.activity_ids
        self.assertEqual((activity.res_id, activity.active), (self.customer.id, True))
        event.kehu_complete("Showed the pump")
        self.assertEqual((activity.active, activity.state, activity.feedback), (False, "done", "Showed the pump"))
        self.assertFalse(self.customer.activity_ids)
        self.assertEqual(event.kehu_outcome, "Showed the pump")

    def test_screens_of_the_schedule(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.calendar_event_action_kehu_schedule")
        self.assertEqual([mode for _view, mode in action["views"]], ["list", "calendar", "kanban", "form"])
        context = safe_eval(action["context"])
        arch = etree.fromstring(self.env["calendar.event"].get_view(action["search_view_id"][0], "search")["arch"])
        names = {node.get("name") for node in arch.findall(".//filter")}
        self.assertTrue({name.removeprefix("search_default_") for name in context} <= names)
        menu = self.env.ref("kehu_crm.calendar_event_menu_kehu_schedule")
        for role, shown in (("seller", True), ("east_manager", True), ("employee", False), ("finance", False)):
            with self.subTest(role=role):
                menus = self.env["ir.ui.menu"].with_user(getattr(self, f"user_{role}"))._visible_menu_ids()
                self.assertEqual(menu.id in menus, shown)

    def test_schedule_of_a_customer_shows_its_entries_to_the_manager_too(self):
        """The host's calendar begins with the entries of whoever looks, which a manager does not have for this customer."""
        entry = self.plan().event_ids
        for role, first in (("seller", "calendar"), ("east_manager", "list")):
            with self.subTest(role=role):
                user = getattr(self, f"user_{role}")
                action = self.customer.with_user(user).action_kehu_open_calendar()
                self.assertEqual(action["views"][0][1], first)
                self.assertEqual(self.env["calendar.event"].with_user(user).search(action["domain"]), entry)
                self.assertNotIn("search_default_mine", action["context"])
