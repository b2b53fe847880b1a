"""Assigning to several people: evenly, by turn, by free capacity; and the dialog that shows it before."""

from odoo.fields import Command
from odoo.tests import tagged

from ...models.pool.exceptions import (
    KehuOwnershipLimitError,
    KehuOwnershipRightsError,
    KehuOwnershipStateError,
    KehuOwnershipTargetError,
)
from .policy_common import PolicyCommon


@tagged("post_install", "-at_install")
class TestPoolSpread(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.user_seller | cls.user_seller2 | cls.user_west_seller

    def _pooled(self, count):
        return self.env["res.partner"].create([{"name": f"To Share {number}", "kehu_is_customer": True} for number in range(count)])

    def _counts(self, customers):
        return [sum(customer.user_id == user for customer in customers) for user in self.people]

    def test_evenly(self):
        customers = self._pooled(7)
        self.assertEqual(
            customers.with_user(self.user_director).kehu_spread(self.people.ids, "evenly", "New region"),
            dict(zip(self.people.ids, [3, 2, 2], strict=True)),
        )
        self.assertEqual(self._counts(customers), [3, 2, 2])
        row = customers[0].kehu_assignment_ids.sorted("id")[-1]
        self.assertEqual((row.kind, row.user_id, row.reason, row.author_id), ("assign", self.user_seller, "New region", self.user_director))

    def test_by_turn_goes_on_where_it_ended(self):
        director = self.user_director
        first = self._pooled(4)
        first.with_user(director).kehu_spread(self.people.ids, "turn")
        self.assertEqual([customer.user_id for customer in first], [*self.people, self.user_seller])
        second = self._pooled(2)
        second.with_user(director).kehu_spread(self.people.ids, "turn")
        self.assertEqual([customer.user_id for customer in second], [self.user_seller2, self.user_west_seller])

    def test_by_free_capacity(self):
        self.pool.max_held = 4
        for user, count in zip(self.people, (3, 1, 0), strict=True):
            self._pooled(count).with_user(self.user_director).kehu_assign(user.id)
        customers = self._pooled(5)
        customers.with_user(self.user_director).kehu_spread(self.people.ids, "capacity")
        self.assertEqual(self._counts(customers), [0, 2, 3])
        with self.assertRaisesRegex(KehuOwnershipLimitError, "room for 3 customers, but 4"):
            self._pooled(4).with_user(self.user_director).kehu_spread(self.people.ids, "capacity")

    def test_without_a_limit_those_who_hold_least_come_first(self):
        self._pooled(3).with_user(self.user_director).kehu_assign(self.user_seller.id)
        customers = self._pooled(3)
        customers.with_user(self.user_director).kehu_spread((self.user_seller | self.user_seller2).ids, "capacity")
        self.assertEqual(self._counts(customers), [0, 3, 0])

    def test_one_sentence_for_all_that_stand_above_the_limit(self):
        self.pool.max_held = 1
        with self.assertRaises(KehuOwnershipLimitError) as caught:
            self._pooled(3).with_user(self.user_director).kehu_spread(self.user_seller.ids, "evenly")
        self.assertEqual(caught.exception.args[0].count("Seller would hold more"), 1)

    def test_the_same_rights_as_for_one(self):
        customers = self._pooled(3)
        with self.assertRaises(KehuOwnershipRightsError):
            customers.with_user(self.user_east_manager).kehu_spread(self.people.ids)
        self.assertFalse(customers.user_id, "all or none")
        with self.assertRaises(KehuOwnershipRightsError):
            customers.with_user(self.user_seller).kehu_spread(self.people.ids)
        customers.with_user(self.user_east_manager).kehu_spread((self.user_seller | self.user_seller2).ids)
        with self.assertRaises(KehuOwnershipStateError):
            customers.with_user(self.user_director).kehu_spread(self.people.ids)
        with self.assertRaises(KehuOwnershipTargetError):
            self._pooled(1).with_user(self.user_director).kehu_spread([])
        with self.assertRaises(KehuOwnershipTargetError):
            self._pooled(1).with_user(self.user_director).kehu_spread(self.people.ids, "unfairly")
        with self.assertRaises(KehuOwnershipTargetError):
            self._pooled(1).with_user(self.user_director).kehu_spread(self.user_employee.ids)

    def test_the_button_is_for_those_who_assign(self):
        view = self.env.ref("kehu_crm.res_partner_view_list_kehu_pool")
        self.pool.manager_ids = self.user_seller2

        def offered(user):
            arch = self.env["res.partner"].with_user(user).get_view(view.id, "list")["arch"]
            return "action_kehu_spread" in arch

        self.assertEqual([offered(user) for user in (self.user_seller, self.user_seller2, self.user_east_manager)], [False, True, True])

    def test_the_dialog_shows_it_before(self):
        customers = self._pooled(5)
        action = customers.with_user(self.user_director).action_kehu_spread()
        dialog = self.env[action["res_model"]].with_user(self.user_director).with_context(**action["context"]).create({})
        self.assertIn("Choose who gets the 5 customers", dialog.preview)
        dialog.user_ids = [Command.set(self.people.ids)]
        self.assertEqual(dialog.preview.split("\n"), ["Seller: 2 customers", "Seller2: 2 customers", "West Seller: 1 customers"])
        self.assertFalse(dialog.refusal)
        self.assertFalse(customers.user_id)
        self.pool.max_held = 1
        dialog.invalidate_recordset()
        self.assertIn("would hold more customers", dialog.refusal)
        self.pool.max_held = 0
        message = dialog.action_apply()["params"]["message"]
        self.assertIn("West Seller: 1 customers", message)
        self.assertEqual(self._counts(customers), [2, 2, 1])
