"""A former owner who gets a customer again gains nothing: not by returning it, not through a milder pool, not through a friend."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...models.pool.exceptions import KehuOwnershipCooldownError, KehuOwnershipLimitError
from .policy_common import NOW, TODAY, PolicyCommon


def days_later(days, minutes=0):
    return fields.Datetime.to_datetime(NOW) + timedelta(days=days, minutes=minutes)


@tagged("post_install", "-at_install")
class TestPoolTerms(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool.idle_days = 30
        cls.mild = cls.env["kehu.pool"].create({"name": "Mild Pool"})

    def _held(self, days=20, **values):
        """A customer that the seller got out of the default pool so many days ago."""
        customer = self._owned(days=days, **values)
        self.env.cr.execute("UPDATE res_partner SET kehu_home_pool_id = %s WHERE id = %s", (self.pool.id, customer.id))
        customer.invalidate_recordset()
        return customer

    def _return(self, customer, pool=None, user=None):
        customer.with_user(user or customer.user_id).kehu_return("No time", (pool or self.pool).id)

    def _claim(self, customer, user=None):
        customer.with_user(user or self.user_seller).kehu_claim()

    def assertTerms(self, customer, days, pool=None):
        """It falls in so many days after the fixed day, into that pool; None: never."""
        customer.invalidate_recordset()
        self.assertEqual(customer.kehu_fall_on, days is not None and TODAY + timedelta(days=days))
        self.assertEqual(customer.kehu_policy_pool_id, pool or self.pool)

    # -- the clock -----------------------------------------------------------------------------------------------------

    def test_returning_and_claiming_resets_no_clock(self):
        for pool in (self.pool, self.mild):
            for again in ("claim", "write"):
                with self.subTest(pool=pool.name, again=again):
                    customer = self._held()
                    self.assertTerms(customer, 10)
                    for _twice in range(2):
                        self._return(customer, pool)
                        if again == "claim":
                            self._claim(customer)
                        else:
                            customer.with_user(self.user_seller).write({"user_id": self.user_seller.id})
                        self.assertOwner(customer, self.user_seller)
                        self.assertTerms(customer, 10)
        self._contact(customer)
        self.assertTerms(customer, 30)

    def test_a_friend_in_between_resets_no_clock(self):
        friend = self.user_seller2
        for pool in (self.pool, self.mild):
            ways = {
                "friend claims and returns": lambda customer, pool=pool: (
                    self._return(customer, pool),
                    self._claim(customer, friend),
                    self._return(customer, pool),
                    self._claim(customer),
                ),
                "friend claims and transfers": lambda customer, pool=pool: (
                    self._return(customer, pool),
                    self._claim(customer, friend),
                    customer.with_user(friend).kehu_transfer(self.user_seller.id, "Yours"),
                ),
                "friend gets it and returns": lambda customer, pool=pool: (
                    customer.with_user(self.user_seller).kehu_transfer(friend.id, "Keep it"),
                    self._return(customer, pool),
                    self._claim(customer),
                ),
                "from hand to hand": lambda customer: (
                    customer.with_user(self.user_seller).kehu_transfer(friend.id, "Keep it"),
                    customer.with_user(friend).kehu_transfer(self.user_seller.id, "Yours"),
                ),
                "a third one": lambda customer, pool=pool: (
                    customer.with_user(self.user_seller).kehu_transfer(friend.id, "Keep it"),
                    self._return(customer, pool),
                    self._claim(customer, self.user_west_seller),
                    customer.with_user(self.user_west_seller).kehu_transfer(self.user_seller.id, "Yours"),
                ),
            }
            for name, way in ways.items():
                with self.subTest(pool=pool.name, way=name):
                    customer = self._held()
                    way(customer)
                    self.assertOwner(customer, self.user_seller)
                    self.assertTerms(customer, 10)

    def test_a_customer_without_a_home_goes_on_under_the_rules_that_held(self):
        customer = self._owned(days=20)
        self.assertFalse(customer.kehu_home_pool_id)
        self._return(customer, self.mild)
        self._claim(customer)
        self.assertTerms(customer, 10)

    def test_after_its_day_the_days_begin_anew_but_the_rules_stay(self):
        customer = self._held()
        self._return(customer, self.mild)
        with freeze_time(days_later(11)):
            self._claim(customer)
            self.assertTerms(customer, 41)

    def test_what_came_back_by_the_rules_begins_anew(self):
        customer = self._held(days=31)
        self._run()
        self.assertRecycled(customer)
        self._claim(customer)
        self.assertTerms(customer, 30)

    def test_what_a_manager_decides_begins_anew(self):
        manager = self.user_east_manager
        decisions = {
            "assigned": lambda customer: (
                self._return(customer, self.mild),
                customer.with_user(manager).kehu_assign(self.user_seller.id),
            ),
            "brought back": lambda customer: (self._return(customer, self.mild, manager), self._claim(customer)),
            "moved": lambda customer: (
                self._return(customer),
                customer.with_user(manager).kehu_return("Belongs there", self.mild.id),
                self._claim(customer),
            ),
        }
        for name, decide in decisions.items():
            with self.subTest(decision=name):
                customer = self._held()
                decide(customer)
                self.assertTerms(customer, None, self.mild)

    def test_a_manager_who_takes_again_for_herself_gains_nothing(self):
        manager = self.user_east_manager
        for again in ("claim", "assign"):
            with self.subTest(again=again):
                customer = self._held(owner=manager)
                self._return(customer, self.mild)
                if again == "claim":
                    self._claim(customer, manager)
                else:
                    customer.with_user(manager).kehu_assign(manager.id)
                self.assertTerms(customer, 10)

    def test_a_pool_that_is_archived_rules_no_more(self):
        other = self.env["kehu.pool"].create({"name": "Closing Down", "idle_days": 5})
        customer = self._create_customer(name="Waiting", kehu_pool_id=other.id)
        self._claim(customer)
        self._return(customer, self.mild)
        other.active = False
        self._claim(customer)
        self.assertTerms(customer, None, self.mild)

    def test_history_from_before_it_kept_the_terms(self):
        customer = self._create_customer(name="Waiting")
        self._claim(customer)
        self._return(customer, self.mild)
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_assignment SET terms_pool_id = NULL, old_assigned_on = NULL WHERE partner_id = %s", (customer.id,))
        self.env.invalidate_all()
        with freeze_time(days_later(7)):
            self._claim(customer)
            self.assertTerms(customer, 30)

    def test_many_at_once(self):
        customers = self.env["res.partner"].browse([self._held(name=f"One of Many {number}").id for number in range(100)])
        seller = customers.with_user(self.user_seller)
        seller.kehu_return("No time", self.mild.id)
        seller.kehu_claim()
        for customer in customers:
            self.assertTerms(customer, 10)
        rows = self.env["kehu.assignment"].search([("partner_id", "in", customers.ids), ("kind", "=", "return")])
        self.assertEqual((rows.terms_pool_id, set(rows.mapped("old_assigned_on"))), (self.pool, {days_later(-20)}))

    # -- cool-down and limits ------------------------------------------------------------------------------------------

    def test_the_cooldown_of_the_earlier_pool_holds(self):
        self.pool.cooldown_days = 10
        customer = self._held()
        self._return(customer, self.mild)
        with self.assertRaisesRegex(KehuOwnershipCooldownError, "can take it again from"):
            self._claim(customer)
        with self.assertRaises(KehuOwnershipCooldownError):
            customer.with_user(self.user_seller).write({"user_id": self.user_seller.id})
        self._claim(customer, self.user_seller2)
        with self.assertRaises(KehuOwnershipCooldownError):
            customer.with_user(self.user_seller2).kehu_transfer(self.user_seller.id, "Yours")
        self._return(customer, self.mild)
        self.mild.manager_ids = [Command.set(self.user_seller.ids)]
        with self.assertRaises(KehuOwnershipCooldownError):
            self._claim(customer)  # who manages the other pool manages not this one
        with freeze_time(days_later(10, minutes=1)):
            self._claim(customer)

    def test_the_longer_cooldown_holds(self):
        self.pool.cooldown_days, self.mild.cooldown_days = 3, 6
        customer = self._held()
        self._return(customer, self.mild)
        with freeze_time(days_later(5)), self.assertRaises(KehuOwnershipCooldownError):
            self._claim(customer)
        with freeze_time(days_later(6, minutes=1)):
            self._claim(customer)

    def test_the_limit_of_the_earlier_pool_holds(self):
        self.pool.max_held = 1
        customer = self._held()
        self._return(customer, self.mild)
        self._claim(self._create_customer(name="Another"))
        with self.assertRaisesRegex(KehuOwnershipLimitError, self.pool.name):
            self._claim(customer)

    def test_a_transfer_counts_by_the_rules_of_who_gets_it(self):
        strict = self.env["kehu.pool"].create({"name": "Strict", "max_held": 1, "member_ids": self.user_seller2.ids})
        self._owned(owner=self.user_seller2, name="Held")
        customer = self._owned(name="Comes by Hand")
        with self.assertRaisesRegex(KehuOwnershipLimitError, strict.name):
            customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Yours")
