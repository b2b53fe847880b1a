"""Call lists: filled from a filter with the author's rights, shared out among those who may see the customers."""

import doctest
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.call.exceptions import (
    KehuCallListError,
    KehuCallListRightsError,
    KehuCallListStateError,
)
from ...models.call.kehu_call_list import STATES, TRANSITIONS
from ...models.customer.exceptions import KehuSystemFieldError
from ...tools import call_share
from .common import CallCommon


@tagged("post_install", "-at_install")
class TestCallLists(CallCommon):
    def shares(self, call_list):
        """{caller: number of customers}"""
        return {user: len(lines) for user, lines in self._lines(call_list).grouped("user_id").items()}

    # -- filling -------------------------------------------------------------------------------------------------------

    def test_sharing_out_as_plain_python(self):
        self.assertEqual(doctest.testmod(call_share).failed, 0)

    def test_evenly_over_callers_who_see_everything(self):
        customers = self._create_customers(7)
        call_list = self._create_list(customers, self.user_seller | self.user_seller2)
        self.assertEqual(sorted(self.shares(call_list).values()), [3, 4])
        line = self._lines(call_list)[0]
        self.assertEqual((line.partner_id, line.number, line.number_key), (customers[0], customers[0].phone, "+862158881000"))
        self.assertEqual(line.kehu_department_id, line.user_id.kehu_home_department_id)
        self.assertFalse(call_list.build_report)

    def test_by_turn(self):
        call_list = self._create_list(self._create_customers(5), self.user_seller | self.user_seller2, mode="turn")
        first, second = call_list.caller_ids
        self.assertEqual([line.user_id for line in self._lines(call_list)], [first, second, first, second, first])

    def test_by_owner(self):
        mine = self._create_customers(3, owner=self.user_seller)
        waiting = self._create_customers(3, start=10)
        call_list = self._create_list(mine | waiting, self.user_seller | self.user_seller2, mode="owner")
        lines = self._lines(call_list)
        self.assertEqual(lines.filtered(lambda line: line.partner_id in mine).user_id, self.user_seller)
        self.assertEqual(self.shares(call_list)[self.user_seller2], 3, "the rest goes to who has less")

    def test_one_pile(self):
        call_list = self._create_list(self._create_customers(3), self.user_seller | self.user_seller2, mode="pile")
        self.assertFalse(self._lines(call_list).user_id)

    def test_callers_get_only_what_they_see(self):
        """seller owns three, west_seller two, one waits in the pool; only seller calls."""
        mine = self._create_customers(3, owner=self.user_seller)
        theirs = self._create_customers(2, owner=self.user_west_seller, start=10)
        waiting = self._create_customers(1, start=20)
        call_list = self._create_list(mine | theirs | waiting, self.user_seller)
        self.assertEqual(self._lines(call_list).partner_id, mine | waiting)
        self.assertEqual(call_list.skipped_unseen, 2)
        self.assertIn("2 whom none of the callers may see", call_list.build_report)
        both = self._create_list(mine | theirs | waiting, self.user_seller | self.user_west_seller)
        shares = {line.partner_id: line.user_id for line in self._lines(both)}
        self.assertEqual({shares[customer] for customer in mine}, {self.user_seller})
        self.assertEqual({shares[customer] for customer in theirs}, {self.user_west_seller})

    def test_the_filter_is_read_with_the_rights_of_its_author(self):
        """The manager of the east asks for everybody and gets the east and the pool."""
        east = self._create_customers(2, owner=self.user_seller)
        west = self._create_customers(2, owner=self.user_west_seller, start=10)
        waiting = self._create_customers(1, start=20)
        call_list = self._create_list(east | west | waiting, self.user_seller | self.user_seller2, author=self.user_east_manager)
        self.assertEqual(self._lines(call_list).partner_id, east | waiting)
        self.assertFalse(call_list.skipped_unseen, "nobody is told how many others there are")
        # somebody with more rights who fills it again does not widen it
        draft = self._create_list(
            east | west, self.user_seller | self.user_seller2, author=self.user_east_manager, start=False, name="Second"
        )
        draft.with_user(self.user_director).action_build()
        self.assertEqual(self._lines(draft).partner_id, east)

    def test_nobody_else_is_made_the_author(self):
        lists = self.env["kehu.call.list"].with_user(self.user_east_manager)
        with self.assertRaises(KehuCallListRightsError):
            lists.create({"name": "Mine?", "user_id": self.user_director.id})
        by_default = lists.with_context(default_user_id=self.user_director.id).create({"name": "By default"})
        self.assertEqual(by_default.user_id, self.user_east_manager)
        own = lists.create({"name": "Mine"})
        with self.assertRaises(KehuCallListRightsError):
            own.user_id = self.user_director
        own.with_user(self.user_crm_admin).user_id = self.user_sales_manager

    def test_nobody_else_writes_the_filter_of_an_author(self):
        """The list says how many it left out: with the rights of a director, a manager would guess at hidden customers."""
        hidden = self._create_customers(1, owner=self.user_west_seller)
        call_list = self.env["kehu.call.list"].with_user(self.user_director).create({"name": "Of the Director"})
        call_list.sudo().user_id = self.user_east_manager
        theirs = call_list.with_user(self.user_sales_manager)
        self.user_east_manager.group_ids = self.env.ref("kehu_crm.group_kehu_director")
        filters = repr([("name", "=", hidden.name), ("phone", "=like", "021 5%")])
        self.assertTrue(theirs.has_access("write"))
        for values in ({"domain": filters}, {"company_id": False}):
            with self.subTest(values=values), self.assertRaises(KehuCallListRightsError):
                theirs.write(values)
        theirs.write({"domain": theirs.domain, "company_id": theirs.company_id.id, "name": "Renamed"})
        call_list.with_user(self.user_east_manager).domain = filters
        theirs.with_user(self.user_crm_admin).domain = "[]"

    def test_hours_between_attempts_have_an_end(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller)
        with self.assertRaisesRegex(KehuCallListError, "at most 8784 hours"):
            call_list.retry_hours = 99_999_999
        call_list.retry_hours = 8784
        self._log(self._take(self.user_seller), "no_answer")

    def test_hours_of_lists_of_before_have_an_end(self):
        """A list saved when any number was taken: its calls are logged, and the update brings it back to what is allowed."""
        call_list = self._create_list(self._create_customers(1), self.user_seller)
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_call_list SET retry_hours = 99999999 WHERE id = %s", [call_list.id])
        call_list.invalidate_recordset()
        line = self._take(self.user_seller)
        call = self._log(line, "no_answer")
        self.assertEqual(line.due_on - call.date, timedelta(hours=8784))
        path = Path(__file__).parents[2] / "migrations" / "19.0.1.9.0" / "post-call_lists.py"
        spec = spec_from_file_location("kehu_call_lists", path)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.cr, "19.0.1.8.0")
        call_list.invalidate_recordset()
        self.assertEqual(call_list.retry_hours, 8784)

    def test_who_has_left_the_team_fills_nothing(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller, author=self.user_sales_manager, start=False)
        self.user_sales_manager.active = False
        with self.assertRaisesRegex(KehuCallListRightsError, "no salesperson any more"):
            call_list.with_user(self.user_director).action_build()

    def test_numbers_skipped_and_counted(self):
        plain = self._create_customers(2)
        silent = self._create_customers(1, start=5, phone=False)
        by_person = self._create_customers(1, start=6, phone=False)
        person = self._create_contact(by_person, kehu_mobile="13900001111")
        twin = self._create_customers(1, start=7, phone="+86 21 5888 1000")
        blocked = self._create_customers(1, start=8, phone="021 5777 0000")
        self.env["phone.blacklist"].create({"number": "+862157770000"})
        archived = self._create_customers(1, start=9)
        archived.action_archive()
        call_list = self._create_list(plain | silent | by_person | twin | blocked | archived, self.user_seller)
        self.assertEqual(self._lines(call_list).partner_id, plain | by_person)
        line = self._lines(call_list).filtered(lambda line: line.partner_id == by_person)
        self.assertEqual((line.contact_id, line.number), (person, "13900001111"))
        self.assertEqual(
            (call_list.skipped_no_number, call_list.skipped_blocked, call_list.skipped_duplicate, call_list.skipped_unseen), (1, 1, 1, 0)
        )
        self.assertEqual(
            call_list.build_report,
            "Left out: 1 without a phone number, 1 who do not want to be called, 1 with a number that is on the list already.",
        )

    def test_a_contact_person_first(self):
        customer = self._create_customers(1)
        person = self._create_contact(customer, kehu_mobile="13900001111")
        call_list = self._create_list(customer, self.user_seller, whom="contact")
        self.assertEqual(self._lines(call_list).contact_id, person)

    def test_a_further_number_is_better_than_none(self):
        customers = self._create_customers(2, phone=False)
        self.env["kehu.contact.phone"].create(
            [
                {"partner_id": customers[0].id, "kind": "fax", "number": "021 5888 0001", "sequence": 1},
                {"partner_id": customers[0].id, "kind": "office", "number": "021 5888 0002", "sequence": 2},
                {"partner_id": customers[1].id, "kind": "fax", "number": "021 5888 0003"},
            ]
        )
        call_list = self._create_list(customers, self.user_seller)
        self.assertEqual(self._lines(call_list).mapped("number"), ["021 5888 0002"])
        self.assertEqual(self._take(self.user_seller).number, "021 5888 0002")

    def test_longest_not_contacted_comes_first(self):
        customers = self._create_customers(3, owner=self.user_seller)
        for customer, day in zip(customers, ("2026-03-01", "2026-01-01", False), strict=True):
            if day:
                self.env["kehu.contact.record"].create({"partner_id": customer.id, "date": day, "content": "Talked"})
        call_list = self._create_list(customers, self.user_seller)
        self.assertEqual([line.partner_id for line in self._lines(call_list)], [customers[2], customers[1], customers[0]])

    def test_filling_again_and_adding(self):
        customers = self._create_customers(2)
        call_list = self._create_list(customers[0], self.user_seller, start=False)
        call_list.domain = repr([("id", "in", customers.ids)])
        call_list.action_build()
        self.assertEqual(len(self._lines(call_list)), 2, "a draft is filled afresh, nobody twice")
        call_list.action_start()
        newcomer = self._create_customers(1, start=5)
        call_list.domain = repr([("id", "in", (customers | newcomer).ids)])
        call_list.action_build()
        self.assertEqual(self._lines(call_list).partner_id, customers | newcomer)
        self.assertEqual(self._lines(call_list)[-1].sequence, 3)

    # -- the life of a list --------------------------------------------------------------------------------------------

    def test_every_transition(self):
        actions = {"running": ("action_start", "action_reopen"), "done": ("action_finish",)}
        for before, _label in STATES:
            for after, _other in STATES:
                for action in actions.get(after, ()):
                    call_list = self._create_list(self._create_customers(1), self.user_seller, start=False)
                    if before != "draft":
                        call_list.action_start()
                    if before == "done":
                        call_list.action_finish()
                    with self.subTest(before=before, after=after, action=action):
                        if (before, after) in TRANSITIONS:
                            getattr(call_list, action)()
                            self.assertEqual(call_list.state, after)
                        else:
                            with self.assertRaises(KehuCallListStateError):
                                getattr(call_list, action)()

    def test_a_list_needs_callers_and_customers(self):
        lists = self.env["kehu.call.list"].with_user(self.user_director)
        call_list = lists.create({"name": "Empty"})
        with self.assertRaisesRegex(KehuCallListStateError, "Choose who calls"):
            call_list.action_build()
        call_list.caller_ids = self.user_seller
        with self.assertRaisesRegex(KehuCallListStateError, "Fill the list first"):
            call_list.action_start()

    def test_the_state_is_not_written_by_hand(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller)
        for values in ({"state": "done"}, {"skipped_unseen": 3}, {"built_on": "2026-01-01 00:00:00"}, {"kehu_department_id": 1}):
            with self.subTest(values=values), self.assertRaises(KehuSystemFieldError):
                call_list.write(values)
        with self.assertRaises(KehuSystemFieldError):
            call_list.create({"name": "Running at once", "state": "running"})
        self.assertEqual(call_list.with_context(default_state="running").create({"name": "By default"}).state, "draft")

    def test_filters_that_cannot_be_read(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller, start=False)
        unsafe = "[('child_ids', 'any!', [('name', '=', 'x')])]"
        for domain in (unsafe, "nonsense", "[('no_such_field', '=', 1)]", "[('name', 'almost', 'x')]", "__import__('os')", "{'a': 1}"):
            with self.subTest(domain=domain), self.assertRaises(KehuCallListError), self.env.cr.savepoint():
                call_list.domain = domain
        with self.assertRaises(KehuCallListError):
            call_list.write({"date_from": "2026-02-01", "date_to": "2026-01-01"})
        with self.assertRaises(KehuCallListError):
            call_list.max_attempts = -1

    def test_filters_that_nobody_can_search(self):
        """They read well, and the database or the host refuses them when the list is filled: told by the name of the list."""
        call_list = self._create_list(self._create_customers(1), self.user_seller, start=False)
        for domain in (
            "[('kehu_days_left', '>', 1)]",
            "[('kehu_duplicate_count', '=', 1)]",
            "[('id', 'in', ['a'])]",
            "[('partner_latitude', '>', 'x')]",
            "[('name', 'ilike', 'a\\x00b')]",
        ):
            with self.subTest(domain=domain), self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                call_list.domain = domain
                with self.assertRaisesRegex(KehuCallListError, f"{call_list.name}.*the filter cannot be read"):
                    call_list.action_build()

    def test_the_script_is_made_harmless(self):
        call_list = self._create_list(
            self._create_customers(1), self.user_seller, script="<p>Hello<script>alert(1)</script><img src=x onerror=alert(1)></p>"
        )
        self.assertNotIn("alert", call_list.script)
        self.assertIn("Hello", call_list.script)

    def test_callers_are_people_one_oversees(self):
        lists = self.env["kehu.call.list"].with_user(self.user_east_manager)
        for user in (self.user_west_seller, self.user_service, self.user_employee):
            with self.subTest(user=user.name), self.assertRaisesRegex(KehuCallListRightsError, user.name):
                lists.create({"name": "Theirs", "caller_ids": user.ids})
        call_list = lists.create({"name": "Ours", "caller_ids": self.user_seller.ids})
        with self.assertRaises(KehuCallListRightsError):
            call_list.caller_ids |= self.user_west_seller

    def test_a_caller_with_open_customers_stays(self):
        call_list = self._create_list(self._create_customers(4), self.user_seller | self.user_seller2)
        with self.assertRaisesRegex(KehuCallListStateError, "still has 2 customers"):
            call_list.caller_ids = self.user_seller
        call_list.kehu_reshare(self.user_seller2.id, self.user_seller.ids)
        call_list.caller_ids = self.user_seller

    def test_a_list_that_was_called_is_not_deleted(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller)
        line = self._take(self.user_seller)
        self._log(line, "no_answer")
        with self.assertRaises(KehuCallListStateError):
            call_list.unlink()
        other = self._create_list(self._create_customers(1, start=3), self.user_seller)
        other.unlink()
        self.assertFalse(other.exists())

    def test_a_copy_is_a_new_draft_of_whoever_copies(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller, author=self.user_sales_manager)
        copied = call_list.with_user(self.user_director).copy()
        self.assertEqual((copied.state, copied.user_id, copied.line_count), ("draft", self.user_director, 0))

    def test_lists_end_after_their_last_day(self):
        over = self._create_list(self._create_customers(1), self.user_seller, date_from="2026-01-01", date_to="2026-01-31")
        running = self._create_list(self._create_customers(1, start=3), self.user_seller)
        self.env["kehu.call.list"]._cron_finish()
        self.assertEqual((over.state, running.state), ("done", "running"))

    # -- sharing out again ---------------------------------------------------------------------------------------------

    def test_share_out_again(self):
        customers = self._create_customers(6)
        call_list = self._create_list(customers, self.user_seller | self.user_seller2)
        taken = self._take(self.user_seller)
        counts = call_list.kehu_reshare(self.user_seller.id, self.user_seller2.ids)
        self.assertEqual(counts, {"moved": 2, "busy": 1, "unseen": 0}, "who is being called stays")
        self.assertEqual(taken.user_id, self.user_seller)
        self.assertEqual(self.shares(call_list), {self.user_seller: 1, self.user_seller2: 5})

    def test_callbacks_keep_their_time_with_the_new_caller(self):
        call_list = self._create_list(self._create_customers(1), self.user_seller | self.user_seller2, mode="turn")
        line = self._lines(call_list)
        caller = line.user_id
        other = (self.user_seller | self.user_seller2) - caller
        soon = fields.Datetime.now().replace(microsecond=0) + timedelta(days=1)
        call = self._log(self._take(caller), "callback", callback_on=soon)
        call_list.kehu_reshare(caller.id, other.ids)
        self.assertEqual((line.user_id, line.state, line.due_on), (other, "callback", soon))
        self.assertEqual(call.sudo().event_ids.user_id, other)
        self.assertEqual(call.sudo().event_ids.partner_ids, other.partner_id)

    def test_the_customers_of_a_caller_who_has_left(self):
        call_list = self._create_list(self._create_customers(4), self.user_seller | self.user_seller2)
        self.user_seller.active = False
        wizard = self.env["kehu.call.share"].with_user(self.user_director).create({"list_id": call_list.id})
        self.assertIn(self.user_seller, wizard.caller_ids)
        self.assertEqual(call_list.kehu_reshare(self.user_seller.id, self.user_seller2.ids)["moved"], 2)
        self.assertEqual(self.shares(call_list), {self.user_seller2: 4})

    def test_nothing_more_goes_to_a_caller_who_has_left(self):
        """New customers go to those who are still there; with nobody left, the list says what to do."""
        call_list = self._create_list(self._create_customers(4), self.user_seller | self.user_seller2, mode="turn")
        more = self._create_customers(3, start=50)
        call_list.domain = repr([("id", "in", (call_list.sudo().line_ids.partner_id | more).ids)])
        self.user_seller.active = False
        call_list.invalidate_recordset()
        call_list.action_build()
        lines = self._lines(call_list)
        self.assertEqual(lines.filtered(lambda line: line.partner_id in more).user_id, self.user_seller2)
        with self.assertRaises(KehuCallListRightsError):
            call_list.kehu_reshare(self.user_seller2.id, self.user_seller.ids)
        self.user_seller2.active = False
        call_list.invalidate_recordset()
        with self.assertRaisesRegex(KehuCallListStateError, "Choose who calls"):
            call_list.action_build()

    def test_claimed_by_others_before_the_calling_begins(self):
        """A list filled yesterday: what others have claimed since then is not called, and says nothing of the customer any more."""
        customers = self._create_customers(4)
        call_list = self._create_list(customers, self.user_seller | self.user_seller2, mode="turn", start=False)
        customers[0].with_user(self.user_west_seller).kehu_claim()
        customers[1].with_user(self.user_seller).kehu_claim()
        lines = {line.partner_id: line for line in self._lines(call_list)}
        self.assertEqual((lines[customers[0]].state, lines[customers[0]].number), ("closed", False))
        self.assertEqual((lines[customers[1]].state, lines[customers[1]].user_id), ("open", self.user_seller))
        call_list.action_start()
        called = [self._log(self._take(user)).partner_id for user in (self.user_seller, self.user_seller, self.user_seller2)]
        self.assertEqual(set(called), set(customers[1:]))
        self.assertFalse(self._take(self.user_seller) | self._take(self.user_seller2))

    def test_share_out_only_to_who_sees(self):
        mine = self._create_customers(2, owner=self.user_seller)
        waiting = self._create_customers(1, start=5)
        call_list = self._create_list(mine | waiting, self.user_seller | self.user_seller2, mode="owner")
        call_list.kehu_reshare(self.user_seller2.id, self.user_seller.ids)
        counts = call_list.kehu_reshare(self.user_seller.id, self.user_seller2.ids)
        self.assertEqual(counts, {"moved": 1, "busy": 0, "unseen": 2})

    def test_share_out_is_for_those_who_manage_the_list(self):
        call_list = self._create_list(self._create_customers(2), self.user_seller | self.user_seller2)
        for user in (self.user_seller, self.user_east_manager, self.user_employee):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                call_list.with_user(user).kehu_reshare(self.user_seller.id, self.user_seller2.ids)
        for args in ((self.user_seller.id, []), (self.user_seller.id, ["x"]), ("x", self.user_seller2.ids)):
            with self.subTest(args=args), self.assertRaises(KehuCallListError):
                call_list.kehu_reshare(*args)
        with self.assertRaises(KehuCallListError):
            call_list.kehu_reshare(self.user_seller.id, self.user_seller2.ids, "pile")
        with self.assertRaises(KehuCallListRightsError):
            call_list.kehu_reshare(self.user_seller.id, self.user_west_seller.ids)

    def test_the_dialog_says_what_will_happen(self):
        call_list = self._create_list(self._create_customers(4), self.user_seller | self.user_seller2)
        wizard = self.env["kehu.call.share"].with_user(self.user_director)
        wizard = wizard.create({"list_id": call_list.id, "from_user_id": self.user_seller.id, "user_ids": self.user_seller2.ids})
        self.assertEqual(wizard.preview, "Seller2: 2 customers")
        self.assertIn("2 customers have new callers", wizard.action_apply()["params"]["message"])
