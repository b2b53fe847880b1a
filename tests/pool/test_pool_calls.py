"""What a client may send by RPC: wrong things are refused in a sentence, never with the database's text; and whom the dialog offers."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from ...models.pool.exceptions import KehuOwnershipError, KehuOwnershipStateError, KehuOwnershipTargetError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestPoolCalls(KehuCommon):
    def test_what_is_gone_or_no_record(self):
        gone = self._create_customer(name="Gone")
        gone_id = gone.id
        gone.unlink()
        partners = self.env["res.partner"].with_user(self.user_director)
        waiting = self._create_customer(name="Waiting")
        for ids in ([gone_id], [waiting.id, gone_id], ["abc"], [10**12], [-1]):
            customers = partners.browse(ids)
            acts = {
                "claim": lambda customers: customers.kehu_claim(),
                "assign": lambda customers: customers.kehu_assign(self.user_seller.id, "Because"),
                "return": lambda customers: customers.kehu_return("Because"),
                "transfer": lambda customers: customers.kehu_transfer(self.user_seller.id, "Because"),
            }
            for name, act in acts.items():
                with self.subTest(ids=ids, act=name), self.assertRaises(KehuOwnershipStateError) as refusal:
                    act(customers)
                self.assertIn("does not exist any more", str(refusal.exception))
        self.assertTrue(waiting.kehu_pool_id)

    def test_arguments_of_the_wrong_kind(self):
        waiting = self._create_customer(name="Waiting").with_user(self.user_director)
        owned = self._create_customer(name="Owned", owner=self.user_seller).with_user(self.user_director)
        for wrong in ([1, 2], "abc", True, {"id": 1}, 1.5, 10**12, -3, None, False, 0):
            with self.subTest(user_id=wrong), self.assertRaises(KehuOwnershipTargetError):
                waiting.kehu_assign(wrong, "Because")
            with self.subTest(user_id=wrong), self.assertRaises(KehuOwnershipTargetError):
                owned.kehu_transfer(wrong, "Because")
        for wrong in ([1, 2], "abc", True, {"id": 1}, 1.5, 10**12, -3):
            with self.subTest(pool_id=wrong), self.assertRaises(KehuOwnershipTargetError):
                owned.kehu_return("Because", pool_id=wrong)
        for wrong in (5, [], ["Because"], {}, None, False, "", "  "):
            with self.subTest(reason=wrong), self.assertRaises(KehuOwnershipError):
                owned.kehu_return(wrong)
            with self.subTest(reason=wrong), self.assertRaises(KehuOwnershipError):
                owned.kehu_transfer(self.user_seller2.id, wrong)
        for wrong in (5, ["Because"], {"a": 1}):
            with self.subTest(reason=wrong), self.assertRaises(KehuOwnershipError):
                waiting.kehu_assign(self.user_seller.id, wrong)
        with self.assertRaises(KehuOwnershipError) as refusal:
            owned.kehu_transfer([1, 2], "Because")
        self.assertEqual(refusal.exception.context["exception_class"], "odoo.exceptions.UserError")
        self.assertEqual(owned.sudo().user_id, self.user_seller)

    def test_assigning_twice(self):
        customer = self._create_customer(name="Twice").with_user(self.user_director)
        customer.kehu_assign(self.user_seller.id)
        with self.assertRaises(KehuOwnershipStateError) as refusal:
            customer.kehu_assign(self.user_seller.id)
        self.assertEqual(str(refusal.exception), f"“Twice” belongs to {self.user_seller.name} already.")
        with self.assertRaises(KehuOwnershipStateError) as refusal:
            customer.kehu_assign(self.user_seller2.id)
        self.assertIn("not in the pool any more", str(refusal.exception))
        mine = self._create_customer(name="Mine", owner=self.user_director).with_user(self.user_director)
        with self.assertRaises(KehuOwnershipStateError) as refusal:
            mine.kehu_assign(self.user_seller.id)
        self.assertNotIn("somebody else", str(refusal.exception))

    # -- whom the dialog offers ----------------------------------------------------------------------------------------

    def offered(self, user, customers, kind="assign"):
        action = getattr(customers.with_user(user), f"action_kehu_{kind}")()
        dialog = Form(self.env["kehu.ownership.change"].with_user(user).with_context(**action["context"]))
        return dialog.candidate_ids[:]

    def test_only_people_who_can_get_them_are_offered(self):
        customers = self._create_customer(name="One") | self._create_customer(name="Two")
        gone = self.user_west_seller
        east = self.user_seller | self.user_seller2 | self.user_east_manager
        self.assertEqual(self.offered(self.user_east_manager, customers), east)
        everybody = self.offered(self.user_director, customers)
        self.assertLessEqual(east | gone | self.user_sales_manager | self.user_director, everybody)
        for stranger in (self.user_employee, self.user_finance, self.user_service, self.user_order_approver):
            self.assertNotIn(stranger, everybody)
        gone.active = False
        self.assertNotIn(gone, self.offered(self.user_director, customers))
        # a company for which nobody else works
        company = self.env["res.company"].create({"name": "Second Company"})
        self.user_seller.company_ids += company
        self.user_director.company_ids += company
        elsewhere = self._create_customer(name="Elsewhere", company_id=company.id)
        offered = self.offered(self.user_director.with_context(allowed_company_ids=self.user_director.company_ids.ids), elsewhere)
        self.assertIn(self.user_seller, offered)
        self.assertNotIn(self.user_seller2, offered)

    def test_managers_of_a_pool_offer_its_members(self):
        pool = self.env["kehu.pool"].create(
            {
                "name": "North (test)",
                "member_ids": [Command.set(self.user_west_seller.ids)],
                "manager_ids": [Command.set(self.user_seller.ids)],
            }
        )
        customer = self._create_customer(kehu_pool_id=pool.id)
        self.assertEqual(self.offered(self.user_seller, customer), self.user_west_seller)
        pool.member_ids = False
        self.assertIn(self.user_seller2, self.offered(self.user_seller, customer))

    def test_each_person_offered_can_get_it_and_nobody_else(self):
        customer = self._create_customer(name="Waiting")
        owned = self._create_customer(name="Owned", owner=self.user_seller)
        for actor in (self.user_east_manager, self.user_sales_manager, self.user_director):
            for kind, partner in (("assign", customer), ("transfer", owned)):
                offered = self.offered(actor, partner, kind)
                for user in self.env["res.users"].with_context(active_test=False).search([("login", "like", "kehu_%")]):
                    refused = partner.with_user(actor)._kehu_ownership_refusals(kind, user)
                    with self.subTest(actor=actor.name, kind=kind, user=user.name):
                        self.assertEqual(user in offered, not refused)
