"""The ground that the rooms stand on: engine guard, built-in roles, departments and the dictionary."""

import json
from inspect import isfunction, signature

from odoo.exceptions import AccessError, UserError
from odoo.http import serialize_exception
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ...models.system.engine import as_engine, is_engine, is_uninstalling, leave_engine
from ...models.system.exceptions import KehuBuiltInError, KehuEngineOnlyError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestSystemGround(KehuCommon):
    # -- engine guard --------------------------------------------------------------------------------------------------

    def test_engine_opens_one_guard_only(self):
        partners = as_engine(self.env["res.partner"], "contact")
        self.assertTrue(is_engine(partners.env, "contact"))
        self.assertFalse(is_engine(partners.env, "ownership"))
        self.assertFalse(is_engine(leave_engine(partners, "contact").env, "contact"))

    def test_what_a_client_can_send_opens_nothing(self):
        for value in (True, 1, "kehu", "<kehu engine token>", {}, [1]):
            context = json.loads(json.dumps({"kehu_engine_ownership": value, "kehu_engine_approval": value}))
            with self.subTest(value=value):
                self.assertFalse(is_engine(self.env["res.partner"].with_context(**context).env, "ownership"))
                with self.assertRaises(KehuEngineOnlyError):
                    self.env["kehu.approval.decision"].with_context(**context).create({})

    def test_logs_are_closed_for_the_superuser_too(self):
        customer = self._create_customer()
        row = customer.kehu_assignment_ids
        self.assertEqual(row.kind, "create")
        for attempt in (lambda: row.write({"reason": "x"}), row.unlink, row.copy):
            with self.assertRaises(KehuEngineOnlyError):
                attempt()

    def test_uninstalling_cannot_be_pretended(self):
        forged = self.env["res.groups"].with_context(_force_unlink=True)
        self.assertFalse(is_uninstalling(forged.with_user(self.user_crm_admin).env))
        self.assertFalse(is_uninstalling(forged.with_user(self.user_crm_admin).sudo().env))

    def test_no_method_hides_another_of_the_same_name(self):
        """A model takes methods from many mixins: one that asks for other arguments is no extension of its namesake, it breaks it."""
        hiding = set()
        for model in self.env.registry.values():
            known = {}
            for part in model.mro():
                for name, method in vars(part).items():
                    if not part.__module__.startswith("odoo.addons.kehu_crm.") or not name.startswith("_kehu_") or not isfunction(method):
                        continue
                    asks = list(signature(method).parameters)
                    if known.setdefault(name, asks) != asks:
                        hiding.add((name, part.__module__))
        self.assertFalse(hiding)

    def test_every_refusal_reaches_the_person_in_the_browser(self):
        """The web client knows the host's exceptions by exact name; ours tell it which one they stand for."""
        host = {"odoo.exceptions.UserError", "odoo.exceptions.AccessError", "odoo.exceptions.ValidationError"}
        found, rest = set(), [UserError]
        while rest:
            error = rest.pop()
            rest += error.__subclasses__()
            if error.__module__.startswith("odoo.addons.kehu_crm."):
                found.add(error)
        self.assertGreater(len(found), 30)
        for error in found:
            with self.subTest(error=error.__name__):
                data = serialize_exception(error("Why"))
                self.assertIn(data["context"].get("exception_class"), host)
                self.assertIn(data["context"].get("kehu_refusal"), {"step", "right", "entry"})
                self.assertEqual(data["message"], "Why")

    # -- roles ---------------------------------------------------------------------------------------------------------

    def test_approver_roles_are_built_in(self):
        admin = self.env.ref("base.user_admin")
        for xmlid in ("kehu_crm.group_kehu_order_approver", "kehu_crm.group_kehu_receipt_approver"):
            group = self.env.ref(xmlid).with_user(admin)
            for context in ({}, {"_force_unlink": True}):
                with self.subTest(group=xmlid, context=context), self.assertRaisesRegex(KehuBuiltInError, "built in"):
                    group.with_context(**context).unlink()

    def test_other_roles_can_be_deleted(self):
        group = self.env["res.groups"].create({"name": "Helper"})
        group.unlink()
        self.assertFalse(group.exists())

    # -- departments ---------------------------------------------------------------------------------------------------

    def test_overseers_are_managers_of_the_department_and_above(self):
        self.assertEqual(self.department_east.kehu_overseer_ids, self.user_east_manager | self.user_sales_manager)
        self.assertEqual(self.department_sales.kehu_overseer_ids, self.user_sales_manager)
        self.assertFalse(self.department_office.kehu_overseer_ids)

    def test_overseers_follow_the_organisation(self):
        self.department_east.parent_id = self.department_office
        self.assertEqual(self.department_east.kehu_overseer_ids, self.user_east_manager)
        self.department_office.manager_id = self.user_director.sudo().employee_id
        self.assertEqual(self.department_east.kehu_overseer_ids, self.user_east_manager | self.user_director)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_nobody_makes_themselves_an_overseer(self):
        officer = self.user_east_manager
        officer.sudo().group_ids = [(4, self.env.ref("hr.group_hr_user").id)]
        departments = self.env["hr.department"].with_user(officer)
        with self.assertRaises(KehuEngineOnlyError):
            departments.browse(self.department_office.id).write({"kehu_overseer_ids": [(4, officer.id)]})
        with self.assertRaises(KehuEngineOnlyError):
            departments.create({"name": "Mine", "kehu_overseer_ids": [(6, 0, officer.ids)]})
        made = departments.create({"name": "Mine", "parent_id": self.department_east.id})
        self.assertEqual(made.kehu_overseer_ids, self.department_east.kehu_overseer_ids)
        self.assertFalse(self.department_office.kehu_overseer_ids)

    def test_scope_of_a_manager_moves_with_the_organisation(self):
        """Rules read stored columns, so a new manager sees at once what the old one does not see any more."""
        customer = self._create_customer(owner=self.user_seller)
        seen = self.env["res.partner"].with_user(self.user_east_manager)
        self.assertTrue(seen.search_count([("id", "=", customer.id)]))
        self.department_east.manager_id = self.user_director.sudo().employee_id
        self.env.flush_all()
        self.assertFalse(seen.search_count([("id", "=", customer.id)]))

    def test_customers_follow_their_owner_into_another_department(self):
        customer = self._create_customer(owner=self.user_seller)
        self.assertEqual(customer.kehu_department_id, self.department_east)
        self.user_seller.sudo().employee_id.department_id = self.department_west
        self.assertEqual(self.user_seller.kehu_home_department_id, self.department_west)
        self.assertEqual(customer.kehu_department_id, self.department_west)

    def test_customers_of_a_leaver_stay_in_the_view_of_the_manager_who_hands_them_on(self):
        """An employee who has left keeps the customers in the department until the user goes too; then they wait in the pool."""
        customer = self._create_customer(owner=self.user_seller)
        self.user_seller.sudo().employee_id.active = False
        self.assertEqual(customer.kehu_department_id, self.department_east)
        self.assertTrue(customer.with_user(self.user_east_manager).has_access("write"))
        self.user_seller.active = False
        self.assertTrue(customer.kehu_pool_id)
        self.assertTrue(customer.with_user(self.user_east_manager).has_access("write"))

    def test_department_is_the_same_in_every_company(self):
        """Computed while another company is active, the department of an employee elsewhere stays what it is."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        user = new_test_user(
            self.env, "kehu_elsewhere", groups="kehu_crm.group_kehu_user", company_id=elsewhere.id, company_ids=elsewhere.ids, lang="en_US"
        )
        self.env["hr.employee"].create(
            {"name": "Elsewhere", "user_id": user.id, "company_id": elsewhere.id, "department_id": self.department_west.id}
        )
        self.assertEqual(user.kehu_home_department_id, self.department_west)
        here = user.with_context(allowed_company_ids=self.env.company.ids)
        self.env.add_to_compute(user._fields["kehu_home_department_id"], here)
        here.flush_recordset()
        user.invalidate_recordset()
        self.assertEqual(user.kehu_home_department_id, self.department_west)

    def test_manager_keeps_the_customers_of_a_leaver(self):
        """An archived employee still says where the customers belong, until there is an active one."""
        customer = self._create_customer(owner=self.user_seller)
        employee = self.user_seller.sudo().employee_id
        employee.active = False
        self.env.flush_all()
        self.assertEqual(self.user_seller.kehu_home_department_id, self.department_east)
        self.assertEqual(customer.kehu_department_id, self.department_east)
        self.assertTrue(customer.with_user(self.user_east_manager).has_access("write"))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        self.env["hr.employee"].create(
            {"name": "Again", "user_id": self.user_seller.id, "company_id": elsewhere.id, "department_id": self.department_west.id}
        )
        self.assertEqual(self.user_seller.kehu_home_department_id, self.department_west)
        self.assertEqual(customer.kehu_department_id, self.department_west)

    # -- dictionary ----------------------------------------------------------------------------------------------------

    def test_dictionary_is_for_administrators(self):
        value = self.env.ref("kehu_crm.kehu_customer_source_website")
        self.assertEqual(value.with_user(self.user_seller).name, "Website")
        with self.assertRaises(AccessError):
            value.with_user(self.user_east_manager).name = "Web"
        value.with_user(self.user_crm_admin).name = "Web"

    @mute_logger("odoo.sql_db")
    def test_a_choice_has_one_name(self):
        values = {"dictionary": "customer_source", "name": "Radio (test)"}
        first = self.env["kehu.dictionary.value"].create(values)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["kehu.dictionary.value"].create(values)
        first.active = False
        first.flush_recordset()
        second = self.env["kehu.dictionary.value"].create(values)
        self.assertTrue(second.active)
