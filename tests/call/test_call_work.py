"""A caller's day: the next customer, an outcome, and what becomes of the place on the list."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...models.call.exceptions import (
    KehuCallLineError,
    KehuCallListRightsError,
    KehuPhoneCallError,
    KehuPhoneCallRightsError,
)
from .common import CallCommon

NOON = datetime(2026, 9, 1, 4, 0)  # twelve o'clock in Shanghai


@tagged("post_install", "-at_install")
class TestCallWork(CallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.user_seller | cls.user_seller2 | cls.user_director).tz = "Asia/Shanghai"
        cls.startClassPatcher(freeze_time(NOON))

    def at(self, **later):
        """The clock moves on."""
        return freeze_time(NOON + timedelta(**later))

    # -- whose turn it is ----------------------------------------------------------------------------------------------

    def test_one_after_the_other_and_the_same_again(self):
        customers = self._create_customers(2)
        call_list = self._create_list(customers, self.user_seller)
        line = self._take(self.user_seller)
        self.assertEqual(line.partner_id, customers[0])
        self.assertEqual(self._take(self.user_seller), line, "who comes back gets the same customer")
        self._log(line, "interested", note="Wants 20")
        self.assertEqual((line.state, line.outcome, line.attempts), ("done", "interested", 1))
        self.assertEqual(self._take(self.user_seller).partner_id, customers[1])
        self.assertEqual((call_list.line_count, call_list.open_count, call_list.progress), (2, 1, 50.0))

    def test_a_pool_customer_gets_its_contact_record(self):
        """The list is the permission: the caller may not write the customer, and still the talk is on record."""
        customer = self._create_customers(1)
        self._create_list(customer, self.user_seller)
        call = self._log(self._take(self.user_seller), "interested", note="Wants 20")
        self.assertEqual(call.contact_record_id.user_id, self.user_seller)
        self.assertEqual(customer.kehu_last_contact, fields.Date.to_date("2026-09-01"))
        self.assertFalse(customer.kehu_next_contact, "nobody would carry it out")

    def test_a_caller_takes_back_a_call_with_a_pool_customer_on_its_day(self):
        customer = self._create_customers(1)
        self._create_list(customer, self.user_seller)
        call = self._log(self._take(self.user_seller), note="Wrong window")
        record = call.contact_record_id
        self.env.cr.execute("UPDATE kehu_phone_call SET create_date = %s WHERE id = %s", (NOON, call.id))
        call.invalidate_recordset(["create_date"])
        call.note = "Wrong customer"
        self.assertEqual(record.content, "Wrong customer")
        call.unlink()
        self.assertFalse(record.exists())
        self.assertFalse(customer.kehu_last_contact)

    def test_the_pile_goes_to_whoever_is_free(self):
        call_list = self._create_list(self._create_customers(2), self.user_seller | self.user_seller2, mode="pile")
        first = self._take(self.user_seller)
        second = self._take(self.user_seller2)
        self.assertEqual(first.partner_id | second.partner_id, self._lines(call_list).partner_id)
        self.assertEqual((first.sudo().user_id, second.sudo().user_id), (self.user_seller, self.user_seller2))
        self.assertFalse(self._take(self.user_west_seller), "no caller of this list")

    def test_not_reached_comes_again_until_the_attempts_are_used_up(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller, max_attempts=2, retry_hours=4)
        line = self._take(self.user_seller)
        self._log(line, "no_answer")
        self.assertEqual((line.state, line.due_on), ("open", NOON + timedelta(hours=4)))
        taken = self.lines.with_user(self.user_seller).kehu_take_next()
        self.assertEqual(taken, {"line_id": False, "next_on": NOON + timedelta(hours=4)})
        with self.at(hours=5):
            self.assertEqual(self._take(self.user_seller), line)
            self._log(line, "busy")
        self.assertEqual((line.state, line.remark), ("closed", "Not reached in 2 attempts."))
        self.assertEqual(call_list.progress, 100.0)

    def test_without_a_limit_it_comes_for_ever(self):
        self._create_list(self._create_customers(1), self.user_seller, max_attempts=0, retry_hours=1)
        for hour in range(0, 10, 2):
            with self.at(hours=hour):
                line = self._take(self.user_seller)
                self._log(line, "no_answer")
        self.assertEqual((line.state, line.attempts), ("open", 5))

    def test_callbacks_return_at_their_time_and_first(self):
        self._create_list(self._create_customers(3), self.user_seller)
        line = self._take(self.user_seller)
        self._log(line, "callback", note="At four", callback_on=NOON + timedelta(hours=4))
        self.assertEqual(line.state, "callback")
        with self.at(hours=1):
            other = self._take(self.user_seller)
            self.assertNotEqual(other, line)
            self._log(other, "no_answer")
        with self.at(hours=4, minutes=1):
            self.assertEqual(self._take(self.user_seller), line, "before the third one, whom nobody has called")
            self._log(line, "no_answer")
        self.assertEqual((line.state, line.attempts), ("open", 2), "a talk starts the attempts anew")

    def test_moving_the_entry_moves_the_turn(self):
        self._create_list(self._create_customers(1), self.user_seller)
        line = self._take(self.user_seller)
        call = self._log(line, "callback", callback_on=NOON + timedelta(hours=4))
        call.event_ids.with_user(self.user_seller).write({"start": NOON + timedelta(days=1), "stop": NOON + timedelta(days=1, hours=1)})
        self.assertEqual(line.due_on, NOON + timedelta(days=1))

    def test_correcting_and_deleting_a_call_corrects_the_list(self):
        self._create_list(self._create_customers(1), self.user_seller)
        line = self._take(self.user_seller)
        call = self._log(line, "interested")
        call.outcome = "no_answer"
        self.assertEqual((line.state, line.outcome), ("open", "no_answer"))
        call.with_user(self.user_crm_admin).unlink()
        self.assertEqual((line.state, line.attempts, line.outcome, line.last_call_id.id), ("open", 0, False, False))

    def test_only_within_the_period_and_while_it_runs(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller, date_from="2026-09-02", date_to="2026-09-02")
        self.assertFalse(self._take(self.user_seller))
        with freeze_time("2026-09-01 16:30:00"):  # the 2nd in Shanghai
            self.assertTrue(self._take(self.user_seller))
        with freeze_time("2026-09-02 16:30:00"):
            self.assertFalse(self._take(self.user_seller))
        call_list.action_finish()
        with freeze_time("2026-09-02 04:00:00"):
            self.assertFalse(self._take(self.user_seller))

    def test_out_of_turn(self):
        call_list = self._create_list(self._create_customers(3), self.user_seller | self.user_seller2)
        mine = self._lines(call_list).filtered(lambda line: line.user_id == self.user_seller)[-1].with_user(self.user_seller)
        self.assertEqual(mine.action_call()["res_model"], "kehu.call.desk")
        theirs = self._lines(call_list).filtered(lambda line: line.user_id == self.user_seller2)[0]
        with self.assertRaises(AccessError):
            theirs.with_user(self.user_seller).action_call()
        with self.assertRaises(KehuCallLineError):
            theirs.with_user(self.user_director).action_call()

    # -- numbers -------------------------------------------------------------------------------------------------------

    def test_the_number_is_looked_up_when_it_is_dialled(self):
        customers = self._create_customers(3)
        self._create_list(customers, self.user_seller)
        customers[0].phone = "021 6666 0000"
        self.assertEqual(self._take(self.user_seller).number, "021 6666 0000")

    def test_numbers_gone_or_blocked_meanwhile_are_passed_over(self):
        customers = self._create_customers(3)
        call_list = self._create_list(customers, self.user_seller)
        customers[0].phone = False
        self.env["phone.blacklist"].create({"number": "+862158881001"})
        line = self._take(self.user_seller)
        self.assertEqual(line.partner_id, customers[2])
        remarks = self._lines(call_list)[:2].mapped("remark")
        self.assertEqual(remarks, ["The customer has no phone number any more.", "The customer does not want to be called."])

    def test_who_does_not_want_to_be_called_is_not_called(self):
        customer = self._create_customers(1)
        first = self._create_list(customer, self.user_seller)
        second = self._create_list(customer, self.user_seller2)
        self._log(self._take(self.user_seller), "do_not_call")
        self.assertTrue(self.env["phone.blacklist"].search([("number", "=", "+862158881000")]))
        self.assertEqual(self._lines(second).state, "closed")
        self.assertEqual(self._lines(first).state, "closed")

    def test_who_does_not_want_to_be_called_is_not_called_back(self):
        customers = self._create_customers(2)
        soon = fields.Datetime.now() + timedelta(hours=2)
        first = self._create_list(customers, self.user_seller)
        second = self._create_list(customers[0], self.user_seller2)
        for line in self._lines(first):
            self._log(line, "callback", callback_on=soon)
        calls = self._lines(first).call_ids
        events = calls.event_ids
        self.assertEqual((len(events), calls.mapped("is_callback_open")), (2, [True, True]))
        self._log(self._lines(second), "do_not_call")
        self.assertEqual(calls.filtered("is_callback_open").partner_id, customers[1])
        self.assertEqual(events.exists().kehu_customer_id, customers[1])

    def test_nobody_blocks_the_numbers_of_others(self):
        customer = self._create_customer(owner=self.user_seller, phone="021 5888 7777")
        stranger = self._create_customers(1)
        call_list = self._create_list(stranger, self.user_seller2)
        self.calls.create({"partner_id": customer.id, "number": stranger.phone, "outcome": "do_not_call"})
        self.assertFalse(self.env["phone.blacklist"].search([("number", "=", "+862158881000")]))
        self.assertEqual(self._lines(call_list).state, "open")

    def test_a_wrong_number_closes(self):
        self._create_list(self._create_customers(1), self.user_seller)
        line = self._take(self.user_seller)
        self._log(line, "wrong_number")
        self.assertEqual((line.state, line.remark), ("closed", "Wrong Number"))

    # -- what happens to customers meanwhile -----------------------------------------------------------------------------

    def test_archived_and_lost_customers_leave_the_lists(self):
        customers = self._create_customers(3)
        call_list = self._create_list(customers, self.user_seller)
        customers[0].action_archive()
        customers[1].kehu_stage = "lost"
        self.assertEqual(
            self._lines(call_list).mapped(lambda line: (line.state, line.remark)),
            [("closed", "The customer was archived."), ("closed", "The customer is lost."), ("open", False)],
        )

    def test_claimed_by_another_caller_it_is_handed_over(self):
        customers = self._create_customers(2)
        call_list = self._create_list(customers, self.user_seller | self.user_seller2, mode="turn")
        line = self._lines(call_list).filtered(lambda line: line.user_id == self.user_seller)
        line.partner_id.with_user(self.user_seller2).kehu_claim()
        self.assertEqual((line.user_id, line.state), (self.user_seller2, "open"))
        self.assertEqual(line.remark, "Handed over to the new owner of the customer.")

    def test_claimed_by_a_stranger_it_is_closed_and_says_nothing(self):
        customers = self._create_customers(1)
        call_list = self._create_list(customers, self.user_seller)
        line = self._lines(call_list)
        self._log(self._take(self.user_seller), "callback", callback_on=NOON + timedelta(hours=4))
        event = line.sudo().last_call_id.event_ids
        customers.with_user(self.user_west_seller).kehu_claim()
        self.assertEqual((line.state, line.number, line.number_key), ("closed", False, False))
        self.assertIn("changed hands", line.remark)
        self.assertEqual(event.user_id, self.user_west_seller, "who was promised a callback gets it from the new owner")
        self.assertFalse(line.with_user(self.user_seller).has_access("read"))

    def test_returned_to_the_pool_it_stays_with_its_caller(self):
        customers = self._create_customers(1, owner=self.user_seller)
        call_list = self._create_list(customers, self.user_seller)
        customers.with_user(self.user_seller).kehu_return("No time")
        self.assertEqual((self._lines(call_list).user_id, self._lines(call_list).state), (self.user_seller, "open"))

    def test_many_change_hands_at_once(self):
        customers = self._create_customers(120)
        call_list = self._create_list(customers, self.user_seller)
        customers.with_user(self.user_director).kehu_assign(self.user_west_seller.id)
        self.assertEqual(set(self._lines(call_list).mapped("state")), {"closed"})

    def test_merged_customers_are_called_once(self):
        customers = self._create_customers(2)
        call_list = self._create_list(customers, self.user_seller)
        self._log(self._take(self.user_seller), "no_answer")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(customers.ids, customers[1])
        lines = self._lines(call_list)
        self.assertEqual(lines.filtered(lambda line: line.state == "open").attempts, 1)
        self.assertEqual(
            lines.filtered(lambda line: line.state == "closed").remark, "The customer was merged with another one of the list."
        )

    # -- the working screen ----------------------------------------------------------------------------------------------

    def desk(self, user):
        action = self.lines.with_user(user).action_next()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def test_the_working_screen(self):
        customers = self._create_customers(2)
        person = self._create_contact(customers[0], kehu_mobile="13900001111")
        self._create_list(customers, self.user_seller)
        desk = self.desk(self.user_seller)
        self.assertEqual((desk.partner_id, desk.number, desk.waiting), (customers[0], customers[0].phone, 2))
        self.assertEqual(desk.script, "<p>Good morning</p>")
        with Form(desk) as form:
            form.contact_id = person
            form.note = "Wants 20"
        self.assertEqual(desk.number, "13900001111")
        with self.at(minutes=3):
            action = desk.with_context(kehu_outcome="interested").action_log()
        call = self.env["kehu.phone.call"].search([("partner_id", "=", customers[0].id)])
        self.assertEqual((call.outcome, call.contact_id, call.note, call.number), ("interested", person, "Wants 20", "13900001111"))
        self.assertEqual(call.user_id, self.user_seller)
        self.assertEqual(call.duration, 3.0, "counted from the moment the screen came up")
        after = self.env["kehu.call.desk"].with_user(self.user_seller).browse(action["res_id"])
        self.assertEqual(after.partner_id, customers[1])
        after.with_context(kehu_outcome="no_answer").action_log()
        last = self.lines.with_user(self.user_seller).action_next()
        self.assertEqual(last["tag"], "display_notification")
        self.assertIn("The next call is at", last["params"]["message"])

    def test_a_callback_without_a_time_keeps_the_screen(self):
        self._create_list(self._create_customers(1), self.user_seller)
        desk = self.desk(self.user_seller)
        with self.assertRaisesRegex(KehuPhoneCallError, "called back"), self.env.cr.savepoint():
            desk.with_context(kehu_outcome="callback").action_log()
        for outcome in (None, "married"):
            with self.assertRaises(KehuPhoneCallError), self.env.cr.savepoint():
                desk.with_context(kehu_outcome=outcome).action_log()
        self.assertFalse(self.env["kehu.phone.call"].search([("line_id", "=", desk.line_id.id)]))

    def test_two_windows_log_once(self):
        self._create_list(self._create_customers(1), self.user_seller)
        first, second = self.desk(self.user_seller), self.desk(self.user_seller)
        first.with_context(kehu_outcome="no_answer").action_log()
        with self.assertRaisesRegex(KehuCallLineError, "another window"):
            second.with_context(kehu_outcome="no_answer").action_log()

    def test_later_and_stop(self):
        customers = self._create_customers(2)
        self._create_list(customers, self.user_seller)
        desk = self.desk(self.user_seller)
        line = desk.line_id
        action = desk.action_later()
        self.assertEqual(line.due_on, NOON + timedelta(hours=1))
        desk = self.env["kehu.call.desk"].with_user(self.user_seller).browse(action["res_id"])
        self.assertEqual(desk.partner_id, customers[1])
        desk.action_stop()
        self.assertFalse(desk.line_id.taken_on)

    def test_the_screen_opens_only_for_ones_own(self):
        call_list = self._create_list(self._create_customers(2), self.user_seller | self.user_seller2)
        theirs = self._lines(call_list).filtered(lambda line: line.user_id == self.user_seller2)
        desks = self.env["kehu.call.desk"].with_user(self.user_seller)
        with self.assertRaises(KehuCallListRightsError):
            desks.create({"line_id": theirs.id})
        with self.assertRaises(KehuPhoneCallRightsError):
            desks.onchange({"line_id": theirs.id}, [], {"partner_id": {"fields": {"display_name": {}}}})
        own = self.desk(self.user_seller)
        own.write({"line_id": theirs.id} if theirs.with_user(self.user_seller).has_access("read") else {"note": "x"})
        self.assertNotEqual(own.line_id, theirs)

    def test_only_the_caller_logs(self):
        call_list = self._create_list(self._create_customers(2), self.user_seller | self.user_seller2)
        theirs = self._lines(call_list).filtered(lambda line: line.user_id == self.user_seller2)
        for user in (self.user_seller, self.user_director):
            with self.subTest(user=user.name), self.assertRaises(KehuCallLineError):
                self._log(theirs, "interested", user=user)
        mine = self._lines(call_list) - theirs
        self._log(mine, "interested")
        with self.assertRaisesRegex(KehuCallLineError, "called already"):
            self._log(mine, "interested")
        other = self._create_customer(owner=self.user_seller, name="Own Ltd")
        with self.assertRaises(KehuPhoneCallError):
            self._log(self._create_line(), "interested", partner_id=other.id)

    def _create_line(self):
        return self._lines(self._create_list(self._create_customers(1, start=50), self.user_seller))

    def test_managers_close_and_open_again(self):
        call_list = self._create_list(self._create_customers(2), self.user_seller)
        lines = self._lines(call_list)
        with self.assertRaises(AccessError):
            lines.with_user(self.user_seller).action_close()
        lines.with_user(self.user_director).action_close()
        self.assertEqual(set(lines.mapped("remark")), {"Closed by Director."})
        lines[0].with_user(self.user_director).action_open_again()
        self.assertEqual(lines.mapped("state"), ["open", "closed"])

    # -- figures ---------------------------------------------------------------------------------------------------------

    def test_figures_of_a_list(self):
        """Three customers, two callers: seller reaches one of two calls, talks 3.5 minutes, and the customer buys."""
        customers = self._create_customers(3)
        call_list = self._create_list(customers, self.user_seller | self.user_seller2, mode="turn", max_attempts=1)
        first = self._take(self.user_seller)
        self._log(first, "callback", duration=3.5, note="Wants 20", callback_on=NOON + timedelta(days=1))
        second = self._take(self.user_seller)
        self._log(second, "no_answer")
        with self.at(days=1):
            self.env["crm.lead"].create({"name": "20 pumps", "partner_id": first.sudo().partner_id.id, "type": "opportunity"})
            self.env.flush_all()
            self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE partner_id = %s", [NOON + timedelta(days=1), customers[0].id])
        report = self.env["kehu.call.report"].with_user(self.user_director)
        rows = report._read_group(
            [("list_id", "=", call_list.id)],
            ["user_id"],
            ["customers:sum", "customers_open:sum", "attempts:sum", "reached_rate:avg", "talk_time:sum", "callbacks:sum", "converted:sum"],
        )
        figures = {user: values for user, *values in rows}
        self.assertEqual(figures[self.user_seller], [2, 1, 2, 50.0, 3.5, 1, 1])
        self.assertEqual(figures[self.user_seller2], [1, 1, 0, False, 0.0, 0, 0])
        own = self.env["kehu.call.report"].with_user(self.user_seller2).search([("list_id", "=", call_list.id)])
        self.assertEqual(own.user_id, self.user_seller2)

    def test_a_lead_of_before_the_call_is_no_success(self):
        customers = self._create_customers(1)
        self.env["crm.lead"].create({"name": "Old", "partner_id": customers.id, "type": "opportunity"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE partner_id = %s", [NOON - timedelta(days=9), customers.id])
        call_list = self._create_list(customers, self.user_seller)
        self._log(self._take(self.user_seller), "interested")
        report = self.env["kehu.call.report"].search([("list_id", "=", call_list.id), ("kind", "=", "line")])
        self.assertEqual(report.converted, 0)
