"""Two salespeople claim the same customer at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ...models.pool.exceptions import KehuOwnershipLockError, KehuOwnershipStateError


@tagged("post_install", "-at_install")
class TestPoolConcurrency(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.customer_ids = self.user_ids = self.partner_ids = ()
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            users = [new_test_user(env, f"kehu_claim_{number}", groups="kehu_crm.group_kehu_user", lang="en_US") for number in (1, 2)]
            customers = env["res.partner"].create(
                [{"name": name, "kehu_is_customer": True, "is_company": True} for name in ("Wanted Ltd", "Also Wanted Ltd")]
            )
            contact = env["res.partner"].create({"name": "Their Buyer", "parent_id": customers[0].id})
            self.user_ids = tuple(user.id for user in users)
            self.customer_ids = customers.ids
            self.partner_ids = (users[0].partner_id | users[1].partner_id | contact | customers).ids

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            customers = env["res.partner"].browse(self.customer_ids).exists()
            (customers | customers.kehu_contact_ids).unlink()
            users = env["res.users"].browse(self.user_ids).exists()
            partners = users.partner_id
            cr.execute("DELETE FROM res_device_log WHERE user_id = ANY(%s)", [list(self.user_ids)])
            users.unlink()
            partners.unlink()
            cr.execute("SELECT count(*) FROM kehu_assignment WHERE partner_id = ANY(%s)", [list(self.customer_ids)])
            self.assertEqual(cr.fetchone()[0], 0)
            self.assertFalse(env["res.partner"].with_context(active_test=False).browse(self.partner_ids).exists())

    def _customers(self, cr, number):
        """The first customer as the first or second salesperson sees it."""
        return api.Environment(cr, self.user_ids[number], {})["res.partner"].browse(self.customer_ids[0])

    def _state(self):
        """Owner of the customer, owner of its contact, and the kinds in its history."""
        with self.registry.cursor() as cr:
            customer = api.Environment(cr, SUPERUSER_ID, {})["res.partner"].browse(self.customer_ids[0])
            kinds = customer.kehu_assignment_ids.sorted("id").mapped("kind")
            return customer.user_id.id, customer.kehu_contact_ids.user_id.id, bool(customer.kehu_pool_id), kinds

    def _assertFirstWon(self):
        winner = self.user_ids[0]
        self.assertEqual(self._state(), (winner, winner, False, ["create", "claim"]))

    def test_second_while_the_first_claims(self):
        """The row is locked: the second is told at once, and after the first is done it is told that it came too late."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._customers(first, 0).kehu_claim()
            with self.assertRaisesRegex(KehuOwnershipLockError, "Somebody else is changing “Wanted Ltd”"):
                self._customers(second, 1).kehu_claim()
            second.rollback()
            first.commit()
            with self.assertRaisesRegex(KehuOwnershipStateError, "“Wanted Ltd” is not in the pool any more"):
                self._customers(second, 1).kehu_claim()
            second.rollback()
        self._assertFirstWon()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_second_looked_before_the_first_claimed(self):
        """The second still sees it in the pool. PostgreSQL refuses the lock, the host runs the request again, then it knows."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertTrue(self._customers(second, 1).kehu_pool_id)
            self._customers(first, 0).kehu_claim()
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._customers(second, 1).kehu_claim()
            second.rollback()
            with self.assertRaises(KehuOwnershipStateError):
                self._customers(second, 1).kehu_claim()
            second.rollback()
        self._assertFirstWon()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_request_that_lost_is_run_again_and_told_why(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            customer = self._customers(second, 1)
            self.assertTrue(customer.kehu_pool_id)
            self._customers(first, 0).kehu_claim()
            first.commit()
            with self.assertRaisesRegex(KehuOwnershipStateError, "somebody else got it first"):
                retrying(customer.kehu_claim, customer.env)
            second.rollback()
        self._assertFirstWon()

    def test_many_go_together_or_not_at_all(self):
        """Who claims two customers of which one is being claimed gets neither."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._customers(first, 0).kehu_claim()
            both = self._customers(second, 1).browse(self.customer_ids)
            with self.assertRaises(KehuOwnershipLockError):
                both.kehu_claim()
            second.rollback()
            first.commit()
        self._assertFirstWon()
        with self.registry.cursor() as cr:
            other = api.Environment(cr, SUPERUSER_ID, {})["res.partner"].browse(self.customer_ids[1])
            self.assertFalse(other.user_id)

    def test_writing_the_owner_races_the_same_way(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._customers(first, 0).write({"user_id": self.user_ids[0]})
            with self.assertRaises(KehuOwnershipLockError):
                self._customers(second, 1).write({"user_id": self.user_ids[1]})
            second.rollback()
            first.commit()
        self._assertFirstWon()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_a_contact_made_while_its_customer_is_claimed(self):
        """Whoever comes second is refused and runs again: the new contact never keeps the former owner, or none."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            # the claim began before the contact was saved, and could not see it
            self.assertTrue(self._customers(first, 0).kehu_pool_id)
            env = api.Environment(second, SUPERUSER_ID, {"tracking_disable": True})
            env["res.partner"].create({"name": "New Buyer", "parent_id": self.customer_ids[0]})
            second.commit()
            with self.assertRaises(SerializationFailure):
                self._customers(first, 0).kehu_claim()
            first.rollback()
            # the other way round: the contact is made with the owner of before
            other = env["res.partner"].create({"name": "Moving Buyer"})
            second.commit()
            self.assertTrue(env["res.partner"].browse(self.customer_ids[0]).kehu_pool_id)
            self._customers(first, 0).kehu_claim()
            first.commit()
            with self.assertRaises(SerializationFailure):
                env["res.partner"].create({"name": "Late Buyer", "parent_id": self.customer_ids[0]})
            second.rollback()
            self.assertTrue(env["res.partner"].browse(self.customer_ids[1]).kehu_pool_id)
            self._customers(first, 0).browse(self.customer_ids[1]).kehu_claim()
            first.commit()
            with self.assertRaises(SerializationFailure):
                env["res.partner"].browse(other.ids).parent_id = self.customer_ids[1]
            second.rollback()
            env["res.partner"].browse(other.ids).parent_id = self.customer_ids[1]
            second.commit()
        with self.registry.cursor() as cr:
            customers = api.Environment(cr, SUPERUSER_ID, {})["res.partner"].browse(self.customer_ids)
            self.assertEqual(len(customers.kehu_contact_ids), 3)
            self.assertEqual(customers.kehu_contact_ids.user_id.ids, [self.user_ids[0]])
            self.assertFalse(customers.kehu_contact_ids.kehu_pool_id)
