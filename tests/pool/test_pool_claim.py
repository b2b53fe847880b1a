"""A salesperson takes a customer out of the pool."""

from odoo.fields import Command
from odoo.tests import tagged

from ...models.pool.exceptions import KehuOwnershipRightsError, KehuOwnershipStateError
from .common import PoolCommon


@tagged("post_install", "-at_install")
class TestPoolClaim(PoolCommon):
    def test_claim(self):
        customer = self._create_customer()
        contact = self._create_contact(customer)
        archived = self._create_contact(customer, name="Li Si", active=False)
        self.assertTrue(customer.with_user(self.user_seller).kehu_claim())
        self.assertOwner(customer, self.user_seller)
        self.assertEqual((contact | archived).user_id, self.user_seller)
        self.assertEqual(self.history(customer)[-1], ("claim", self.env["res.users"], self.user_seller, self.user_seller))
        for user in (self.user_seller, self.user_seller2, self.user_director):
            with self.subTest(user=user.name), self.assertRaises(KehuOwnershipStateError):
                customer.with_user(user).kehu_claim()

    def test_claim_is_for_salespeople_and_for_members(self):
        customer = self._create_customer()
        for role in ("employee", "service", "finance", "order_approver", "receipt_approver"):
            with self.subTest(role=role), self.assertRaises(KehuOwnershipRightsError):
                customer.with_user(getattr(self, f"user_{role}")).kehu_claim()
        east = self.env["kehu.pool"].create({"name": "East Pool", "member_ids": [Command.set(self.user_seller.ids)]})
        inside = self._create_customer(name="In the East", kehu_pool_id=east.id)
        with self.assertRaises(KehuOwnershipRightsError):
            inside.with_user(self.user_west_seller).kehu_claim()
        self.assertTrue(inside.with_user(self.user_seller).kehu_claim())
        customer.active = False
        with self.assertRaises(KehuOwnershipStateError):
            customer.with_user(self.user_seller).kehu_claim()
