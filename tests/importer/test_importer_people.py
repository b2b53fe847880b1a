"""Departments and people come in from a workbook: a tree, accounts and roles, and never more rights than the importing person has."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ...models.importer.exceptions import KehuImportAccountError, KehuImportNameError
from .test_importer_models import ModelsCommon

PEOPLE = ["姓名", "登录名", "工作邮箱", "部门", "职务", "上级", "角色"]


@tagged("post_install", "-at_install")
class TestImporterPeople(ModelsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "kehu_crm.group_kehu_admin,hr.group_hr_user,base.group_erp_manager"
        cls.importer = new_test_user(
            cls.env, "kehu_organiser", groups=groups, name="Organiser", email="organiser@example.com", lang="en_US"
        )

    def _role(self, name):
        return self.env.ref(f"kehu_crm.group_kehu_{name}")

    def _departments(self):
        return self._import(
            "department",
            ["部门编码", "部门名称", "上级部门"],
            ["T-D11", "华东一组 (t)", "T-D1"],
            ["T-D1", "华东区 (t)", "销售中心 (t)"],
            [None, "销售中心 (t)", None],
        )

    def test_departments(self):
        batch = self._departments()
        self.assertEqual((batch.done_count, batch.problem_count), (3, 0), self._reasons(batch))
        group = self.env["hr.department"].search([("kehu_code", "=", "T-D11")])
        self.assertEqual(group.complete_name, "销售中心 (t) / 华东区 (t) / 华东一组 (t)")
        manager = self.user_east_manager.sudo().employee_id
        batch = self._import(
            "department", ["部门编码", "部门名称", "部门负责人"], ["T-D11", "华东一组 (t)", "east_manager@example.com"], mode="update"
        )
        self.assertEqual((batch.problem_count, group.manager_id), (0, manager), self._reasons(batch))
        every = group | group.parent_id | group.parent_id.parent_id
        self._round_trip("department", every)
        # without a code, a department is known by its name below the one above
        batch = self._import("department", ["部门名称", "上级部门"], ["华东一组 (t)", "T-D1"], run=False)
        self.assertEqual(batch.problem_count, 1)

    def test_a_department_that_the_file_puts_elsewhere_is_not_made_twice(self):
        """Without codes a moved department would come into being a second time, empty."""
        titles = ["部门编码", "部门名称", "上级部门"]
        tree = [[None, "集团 (t)", None], [None, "北京 (t)", "集团 (t)"], [None, "行政 (t)", "北京 (t)"]]
        self._import("department", titles, *tree)
        departments = self.env["hr.department"].search([("name", "in", ["集团 (t)", "北京 (t)", "行政 (t)"])])
        self.assertEqual(len(departments), 3)
        batch = self._import("department", titles, *tree[:2], [None, "行政 (t)", "集团 (t)"], mode="both")
        self.assertIn("集团 (t) / 北京 (t) / 行政 (t)", self._reasons(batch)[4, "部门名称"])
        batch = self._import("department", titles, [None, "集团 (t)", "北京 (t)"], mode="both")
        self.assertIn("集团 (t)", self._reasons(batch)[2, "部门名称"])
        # below a department that is new itself
        new = [None, "上海 (t)", "集团 (t)"]
        batch = self._import("department", titles, *tree[:2], new, [None, "行政 (t)", "上海 (t)"], mode="both")
        self.assertEqual(set(self._reasons(batch)), {(5, "部门名称")})
        # the file names it where it is, so this is another one
        rows = [*tree, new, [None, "行政 (t)", "上海 (t)"], [None, "行政 (t)", "集团 (t)"]]
        batch = self._import("department", titles, *rows, mode="both")
        self.assertEqual((batch.done_count, batch.problem_count), (6, 0), self._reasons(batch))
        self.assertEqual(self.env["hr.department"].search_count([("name", "=", "行政 (t)")]), 3)
        # a code makes it another one, too
        self._import("department", titles, ["T-BJ2", "北京 (t)", None], mode="both")
        self.assertEqual(self.env["hr.department"].search_count([("name", "=", "北京 (t)")]), 2)

    def test_codes_are_given_to_departments_without_one(self):
        titles = ["部门编码", "部门名称", "上级部门"]
        self._import("department", titles, [None, "集团 (t)", None], [None, "北京 (t)", "集团 (t)"], [None, "总部 (t)", None])
        batch = self._import("department", titles, ["T-G", "集团 (t)", None], ["T-B", "北京 (t)", "集团 (t)"], mode="both")
        self.assertEqual((batch.done_count, batch.problem_count), (2, 0), self._reasons(batch))
        departments = self.env["hr.department"].search([("name", "in", ["集团 (t)", "北京 (t)"])])
        self.assertEqual(sorted(departments.mapped("kehu_code")), ["T-B", "T-G"])
        # and by its code a department moves
        batch = self._import("department", titles, ["T-B", "北京 (t)", "总部 (t)"], mode="update")
        self.assertEqual((batch.done_count, batch.problem_count), (1, 0), self._reasons(batch))
        self.assertEqual(departments.filtered(lambda one: one.kehu_code == "T-B").parent_id.name, "总部 (t)")

    def test_codes_of_departments(self):
        department = self.env["hr.department"].create({"name": "One", "kehu_code": " t-x "})
        self.assertEqual(department.kehu_code, "t-x")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["hr.department"].create({"name": "Two", "kehu_code": "T-X"}).flush_recordset()
        for code in ("x" * 33, "a\0b", 5):
            with self.subTest(code=code), self.assertRaises(KehuImportNameError):
                department.write({"kehu_code": code})
        other = self.env["res.company"].create({"name": "Other (test)"})
        self.env["hr.department"].create({"name": "Two", "kehu_code": "T-X", "company_id": other.id})

    def test_roles_are_found_as_the_empty_workbook_offers_them(self):
        """With what they belong to, in every language that is installed."""
        self.env["res.lang"]._activate_lang("zh_CN")
        role = self._role("director")
        role.privilege_id.with_context(lang="zh_CN").name = "客户 (t)"
        role.with_context(lang="zh_CN").name = "总监 (t)"
        batch = self._import(
            "employee",
            ["姓名", "登录名", "角色"],
            ["张三 (t)", "zhangsan@t.example.com", "客户 (t) / 总监 (t)"],
            ["李四 (t)", "lisi@t.example.com", role.with_context(lang="en_US").full_name],
        )
        self.assertEqual((batch.done_count, batch.problem_count), (2, 0), self._reasons(batch))
        people = self.env["hr.employee"].search([("name", "in", ["张三 (t)", "李四 (t)"])])
        self.assertEqual(people.user_id.group_ids & self.env["hr.employee"]._kehu_roles(), role)

    def test_people(self):
        self._departments()
        batch = self._import(
            "employee",
            PEOPLE,
            ["张三 (t)", "zhangsan@t.example.com", None, "T-D11", "业务员", "李四 (t)", self._role("user").name],
            ["李四 (t)", "lisi@t.example.com", "lisi@t.example.com", "销售中心 / 华东区", "经理", None, self._role("manager").name],
            ["王五 (t)", None, None, "T-D1", "司机", "lisi@t.example.com", None],
        )
        self.assertEqual(set(self._reasons(batch)), {(3, "部门")})
        batch = self._import(
            "employee",
            PEOPLE,
            ["张三 (t)", "zhangsan@t.example.com", None, "T-D11", "业务员", "李四 (t)", self._role("user").name],
            ["李四 (t)", "lisi@t.example.com", "lisi@t.example.com", "销售中心 (t) / 华东区 (t)", "经理", None, self._role("manager").name],
            ["王五 (t)", None, None, "T-D1", "司机", "lisi@t.example.com", None],
        )
        self.assertEqual((batch.done_count, batch.problem_count), (3, 0), self._reasons(batch))
        people = self.env["hr.employee"].search([("name", "in", ["张三 (t)", "李四 (t)", "王五 (t)"])])
        zhang, li, wang = (people.filtered(lambda one, name=name: one.name == name) for name in ("张三 (t)", "李四 (t)", "王五 (t)"))
        self.assertEqual((zhang.parent_id, wang.parent_id, zhang.department_id.kehu_code), (li, li, "T-D11"))
        self.assertTrue(zhang.user_id.has_group("kehu_crm.group_kehu_user"))
        self.assertEqual(zhang.user_id.kehu_home_department_id, zhang.department_id, "their manager sees their customers")
        self.assertFalse(zhang.user_id.has_group("kehu_crm.group_kehu_manager"))
        self.assertTrue(li.user_id.has_group("kehu_crm.group_kehu_manager"))
        self.assertFalse(wang.user_id)
        self.assertEqual(zhang.kehu_role_id, self._role("user"))
        self._round_trip("employee", people)
        # a role is changed by the same sheet
        row = ["张三 (t)", "zhangsan@t.example.com", self._role("manager").name]
        self._import("employee", ["姓名", "登录名", "角色"], row, mode="update")
        self.assertEqual(zhang.kehu_role_id, self._role("manager"))
        self.assertNotIn(self._role("user"), zhang.user_id.group_ids)
        # a login alone leaves the role as it is
        self.env.invalidate_all()
        zhang.with_user(self.importer).write({"kehu_login": "zhang.san@t.example.com"})
        self.assertEqual((zhang.user_id.login, zhang.kehu_role_id), ("zhang.san@t.example.com", self._role("manager")))
        for empty in (False, " "):
            with self.assertRaisesRegex(KehuImportNameError, "keeps the login “zhang.san@"):
                zhang.with_user(self.importer).write({"kehu_login": empty})
        # directors read imports of customers and products, not of people
        mine = self.env["kehu.import.batch"].with_user(self.user_director)
        self.assertFalse(mine.search([("id", "=", batch.id)]) or mine.env["kehu.import.row"].search([("batch_id", "=", batch.id)]))

    def test_undo_takes_the_accounts_too(self):
        batch = self._import("employee", PEOPLE[:2], ["张三 (t)", "zhangsan@t.example.com"])
        user = self.env["res.users"].search([("login", "=", "zhangsan@t.example.com")])
        self.env.invalidate_all()
        self.assertTrue(user.active and user.employee_ids)
        batch.action_undo()
        self.assertFalse(self.env["hr.employee"].search([("name", "=", "张三 (t)")]))
        self.assertFalse(user.exists().active)

    def test_no_more_rights_than_ones_own(self):
        """Who is no administrator of the whole system gives no role that they have not themselves."""
        batch = self._import("employee", ["姓名", "登录名", "角色"], ["甲 (t)", "jia@t.example.com", self._role("finance").name])
        self.assertEqual(set(self._reasons(batch)), {(2, "角色")})
        self.assertIn("do not have it yourself", batch.problem_ids.reason)
        batch = self._import("employee", ["姓名", "角色"], ["甲 (t)", self._role("user").name])
        self.assertIn("login", batch.problem_ids.reason)
        hr_only = new_test_user(
            self.env, "kehu_hr", groups="kehu_crm.group_kehu_admin,hr.group_hr_user", email="hr@example.com", lang="en_US"
        )
        batch = self._import("employee", ["姓名", "登录名"], ["甲 (t)", "jia@t.example.com"], user=hr_only)
        self.assertIn("administrators", batch.problem_ids.reason)
        batch = self._import("employee", ["姓名"], ["甲 (t)"], user=hr_only)
        self.assertEqual(batch.done_count, 1)
        employee = self.env["hr.employee"].search([("name", "=", "甲 (t)")])
        for values in ({"kehu_login": "jia@t.example.com", "kehu_role_id": self._role("admin").id}, {"kehu_login": "x@t.example.com"}):
            with self.assertRaises(KehuImportNameError), self.cr.savepoint():
                employee.with_user(hr_only).write(values)
        seller = self.user_seller.sudo().employee_id
        with self.assertRaises(KehuImportAccountError), self.cr.savepoint():
            seller.with_user(hr_only).write({"kehu_role_id": self._role("admin").id})
        self.assertEqual(seller.kehu_role_id, self._role("user"))
        # people of sales see neither logins nor roles, and import nobody
        with self.assertRaises(AccessError), mute_logger("odoo.models", "odoo.addons.base.models.ir_model"):
            seller.with_user(self.user_east_manager).read(["kehu_role_id"])
        batch = self._import("employee", ["姓名"], ["乙 (t)"], user=self.user_east_manager)
        self.assertEqual(batch.problem_count, 1)

    def test_logins_of_others(self):
        portal = new_test_user(self.env, "portal@t.example.com", groups="base.group_portal")
        batch = self._import(
            "employee",
            ["姓名", "登录名"],
            ["甲 (t)", self.user_seller.login],
            ["乙 (t)", portal.login],
            ["丙 (t)", "bing@t.example.com"],
            ["丁 (t)", "bing@t.example.com"],
        )
        self.assertEqual(batch.problem_count, 3, self._reasons(batch))
