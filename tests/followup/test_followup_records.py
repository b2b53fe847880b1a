"""Contact records move the customer's dates, level and the owner's calendar."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ...models.customer.exceptions import KehuCustomerError, KehuPartnerDeletionError, KehuSystemFieldError
from ...models.followup.exceptions import (
    KehuContactRecordDeletionError,
    KehuContactRecordError,
    KehuContactRecordRightsError,
)
from ..common import KehuCommon

SHANGHAI_NINE = timedelta(hours=1)  # nine o'clock at +8, as stored


@tagged("post_install", "-at_install")
class TestFollowupRecords(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.tz = cls.user_seller2.tz = "Asia/Shanghai"
        cls.customer = cls._create_customer(owner=cls.user_seller)
        cls.contact = cls._create_contact(cls.customer)
        cls.records = cls.env["kehu.contact.record"].with_user(cls.user_seller)

    def record(self, day="2026-08-31", **values):
        return self.records.create({"partner_id": self.customer.id, "date": day, "content": "Talked", **values})

    def assertDates(self, last, following):
        self.assertEqual(self.customer.kehu_last_contact, last and date.fromisoformat(last))
        self.assertEqual(self.customer.kehu_next_contact, following and date.fromisoformat(following))

    # -- the level's rhythm --------------------------------------------------------------------------------------------

    def test_the_example_of_the_specification(self):
        record = self.record(level_id=self.level_key.id)
        self.assertEqual(record.next_contact, date(2026, 9, 3))
        self.assertDates("2026-08-31", "2026-09-03")
        self.assertEqual(self.customer.kehu_level_id, self.level_key)

    def test_a_typed_date_stays(self):
        record = self.record(level_id=self.level_key.id, next_contact="2026-09-10")
        self.assertDates("2026-08-31", "2026-09-10")
        record.level_id = self.level_none
        self.assertDates("2026-08-31", "2026-09-10")
        self.assertEqual(self.customer.kehu_level_id, self.level_none)

    def test_without_days_or_level_nothing_is_proposed(self):
        self.assertFalse(self.record(level_id=self.level_none.id).next_contact)
        self.assertFalse(self.record(next_contact=False).next_contact)
        self.assertEqual(self.record(next_contact=False, level_id=self.level_key.id).next_contact, date(2026, 9, 3))

    def test_the_form_proposes_and_keeps_what_is_typed(self):
        self.customer.kehu_level_id = self.level_key
        form = Form(self.records.with_context(default_partner_id=self.customer.id))
        self.assertEqual(form.level_id, self.level_key)
        form.date = "2026-08-31"
        self.assertEqual(fields.Date.to_date(form.next_contact), date(2026, 9, 3))
        form.level_id = self.env["kehu.customer.level"].create({"name": "Weekly (test)", "reminder_days": 7})
        self.assertEqual(fields.Date.to_date(form.next_contact), date(2026, 9, 7))
        form.next_contact = "2026-09-30"
        form.date = "2026-08-30"
        self.assertEqual(fields.Date.to_date(form.next_contact), date(2026, 9, 30))
        with self.assertRaisesRegex(AssertionError, "content is a required field"):
            form.save()
        form.content = "Called about the pump"
        record = form.save()
        self.assertEqual(record.next_contact, date(2026, 9, 30))
        self.assertDates("2026-08-30", "2026-09-30")

    def test_an_older_record_moves_nothing(self):
        self.record("2026-08-31", level_id=self.level_key.id)
        self.record("2026-08-01", level_id=self.level_none.id, next_contact="2026-12-01")
        self.assertDates("2026-08-31", "2026-09-03")
        self.assertEqual(self.customer.kehu_level_id, self.level_key)

    def test_a_record_without_a_date_fulfils_the_plan_or_leaves_it(self):
        self.record("2026-08-31", level_id=self.level_key.id)
        self.record("2026-09-02")
        self.assertDates("2026-09-02", "2026-09-03")
        self.record("2026-09-03")
        self.assertDates("2026-09-03", False)

    def test_changing_and_deleting_the_newest(self):
        self.record("2026-08-20", next_contact="2026-08-25")
        newest = self.record("2026-08-31", level_id=self.level_key.id)
        newest.date = "2026-08-30"
        self.assertDates("2026-08-30", "2026-09-02")
        newest.next_contact = "2026-09-15"
        self.assertDates("2026-08-30", "2026-09-15")
        newest.next_contact = False
        self.assertDates("2026-08-30", False)
        newest.sudo().unlink()
        self.assertEqual(self.customer.kehu_last_contact, date(2026, 8, 20))

    def test_days_that_nobody_means(self):
        with freeze_time("2026-08-31 03:00:00"):
            for day in ("1989-12-31", "0001-01-01", "2026-09-01"):
                with self.subTest(day=day), self.assertRaises(KehuContactRecordError):
                    self.record(day)
            with self.assertRaisesRegex(KehuCustomerError, "09/01/2036.*08/31/2036"):
                self.record(next_contact="2036-09-01")
            record = self.record("1990-01-01", next_contact="2036-08-31")
            with self.assertRaises(KehuContactRecordError):
                record.date = "1989-12-31"
            with self.assertRaises(KehuCustomerError):
                record.next_contact = "9999-12-31"

    def test_values_of_the_wrong_kind(self):
        """Each ends in a sentence that names the field."""
        record = self.record()
        for name, value in (
            ("date", "foo"),
            ("date", 5),
            ("next_contact", "2026-02-30"),
            ("partner_id", "x"),
            ("partner_id", 2**40),
            ("contact_id", [1]),
            ("level_id", "x"),
            ("level_id", 2**31 - 1),
            ("lead_id", "x"),
            ("user_id", {}),
            ("method", "zz"),
        ):
            label = self.records._fields[name].string
            with self.subTest(field=name, value=value), self.assertRaisesRegex(KehuContactRecordError, f"“{label}”: .*{value}"[:24]):
                self.records.create({"partner_id": self.customer.id, name: value})
            with self.subTest(written=name, value=value), self.assertRaises(KehuContactRecordError):
                record.write({name: value})

    def test_an_impossible_record(self):
        with self.assertRaises(KehuContactRecordError):
            self.record(next_contact="2026-08-30")
        with freeze_time("2026-08-30 15:00:00"), self.assertRaises(KehuContactRecordError):
            self.record()  # tomorrow, in Shanghai and here
        with freeze_time("2026-08-30 17:00:00"):
            self.record()  # today in Shanghai
        stranger = self._create_contact(self._create_customer(name="Other", owner=self.user_seller), name="Stranger")
        with self.assertRaises(KehuContactRecordError):
            self.record(contact_id=stranger.id)
        with self.assertRaises(KehuContactRecordError):
            self.records.create({"partner_id": self.contact.id})
        leads = self.env["crm.lead"].with_context(tracking_disable=True)
        foreign = leads.create({"name": "Foreign", "partner_id": self.customer.id, "user_id": self.user_west_seller.id})
        elsewhere = leads.create({"name": "Elsewhere", "partner_id": stranger.id, "user_id": self.user_seller.id})
        for lead in foreign | elsewhere:
            with self.subTest(lead=lead.name), self.assertRaises(KehuContactRecordError):
                self.record(lead_id=lead.id)
        fitting = leads.create({"name": "Fitting", "partner_id": self.contact.id, "user_id": self.user_seller.id})
        self.assertEqual(self.record(lead_id=fitting.id).lead_id, fitting)
        record = self.record()
        with self.assertRaises(KehuContactRecordError):
            record.partner_id = stranger.kehu_customer_id
        with self.assertRaises(KehuContactRecordError):
            record.user_id = self.user_seller2

    # -- the calendar --------------------------------------------------------------------------------------------------

    def test_the_plan_stands_in_the_owners_calendar_at_nine(self):
        record = self.record(level_id=self.level_key.id, plan="Show the new pump", remind_by_email=True)
        event = record.event_ids
        self.assertEqual(event.name, "Show the new pump")
        self.assertEqual(event.start, datetime(2026, 9, 3) + SHANGHAI_NINE)
        self.assertEqual(event.stop - event.start, timedelta(minutes=30))
        self.assertEqual(event.user_id, self.user_seller)
        self.assertEqual(event.partner_ids, self.user_seller.partner_id)
        self.assertEqual(event.alarm_ids, self.env.ref("kehu_crm.kehu_calendar_alarm_email"))
        self.assertEqual((event.alarm_ids.alarm_type, event.alarm_ids.duration_minutes), ("email", 0))

    def test_the_entry_agrees_with_the_record(self):
        record = self.record(level_id=self.level_key.id, add_to_schedule=False)
        self.assertFalse(record.event_ids)
        record.add_to_schedule = True
        self.assertEqual(record.event_ids.start.date(), date(2026, 9, 3))
        record.next_contact = "2026-09-08"
        self.assertEqual(record.event_ids.start, datetime(2026, 9, 8) + SHANGHAI_NINE)
        self.assertFalse(record.event_ids.alarm_ids)
        record.next_contact = False
        self.assertFalse(record.event_ids)

    def test_a_manager_who_writes_the_record_plans_for_the_owner(self):
        record = self.env["kehu.contact.record"].with_user(self.user_east_manager)
        record = record.create({"partner_id": self.customer.id, "date": "2026-08-31", "level_id": self.level_key.id})
        self.assertEqual(record.user_id, self.user_east_manager)
        self.assertEqual(record.sudo().event_ids.user_id, self.user_seller)

    @freeze_time("2026-09-01 04:00:00")
    def test_an_earlier_contact_replaces_the_plan(self):
        first = self.record("2026-08-31", level_id=self.level_key.id)
        second = self.record("2026-09-01", level_id=self.level_key.id)
        self.assertFalse(first.event_ids)
        self.assertEqual(second.event_ids.start.date(), date(2026, 9, 4))

    @freeze_time("2026-08-31 04:00:00")
    def test_the_date_typed_on_the_customer_moves_the_entry(self):
        event = self.record(level_id=self.level_key.id).event_ids
        self.customer.with_user(self.user_seller).kehu_next_contact = "2026-09-20"
        self.assertEqual(event.start, datetime(2026, 9, 20) + SHANGHAI_NINE)
        self.customer.with_user(self.user_seller).kehu_next_contact = False
        self.assertFalse(event.exists())

    @freeze_time("2026-08-31 04:00:00")
    def test_plans_go_to_the_new_owner_and_end_in_a_pool(self):
        event = self.record(level_id=self.level_key.id).event_ids.sudo()
        self.customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Holiday")
        self.assertEqual(event.user_id, self.user_seller2)
        self.assertEqual(event.partner_ids, self.user_seller2.partner_id)
        self.assertDates("2026-08-31", "2026-09-03")
        self.customer.with_user(self.user_seller2).kehu_return("No need")
        self.assertFalse(event.exists())
        self.assertDates("2026-08-31", False)

    @freeze_time("2026-08-31 17:30:00")
    def test_today_is_the_users_own_day(self):
        """Half past one in the morning of 1 September in Shanghai is still 31 August in UTC."""
        record = self.records.create({"partner_id": self.customer.id, "content": "Late call"})
        self.assertEqual(record.date, date(2026, 9, 1))
        self.assertEqual(self.customer.kehu_last_contact, date(2026, 9, 1))

    @freeze_time("2026-08-31 17:30:00")
    def test_the_plan_counts_days_where_the_owner_lives(self):
        """Half past one in the morning of Tuesday, 1 September in Shanghai."""
        partners = self.env["res.partner"].with_user(self.user_seller).with_context(tz="Asia/Shanghai")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_plan_action")
        arch = etree.fromstring(partners.get_view(action["search_view_id"][0], "search")["arch"])
        cases = [
            # next contact, filters that show the customer
            ("2026-08-31", {"overdue", "next_week", "never"}),
            ("2026-09-01", {"next_today", "next_week", "next_month", "never"}),
            ("2026-09-06", {"next_week", "next_month", "never"}),
            ("2026-09-07", {"next_month", "never"}),
            ("2026-10-01", {"never"}),
            (False, {"no_plan", "never"}),
        ]
        names = ("overdue", "next_today", "next_week", "next_month", "never", "no_plan")
        self.env["res.lang"].search([]).week_start = "1"
        for day, expected in cases:
            self.customer.kehu_next_contact = day
            shown = {
                name
                for name in names
                if partners.search_count([*safe_eval(arch.find(f".//filter[@name='{name}']").get("domain")), ("id", "=", self.customer.id)])
            }
            with self.subTest(day=day):
                self.assertEqual(shown, expected)

    def test_deleting_the_newest_takes_its_level_back(self):
        self.customer.kehu_level_id = self.level_none
        record = self.record(level_id=self.level_key.id)
        self.assertEqual(self.customer.kehu_level_id, self.level_key)
        record.sudo().unlink()
        self.assertEqual(self.customer.kehu_level_id, self.level_none)
        row = self.customer.kehu_level_change_ids[0]
        self.assertEqual((row.old_level_id, row.level_id, row.cause), (self.level_key, self.level_none, "contact"))
        # an earlier record, or a person, said so as well
        self.record(level_id=self.level_key.id)
        self.record(level_id=self.level_key.id).sudo().unlink()
        self.assertEqual(self.customer.kehu_level_id, self.level_key)
        record = self.record(level_id=self.level_none.id)
        self.customer.with_user(self.user_seller).kehu_level_id = self.level_key
        self.customer.with_user(self.user_seller).kehu_level_id = self.level_none
        record.sudo().unlink()
        self.assertEqual(self.customer.kehu_level_id, self.level_none)

    @freeze_time("2026-08-31 04:00:00")
    def test_deleting_or_moving_the_newest_brings_the_former_plan_back(self):
        first = self.record("2026-08-29", next_contact="2026-09-05")
        second = self.record("2026-08-31", next_contact="2026-09-10")
        self.assertFalse(first.event_ids)
        second.sudo().unlink()
        self.assertDates("2026-08-29", False)  # from before the assignment
        self.env.flush_all()
        self.cr.execute("UPDATE res_partner SET kehu_assigned_on = '2026-08-01' WHERE id = %s", [self.customer.id])
        self.env.invalidate_all()
        second = self.record("2026-08-31", next_contact="2026-09-10")
        second.sudo().unlink()
        self.assertDates("2026-08-29", "2026-09-05")
        self.assertEqual(first.event_ids.start, datetime(2026, 9, 5) + SHANGHAI_NINE)
        second = self.record("2026-08-31", next_contact="2026-09-10")
        second.date = "2026-08-28"
        self.assertDates("2026-08-29", "2026-09-05")
        self.assertEqual(first.event_ids.start, datetime(2026, 9, 5) + SHANGHAI_NINE)

    @freeze_time("2026-08-31 04:00:00")
    def test_only_the_newest_record_plans(self):
        newest = self.record("2026-08-31", next_contact="2026-09-10")
        older = self.record("2026-08-20", next_contact="2026-09-01")
        self.assertFalse(older.event_ids)
        self.assertTrue(newest.event_ids)
        unscheduled = self.record("2026-08-31", next_contact="2026-09-20", add_to_schedule=False)
        self.assertFalse((newest | unscheduled).event_ids)

    @freeze_time("2026-08-31 04:00:00")
    def test_the_cost_of_plans_does_not_grow_with_customers(self):
        def costs(count):
            customers = self.env["res.partner"].create(
                [{"name": f"C{index}", "kehu_is_customer": True, "user_id": self.user_seller.id} for index in range(count)]
            )
            result = []
            for step in (
                lambda: self.records.create([{"partner_id": c.id, "date": "2026-08-31", "next_contact": "2026-09-10"} for c in customers]),
                lambda: customers.with_user(self.user_seller).write({"kehu_next_contact": "2026-09-20"}),
                lambda: customers.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "All of them"),
            ):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                step()
                self.env.flush_all()
                result.append(self.cr.sql_log_count - before)
            return result

        costs(2)
        few, many = costs(5), costs(25)
        # the host looks up the organizer, or the followers, of each entry made or handed over
        for step, low, high, host in zip(("create", "move", "transfer"), few, many, (20, 0, 20), strict=True):
            with self.subTest(step=step):
                self.assertLessEqual(high, low + host + 10, f"{low} queries for 5 customers, {high} for 25")

    def test_the_entry_is_the_owners_and_the_link_is_the_engines(self):
        record = self.record(next_contact="2026-09-10", plan="Secret plan")
        event = record.event_ids
        seen = self.env["calendar.event"].with_user(self.user_west_seller).browse(event.id)
        self.assertEqual(event.display_name, "Secret plan")
        self.env.invalidate_all()
        self.assertEqual(seen.display_name, "Busy")
        with self.assertRaises(AccessError):
            seen.write({"start": "2026-09-11 01:00:00"})
        events = self.env["calendar.event"].with_user(self.user_west_seller)
        values = {"name": "Mine", "start": "2026-09-11 01:00:00", "stop": "2026-09-11 02:00:00"}
        with self.assertRaises(KehuSystemFieldError):
            events.create({**values, "kehu_contact_record_id": record.id})
        mine = events.with_context(default_kehu_contact_record_id=record.id, kehu_engine_contact=True).create(values)
        self.assertFalse(mine.kehu_contact_record_id)
        with self.assertRaises(KehuSystemFieldError):
            mine.kehu_contact_record_id = record.id

    # -- rights --------------------------------------------------------------------------------------------------------

    def test_who_may_write_a_record(self):
        cases = [
            ("seller", True),
            ("east_manager", True),
            ("sales_manager", True),
            ("director", True),
            ("crm_admin", True),
            ("seller2", False),
            ("west_seller", False),
            ("service", False),
            ("finance", False),
            ("order_approver", False),
            ("receipt_approver", False),
            ("employee", False),
        ]
        for role, allowed in cases:
            records = self.env["kehu.contact.record"].with_user(getattr(self, f"user_{role}"))
            with self.subTest(role=role):
                if allowed:
                    self.assertTrue(records.create({"partner_id": self.customer.id}))
                else:
                    with self.assertRaises(AccessError):
                        records.create({"partner_id": self.customer.id})

    def test_a_pool_customer_is_claimed_before_it_is_contacted(self):
        waiting = self._create_customer(name="Waiting")
        with self.assertRaises(KehuContactRecordRightsError):
            self.records.create({"partner_id": waiting.id})
        waiting.with_user(self.user_seller).kehu_claim()
        self.assertTrue(self.records.create({"partner_id": waiting.id}))

    def test_nobody_writes_in_another_name(self):
        with self.assertRaises(AccessError):
            self.record(user_id=self.user_seller2.id)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_an_unsaved_form_tells_no_hidden_name(self):
        other = self._create_customer(owner=self.user_west_seller, name="West Secret")
        buyer = self._create_contact(other, name="West Buyer")
        lead = self.env["crm.lead"].create({"name": "West Deal", "partner_id": other.id, "user_id": other.user_id.id})
        name = {"fields": {"display_name": {}}}
        spec = {"partner_id": name, "contact_id": name, "lead_id": name}
        cases = {"partner_id": other.id, "contact_id": buyer.id, "lead_id": lead.id}
        for field, value in cases.items():
            refusal = KehuContactRecordError if field == "lead_id" else KehuContactRecordRightsError
            routes = {
                "default": lambda field=field, value=value: self.records.with_context(**{f"default_{field}": value}).onchange({}, [], spec),
                "value": lambda field=field, value=value: self.records.onchange({field: value}, [field], spec),
                "value with name": lambda field=field, value=value: self.records.onchange(
                    {field: {"id": value, "display_name": "?"}}, [field], spec
                ),
                "below the customer": lambda field=field, value=value: self.customer.with_user(self.user_seller).onchange(
                    {"kehu_contact_record_ids": [[0, "v1", {field: value}]]},
                    ["kehu_contact_record_ids"],
                    {"kehu_contact_record_ids": {"fields": spec}},
                ),
            }
            for label, route in routes.items():
                with self.subTest(field=field, route=label), self.assertRaises(refusal) as caught:
                    route()
                self.assertNotIn("West", str(caught.exception))
            self.env["ir.default"].sudo().set("kehu.contact.record", field, value, user_id=self.user_seller.id)
            with self.subTest(field=field, route="own default"), self.assertRaises(refusal):
                self.records.onchange({}, [], spec)
            self.env["ir.default"].sudo().search([("user_id", "=", self.user_seller.id)]).unlink()
        shown = self.records.with_context(default_partner_id=self.customer.id, default_contact_id=self.contact.id).onchange({}, [], spec)
        self.assertEqual(shown["value"]["contact_id"]["id"], self.contact.id)
        # the author goes on reading what was written for a customer that has moved on
        record = self.record(contact_id=self.contact.id)
        self.customer.user_id = self.user_west_seller
        self.env.invalidate_all()
        kept = {"partner_id": self.customer.id, "contact_id": self.contact.id, "content": "More"}
        self.assertIn("value", record.onchange(kept, ["content"], {"content": {}}))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_attendees_tell_of_partners_one_may_see_only(self):
        other = self._create_customer(owner=self.user_west_seller, name="West Secret", email="secret@west.example", phone="13912345678")
        host = self.user_west_seller.partner_id
        people = other | host | self.user_seller.partner_id
        values = {"name": "Visit", "start": "2030-12-01 08:00:00", "stop": "2030-12-01 09:00:00"}
        event = self.env["calendar.event"].with_user(self.user_west_seller).create({**values, "partner_ids": [Command.set(people.ids)]})
        self.assertEqual(event.attendee_ids.partner_id, people)
        names = ["common_name", "email", "phone", "partner_id"]
        for user in (self.user_seller, self.user_employee):
            self.env.invalidate_all()
            with self.subTest(user=user.name):
                table = self.env["calendar.attendee"].with_user(user)
                rows = table.search_read([("event_id", "=", event.id)], names)
                self.assertEqual({row["partner_id"][0] for row in rows}, set((people - other).ids))
                self.assertFalse(table.search([("common_name", "=", "West Secret")]))
                own = event.with_user(user)
                # the screens of the calendar: form, popover, and a change from both
                own.web_read({"attendee_ids": {"fields": {"partner_id": {"fields": {"display_name": {}}}}}, "attendees_count": {}})
                self.assertNotIn(other.id, [detail["id"] for detail in (people - other).with_user(user).get_attendee_detail(event.ids)])
                Form(own)
                # whoever takes the event over, or moves the attendee to an event of their own, learns nothing either
                own.user_id = user
                self.env.invalidate_all()
                self.assertFalse(table.search([("partner_id", "=", other.id)]))
                own.write({"start": "2030-12-02 08:00:00", "stop": "2030-12-02 09:00:00"})
                hidden = self.env["calendar.attendee"].search([("partner_id", "=", other.id)])
                with self.assertRaises(AccessError):
                    hidden.with_user(user).read(["email"])
        self.assertIn(other, event.sudo().attendee_ids.partner_id)
        self.env.invalidate_all()
        event.with_user(self.user_seller).write({"partner_ids": [Command.unlink(self.user_seller.partner_id.id)]})
        self.env.invalidate_all()
        self.assertEqual(event.sudo().attendee_ids.partner_id, other | host)
        event.with_user(self.user_seller).unlink()
        self.assertFalse(event.exists())

    def test_access_matrix(self):
        record = self.record()
        #             read   write  unlink
        expected = {
            "seller": (True, True, True),
            "seller2": (False, False, False),
            "west_seller": (False, False, False),
            "east_manager": (True, False, False),
            "sales_manager": (True, False, False),
            "director": (True, False, False),
            "crm_admin": (True, True, True),
            "service": (True, False, False),
            "finance": (True, False, False),
            "order_approver": (False, False, False),
            "receipt_approver": (False, False, False),
            "employee": (False, False, False),
        }
        for role, rights in expected.items():
            seen = record.with_user(getattr(self, f"user_{role}"))
            for operation, allowed in zip(("read", "write", "unlink"), rights, strict=True):
                with self.subTest(role=role, operation=operation):
                    self.assertEqual(seen.has_access(operation), allowed)

    def test_the_new_owner_reads_the_history(self):
        record = self.record()
        self.customer.kehu_transfer(self.user_west_seller.id, "Moved")
        self.assertTrue(record.with_user(self.user_west_seller).has_access("read"))
        self.assertFalse(record.with_user(self.user_west_seller).has_access("write"))

    def test_the_former_owner_steers_the_customer_no_more(self):
        record = self.record("2026-08-31", level_id=self.level_key.id, plan="Call")
        self.customer.kehu_transfer(self.user_west_seller.id, "Moved")
        for values in (
            {"level_id": self.level_none.id},
            {"next_contact": "2026-12-24"},
            {"plan": "Call again"},
            {"date": "2026-08-30"},
            {"add_to_schedule": False},
            {"remind_by_email": True},
        ):
            with self.subTest(values=values), self.assertRaises(KehuContactRecordRightsError):
                record.with_user(self.user_seller).write(values)
        record.with_user(self.user_seller).write({"content": "Talked about pumps"})
        self.customer.email = "secret@example.com"
        name = record.with_user(self.user_seller).with_context(show_email=True).display_name
        self.assertTrue(name.startswith("Suzhou Science Park, "), name)
        self.assertNotIn("secret", name)

    def test_the_scope_of_a_record_follows_from_author_and_customer(self):
        for name, value in (("kehu_department_id", self.department_west.id), ("company_id", self.env.company.id)):
            record = self.records.with_context(**{f"default_{name}": value}).create({"partner_id": self.customer.id})
            self.assertEqual(record.kehu_department_id, self.department_east)
            self.assertFalse(record.company_id)
            with self.subTest(field=name), self.assertRaises(KehuSystemFieldError):
                record.write({name: value})
            with self.subTest(field=name), self.assertRaises(KehuSystemFieldError):
                self.record(**{name: value})

    # -- deletion ------------------------------------------------------------------------------------------------------

    def test_what_cannot_be_deleted_cannot_be_emptied(self):
        record = self.record(result=False)
        record.content = "Talked about pumps"
        self.env.flush_all()
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.cr.execute("UPDATE kehu_contact_record SET create_date = %s WHERE id = %s", [yesterday, record.id])
        record.invalidate_recordset()
        for values in ({"content": False}, {"content": "Nothing"}, {"date": "2026-09-01"}, {"method": "visit"}):
            with self.subTest(values=values), self.assertRaises(KehuContactRecordError):
                record.write(values)
        record.write({"content": "Talked about pumps", "date": "2026-08-31", "result": "They want an offer"})
        record.write({"next_contact": "2026-09-30", "plan": "Bring the offer"})
        record.with_user(self.user_crm_admin).write({"content": "Corrected"})
        self.assertEqual(record.content, "Corrected")

    def test_own_records_of_today_may_go(self):
        today = fields.Date.context_today(self.records)
        record = self.record(today)
        event = self.record(today, level_id=self.level_key.id).event_ids
        (record | event.kehu_contact_record_id).with_user(self.user_seller).unlink()
        self.assertFalse(event.exists())
        self.assertDates(False, False)

    def test_older_or_foreign_records_stay(self):
        yesterday = self.record(fields.Date.context_today(self.records))
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kehu_contact_record SET create_date = %s WHERE id = %s", [fields.Datetime.now() - timedelta(days=1), yesterday.id]
        )
        yesterday.invalidate_recordset()
        with self.assertRaises(KehuContactRecordDeletionError):
            yesterday.with_user(self.user_seller).unlink()
        with self.assertRaises(KehuContactRecordDeletionError):
            yesterday.with_user(self.user_seller).with_context(_force_unlink=True).unlink()
        foreign = self.env["kehu.contact.record"].with_user(self.user_east_manager).create({"partner_id": self.customer.id})
        with self.assertRaises(AccessError):
            foreign.with_user(self.user_seller).unlink()
        self.assertTrue((yesterday | foreign).exists())

    def test_records_from_before_the_assignment_stay(self):
        today = fields.Date.context_today(self.records)
        record = self.record(today - timedelta(days=1))
        with self.assertRaises(KehuContactRecordDeletionError):
            record.with_user(self.user_seller).unlink()

    def test_the_day_of_deletion_is_the_users_own(self):
        """Made at 23:30 on 31 August in Shanghai, deleted half an hour later on 1 September: another day, though the same one in UTC."""
        record = self.record()
        self.env.flush_all()
        self.cr.execute("UPDATE kehu_contact_record SET create_date = '2026-08-31 15:30:00' WHERE id = %s", [record.id])
        self.cr.execute("UPDATE res_partner SET kehu_assigned_on = '2026-08-01' WHERE id = %s", [self.customer.id])
        self.env.invalidate_all()
        with freeze_time("2026-08-31 16:30:00"), self.assertRaises(KehuContactRecordDeletionError):
            record.with_user(self.user_seller).unlink()
        with freeze_time("2026-08-31 15:40:00"):
            record.with_user(self.user_seller).unlink()

    def test_a_customer_with_records_stays_a_customer(self):
        self.record()
        self.contact.unlink()
        with self.assertRaises(KehuPartnerDeletionError):
            self.customer.unlink()
        with self.assertRaises(KehuCustomerError):
            self.customer.kehu_is_customer = False

    def test_nobody_forges_the_last_contact(self):
        for records in (self.customer, self.customer.with_user(self.user_seller).with_context(kehu_engine_contact=True)):
            with self.assertRaises(KehuSystemFieldError):
                records.write({"kehu_last_contact": "2020-01-01"})
