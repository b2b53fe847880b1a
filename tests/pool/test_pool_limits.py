"""Limits: how many a person claims and holds, and how soon a former owner comes back. All counters are rows of the history."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...models.pool.exceptions import (
    KehuOwnershipCooldownError,
    KehuOwnershipError,
    KehuOwnershipLimitError,
)
from .policy_common import NOW, PolicyCommon


@tagged("post_install", "-at_install")
class TestPoolLimits(PolicyCommon):
    def _pooled(self, count=1, **values):
        return self.env["res.partner"].create(
            [{"name": f"Waiting {number}", "kehu_is_customer": True, **values} for number in range(count)]
        )

    def _claim(self, customer, user=None):
        customer.with_user(user or self.user_seller).kehu_claim()

    # -- claims of a day -----------------------------------------------------------------------------------------------

    def test_claims_per_day(self):
        self.pool.max_claims_per_day = 2
        customers = self._pooled(4)
        self._claim(customers[0])
        self._claim(customers[1])
        with self.assertRaisesRegex(KehuOwnershipLimitError, "as many customers today"):
            self._claim(customers[2])
        self._claim(customers[2], self.user_seller2)
        with freeze_time("2026-04-01 15:59:00"), self.assertRaises(KehuOwnershipLimitError):
            self._claim(customers[3])
        with freeze_time("2026-04-01 16:01:00"):  # a minute past midnight in Shanghai
            self._claim(customers[3])

    def test_many_at_once_count_one_by_one(self):
        self.pool.max_claims_per_day = 2
        customers = self._pooled(3)
        with self.assertRaises(KehuOwnershipLimitError):
            self._claim(customers)
        self.assertFalse(customers.user_id, "all or none")
        self._claim(customers[:2])

    def test_trap_giving_back_makes_no_claim_undone(self):
        self.pool.max_claims_per_day = 1
        customers = self._pooled(2)
        self._claim(customers[0])
        customers[0].with_user(self.user_seller).kehu_return("Wrong one")
        with self.assertRaises(KehuOwnershipLimitError):
            self._claim(customers[1])

    def test_trap_a_customer_given_to_a_colleague_and_taken_over_is_a_claim(self):
        """A manager gives one to a salesperson and transfers it to himself: the same day that is a claim like any other."""
        self.pool.max_claims_per_day = 1
        manager = self.user_east_manager
        customers = self._pooled(3)
        customers.with_user(manager).kehu_assign(self.user_seller.id)
        taken = customers.with_user(manager)
        taken[0].kehu_transfer(manager.id, "mine", with_documents=False)
        with self.assertRaisesRegex(KehuOwnershipLimitError, "as many customers today"):
            taken[1].kehu_transfer(manager.id, "mine", with_documents=False)
        with self.assertRaises(KehuOwnershipLimitError):
            self._claim(self._pooled(), manager)
        taken[1].kehu_transfer(self.user_seller2.id, "to a colleague", with_documents=False)
        owned = self._owned()
        owned.with_user(manager).kehu_transfer(manager.id, "was not from the pool", with_documents=False)
        with freeze_time("2026-04-01 16:01:00"):
            taken[2].kehu_transfer(manager.id, "a day later", with_documents=False)

    def test_trap_a_customer_that_a_colleague_claimed_and_one_takes_over_is_a_claim(self):
        """A salesperson claims, and the manager transfers to himself what he could not claim any more."""
        self.pool.write({"max_claims_per_day": 1, "max_held": 2})
        manager = self.user_east_manager
        customers = self._pooled(4)
        self._claim(customers[0])
        self._claim(customers[1], self.user_seller2)
        taken = customers.with_user(manager)
        taken[0].kehu_transfer(manager.id, "mine")
        with self.assertRaisesRegex(KehuOwnershipLimitError, "as many customers today"):
            taken[1].kehu_transfer(manager.id, "mine too")
        with self.assertRaisesRegex(KehuOwnershipLimitError, "as many customers today"):
            taken[1].user_id = manager
        with self.assertRaises(KehuOwnershipLimitError):
            self._claim(customers[2], manager)
        with freeze_time("2026-04-01 16:01:00"):
            taken[1].kehu_transfer(manager.id, "a day later")
            self._claim(customers[2])
            with self.assertRaisesRegex(KehuOwnershipLimitError, "would hold more"):
                taken[2].kehu_transfer(manager.id, "one too many")

    def test_what_a_colleague_hands_over_is_a_claim_of_the_colleague(self):
        """Each took out of the pool what each may take; who is given something, by whom ever, has used up nothing."""
        self.pool.write({"max_claims_per_day": 1, "max_held": 3})
        customers = self._pooled(4)
        self._claim(customers[0], self.user_seller2)
        customers[0].with_user(self.user_seller2).kehu_transfer(self.user_seller.id, "yours")
        with self.assertRaisesRegex(KehuOwnershipLimitError, "as many customers today"):
            self._claim(customers[1], self.user_seller2)
        self._claim(customers[1])
        with self.assertRaisesRegex(KehuOwnershipLimitError, "as many customers today"):
            self._claim(customers[2])
        self._claim(customers[2], self.user_west_seller)
        self.pool.max_held = 2
        with self.assertRaisesRegex(KehuOwnershipLimitError, "would hold more"):
            customers[2].with_user(self.user_west_seller).kehu_transfer(self.user_seller.id, "one too many")

    def test_trap_what_a_manager_assigns_is_no_claim(self):
        self.pool.max_claims_per_day = 1
        customers = self._pooled(3)
        customers[:2].with_user(self.user_east_manager).kehu_assign(self.user_seller.id)
        self._claim(customers[2])

    def test_trap_a_refused_claim_does_not_eat_the_quota(self):
        self.pool.write({"max_claims_per_day": 1, "cooldown_days": 10})
        customers = self._pooled(2)
        customers[0].with_user(self.user_director).kehu_assign(self.user_seller.id)
        customers[0].with_user(self.user_seller).kehu_return("No time")
        with self.assertRaises(KehuOwnershipCooldownError):
            self._claim(customers[0])
        self._claim(customers[1])

    def test_trap_a_claim_by_another_name_is_a_claim(self):
        """A manager who assigns to herself, or writes herself as the owner, claims."""
        self.pool.max_claims_per_day = 1
        customers = self._pooled(3)
        manager = self.user_east_manager
        self._claim(customers[0], manager)
        with self.assertRaises(KehuOwnershipLimitError):
            customers[1].with_user(manager).kehu_assign(manager.id)
        with self.assertRaises(KehuOwnershipLimitError):
            customers[1].with_user(manager).write({"user_id": manager.id})
        seller = self.user_seller
        customers[1].with_user(seller).write({"user_id": seller.id})
        with self.assertRaises(KehuOwnershipLimitError):
            customers[2].with_user(seller).write({"user_id": seller.id})

    def test_pool_managers_and_directors_are_not_limited(self):
        self.pool.write({"max_claims_per_day": 1, "manager_ids": [Command.set(self.user_seller2.ids)]})
        customers = self._pooled(6)
        for user, some in ((self.user_seller2, customers[:3]), (self.user_director, customers[3:])):
            for customer in some:
                self._claim(customer, user)

    def test_each_pool_counts_for_itself(self):
        other = self.env["kehu.pool"].create({"name": "Other Pool", "max_claims_per_day": 1})
        self.pool.max_claims_per_day = 1
        self._claim(self._pooled())
        self._claim(self._pooled(kehu_pool_id=other.id))
        with self.assertRaises(KehuOwnershipLimitError):
            self._claim(self._pooled(kehu_pool_id=other.id))

    # -- customers held ------------------------------------------------------------------------------------------------

    def test_customers_held_by_every_door(self):
        """Claim, assign, transfer, creation, import by load, marking as a customer, writing the owner."""
        self.pool.max_held = 2
        seller, director = self.user_seller, self.user_director
        self._claim(self._pooled(2))
        other = self._create_customer(owner=self.user_seller2, name="Somebody's")
        plain = self.env["res.partner"].create({"name": "Plain Partner"})
        partners = self.env["res.partner"]
        doors = {
            "claim": lambda: self._claim(self._pooled()),
            "assign": lambda: self._pooled().with_user(director).kehu_assign(seller.id),
            "spread": lambda: self._pooled().with_user(director).kehu_spread([seller.id]),
            "transfer": lambda: other.with_user(director).kehu_transfer(seller.id, "Holiday"),
            "write": lambda: other.with_user(director).write({"user_id": seller.id}),
            "create": lambda: partners.with_user(seller).create({"name": "Entered", "kehu_is_customer": True, "user_id": seller.id}),
            "mark": lambda: plain.with_user(director).write({"kehu_is_customer": True, "user_id": seller.id}),
            "import as superuser": lambda: partners.create({"name": "Imported", "kehu_is_customer": True, "user_id": seller.id}),
        }
        for name, door in doors.items():
            with self.subTest(door=name), self.assertRaises(KehuOwnershipLimitError), self.env.cr.savepoint():
                door()
        result = partners.with_user(seller).load(["name", "kehu_is_customer", "user_id/.id"], [["Loaded", "1", str(seller.id)]])
        self.assertFalse(result["ids"])
        self.assertIn("more customers than the pool", result["messages"][0]["message"])
        partners.with_user(seller).create({"name": "Into the Pool", "kehu_is_customer": True})

    def test_room_is_made_by_giving_back_not_by_archiving(self):
        self.pool.max_held = 1
        customers = self._pooled(2)
        self._claim(customers[0])
        customers[0].with_user(self.user_seller).active = False
        with self.assertRaises(KehuOwnershipLimitError):
            self._claim(customers[1])
        customers[0].with_user(self.user_seller).kehu_return("Gone out of business")
        self._claim(customers[1])

    def test_the_history_of_merged_customers_still_counts_right(self):
        """The newest row names the owner of the one that stays, though the other one has been in the pool since."""
        self.pool.max_held = 1
        stays, goes = self._pooled(2)
        self._claim(stays)
        with freeze_time("2026-04-01 03:00:00"):
            self._claim(goes, self.user_seller2)
            goes.with_user(self.user_seller2).kehu_return("Is the same as the other")
        with freeze_time("2026-04-01 04:00:00"):
            self.env["base.partner.merge.automatic.wizard"].create({})._merge([stays.id, goes.id], stays)
        self.assertOwner(stays, self.user_seller)
        self.assertEqual(self.pool._kehu_held(self.user_seller | self.user_seller2), {self.user_seller.id: 1})
        row = stays.kehu_assignment_ids.sorted("id")[-1]
        self.assertEqual((row.user_id, row.reason), (self.user_seller, "Merged with Waiting 1."))
        self.assertFalse(row.old_user_id, "it waited in a pool")
        self._claim(self._pooled(), self.user_seller2)
        with self.assertRaises(KehuOwnershipLimitError):
            self._claim(self._pooled())

    def test_a_preview_says_which_ones_are_too_many(self):
        self.pool.max_held = 2
        customers = self._pooled(5)
        refusals = customers.with_user(self.user_director)._kehu_ownership_refusals("assign", self.user_seller)
        self.assertEqual([customer.id for customer in refusals], customers[2:].ids)

    # -- cool-down and quiet days --------------------------------------------------------------------------------------

    def test_cooldown_of_the_former_owner(self):
        self.pool.cooldown_days = 10
        customer = self._pooled()
        self._claim(customer)
        customer.with_user(self.user_seller).kehu_return("No time")
        with freeze_time(fields.Datetime.to_datetime(NOW) + timedelta(days=9, hours=23)):
            with self.assertRaisesRegex(KehuOwnershipCooldownError, "can take it again from"):
                self._claim(customer)
            with self.assertRaises(KehuOwnershipCooldownError):
                customer.with_user(self.user_seller).write({"user_id": self.user_seller.id})
        with freeze_time(fields.Datetime.to_datetime(NOW) + timedelta(days=10, minutes=1)):
            self._claim(customer)

    def test_trap_the_former_owner_is_who_had_it_not_who_gave_it_back(self):
        self.pool.cooldown_days = 10
        customer = self._pooled()
        self._claim(customer)
        customer.with_user(self.user_east_manager).kehu_return("Neglected")
        with self.assertRaises(KehuOwnershipCooldownError):
            self._claim(customer)
        self._claim(customer, self.user_east_manager)

    def test_trap_a_friend_in_between_changes_nothing(self):
        self.pool.cooldown_days = 10
        customer = self._pooled()
        self._claim(customer)
        customer.with_user(self.user_seller).kehu_return("No time")
        self._claim(customer, self.user_seller2)
        with self.assertRaises(KehuOwnershipCooldownError):
            customer.with_user(self.user_seller2).kehu_transfer(self.user_seller.id, "Here you are")
        customer.with_user(self.user_seller2).kehu_return("Here you are")
        with self.assertRaises(KehuOwnershipCooldownError):
            self._claim(customer)

    def test_trap_a_friend_who_gets_it_first_and_returns_it_changes_nothing(self):
        self.pool.cooldown_days = 10
        customer = self._pooled()
        self._claim(customer)
        customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Give it back tomorrow")
        customer.with_user(self.user_seller2).kehu_return("Here you are")
        with self.assertRaises(KehuOwnershipCooldownError):
            self._claim(customer)
        with self.assertRaises(KehuOwnershipCooldownError):
            customer.with_user(self.user_seller).write({"user_id": self.user_seller.id})

    def test_what_a_colleague_looked_after_comes_back_from_hand_to_hand(self):
        self.pool.cooldown_days = 10
        customer = self._pooled()
        self._claim(customer)
        customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Holidays")
        customer.with_user(self.user_seller2).kehu_transfer(self.user_seller.id, "Back from holidays")
        self.assertOwner(customer, self.user_seller)

    def test_a_manager_may_give_it_back(self):
        self.pool.cooldown_days = 10
        customer = self._pooled()
        self._claim(customer)
        customer.with_user(self.user_seller).kehu_return("By mistake")
        customer.with_user(self.user_east_manager).kehu_assign(self.user_seller.id)
        self.assertOwner(customer, self.user_seller)

    def test_who_lost_it_by_the_rules_waits_too(self):
        self.pool.write({"idle_days": 30, "cooldown_days": 10})
        customer = self._owned(days=31)
        self._run()
        self.assertRecycled(customer)
        with self.assertRaises(KehuOwnershipCooldownError):
            self._claim(customer)
        self._claim(customer, self.user_seller2)

    def test_quiet_days_are_counted_from_the_history_not_from_the_last_edit(self):
        self.pool.quiet_days = 3
        customer = self._pooled()
        with self.assertRaisesRegex(KehuOwnershipCooldownError, "can be claimed from"):
            self._claim(customer)
        with freeze_time("2026-04-04 03:00:00"):
            customer.with_user(self.user_director).write({"comment": "Edited"})
            self._claim(customer)
        fresh = self._pooled()
        fresh.with_user(self.user_east_manager).kehu_assign(self.user_seller.id)

    def test_nobody_is_stuck(self):
        """Whoever may give a customer back leaves it where others can take it, dealt with or not."""
        self.pool.write({"cooldown_days": 10, "spare_dealt": True, "max_held": 5, "max_claims_per_day": 5})
        customer = self._owned(days=5, dealt=3)
        customer.with_user(self.user_seller).kehu_return("Retired")
        self._claim(customer, self.user_seller2)

    def test_limits_cost_no_query_where_there_are_none(self):
        customers = self._pooled(2)

        def queries(customer):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            customer._kehu_wait_refusals("claim", self.user_seller)
            customer._kehu_limit_refusals("claim", self.user_seller)
            return self.env.cr.sql_log_count - before

        queries(customers[0])
        self.assertEqual(queries(customers[1]), 0)

    def test_limits_are_typed_refusals_of_the_gateway(self):
        self.assertTrue(issubclass(KehuOwnershipLimitError, KehuOwnershipError))
        self.assertTrue(issubclass(KehuOwnershipCooldownError, KehuOwnershipError))
