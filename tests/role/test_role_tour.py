"""In the browser, in Chinese: an administrator makes a role, asks what somebody may do, and follows the policy check."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestRoleTour(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.user_crm_admin.write(
            {
                "password": cls.user_crm_admin.login,
                "lang": "zh_CN",
                "tz": "Asia/Shanghai",
                "group_ids": [Command.link(cls.env.ref("base.group_erp_manager").id)],
            }
        )

    def test_making_a_role(self):
        self.start_tour("/odoo/kehu-roles/new", "kehu_role_make", login=self.user_crm_admin.login, timeout=180)
        role = self.env["kehu.role"].search([("name", "=", "Tour Role")])
        self.assertEqual(role.base, "viewer")
        self.assertEqual(role.line_ids.filtered(lambda line: line.area == "opportunity").view, "none")
        self.assertTrue(role.group_id)

    def test_asking(self):
        action = self.env.ref("kehu_crm.kehu_person_rights_action")
        self.start_tour(f"/odoo/action-{action.id}", "kehu_role_answer", login=self.user_crm_admin.login, timeout=180)

    def test_checking(self):
        role = self.env["res.groups"].create({"name": "Tour Board (test)"})
        self.env["kehu.approval.flow"].create(
            {
                "name": "Tour Board",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "step_ids": [Command.create({"name": "Decision", "kind": "group", "group_id": role.id})],
            }
        )
        self.start_tour("/odoo/kehu-policy-check", "kehu_role_check", login=self.user_crm_admin.login, timeout=180)
