"""Who sees which calls, lists and customers on them, by every way of reading."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...models.customer.exceptions import KehuSystemFieldError
from ...models.system.exceptions import KehuEngineOnlyError
from .common import CallCommon


@tagged("post_install", "-at_install")
class TestCallAccess(CallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._create_customers(1, owner=cls.user_seller, name="East Ltd")
        cls.theirs = cls._create_customers(1, owner=cls.user_west_seller, start=10, name="West Ltd")
        cls.waiting = cls._create_customers(1, start=20, name="Pool Ltd")

    def both_lists(self):
        return self._create_list(self.mine | self.theirs | self.waiting, self.user_seller | self.user_west_seller)

    def names(self, model, user, field="partner_id"):
        """Names of customers that this person gets from that model, by search, reading, grouping and search by name."""
        model = self.env[model].with_user(user)
        records = model.search([])
        ids = set(records.sudo()[field].ids)
        read = {row[field][0] for row in model.search_read([], [field])}
        grouped = {group[field][0] for group in model.formatted_read_group([], [field], ["__count"])}
        searched = {record_id for record_id, _name in model.name_search("", limit=None)}
        self.assertEqual((read, grouped, searched), (ids, ids, set(records.ids)))
        for name in ("East Ltd", "West Ltd", "Pool Ltd"):
            found = model.search([(f"{field}.name", "=", name)])
            self.assertEqual(bool(found), name in records.sudo()[field].mapped("name"))
        return {"East Ltd", "West Ltd", "Pool Ltd"} & set(records.sudo()[field].mapped("name"))

    def test_lines(self):
        call_list = self.both_lists()
        pooled = self._lines(call_list).filtered(lambda line: line.partner_id == self.waiting).user_id
        pool_for = {self.user_seller: set(), self.user_west_seller: set(), pooled: {"Pool Ltd"}}
        for user, expected in (
            (self.user_seller, {"East Ltd"} | pool_for[self.user_seller]),
            (self.user_west_seller, {"West Ltd"} | pool_for[self.user_west_seller]),
            (self.user_seller2, set()),
            (self.user_director, {"East Ltd", "West Ltd", "Pool Ltd"}),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.names("kehu.call.line", user), expected)
        for user in (self.user_service, self.user_finance, self.user_employee):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.env["kehu.call.line"].with_user(user).search([])

    def test_a_manager_sees_the_lines_of_the_own_people_alone(self):
        self.both_lists()
        names = self.names("kehu.call.line", self.user_east_manager)
        self.assertIn("East Ltd", names)
        self.assertNotIn("West Ltd", names)
        self.assertEqual(self.names("kehu.call.line", self.user_sales_manager), {"East Ltd", "West Ltd", "Pool Ltd"})

    def test_lines_are_written_by_the_engine_alone(self):
        line = self._lines(self.both_lists())[0]
        for user in (self.user_seller, self.user_director, self.user_crm_admin):
            for change in (
                lambda line: line.write({"state": "done"}),
                lambda line: line.unlink(),
                lambda line: line.copy(),
            ):
                with self.subTest(user=user.name), self.assertRaises(AccessError):
                    change(line.with_user(user))
        with self.assertRaises(KehuEngineOnlyError):
            line.sudo().write({"state": "done"})

    def test_the_place_on_a_list_does_not_name_the_customer(self):
        line = self._lines(self.both_lists())[0]
        self.assertNotIn(line.partner_id.name, line.display_name)
        self.assertEqual(line.display_name, "No. 1 of Autumn Fair")

    def test_lists(self):
        running = self.both_lists()
        draft = self._create_list(self.waiting, self.user_seller, start=False, name="Draft")
        for user, expected in (
            (self.user_seller, running),
            (self.user_seller2, running.browse()),
            (self.user_east_manager, running.browse()),
            (self.user_director, running | draft),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.env["kehu.call.list"].with_user(user).search([("id", "in", (running | draft).ids)]), expected)
        with self.assertRaises(AccessError):
            running.with_user(self.user_seller).action_finish()
        for action in ("action_build", "action_start", "action_finish", "action_reopen", "action_share"):
            for user in (self.user_seller, self.user_east_manager, self.user_employee):
                with self.subTest(user=user.name, action=action), self.assertRaises(AccessError):
                    getattr(running.with_user(user), action)()

    def test_the_filter_is_not_for_callers(self):
        running = self.both_lists()
        with self.assertRaises(AccessError):
            running.with_user(self.user_seller).read(["domain"])
        self.assertEqual(running.with_user(self.user_seller).script, "<p>Good morning</p>")

    def test_nobody_without_a_sales_role_calls(self):
        for user in (self.user_service, self.user_employee):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.lines.with_user(user).kehu_take_next()

    def test_sharing_out_again_whatever_a_client_sends(self):
        call_list = self._create_list(self._create_customers(2), self.user_seller | self.user_seller2)
        before = self._lines(call_list).mapped("user_id")
        wrong = (5, "x", [], {}, None, True, [2**40], ["x"], [[1]], [{}], [self.user_employee.id])
        for value in wrong:
            with self.subTest(callers=value), self.assertRaises(UserError):
                call_list.kehu_reshare(self.user_seller.id, value)
        for value in ("x", [1], {"a": 1}, True, 2**40, -1, 1.5):
            with self.subTest(caller=value), self.assertRaises(UserError):
                call_list.kehu_reshare(value, self.user_seller2.ids)
        for value in (None, False, 0, [], {}, "unfairly", "pile", ["evenly"], 5):
            with self.subTest(mode=value), self.assertRaises(UserError):
                call_list.kehu_reshare(self.user_seller.id, self.user_seller2.ids, value)
        self.assertEqual(self._lines(call_list).mapped("user_id"), before)
        call_list.kehu_reshare(self.user_seller.id, [*self.user_seller2.ids, *self.user_seller2.ids])
        self.assertEqual(self._lines(call_list).user_id, self.user_seller2)

    def test_a_forged_list_gives_nothing(self):
        call_list = self._create_list(self.mine | self.waiting, self.user_seller)
        for list_id in (call_list.id, "1", 2**40, [1]):
            with self.subTest(list_id=list_id):
                self.assertFalse(self.lines.with_user(self.user_seller2).kehu_take_next(list_id)["line_id"])

    def test_calls(self):
        east = self.calls.create({"partner_id": self.mine.id, "outcome": "reached", "note": "Secret price"})
        west = self.calls.with_user(self.user_west_seller).create({"partner_id": self.theirs.id, "outcome": "no_answer"})
        for user, expected in (
            (self.user_seller, east),
            (self.user_seller2, east.browse()),
            (self.user_west_seller, west),
            (self.user_east_manager, east),
            (self.user_sales_manager, east | west),
            (self.user_director, east | west),
            (self.user_service, east | west),
            (self.user_finance, east | west),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.env["kehu.phone.call"].with_user(user).search([("id", "in", (east | west).ids)]), expected)
        with self.assertRaises(AccessError):
            east.with_user(self.user_east_manager).note = "Changed"
        with self.assertRaises(AccessError):
            self.env["kehu.phone.call"].with_user(self.user_service).create({"partner_id": self.mine.id, "outcome": "reached"})

    def test_figures_name_nobody_and_are_ones_own(self):
        mine = [("list_id", "=", self.both_lists().id)]
        report = self.env["kehu.call.report"]
        self.assertNotIn("partner_id", report._fields)
        self.assertEqual(report.with_user(self.user_seller).search(mine).user_id, self.user_seller)
        self.assertEqual(report.with_user(self.user_east_manager).search(mine).user_id, self.user_seller)
        self.assertEqual(report.with_user(self.user_director).search(mine).user_id, self.user_seller | self.user_west_seller)
        self.assertFalse(report.with_user(self.user_seller2).search(mine))

    def test_a_hidden_customer_is_hidden_on_its_list(self):
        """The owner changes where no hook sees it; the rules hide the line all the same."""
        call_list = self._create_list(self.waiting, self.user_seller)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET user_id = %s, kehu_pool_id = NULL WHERE id = %s", [self.user_west_seller.id, self.waiting.id]
        )
        self.env.invalidate_all()
        self.assertFalse(self.lines.with_user(self.user_seller).search([("list_id", "=", call_list.id)]))
        self.assertFalse(self._take(self.user_seller))

    def test_entries_of_the_calendar_are_linked_by_the_engine_alone(self):
        call = self.calls.create({"partner_id": self.mine.id, "outcome": "no_answer"})
        events = self.env["calendar.event"].with_user(self.user_seller)
        values = {"name": "Mine", "start": "2026-09-01 08:00:00", "stop": "2026-09-01 09:00:00"}
        with self.assertRaises(KehuSystemFieldError):
            events.create({**values, "kehu_phone_call_id": call.id})
        event = events.with_context(default_kehu_phone_call_id=call.id).create(values)
        self.assertFalse(event.kehu_phone_call_id)
        with self.assertRaises(KehuSystemFieldError):
            event.kehu_phone_call_id = call

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.user_director.company_ids |= other
        foreign = self._create_customers(1, start=40, name="Foreign Ltd", company_id=other.id)
        call_list = self._create_list(self.waiting | foreign, self.user_seller | self.user_director)
        self.assertEqual(self._lines(call_list).partner_id, self.waiting, "customers of another company stay out")
