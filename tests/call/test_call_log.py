"""A call that reached somebody becomes a contact record; one that nobody answered moves nothing."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...models.call.exceptions import KehuPhoneCallDeletionError, KehuPhoneCallError, KehuPhoneCallRightsError
from ...models.customer.exceptions import KehuCustomerError, KehuPartnerDeletionError, KehuSystemFieldError
from .common import CallCommon


@tagged("post_install", "-at_install")
class TestCallLog(CallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.tz = "Asia/Shanghai"
        cls.customer = cls._create_customer(owner=cls.user_seller, phone="021 5888 1234")
        cls.contact = cls._create_contact(cls.customer, kehu_mobile="139 1234 5678")

    def call(self, outcome="reached", **values):
        return self.calls.create({"partner_id": self.customer.id, "outcome": outcome, **values})

    # -- contact records -----------------------------------------------------------------------------------------------

    def test_a_call_with_a_note_becomes_a_contact_record(self):
        call = self.call("interested", note="Wants 20 pumps", contact_id=self.contact.id, duration=3.5)
        record = call.contact_record_id
        self.assertEqual((record.method, record.content, record.user_id), ("phone", "Wants 20 pumps", self.user_seller))
        self.assertEqual((record.contact_id, record.result), (self.contact, "Phone call: Interested"))
        self.assertEqual(self.customer.kehu_last_contact, fields.Date.context_today(call))
        self.assertTrue(record.is_effective, "it has a content and a result: the pool clock starts anew")
        self.assertIn("is a contact record", call.record_hint)

    def test_nobody_reached_moves_nothing(self):
        for outcome in ("no_answer", "busy", "wrong_number"):
            with self.subTest(outcome=outcome):
                call = self.call(outcome, note="Rang ten times")
                self.assertFalse(call.contact_record_id)
                self.assertFalse(call.is_reached)
                self.assertIn("Nobody was reached", call.record_hint)
        self.assertFalse(self.customer.kehu_last_contact)
        self.assertFalse(self.customer.kehu_effective_contact)

    def test_without_a_note_no_record(self):
        call = self.call("reached", note="  ")
        self.assertFalse(call.contact_record_id)
        self.assertIn("Write a note", call.record_hint)
        self.assertFalse(self.customer.kehu_last_contact)
        call.note = "Likes the price"
        self.assertEqual(call.contact_record_id.content, "Likes the price")

    def test_the_record_follows_the_call_on_its_day(self):
        call = self.call("reached", note="Wants 20")
        record = call.contact_record_id
        call.write({"note": "Wants 30", "outcome": "interested"})
        self.assertEqual(call.contact_record_id, record)
        self.assertEqual((record.content, record.result), ("Wants 30", "Phone call: Interested"))
        call.outcome = "no_answer"
        self.assertFalse(record.exists())
        self.assertFalse(self.customer.kehu_last_contact)

    def test_a_record_somebody_worked_on_is_left_alone(self):
        call = self.call("reached", note="Wants 20")
        record = call.contact_record_id
        record.content = "Wants 20, and a sample"
        call.note = "Wants 25"
        self.assertEqual(record.content, "Wants 20, and a sample")
        call.unlink()
        self.assertTrue(record.exists())

    def test_a_deleted_record_does_not_come_back_by_itself(self):
        call = self.call("reached", note="Wants 20")
        call.contact_record_id.unlink()
        self.assertFalse(call.contact_record_id)
        self.assertIn("was deleted", call.record_hint)
        call.write({"outcome": "interested"})
        self.assertFalse(call.contact_record_id)

    def test_the_level_sets_the_rhythm_and_a_callback_is_the_next_contact(self):
        self.customer.kehu_level_id = self.level_key
        self.call("reached", note="Talked", date="2026-08-31 02:00:00")
        self.assertEqual(self.customer.kehu_next_contact, date(2026, 9, 3))
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        call = self.call("callback", note="Tomorrow please", callback_on=tomorrow)
        self.assertEqual(self.customer.kehu_next_contact, call._kehu_local_day(tomorrow))
        self.assertFalse(call.contact_record_id.event_ids, "the callback has its own entry")

    def test_the_day_is_that_of_the_caller(self):
        call = self.call("reached", note="Late", date="2026-08-31 23:30:00")
        self.assertEqual(call.contact_record_id.date, date(2026, 9, 1))

    # -- callbacks -----------------------------------------------------------------------------------------------------

    def test_a_callback_stands_in_the_calendar(self):
        soon = fields.Datetime.now().replace(microsecond=0) + timedelta(days=2)
        call = self.call("callback", callback_on=soon)
        event = call.event_ids
        self.assertEqual((event.start, event.user_id, event.privacy), (soon, self.user_seller, "private"))
        self.assertEqual(event.partner_ids, self.user_seller.partner_id)
        self.assertTrue(event.alarm_ids)
        call.callback_on = soon + timedelta(hours=1)
        self.assertEqual(event.start, soon + timedelta(hours=1))
        event.with_user(self.user_seller).start = soon + timedelta(hours=5)
        self.assertEqual(call.callback_on, soon + timedelta(hours=5), "who moves the entry moves the callback")

    def test_the_next_call_settles_the_callback(self):
        first = self.call(
            "callback", callback_on=fields.Datetime.now() + timedelta(hours=2), date=fields.Datetime.now() - timedelta(hours=1)
        )
        self.assertTrue(first.is_callback_open)
        event = first.event_ids
        self.call("reached", note="Talked at last")
        self.assertFalse(first.is_callback_open)
        self.assertTrue(event.kehu_done_on)
        self.assertEqual(event.kehu_outcome, "Phone call: Reached")

    def test_a_callback_that_was_carried_out_stays_so(self):
        now = fields.Datetime.now().replace(microsecond=0)
        first = self.call("callback", callback_on=now + timedelta(hours=2), date=now - timedelta(hours=1))
        self.call("reached", note="Talked at last")
        entries = first.event_ids
        first.outcome = "interested"
        self.assertFalse(first.is_callback_open)
        self.assertEqual(first.event_ids, entries)
        first.write({"outcome": "callback", "callback_on": now + timedelta(hours=3)})
        self.assertTrue(first.is_callback_open, "another time is agreed")

    def test_completing_the_entry_settles_the_callback(self):
        call = self.call("callback", callback_on=fields.Datetime.now() + timedelta(hours=2))
        event = call.event_ids
        self.assertEqual(event.kehu_customer_id, self.customer)
        event.kehu_complete("Called back in the break")
        self.assertFalse(call.is_callback_open)
        call.unlink()
        self.assertTrue(event.exists(), "what was done stays known")

    def test_private_entries_of_others_tell_nothing(self):
        call = self.call("callback", callback_on=fields.Datetime.now() + timedelta(hours=2))
        event = call.event_ids
        others = self.env["calendar.event"].with_user(self.user_seller2)
        self.assertFalse(others.search([("kehu_phone_call_id", "!=", False), ("id", "=", event.id)]))
        self.assertFalse(others.browse(event.id).kehu_customer_id)

    def test_nobody_unties_a_callback_from_its_call(self):
        """It would stay with its former caller when the customer goes, and no call would settle it."""
        call = self.call("callback", callback_on=fields.Datetime.now() + timedelta(hours=2))
        event = call.event_ids.with_user(self.user_seller)
        with self.assertRaises(KehuSystemFieldError):
            event.write({"kehu_phone_call_id": False})
        self.env.invalidate_all()
        self.assertEqual(event.kehu_phone_call_id, call)

    def test_a_callback_is_settled_by_hand(self):
        call = self.call("callback", callback_on=fields.Datetime.now() + timedelta(hours=2))
        with self.assertRaises(AccessError):
            call.with_user(self.user_seller2).action_callback_done()
        call.action_callback_done()
        self.assertFalse(call.is_callback_open)
        self.assertEqual(call.event_ids.kehu_outcome, "Called back.")

    def test_a_callback_needs_a_time_after_the_call(self):
        now = fields.Datetime.now()
        for values in ({}, {"callback_on": now - timedelta(days=1)}):
            with self.subTest(values=values), self.assertRaises(KehuPhoneCallError):
                self.call("callback", **values)
        with self.assertRaisesRegex(KehuCustomerError, "latest day"):
            self.call("callback", callback_on=now + timedelta(days=365 * 12))
        with self.assertRaisesRegex(KehuPhoneCallError, "no callback"):
            self.call("wrong_number", callback_on=now + timedelta(days=1))

    # -- what may be logged --------------------------------------------------------------------------------------------

    def test_impossible_calls_are_refused(self):
        now = fields.Datetime.now()
        other = self._create_contact(self._create_customer(owner=self.user_seller, name="Other Ltd"))
        for values, error in (
            ({"date": now + timedelta(hours=1)}, KehuPhoneCallError),
            ({"duration": -1}, KehuPhoneCallError),
            ({"duration": 25 * 60}, KehuPhoneCallError),
            ({"date": "yesterday"}, KehuPhoneCallError),
            ({"date": 5}, KehuPhoneCallError),
            ({"callback_on": "soon"}, KehuPhoneCallError),
            ({"outcome": "married"}, KehuPhoneCallError),
            ({"contact_id": other.id}, KehuPhoneCallError),
            ({"contact_id": 2**31 - 5}, KehuPhoneCallError),
            ({"user_id": self.user_seller2.id}, KehuPhoneCallRightsError),
            ({"contact_record_id": 1}, KehuSystemFieldError),
            ({"is_callback_open": True}, KehuSystemFieldError),
            ({"kehu_department_id": 1}, KehuSystemFieldError),
        ):
            with self.subTest(values=values), self.assertRaises(error), self.env.cr.savepoint():
                self.call(**{"outcome": "reached", **values})

    def test_only_customers_of_ones_own(self):
        other = self._create_customer(owner=self.user_seller2, name="Secret Ltd")
        waiting = self._create_customer(name="Waiting Ltd")
        for customer, words in ((other, "the record"), (waiting, "Waiting Ltd")):
            with self.subTest(customer=customer.name), self.assertRaisesRegex(KehuPhoneCallRightsError, words) as refused:
                self.calls.create({"partner_id": customer.id, "outcome": "reached"})
            self.assertNotIn("Secret", str(refused.exception))

    def test_an_unsaved_form_tells_no_names(self):
        other = self._create_customer(owner=self.user_seller2, name="Secret Ltd", phone="021 5999 9999")
        spec = {"partner_id": {"fields": {"display_name": {}}}, "number": {}}
        for values in ({"partner_id": other.id}, {"contact_id": other.id}):
            with self.assertRaises(KehuPhoneCallRightsError):
                self.calls.onchange(values, [], spec)
        with self.assertRaises(KehuPhoneCallRightsError):
            self.calls.with_context(default_partner_id=other.id).onchange({}, [], spec)

    def test_yesterday_stays_as_it_was_logged(self):
        with freeze_time("2026-08-30 02:00:00"):
            call = self.call("reached", note="Said yes", date="2026-08-30 01:00:00")
            bare = self.call("reached", date="2026-08-30 01:30:00")
        self.env.cr.execute("UPDATE kehu_phone_call SET create_date = '2026-08-30 02:00:00' WHERE id IN %s", [(call | bare)._ids])
        (call | bare).invalidate_recordset(["create_date"])
        for values in ({"note": "Said no"}, {"outcome": "refused"}, {"duration": 5.0, "number": "110"}):
            with self.subTest(values=values), self.assertRaisesRegex(KehuPhoneCallError, "before today"):
                call.write(values)
        bare.note = "Now I remember"
        self.assertEqual(bare.contact_record_id.date, date(2026, 8, 30), "what was left empty may be added")
        with self.assertRaises(KehuPhoneCallDeletionError):
            call.unlink()

    def test_deletion_own_today_and_not_older_than_the_assignment(self):
        call = self.call("reached", note="Oops")
        older = self.call("reached", date="2020-01-01 00:00:00")
        with self.assertRaisesRegex(KehuPhoneCallDeletionError, "older than the day"):
            older.unlink()
        with self.assertRaises(AccessError):
            call.with_user(self.user_east_manager).unlink()
        record = call.contact_record_id
        call.unlink()
        self.assertFalse(record.exists())
        self.assertFalse(self.customer.kehu_last_contact)

    def test_today_ends_at_ones_own_midnight(self):
        with freeze_time("2026-08-31 15:30:00"):  # 23:30 in Shanghai
            call = self.call("reached", note="Said yes", date="2026-08-31 15:00:00")
        self.env.cr.execute("UPDATE kehu_phone_call SET create_date = '2026-08-31 15:30:00' WHERE id = %s", (call.id,))
        call.invalidate_recordset(["create_date"])
        for context in ({}, {"tz": "Pacific/Pago_Pago"}, {"tz": "UTC"}, {"tz": "Pacific/Kiritimati"}):
            with freeze_time("2026-08-31 16:30:00"), self.subTest(context=context):
                with self.assertRaises(KehuPhoneCallDeletionError):
                    call.with_context(**context).unlink()
                with self.assertRaisesRegex(KehuPhoneCallError, "before today"):
                    call.with_context(**context).write({"note": "Said no"})

    def test_the_former_owner_moves_nothing_of_the_customer_any_more(self):
        """The contact record of a call follows it as superuser: it must not carry a stranger's hand to the customer."""
        soon = fields.Datetime.now() + timedelta(days=3)
        call, bare = self.call("interested", note="Wants 20"), self.call("reached")
        dates = ("kehu_last_contact", "kehu_next_contact", "kehu_effective_contact")
        for pool in (False, True):
            if pool:
                self.customer.with_user(self.user_seller2).kehu_return("No time")
            else:
                self.customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Moved")
            before = self.customer.read(dates)
            for values in ({"callback_on": soon}, {"outcome": "no_answer"}, {"note": False}, {"date": "2026-01-05 00:00:00"}):
                with self.subTest(values=values, pool=pool), self.assertRaises(KehuPhoneCallRightsError):
                    call.write(values)
            with self.assertRaises(KehuPhoneCallRightsError):
                bare.note = "Now I remember"
            for one in (call, bare):
                with self.assertRaisesRegex(KehuPhoneCallDeletionError, "do not look after any more"):
                    one.unlink()
            self.assertTrue(call.contact_record_id.exists())
            self.assertEqual(self.customer.read(dates), before)
            self.assertEqual(self.customer.kehu_contact_record_count, 1)

    def test_customer_caller_and_place_stay(self):
        call = self.call("reached")
        other = self._create_customer(owner=self.user_seller, name="Other Ltd")
        with self.assertRaisesRegex(KehuPhoneCallError, "stay as they are"):
            call.partner_id = other

    def test_a_customer_with_calls_stays_a_customer(self):
        self.call("no_answer")
        customer = self.customer.with_user(self.user_crm_admin)
        with self.assertRaisesRegex(KehuCustomerError, "phone calls"):
            customer.kehu_is_customer = False
        self.contact.unlink()
        with self.assertRaises(KehuPartnerDeletionError):
            customer.unlink()

    # -- forms ---------------------------------------------------------------------------------------------------------

    def test_the_quick_dialog(self):
        action = self.contact.with_user(self.user_seller).action_kehu_log_call()
        form = Form(self.calls.with_context(**action["context"]), "kehu_crm.kehu_phone_call_view_form_quick")
        self.assertEqual(form.number, "139 1234 5678")
        form.contact_id = self.env["res.partner"]
        self.assertEqual(form.number, "021 5888 1234")
        form.outcome = "reached"
        self.assertIn("Write a note", form.record_hint)
        form.note = "Hello"
        self.assertIn("when you save", form.record_hint)
        call = form.save()
        self.assertEqual((call.partner_id, call.direction), (self.customer, "out"))
        self.assertEqual(self.customer.with_user(self.user_seller).kehu_phone_call_count, 1)

    def test_what_was_dialled_stays(self):
        call = self.call("no_answer")
        self.assertEqual(call.number, "021 5888 1234")
        call.contact_id = self.contact
        self.assertEqual(call.number, "021 5888 1234")
        self.customer.phone = "021 6666 0000"
        self.assertEqual(call.number, "021 5888 1234")

    def test_one_number_written_in_many_ways(self):
        for number in ("021-5888 1234", "+86 21 5888 1234", "０２１５８８８１２３４", "0086 21 58881234", "(021) 58881234"):
            with self.subTest(number=number):
                self.assertEqual(self.customer._kehu_number_key(number), "+862158881234")
        self.assertEqual(self.customer._kehu_number_key("ext. 12"), "12")

    # -- changes of hands ----------------------------------------------------------------------------------------------

    def test_callbacks_follow_the_customer(self):
        soon = fields.Datetime.now() + timedelta(days=2)
        call = self.call("callback", callback_on=soon)
        event = call.event_ids
        self.customer.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "Moved")
        self.assertEqual(event.user_id, self.user_seller2)
        with self.assertRaises(KehuPhoneCallRightsError):
            call.action_callback_done()
        self.assertFalse(event.kehu_done_on, "the former owner does not tick off what stands in the calendar of the new one")
        later = self.env["kehu.phone.call"].with_user(self.user_seller2).create({"partner_id": self.customer.id, "outcome": "reached"})
        self.assertEqual(later.user_id, self.user_seller2)
        self.assertFalse(call.is_callback_open, "the new owner has called back")

    def test_in_a_pool_the_caller_goes_on(self):
        call = self.call("callback", callback_on=fields.Datetime.now() + timedelta(days=2))
        self.customer.with_user(self.user_seller).kehu_return("No time")
        self.assertTrue(call.is_callback_open)
        self.customer.with_user(self.user_seller2).kehu_claim()
        self.assertEqual(call.sudo().event_ids.user_id, self.user_seller2)

    def test_datetime_helper(self):
        call = self.call("reached", date=datetime(2026, 8, 31, 15, 59))
        self.assertEqual(call._kehu_local_day(), date(2026, 8, 31))
        self.assertEqual(call._kehu_local_day(datetime(2026, 8, 31, 16, 0)), date(2026, 9, 1))
