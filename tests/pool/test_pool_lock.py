"""Locks: how many, how long, for whom, and what happens when they end."""

from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged

from ...models.pool import res_partner_lock
from ...models.pool.exceptions import KehuOwnershipLimitError, KehuOwnershipRightsError, KehuOwnershipStateError
from .policy_common import NOW, TODAY, PolicyCommon


@tagged("post_install", "-at_install")
class TestPoolLock(PolicyCommon):
    def _end_locks(self, days):
        moment = fields.Datetime.to_datetime(NOW) + timedelta(days=days)
        with freeze_time(moment), self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["kehu.pool"]._cron_recycle()

    def test_managers_lock_and_say_until_when(self):
        customer = self._owned()
        for values in ({"kehu_locked": True}, {"kehu_locked_until": TODAY}):
            with self.subTest(values=values), self.assertRaises(KehuOwnershipRightsError):
                customer.with_user(self.user_seller).write(values)
        theirs = customer.with_user(self.user_east_manager)
        with self.assertRaisesRegex(KehuOwnershipStateError, "is not locked"):
            theirs.kehu_locked_until = TODAY
        theirs.write({"kehu_locked": True, "kehu_locked_until": TODAY + timedelta(days=400)})
        theirs.kehu_locked = False
        self.assertFalse(customer.kehu_locked_until, "what is not locked has no last day")
        theirs.kehu_locked = True
        self.assertFalse(customer.kehu_locked_until, "without a rule a lock has no end")

    def test_only_what_has_an_owner_is_locked(self):
        pooled = self._create_customer(name="Waiting")
        with self.assertRaisesRegex(KehuOwnershipStateError, "no owner to be locked to"):
            pooled.with_user(self.user_east_manager).kehu_locked = True
        with self.assertRaises(KehuOwnershipStateError), self.env.cr.savepoint():
            self._create_customer(name="New", kehu_locked=True)

    def test_so_many_for_each_person(self):
        self.pool.max_locked = 2
        one, two, three = (self._owned(name=name) for name in ("One", "Two", "Three"))
        manager = self.user_east_manager
        (one | two).with_user(manager).kehu_locked = True
        with self.assertRaisesRegex(KehuOwnershipLimitError, "more locked customers"), self.env.cr.savepoint():
            three.with_user(manager).kehu_locked = True
        with self.assertRaises(KehuOwnershipLimitError), self.env.cr.savepoint():
            self._create_customer(owner=self.user_seller, name="New", kehu_locked=True)
        one.with_user(manager).kehu_locked = True  # it is locked already
        one.with_user(manager).kehu_locked = False
        three.with_user(manager).kehu_locked = True

    def test_a_lock_that_is_handed_over_counts_for_the_new_owner(self):
        self.pool.max_locked = 1
        theirs = self._owned(owner=self.user_seller2, name="Theirs", kehu_locked=True)
        mine, free = self._owned(name="Mine", kehu_locked=True), self._owned(name="Free")
        director = self.user_director
        refusals = (mine | free).with_user(director)._kehu_ownership_refusals("transfer", self.user_seller2)
        self.assertEqual([customer.id for customer in refusals], mine.ids)
        with self.assertRaises(KehuOwnershipLimitError):
            mine.with_user(director).kehu_transfer(self.user_seller2.id, "Holiday")
        theirs.with_user(director).kehu_locked = False
        mine.with_user(director).kehu_transfer(self.user_seller2.id, "Holiday")
        self.assertTrue(mine.kehu_locked)

    def test_a_lock_ends_and_the_rules_hold_again(self):
        self.pool.write({"lock_days": 10, "idle_days": 30})
        customer = self._owned(days=100, name="Long Idle")
        customer.with_user(self.user_east_manager).kehu_locked = True
        self.assertEqual(customer.kehu_locked_until, TODAY + timedelta(days=10))
        self.assertFalse(customer.kehu_fall_on)
        with self.assertRaisesRegex(KehuOwnershipStateError, "allows 10 days"), self.env.cr.savepoint():
            customer.with_user(self.user_east_manager).kehu_locked_until = TODAY + timedelta(days=11)
        customer.with_user(self.user_east_manager).kehu_locked_until = TODAY + timedelta(days=5)
        self._end_locks(5)
        customer.invalidate_recordset()
        self.assertTrue(customer.kehu_locked, "the last day still counts")
        self.assertKept(customer)
        self._end_locks(6)
        customer.invalidate_recordset()
        self.assertFalse(customer.kehu_locked)
        self.assertFalse(customer.kehu_locked_until)
        self.assertRecycled(customer)

    def test_the_end_of_a_lock_leaves_the_warning(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        customer = self._owned(days=100)
        customer.with_user(self.user_east_manager).write({"kehu_locked": True, "kehu_locked_until": TODAY})
        self._end_locks(1)
        customer.invalidate_recordset()
        self.assertFalse(customer.kehu_locked)
        self.assertKept(customer)
        self._end_locks(4)
        self.assertRecycled(customer)

    def test_many_locks_end_in_slices_and_twice_does_no_harm(self):
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Locked {number}",
                    "kehu_is_customer": True,
                    "user_id": self.user_seller.id,
                    "kehu_locked": True,
                    "kehu_locked_until": TODAY,
                }
                for number in range(7)
            ]
        )
        self.startPatcher(patch.object(res_partner_lock, "SLICE", 3))
        for _time in range(2):
            self._end_locks(1)
            customers.invalidate_recordset()
            self.assertEqual(set(customers.mapped("kehu_locked")), {False})
            self.assertEqual(set(customers.mapped("user_id.id")), {self.user_seller.id})
