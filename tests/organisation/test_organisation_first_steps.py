"""The first chapter of the guide for administrators, in a browser."""

import base64
from io import BytesIO

import openpyxl
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import KehuCommon

TITLES = ["姓名", "登录名", "部门", "上级", "角色"]


@tagged("post_install", "-at_install")
class TestOrganisationFirstSteps(KehuCommon, HttpCase):
    def test_a_company_is_set_up(self):
        groups = "base.group_system,hr.group_hr_manager,kehu_crm.group_kehu_admin"
        boss = new_test_user(self.env, "kehu_first_steps", groups=groups, name="First steps", password="kehu_first_steps")
        roles = {name: self.env.ref(f"kehu_crm.group_kehu_{name}").full_name for name in ("user", "manager", "order_approver")}
        department = "East of the tour"
        self._keep(
            ["Wang Fang", "wangfang@t.example.com", department, None, roles["manager"]],
            ["Zhang Wei", "zhangwei@t.example.com", department, "Wang Fang", roles["user"]],
            ["Sun Li", "sunli@t.example.com", department, "Wang Fang", roles["order_approver"]],
        )
        self.env["kehu.import.template"].search([("model_id.model", "=", "hr.employee")], order="sequence, id")[1:].active = False
        self.env["kehu.pool"].search([("is_default", "=", True)]).idle_days = 0
        self.start_tour("/odoo/kehu-organisation", "kehu_first_steps", login=boss.login, timeout=180)
        self.env.invalidate_all()
        people = self.env["hr.employee"].search([("department_id.name", "=", department)])
        self.assertEqual(set(people.mapped("name")), {"Wang Fang", "Zhang Wei", "Sun Li"})
        seller, manager = (people.filtered(lambda one, name=name: one.name == name).user_id for name in ("Zhang Wei", "Wang Fang"))
        self.assertEqual(people.department_id.manager_id.user_id, manager)
        customer = self.env["res.partner"].create({"name": "Seen by both", "kehu_is_customer": True, "user_id": seller.id})
        self.assertTrue(customer.with_user(manager).has_access("write"), "the manager sees the customers of the department")
        self.assertEqual(self.env["kehu.pool"].search([("is_default", "=", True)], limit=1).idle_days, 30)

    def _keep(self, *rows):
        book = openpyxl.Workbook()
        for row in (TITLES, *rows):
            book.active.append(row)
        stream = BytesIO()
        book.save(stream)
        attachment = self.env["ir.attachment"].create(
            {"name": "people.xlsx", "datas": base64.b64encode(stream.getvalue()), "public": True}
        )
        self.env["ir.model.data"].create(
            {"module": "kehu_crm", "name": "first_steps_tour_people", "model": attachment._name, "res_id": attachment.id}
        )
