"""The tree of companies, departments and people: what the screen reads and what it may change."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ...models.organisation.exceptions import KehuOrganisationError, KehuOrganisationRightsError
from .common import OrganisationCommon


@tagged("post_install", "-at_install")
class TestOrganisationTree(OrganisationCommon):
    def setUp(self):
        super().setUp()
        self.tree = self.env["kehu.organisation"].with_user(self.user_boss)

    def _node(self, kind, record):
        nodes = self.tree.get_tree()["nodes"]
        return next((node for node in nodes if (node["kind"], node["id"]) == (kind, record.id)), None)

    def _below(self, record):
        return [node["id"] for node in self.tree.get_tree()["nodes"] if node["kind"] == "department" and node["parent"][1] == record.id]

    def test_what_it_shows(self):
        east = self._node("department", self.department_east)
        self.assertEqual(east["parent"], ["department", self.department_sales.id])
        self.assertEqual(self._node("department", self.department_sales)["parent"], ["company", self.env.company.id])
        seller = self._node("person", self.user_seller.employee_ids)
        self.assertEqual((seller["parent"], seller["login"]), (["department", self.department_east.id], self.user_seller.id))
        self.assertTrue(self._node("person", self.user_east_manager.employee_ids)["manager"])
        self.assertEqual(self._node("login", self.user_boss)["parent"], ["company", self.env.company.id])
        self.assertEqual(self.tree.get_tree()["rights"], {"company": True, "department": True, "person": True, "login": True})
        plain = self.env["kehu.organisation"].with_user(self.user_crm_admin).get_tree()
        self.assertEqual(plain["rights"], {"company": False, "department": False, "person": False, "login": False})
        self.assertIn(self.department_east.id, [node["id"] for node in plain["nodes"]])

    def test_create_rename_order_and_move(self):
        north = self.tree.create_node("department", " North ", "department", self.department_sales.id)
        self.assertEqual(self.env["hr.department"].browse(north).name, "North")
        self.assertEqual(self._below(self.department_sales), [self.department_east.id, self.department_west.id, north])
        self.tree.move_node("department", north, "department", self.department_sales.id, self.department_west.id)
        self.assertEqual(self._below(self.department_sales), [self.department_east.id, north, self.department_west.id])
        self.tree.rename_node("department", north, "Nord")
        self.tree.move_node("department", north, "department", self.department_office.id)
        self.assertEqual(self._below(self.department_office), [north])
        self.tree.move_node("department", north, "company", self.env.company.id)
        self.assertFalse(self.env["hr.department"].browse(north).parent_id)
        person = self.tree.create_node("person", "Newcomer", "department", north)
        self.assertEqual(self.env["hr.employee"].browse(person).department_id.id, north)
        self.tree.move_node("person", person, "company", self.env.company.id)
        self.assertFalse(self.env["hr.employee"].browse(person).department_id)
        self.tree.move_node("person", self.user_seller.employee_ids.id, "department", self.department_west.id)
        self.assertEqual(self.customer.kehu_department_id, self.department_west)

    def test_a_person_becomes_the_manager(self):
        person = self.user_seller.employee_ids
        self.tree.lead_node(person.id)
        self.assertEqual(self.department_east.manager_id, person)
        self.assertTrue(self._node("person", person)["manager"])
        person.department_id = False
        with self.assertRaises(KehuOrganisationError):
            self.tree.lead_node(person.id)
        with self.assertRaises(KehuOrganisationError):
            self.tree.lead_node("1")
        with self.assertRaises(AccessError):
            self.env["kehu.organisation"].with_user(self.user_crm_admin).lead_node(self.user_seller2.employee_ids.id)

    def test_a_login_becomes_a_person(self):
        self.tree.move_node("login", self.user_boss2.id, "department", self.department_office.id)
        self.assertEqual(self.user_boss2.employee_ids.department_id, self.department_office)
        with self.assertRaises(KehuOrganisationError):
            self.tree.move_node("login", self.user_boss2.id, "department", self.department_office.id)

    def test_what_is_refused(self):
        with self.assertRaises(UserError):
            self.tree.move_node("department", self.department_sales.id, "department", self.department_east.id)
        for bad in ("", "  ", None, 5, "a\x00b", "x" * 201, ["a"]):
            with self.assertRaises(KehuOrganisationError):
                self.tree.rename_node("department", self.department_east.id, bad)
        for kind, number in (("department", "1"), ("department", -1), ("department", 2**40), ("res.users", 1), ("login", True)):
            with self.assertRaises(KehuOrganisationError):
                self.tree.rename_node(kind, number, "X")
            with self.assertRaises(KehuOrganisationError):
                self.tree.move_node("person", self.user_seller.employee_ids.id, kind, number)
        with self.assertRaises(KehuOrganisationError):
            self.tree.create_node("login", "X", "company", self.env.company.id)
        with self.assertRaises(KehuOrganisationError):
            self.tree.create_node("company", "X", "department", self.department_east.id)

    def test_nobody_else(self):
        for user in (self.user_seller, self.user_director, self.user_employee):
            tree = self.tree.with_user(user)
            for call in (
                lambda tree=tree: tree.get_tree(),
                lambda tree=tree: tree.create_node("department", "X", "company", self.env.company.id),
                lambda tree=tree: tree.rename_node("department", self.department_east.id, "X"),
                lambda tree=tree: tree.move_node("department", self.department_east.id, "company", self.env.company.id),
                lambda tree=tree: tree.close_action(self.department_east.id),
                lambda tree=tree: tree.leave_action(self.user_seller2.id),
                lambda tree=tree: tree.import_action("person"),
                lambda tree=tree: tree.export_action("person"),
            ):
                with self.assertRaises(KehuOrganisationRightsError):
                    call()
        plain = self.tree.with_user(self.user_crm_admin)
        with self.assertRaises(AccessError):
            plain.rename_node("department", self.department_east.id, "X")
        with self.assertRaises(AccessError):
            plain.create_node("person", "X", "department", self.department_east.id)

    def test_two_companies(self):
        foreign = self.env["res.company"].create({"name": "Secret Company"})
        department = self.env["hr.department"].create({"name": "Secret Department", "company_id": foreign.id})
        person = self.env["hr.employee"].create({"name": "Secret Person", "company_id": foreign.id})
        login = new_test_user(self.env, "kehu_secret", company_id=foreign.id, company_ids=[Command.set(foreign.ids)], name="Secret Login")
        self.assertNotIn("Secret", str(self.tree.get_tree()))
        for kind, record in (("company", foreign), ("department", department), ("person", person), ("login", login)):
            with self.assertRaises(KehuOrganisationError) as caught:
                self.tree.move_node(kind, record.id, "company", self.env.company.id)
            self.assertNotIn("Secret", str(caught.exception))
        with self.assertRaises(KehuOrganisationError):
            self.tree.move_node("department", self.department_east.id, "company", foreign.id)
        self.user_boss.company_ids |= foreign
        both = self.tree.with_context(allowed_company_ids=[self.env.company.id, foreign.id])
        self.assertIn("Secret Person", str(both.get_tree()))
        with self.assertRaises(KehuOrganisationError):
            both.move_node("person", person.id, "department", self.department_east.id)
        with self.assertRaises(KehuOrganisationError):
            both.move_node("department", department.id, "department", self.department_east.id)
        both.move_node("company", foreign.id, False, False, self.env.company.id)
        self.assertEqual(both.get_tree()["nodes"][0]["id"], foreign.id)

    def test_import_and_export(self):
        batch = self.tree.import_action("department")
        template = self.env["kehu.import.template"].browse(batch["context"]["default_template_id"])
        self.assertEqual(template.model, "hr.department")
        action = self.tree.export_action("person")
        wizard = self.env["kehu.import.export"].with_user(self.user_boss).with_context(**action["context"]).create({})
        self.assertEqual(wizard.res_model, "hr.employee")
        self.assertIn(self.user_seller.employee_ids.id, wizard.res_ids)
        wizard.action_export()
        self.assertTrue(wizard.file)
        with self.assertRaises(KehuOrganisationError):
            self.tree.import_action("res.users")

    def test_the_queries_do_not_grow(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.tree.get_tree()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        departments = self.env["hr.department"].create([{"name": f"Many {number}"} for number in range(30)])
        self.env["hr.employee"].create([{"name": f"Many {number}", "department_id": departments[number].id} for number in range(30)])
        self.assertLessEqual(count() - few, 2)

    def test_a_department_is_not_below_itself(self):
        sales, east = self.department_sales, self.department_east
        east.parent_id = sales
        for act in (
            lambda: sales.write({"parent_id": east.id}),
            lambda: east.write({"child_ids": [Command.link(sales.id)]}),
            lambda: self.tree.move_node("department", sales.id, "department", east.id),
        ):
            with self.assertRaisesRegex(KehuOrganisationError, "cannot stand below itself"), self.env.cr.savepoint():
                act()
        with self.assertRaisesRegex(KehuOrganisationError, "cannot stand below itself"), self.env.cr.savepoint():
            sales.parent_id = sales
        self.assertEqual((east.parent_id, sales.parent_id), (sales, self.department_sales.parent_id))
