"""The dialog says what will happen, does it, and says what has happened."""

from odoo.tests import Form, tagged

from ...models.pool.exceptions import KehuOwnershipError, KehuOwnershipStateError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestPoolWizard(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_customer(name="One") | cls._create_customer(name="Two") | cls._create_customer(name="Three")

    def dialog(self, action):
        return Form(self.env[action["res_model"]].with_user(self.user).with_context(**action["context"]))

    def test_assign_many(self):
        self.user = self.user_east_manager
        dialog = self.dialog(self.customers.with_user(self.user).action_kehu_assign())
        self.assertEqual(dialog.preview, "Choose the new owner of 3 customers.")
        dialog.user_id = self.user_seller
        self.assertEqual(dialog.preview, f"Will go to {self.user_seller.name}: 3 customers.")
        self.assertFalse(dialog.refusal)
        notice = dialog.save().action_apply()
        self.assertEqual(notice["params"]["message"], f"Went to {self.user_seller.name}: 3 customers.")
        self.assertEqual(self.customers.user_id, self.user_seller)

    def test_those_who_cannot_go_are_named_and_stay(self):
        self.user = self.user_east_manager
        self.customers[0].kehu_assign(self.user_seller2.id)
        dialog = self.dialog(self.customers.with_user(self.user).action_kehu_assign())
        dialog.user_id = self.user_seller
        self.assertEqual(dialog.preview, f"Will go to {self.user_seller.name}: 2 customers.")
        self.assertIn("“One” is not in the pool any more", dialog.refusal)
        dialog.save().action_apply()
        self.assertEqual(self.customers[0].user_id, self.user_seller2)
        self.assertEqual(self.customers[1:].user_id, self.user_seller)

    def test_nobody_can_go(self):
        self.user = self.user_east_manager
        dialog = self.dialog(self.customers.with_user(self.user).action_kehu_assign())
        dialog.user_id = self.user_west_seller
        self.assertEqual(dialog.accepted_count, 0)
        with self.assertRaises(KehuOwnershipError):
            dialog.save().action_apply()

    def test_claim_one_or_many(self):
        self.user = self.user_seller
        notice = self.customers[0].with_user(self.user).action_kehu_claim()
        self.assertEqual(notice["params"]["message"], "Yours from now on: “One”.")
        dialog = self.dialog(self.customers[1:].with_user(self.user).action_kehu_claim())
        self.assertEqual(dialog.preview, "Yours from now on: 2 customers.")
        dialog.save().action_apply()
        self.assertEqual(self.customers.user_id, self.user_seller)
        with self.assertRaises(KehuOwnershipStateError):
            self.customers[0].with_user(self.user_seller2).action_kehu_claim()

    def test_return_and_transfer(self):
        self.user = self.user_seller
        self.customers.with_user(self.user).kehu_claim()
        pool = self.env["kehu.pool"].create({"name": "North"})
        dialog = self.dialog(self.customers[0].with_user(self.user).action_kehu_return())
        dialog.pool_id = pool
        dialog.reason = "No need"
        self.assertEqual(dialog.preview, "Will go to North: “One”. Everybody there can claim.")
        dialog.save().action_apply()
        self.assertEqual(self.customers[0].kehu_pool_id, pool)
        dialog = self.dialog(self.customers[1:].with_user(self.user).action_kehu_transfer())
        dialog.user_id = self.user_west_seller
        dialog.reason = "Moved"
        dialog.save().action_apply()
        self.assertEqual(self.customers[1:].user_id, self.user_west_seller)
        self.assertEqual(self.customers[1].kehu_assignment_ids[:1].reason, "Moved")
