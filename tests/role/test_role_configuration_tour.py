"""The dialog of the configuration file in a browser, with a role in the file."""

import base64

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestRoleConfigurationTour(KehuCommon, HttpCase):
    def test_the_dialog(self):
        boss = self.user_crm_admin
        boss.group_ids += self.env.ref("base.group_erp_manager")
        boss.password = boss.login
        level = self.env["kehu.customer.level"].create({"name": "Level of the tour", "reminder_days": 12})
        members = [Command.set(self.user_seller.ids)]
        role = self.env["kehu.role"].create({"name": "Role of the tour", "base": "salesperson", "member_ids": members})
        text = self.env["kehu.configuration"].with_user(boss).kehu_export()
        level.reminder_days = 3
        role.unlink()
        attachment = self.env["ir.attachment"].create(
            {"name": "configuration.json", "datas": base64.b64encode(text.encode()), "public": True}
        )
        self.env["ir.model.data"].create(
            {"module": "kehu_crm", "name": "configuration_tour_file", "model": attachment._name, "res_id": attachment.id}
        )
        self.start_tour("/odoo/kehu-settings", "kehu_configuration_file", login=boss.login, timeout=180)
        self.env.invalidate_all()
        role = self.env["kehu.role"].search([("name", "=", "Role of the tour")])
        self.assertEqual((level.reminder_days, role.member_ids), (12, self.user_seller))
