"""Who may do what with flows, requests, decisions and the dialogs: every role, own and others' records."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common import ROLES
from .common import ApprovalCommon

OPERATIONS = ("read", "write", "create", "unlink")
READ_ONLY = {"read"}
ALL = set(OPERATIONS)


@tagged("post_install", "-at_install")
class TestApprovalAccess(ApprovalCommon):
    def test_matrix_of_models(self):
        """What the access rows give each role."""
        for role in ROLES:
            admin = role == "crm_admin"
            expected = {
                "kehu.approval.flow": ALL if admin else READ_ONLY,
                "kehu.approval.step": ALL if admin else READ_ONLY,
                "kehu.approval.request": READ_ONLY,
                "kehu.approval.request.step": READ_ONLY,
                "kehu.approval.decision": READ_ONLY,
                "kehu.approval.deputy": ALL,
                "kehu.approval.submit": ALL,
                "kehu.approval.decide": ALL,
            }
            env = self.env(user=getattr(self, f"user_{role}"))
            for model, operations in expected.items():
                with self.subTest(role=role, model=model):
                    self.assertEqual({name for name in OPERATIONS if env[model].has_access(name)}, operations)

    def test_outsiders_have_nothing(self):
        for user in (self.env.ref("base.public_user"),):
            for model in ("flow", "step", "request", "request.step", "decision", "deputy", "submit", "decide"):
                self.assertFalse(self.env[f"kehu.approval.{model}"].with_user(user).has_access("read"), model)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_matrix_of_requests(self):
        """Seller's request to the order approver: who sees it and its decisions."""
        self._submit()
        request = self.order.kehu_request_id
        seeing = {"seller", "east_manager", "sales_manager", "director", "crm_admin", "finance", "order_approver"}
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            for record in (request, request.decision_ids, request.step_line_ids):
                with self.subTest(role=role, model=record._name):
                    found = record.with_user(user).search([("id", "in", record.ids)])
                    self.assertEqual(bool(found), role in seeing)
                    self.assertEqual(record.with_user(user).has_access("read"), role in seeing)
                    for operation in ("write", "unlink"):
                        self.assertFalse(record.with_user(user).has_access(operation))

    def test_second_approver_sees_what_they_were_asked(self):
        """Asked once, one keeps reading; never asked, one sees nothing."""
        self._submit()
        request = self.order.kehu_request_id
        self.assertFalse(request.with_user(self.user_order_approver2).search_count([("id", "=", request.id)]))
        self.order.with_user(self.user_order_approver).kehu_reject("No")
        self._submit(approver=self.user_order_approver2)
        for user in (self.user_order_approver, self.user_order_approver2):
            self.assertTrue(self.order.with_user(user).has_access("read"), user.name)
            self.assertIn("No", str(self.order.with_user(user).kehu_approval_timeline))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_the_customer_does_not_read_what_we_said_about_the_order(self):
        """Customers read their orders on the portal, and a client may ask for any field."""
        portal = new_test_user(self.env, "kehu_portal_order", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        self._submit().with_user(self.user_order_approver).kehu_reject("They never pay")
        order = self.order.with_user(portal)
        order.sudo().message_subscribe((portal.partner_id | self.customer).ids)
        self.assertEqual(order.read(["name"])[0]["name"], self.order.name)
        self.assertFalse(order.read(["kehu_approval_hint"])[0]["kehu_approval_hint"])
        for name in ("kehu_approval_timeline", "kehu_approval_changes"):
            self.env.invalidate_all()
            with self.subTest(name), self.assertRaises(AccessError):
                order.read([name])
        names = [name for name, field in order._fields.items() if name.startswith("kehu_") and order._has_field_access(field, "read")]
        self.assertNotIn("They never pay", str(order.read(names)))
        self.assertIn("They never pay", self.order.with_user(self.user_seller).kehu_approval_hint)

    def test_other_company(self):
        """A request belongs to the company of its document."""
        self._submit()
        request = self.order.kehu_request_id
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.user_director.company_ids = [(4, company.id)]
        requests = request.with_user(self.user_director)
        self.assertTrue(requests.search_count([("id", "=", request.id)]))
        self.assertFalse(requests.with_context(allowed_company_ids=company.ids).search_count([("id", "=", request.id)]))
