"""A customer changes hands: one story, read from top to bottom."""

from odoo.tests import tagged

from ...models.pool.exceptions import KehuOwnershipRightsError, KehuOwnershipStateError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestPoolStory(KehuCommon):
    def test_story(self):
        partners = self.env["res.partner"]

        # The sales manager enters a new customer with a contact person. Nobody owns it yet: it waits in the pool.
        park = partners.with_user(self.user_sales_manager).create(
            {"name": "苏州科技园", "is_company": True, "kehu_is_customer": True, "phone": "0512 6288 0000"}
        )
        zhang = partners.with_user(self.user_sales_manager).create({"name": "张三", "parent_id": park.id})
        self.assertEqual(park.kehu_pool_id.name, "Public Pool")

        # A salesperson finds it there by typing its initials, and claims it.
        mine = partners.with_user(self.user_seller)
        self.assertEqual(mine.search([("display_name", "ilike", "szkjy"), ("kehu_is_customer", "=", True)]), park)
        mine.browse(park.id).kehu_claim()
        self.assertEqual(park.user_id, self.user_seller)
        self.assertEqual(zhang.user_id, self.user_seller)

        # A colleague comes too late. From now on the colleague does not see it any more.
        with self.assertRaises(KehuOwnershipStateError) as too_late:
            park.with_user(self.user_seller2).kehu_claim()
        self.assertIn("somebody else got it first", str(too_late.exception))
        self.assertFalse(partners.with_user(self.user_seller2).search([("id", "in", (park | zhang).ids)]))

        # The manager of the east sees it, since its owner works there. The colleague in the west cannot take it over …
        self.assertEqual(park.with_user(self.user_east_manager).name, "苏州科技园")
        with self.assertRaises(KehuOwnershipRightsError):
            park.with_user(self.user_west_seller).kehu_transfer(self.user_west_seller.id, "It is in my city")

        # … until the owner hands it over. The manager of the east does not see it any more, the sales manager still does.
        park.with_user(self.user_seller).kehu_transfer(self.user_west_seller.id, "They moved to the west")
        self.assertFalse(partners.with_user(self.user_east_manager).search([("id", "=", park.id)]))
        self.assertTrue(partners.with_user(self.user_sales_manager).search([("id", "=", park.id)]))

        # The new owner gives up, and the sales manager assigns it to a third person.
        park.with_user(self.user_west_seller).kehu_return("Does not answer the phone")
        park.with_user(self.user_sales_manager).kehu_assign(self.user_seller2.id, reason="Fresh eyes")

        # The history tells it all, and nobody can rewrite it.
        history = self.env["kehu.assignment"].with_user(self.user_seller2).search([("partner_id", "=", park.id)], order="id")
        self.assertEqual(history.mapped("kind"), ["create", "claim", "transfer", "return", "assign"])
        self.assertEqual(history[3].reason, "Does not answer the phone")
        self.assertEqual(history[4].user_id, self.user_seller2)
