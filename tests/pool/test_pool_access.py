"""Access to pools, histories, levels and dictionaries, for every role."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..common import ROLES, KehuCommon

OPERATIONS = ("read", "write", "create", "unlink")
READ, NOTHING, ALL = (True, False, False, False), (False,) * 4, (True,) * 4


@tagged("post_install", "-at_install")
class TestPoolAccess(KehuCommon):
    def assertMatrix(self, records, expected):
        """Compare the rights of each role with the expected ones; ``expected`` = {role: rights}, others may only read."""
        for role in ROLES:
            seen = records.with_user(getattr(self, f"user_{role}"))
            for operation, allowed in zip(OPERATIONS, expected.get(role, READ), strict=True):
                with self.subTest(model=records._name, role=role, operation=operation):
                    self.assertEqual((seen.browse() if operation == "create" else seen).has_access(operation), allowed)

    def test_settings(self):
        for xmlid in ("kehu_crm.kehu_pool_default", "kehu_crm.kehu_customer_level_key", "kehu_crm.kehu_customer_source_website"):
            self.assertMatrix(self.env.ref(xmlid), {"crm_admin": ALL})

    def test_administrators_of_the_host_make_users(self):
        """New users are internal before anything is looked for among the pools: a flush between the two would make them strangers."""
        groups = "base.group_user,base.group_erp_manager,base.group_partner_manager"
        users = self.env["res.users"].with_user(new_test_user(self.env, "kehu_host_admin", groups=groups))
        self.env.flush_all()
        self.env.registry.clear_cache()
        user = users.create(
            {
                "login": "kehu_newcomer",
                "name": "Newcomer",
                "notification_type": "inbox",
                "group_ids": [Command.set(self.env.ref("base.group_user").ids)],
            }
        )
        self.env.flush_all()
        self.assertEqual((user.share, user.notification_type), (False, "inbox"))

    def test_history(self):
        customer = self._create_customer(owner=self.user_seller)
        row = self.env["kehu.assignment"].search([("partner_id", "=", customer.id)])
        unseen = ("seller2", "west_seller", "order_approver", "receipt_approver", "employee")
        self.assertMatrix(row, dict.fromkeys(unseen, NOTHING))
        customer.kehu_return("No need")
        unseen = ("order_approver", "receipt_approver", "employee")
        self.assertMatrix(row, dict.fromkeys(unseen, NOTHING))

    def test_dialog(self):
        dialog = self.env["kehu.ownership.change"]
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual(dialog.with_user(user).has_access("create"), user.has_group("kehu_crm.group_kehu_user"))
        mine = dialog.with_user(self.user_seller).create({"kind": "claim", "partner_ids": self._create_customer().ids})
        self.assertFalse(mine.with_user(self.user_seller2).has_access("read"))

    def test_assigning_is_offered_to_those_who_assign(self):
        partners = self.env["res.partner"]
        view = self.env.ref("kehu_crm.res_partner_view_list_kehu_pool")

        def offered(user):
            return "action_kehu_assign" in partners.with_user(user).get_view(view.id, "list")["arch"]

        self.assertEqual(
            [offered(user) for user in (self.user_east_manager, self.user_director, self.user_seller, self.user_service)],
            [True, True, False, False],
        )
        self.env.ref("kehu_crm.kehu_pool_default").manager_ids = self.user_seller
        self.assertTrue(offered(self.user_seller))

    def test_a_customer_of_the_portal_does_not_find_out_when_it_falls(self):
        self.env.ref("kehu_crm.kehu_pool_default").idle_days = 30
        customer = self._create_customer(owner=self.user_seller)
        visitor = new_test_user(self.env, "kehu_visitor", groups="base.group_portal", lang="en_US")
        visitor.partner_id.parent_id = customer
        seen = self.env["res.partner"].with_user(visitor)
        self.assertTrue(seen.search([("id", "=", customer.id)]))
        for condition in (("kehu_fall_on", "<", "2099-01-01"), ("kehu_fall_on", "=", False), ("kehu_policy_pool_id", "!=", False)):
            with self.subTest(condition=condition), self.assertRaises(AccessError):
                seen.search([("id", "=", customer.id), condition])
        mine = customer.with_user(self.user_seller)
        self.assertEqual(mine.search([("id", "=", mine.id), ("kehu_fall_on", "<", "2099-01-01")]), mine)

    def test_pools_of_another_company_are_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        pool = self.env["kehu.pool"].create({"name": "Second Pool", "company_id": company.id})
        self.assertFalse(self.env["kehu.pool"].with_user(self.user_crm_admin).search([("id", "=", pool.id)]))
