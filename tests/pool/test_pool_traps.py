"""Where other programs of this kind stumble, and no other test of the room says that this one does not."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...models.pool.exceptions import KehuOwnershipError, KehuOwnershipTargetError
from ...models.pool.res_partner_bulk import MANY
from .policy_common import NOW, TODAY, PolicyCommon


@tagged("post_install", "-at_install")
class TestPoolTraps(PolicyCommon):
    def test_trap_a_customer_is_in_one_pool_at_a_time(self):
        first, second = self.env["kehu.pool"].create([{"name": "First"}, {"name": "Second"}])
        customer = self._owned()
        contact = self._create_contact(customer)
        customer.with_user(self.user_seller).kehu_return("No time", first.id)
        self.assertEqual((first.customer_count, second.customer_count), (1, 0))
        customer.with_user(self.user_director).kehu_return("Wrong pool", second.id)
        (first | second).invalidate_recordset()
        self.assertEqual((first.customer_count, second.customer_count), (0, 1))
        self.assertEqual((customer.kehu_pool_id, contact.kehu_pool_id), (second, second))
        with self.assertRaises(KehuOwnershipError):
            customer.with_user(self.user_director).write({"user_id": self.user_seller.id, "kehu_pool_id": first.id})
        customer.with_user(self.user_seller).kehu_claim()
        self.assertOwner(customer, self.user_seller)

    def test_trap_many_at_once_start_the_clock_too(self):
        """One by one and in mass, by every way that a customer gets a new owner; contacts come along."""
        self.pool.idle_days = 30
        director = self.user_director

        def returned(customers):
            customers.with_user(director).kehu_return("Nobody calls")
            return customers

        def successor(customers):
            dialog = self.env["kehu.pool.leaving"].create(
                {
                    "user_ids": [Command.set(customers.user_id.ids)],
                    "target": "successor",
                    "successor_id": self.user_seller2.id,
                    "reason": "Left",
                }
            )
            dialog.action_apply()

        ways = {
            "transfer": lambda customers: customers.with_user(director).kehu_transfer(self.user_seller2.id, "Holiday"),
            "write": lambda customers: customers.with_user(director).write({"user_id": self.user_seller2.id}),
            "assign": lambda customers: returned(customers).with_user(director).kehu_assign(self.user_seller2.id),
            "claim": lambda customers: returned(customers).with_user(self.user_seller2).kehu_claim(),
            "spread": lambda customers: returned(customers).with_user(director).kehu_spread((self.user_seller | self.user_seller2).ids),
            "successor": successor,
        }
        for way, change in ways.items():
            for count in (1, MANY + 5):
                with self.subTest(way=way, count=count):
                    login = f"kehu_trap_{way}_{count}"
                    leaver = new_test_user(self.env, login, groups="kehu_crm.group_kehu_user", lang="en_US")
                    customers = self.env["res.partner"].create(
                        [{"name": f"{way} {number}", "kehu_is_customer": True, "user_id": leaver.id} for number in range(count)]
                    )
                    contact = self._create_contact(customers[-1])
                    customers.flush_recordset()
                    self.env.cr.execute(
                        "UPDATE res_partner SET kehu_assigned_on = %s, kehu_effective_contact = %s WHERE id IN %s",
                        (fields.Datetime.now() - timedelta(days=29), TODAY - timedelta(days=29), customers._ids),
                    )
                    customers.invalidate_recordset()
                    self.assertEqual(set(customers.mapped("kehu_days_left")), {1})
                    change(customers)
                    self.env.invalidate_all()
                    self.assertEqual(set(customers.mapped("kehu_days_left")), {30})
                    self.assertEqual(contact.user_id, customers[-1].user_id)
                    self.assertTrue(contact.user_id and contact.user_id != leaver)

    def test_trap_who_is_gone_or_full_gets_nothing_when_many_are_spread(self):
        """The room is that of the pool; people who have left, or never sold, are refused by name before anybody gets one."""
        self.pool.max_held = 2
        gone = new_test_user(self.env, "kehu_trap_gone", groups="kehu_crm.group_kehu_user", name="Gone", lang="en_US")
        gone.active = False
        customers = self.env["res.partner"].create([{"name": f"Spread {number}", "kehu_is_customer": True} for number in range(2)])
        for stranger in (gone, self.user_employee):
            with self.subTest(stranger=stranger.name):
                with self.assertRaises(KehuOwnershipTargetError) as refusal:
                    customers.with_user(self.user_director).kehu_spread([self.user_seller.id, stranger.id], "evenly")
                self.assertIn(stranger.name, str(refusal.exception))
                self.assertFalse(customers.user_id)
        self._owned(), self._owned()
        customers.with_user(self.user_director).kehu_spread((self.user_seller | self.user_seller2).ids, "capacity")
        self.assertEqual(customers.user_id, self.user_seller2, "the full one is passed over")

    def test_trap_what_was_returned_by_somebody_else_keeps_its_former_owner_in_the_history(self):
        """The manager returns it; the history, and whom the cool-down holds off, name the owner."""
        self.pool.cooldown_days = 10
        customer = self._owned()
        customer.with_user(self.user_east_manager).kehu_return("Not cared for")
        row = customer.kehu_assignment_ids[0]
        self.assertEqual((row.old_user_id, row.author_id, row.kind), (self.user_seller, self.user_east_manager, "return"))
        with freeze_time(fields.Datetime.to_datetime(NOW) + timedelta(days=9)), self.assertRaises(KehuOwnershipError):
            customer.with_user(self.user_seller).kehu_claim()
        customer.with_user(self.user_east_manager).kehu_claim()
        self.assertOwner(customer, self.user_east_manager)
