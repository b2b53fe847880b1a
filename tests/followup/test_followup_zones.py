"""Days are those of the person's own calendar, wherever they live; what a list shows in red; whom the plan lists."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from lxml import etree
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ...models.followup.exceptions import KehuContactRecordError
from ..common import KehuCommon

# nine o'clock of 3 September there, as stored
ZONES = {
    "Pacific/Kiritimati": datetime(2026, 9, 2, 19),
    "America/Los_Angeles": datetime(2026, 9, 3, 16),
    "Asia/Shanghai": datetime(2026, 9, 3, 1),
    "Pacific/Pago_Pago": datetime(2026, 9, 3, 20),
}


@tagged("post_install", "-at_install")
class TestFollowupZones(KehuCommon):
    def _record(self, customer, day, **values):
        records = self.env["kehu.contact.record"].with_user(self.user_seller).with_context(tz=self.user_seller.tz)
        return records.create({"partner_id": customer.id, "date": day, "content": "Talked", **values})

    def test_plans_stand_on_the_owners_day_and_move_with_it(self):
        for zone, nine in ZONES.items():
            self.user_seller.tz = zone
            customer = self._create_customer(owner=self.user_seller, name=zone)
            # a moment that is 31 August, or already the day after
            with self.subTest(zone=zone), freeze_time("2026-08-31 11:30:00"):
                record = self._record(customer, "2026-08-31", next_contact="2026-09-03")
                event = record.sudo().event_ids
                self.assertEqual(event.start, nine)
                self.assertEqual(event._kehu_local_day(), date(2026, 9, 3))
                # the date typed on the customer
                customer.with_user(self.user_seller).with_context(tz=zone).kehu_next_contact = "2026-09-05"
                self.assertEqual(event.start, nine + timedelta(days=2))
            # on the very morning of the plan it is still ahead
            with self.subTest(zone=zone), freeze_time(nine + timedelta(days=2, hours=-3)):
                owner = customer.with_user(self.user_seller).with_context(tz=zone)
                self.assertEqual(owner._kehu_open_plans(), event)
                owner.kehu_next_contact = "2026-09-09"
                self.assertEqual(event.start, nine + timedelta(days=6))
            # the day after, it is overdue until it is completed, or until another record follows
            with self.subTest(zone=zone), freeze_time(nine + timedelta(days=7)):
                owner = customer.with_user(self.user_seller).with_context(tz=zone)
                self.assertEqual(owner._kehu_open_plans(), event)
                owner.kehu_next_contact = "2026-09-12"
                self.assertEqual(event.start, nine + timedelta(days=9))
                event.with_user(self.user_seller).kehu_complete("Called earlier")
                self.assertFalse(owner._kehu_open_plans())

    def test_a_newer_record_replaces_the_plan_of_the_next_day_and_keeps_todays(self):
        for zone, nine in ZONES.items():
            self.user_seller.tz = zone
            customer = self._create_customer(owner=self.user_seller, name=zone)
            with self.subTest(zone=zone), freeze_time("2026-09-03 11:30:00"):
                done = self._record(customer, "2026-09-01", next_contact="2026-09-03").sudo().event_ids
                self.assertEqual(done.start, nine)
                self._record(customer, "2026-09-03", next_contact="2026-09-04", content="Called as planned")
                self.assertTrue(done.exists(), "the entry of the day of the conversation was carried out")
            customer = self._create_customer(owner=self.user_seller, name=f"{zone} again")
            with self.subTest(zone=zone), freeze_time("2026-09-02 11:30:00"):
                planned = self._record(customer, "2026-09-01", next_contact="2026-09-03").sudo().event_ids
                following = self._record(customer, "2026-09-02", next_contact="2026-09-06").sudo().event_ids
                self.assertFalse(planned.exists(), "it lies after the conversation and is void")
                self.assertEqual(following.start, nine + timedelta(days=3))

    def test_an_entry_made_all_day_stays_so(self):
        for zone in ZONES:
            self.user_seller.tz = zone
            customer = self._create_customer(owner=self.user_seller, name=zone)
            with self.subTest(zone=zone), freeze_time("2026-08-31 11:30:00"):
                record = self._record(customer, "2026-08-31", next_contact="2026-09-03")
                event = record.sudo().event_ids
                event.write({"allday": True, "start_date": "2026-09-03", "stop_date": "2026-09-04"})
                customer.with_user(self.user_seller).with_context(tz=zone).kehu_next_contact = "2026-09-05"
                self.assertEqual((event.allday, event.start_date, event.stop_date), (True, date(2026, 9, 5), date(2026, 9, 6)))
                record.next_contact = "2026-09-08"
                self.assertEqual((event.allday, event.start_date, event.stop_date), (True, date(2026, 9, 8), date(2026, 9, 9)))

    # -- what a list shows ---------------------------------------------------------------------------------------------

    def test_only_the_present_plan_is_late(self):
        customer = self._create_customer(owner=self.user_seller)
        with freeze_time("2026-08-01 04:00:00"):
            old = self._record(customer, "2026-07-01", next_contact="2026-07-05")
            self.assertTrue(old.is_present_plan)
            new = self._record(customer, "2026-07-10", next_contact="2026-07-15")
            self.assertEqual((old | new).mapped("is_present_plan"), [False, True])
            customer.with_user(self.user_seller).kehu_next_contact = "2026-08-20"
            self.assertEqual((old | new).mapped("is_present_plan"), [False, False])
            customer.with_user(self.user_seller).kehu_next_contact = "2026-07-15"
            self.assertTrue(new.is_present_plan)
        # the lists make nothing red but what holds
        for xmlid, model in (
            ("kehu_crm.kehu_contact_record_view_list", "kehu.contact.record"),
            ("kehu_crm.kehu_contact_record_view_list_card", "kehu.contact.record"),
        ):
            arch = etree.fromstring(self.env[model].get_view(self.env.ref(xmlid).id)["arch"])
            columns = arch.xpath("//list[field[@name='content']]/field[@name='next_contact']") or arch.xpath(
                "//field[@name='next_contact']"
            )
            self.assertTrue(columns)
            for column in columns:
                with self.subTest(view=xmlid):
                    self.assertFalse(column.get("widget"))
                    for present, late, red in ((True, True, True), (True, False, False), (False, True, False)):
                        context = {
                            "is_present_plan": present,
                            "next_contact": "2026-07-15" if late else "2026-09-15",
                            "current_date": "2026-08-01",
                        }
                        self.assertEqual(bool(safe_eval(column.get("decoration-danger"), context)), red)

    def test_a_new_record_has_no_title_of_commas(self):
        fresh = self.env["kehu.contact.record"].with_user(self.user_seller).new({})
        self.assertFalse(fresh.display_name)
        customer = self._create_customer(owner=self.user_seller, name="Titled")
        self.assertTrue(self._record(customer, "2026-07-01").display_name.startswith("Titled"))

    def test_the_plan_lists_what_each_role_looks_after(self):
        today = date.today()
        for owner in (self.user_seller, self.user_west_seller):
            customer = self._create_customer(owner=owner, name=f"Late of {owner.name}")
            customer.kehu_next_contact = today - timedelta(days=1)
        for xmlid in ("kehu_crm.kehu_contact_plan_action", "kehu_crm.kehu_contact_record_action"):
            action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
            self.assertNotIn("search_default_mine", safe_eval(action["context"], {"uid": self.env.uid}))
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_plan_action")
        domain = [*safe_eval(action["domain"]), ("kehu_next_contact", "<", "today"), ("name", "like", "Late of")]
        for user, owners in (
            (self.user_seller, self.user_seller),
            (self.user_east_manager, self.user_seller),
            (self.user_sales_manager, self.user_seller | self.user_west_seller),
            (self.user_director, self.user_seller | self.user_west_seller),
            (self.user_crm_admin, self.user_seller | self.user_west_seller),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.env["res.partner"].with_user(user).search(domain).user_id, owners)

    def test_tomorrow_is_not_today_whatever_zone_a_client_sends(self):
        """At eight in the evening in Shanghai it is the next day on Kiritimati (+14)."""
        self.user_seller.tz = "Asia/Shanghai"
        customer = self._create_customer(owner=self.user_seller, name="Tomorrow")
        records = self.env["kehu.contact.record"].with_user(self.user_seller).with_context(tz="Pacific/Kiritimati")
        with freeze_time("2026-09-03 12:00:00"):
            with self.assertRaises(KehuContactRecordError):
                records.create({"partner_id": customer.id, "date": "2026-09-04", "content": "Not yet"})
            record = records.create({"partner_id": customer.id, "date": "2026-09-03", "content": "Talked"})
            with self.assertRaises(KehuContactRecordError):
                record.write({"date": "2026-09-04"})
        # who lives there, does
        self.user_seller.tz = "Pacific/Kiritimati"
        with freeze_time("2026-09-03 12:00:00"):
            self.assertTrue(records.create({"partner_id": customer.id, "date": "2026-09-04", "content": "Talked"}))
