"""Roles in the configuration file."""

import json

from odoo.fields import Command
from odoo.tests import tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestRoleConfiguration(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_crm_admin.group_ids += cls.env.ref("base.group_erp_manager")
        cls.role = cls.env["kehu.role"].create({"name": "Key accounts (test)", "note": "Large customers", "base": "salesperson"})
        cls.role.line_ids.filtered(lambda line: line.area == "order").write({"view": "all", "can_export": True})
        cls.role.member_ids = cls.user_seller
        cls.role.grant_ids = [
            Command.create({"user_id": cls.user_seller2.id, "date_to": "2099-01-01", "reason": "Holidays"}),
        ]
        cls.flow = cls.env["kehu.approval.flow"].create(
            {
                "name": "Flow of the role (test)",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "step_ids": [Command.create({"name": "One", "kind": "group", "group_id": cls.role.group_id.id})],
            }
        )
        cls.files = cls.env["kehu.configuration"].with_user(cls.user_crm_admin)
        cls.text = cls.files.kehu_export()

    def _told(self, text=None, user=None):
        told = self.files.with_user(user or self.user_crm_admin).kehu_check(text or self.text)
        return next(line for line in told if line["record"] == self.role.name)

    def test_what_the_file_holds(self):
        row = next(row for row in json.loads(self.text)["records"]["kehu.role"] if row["name"] == self.role.name)
        self.assertEqual((row["note"], row["base"], row["member_ids"]), ("Large customers", "salesperson", [self.user_seller.login]))
        self.assertEqual({line["area"]: line["view"] for line in row["line_ids"]}["order"], "all")
        self.assertNotIn("group_id", row)
        self.assertNotIn("grant_ids", row, "extra rights stay where they are")
        self.assertNotIn("kehu_made_", self.text, "groups of roles are named by their role")
        self.assertEqual(self._told()["action"], "same")

    def test_a_role_comes_into_another_database(self):
        content = json.loads(self.text)
        name = "Key accounts, elsewhere (test)"
        text = json.dumps(content).replace(self.role.name, name)
        self.files.kehu_apply(text)
        made = self.env["kehu.role"].search([("name", "=", name)])
        line = made.line_ids.filtered(lambda line: line.area == "order")
        self.assertEqual((line.view, line.can_export, made.member_ids), ("all", True, self.user_seller))
        self.assertEqual(len(made.line_ids), len(self.role.line_ids))
        self.assertTrue(self.user_seller.with_context(lang=None).has_group("kehu_crm.group_kehu_user"))
        self.assertEqual(self.flow.step_ids.group_id, made.group_id.sudo(False), "the flow asks the role that came with it")

    def test_members_are_added_and_never_taken_off(self):
        self.role.member_ids = self.user_seller2
        self.role.line_ids.filtered(lambda line: line.area == "order").view = "own"
        self.assertEqual(self._told()["action"], "update")
        self.files.kehu_apply(self.text)
        self.assertEqual(self.role.member_ids, self.user_seller | self.user_seller2)
        self.assertEqual(self.role.line_ids.filtered(lambda line: line.area == "order").view, "all")
        self.assertEqual(self._told()["action"], "same")

    def test_without_the_right_to_give_roles_they_are_left_out(self):
        """The rest of the file is set all the same."""
        self.role.note = "Other"
        self.user_crm_admin.group_ids -= self.env.ref("base.group_erp_manager")
        told = self._told()
        self.assertEqual(told["action"], "ignored")
        self.assertIn("Access Rights", told["note"])
        self.files.kehu_apply(self.text)
        self.assertEqual(self.role.note, "Other")
