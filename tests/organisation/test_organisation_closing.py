"""A department is closed, with its people and their logins."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ...models.organisation.exceptions import KehuOrganisationError
from .common import OrganisationCommon


@tagged("post_install", "-at_install")
class TestOrganisationClosing(OrganisationCommon):
    def _closing(self, department=None, user=None, **values):
        closing = self.env["kehu.department.closing"].with_user(user or self.user_boss)
        return closing.create({"department_id": (department or self.department_sales).id, **values})

    def test_it_says_what_happens_and_does_it(self):
        closing = self._closing()
        self.assertIn(self.department_east.name, closing.summary)
        self.assertIn("People archived: 5", closing.summary)
        self.assertIn("Logins archived: 5", closing.summary)
        self.assertIn("default pool: 2", closing.customer_note)
        self.assertFalse(closing.refusal)
        closing.action_apply()
        departments = self.department_sales | self.department_east | self.department_west
        self.assertFalse(departments.filtered("active"))
        people = self.user_seller | self.user_seller2 | self.user_west_seller | self.user_east_manager | self.user_sales_manager
        self.assertFalse(people.filtered("active"))
        for customer in (self.customer, self.other_customer):
            self.assertFalse(customer.user_id)
            self.assertTrue(customer.kehu_pool_id)
        last = self.env["kehu.assignment"].search([("partner_id", "=", self.customer.id)], order="id desc", limit=1)
        self.assertEqual((last.kind, last.author_id), ("return", self.user_boss))

    def test_the_hosts_screens_lead_here(self):
        """Archive in the form, the list and the cards of departments."""
        mine = self.department_sales.with_user(self.user_boss)
        action = mine.kehu_leaving_action()
        self.assertEqual((action["res_model"], action["context"]["default_department_id"]), ("kehu.department.closing", mine.id))
        officer = new_test_user(self.env, "kehu_officer", groups="base.group_erp_manager,hr.group_hr_user")
        self.assertEqual(self.department_east.with_user(officer).kehu_leaving_action()["res_model"], "kehu.pool.leaving")
        empty = self.env["hr.department"].create({"name": "Empty (t)"})
        self.assertFalse(empty.with_user(self.user_boss).kehu_leaving_action())

    def test_people_may_stay(self):
        closing = self._closing(self.department_east, archive_people=False)
        closing.action_apply()
        self.assertTrue(self.user_seller.active)
        self.assertFalse(self.user_seller.employee_ids.department_id)
        self.assertTrue(self.customer.kehu_pool_id)
        self.assertEqual(self.other_customer.user_id, self.user_west_seller)

    def test_running_approvals_are_named(self):
        self.env["kehu.approval.flow"].with_context(active_test=False).search([("model_id.model", "=", "sale.order")]).active = True
        self.env["kehu.approval.flow"].create(
            {
                "name": "Flow With A Name",
                "model_id": self.env["ir.model"]._get_id("kehu.contract"),
                "step_ids": [Command.create({"name": "One", "kind": "users", "user_ids": [Command.set(self.user_order_approver.ids)]})],
            }
        )
        order = self.env["sale.order"].with_user(self.user_seller)
        order = order.create(
            {"partner_id": self.customer.id, "kehu_document": "order", "order_line": [Command.create({"product_id": self.product.id})]}
        )
        order.kehu_submit(self.user_order_approver.id)
        note = self._closing(self.department_office).approval_note
        self.assertIn("Requests that wait for these people: 1", note)
        self.assertIn("For nobody else wait: 1", note)
        self.assertIn("Flow With A Name", note)

    def test_one_does_not_close_oneself(self):
        employee = self.env["hr.employee"].create({"name": "Boss", "user_id": self.user_boss.id, "department_id": self.department_west.id})
        closing = self._closing(self.department_west)
        self.assertIn("yourself", closing.refusal)
        with self.assertRaises(KehuOrganisationError):
            closing.action_apply()
        employee.department_id = self.department_office
        closing.action_apply()
        self.assertFalse(self.department_west.active)

    def test_who_may(self):
        for user in (self.user_seller, self.user_sales_manager, self.user_director):
            with self.assertRaises(AccessError):
                self._closing(user=user)
        with self.assertRaises(AccessError):
            self._closing(user=self.user_crm_admin).read(["summary"])
        with self.assertRaises(AccessError):
            self._closing(user=self.user_crm_admin).action_apply()
        self.assertTrue(self.department_sales.active)

    def test_without_rights_to_logins(self):
        self.user_boss.group_ids -= self.env.ref("base.group_erp_manager")
        closing = self._closing()
        self.assertIn("Access Rights", closing.refusal)
        with self.assertRaises(KehuOrganisationError):
            closing.action_apply()
        self.assertTrue(self.user_seller.active)

    def test_a_login_that_works_elsewhere_stays(self):
        self.env["hr.employee"].create(
            {
                "name": "Seller Elsewhere",
                "user_id": self.user_seller.id,
                "company_id": self.env["res.company"].create({"name": "Secret Company"}).id,
            }
        )
        closing = self._closing(self.department_east)
        self.assertNotIn("Secret", closing.summary)
        self.assertIn("work elsewhere too: 1", closing.summary)
        closing.action_apply()
        self.assertTrue(self.user_seller.active)
        self.assertTrue(self.customer.kehu_pool_id)

    def test_what_another_company_uses_is_left_alone(self):
        foreign = self.env["res.company"].create({"name": "Secret Company"})
        self.department_west.company_id = False
        self.env["hr.employee"].create({"name": "Foreigner", "company_id": foreign.id, "department_id": self.department_west.id})
        closing = self._closing(self.department_west)
        self.assertIn("not switched on", closing.refusal)
        self.assertNotIn("Secret", closing.refusal)
        with self.assertRaises(KehuOrganisationError):
            closing.action_apply()

    def test_an_empty_department(self):
        empty = self.env["hr.department"].create({"name": "Empty"})
        closing = self._closing(empty)
        self.assertEqual(closing.summary, "Nobody works here.")
        closing.action_apply()
        self.assertFalse(empty.active)

    def test_the_dialog(self):
        action = self.env["kehu.organisation"].with_user(self.user_boss).close_action(self.department_east.id)
        form = Form(self.env["kehu.department.closing"].with_user(self.user_boss).with_context(**action["context"]))
        self.assertIn("People archived: 3", form.summary)
        form.archive_people = False
        self.assertIn("without a department: 3", form.summary)

    def test_the_preview_does_not_grow(self):
        def count(number):
            department = self.env["hr.department"].create({"name": f"Many {number}"})
            below = self.env["hr.department"].create([{"name": f"Below {place}", "parent_id": department.id} for place in range(number)])
            for place in range(number):
                user = new_test_user(self.env, f"kehu_many_{number}_{place}", groups="kehu_crm.group_kehu_user")
                self.env["hr.employee"].create({"name": user.name, "user_id": user.id, "department_id": below[place].id})
                self._create_customer(user, name=f"Many {number} {place}")
            closing = self._closing(department)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            closing.read(["summary", "customer_note", "approval_note", "refusal"])
            self.assertIn(f"default pool: {number}", closing.customer_note)
            return self.env.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(12) - count(3), 3)

    def test_a_department_of_another_company(self):
        foreign = self.env["res.company"].create({"name": "Secret Company"})
        department = self.env["hr.department"].create({"name": "Secret Department", "company_id": foreign.id})
        with self.assertRaises(AccessError) as caught:
            self._closing(department).action_apply()
        self.assertNotIn("Secret Department", str(caught.exception))
        with self.assertRaises(KehuOrganisationError):
            self.env["kehu.organisation"].with_user(self.user_boss).close_action(department.id)
        self.assertTrue(department.active)

    def test_two_administrators(self):
        """Whoever comes second finds the department closed already."""
        second = self._closing(self.department_east, user=self.user_boss2)
        self._closing(self.department_east).action_apply()
        with self.assertRaises(KehuOrganisationError):
            second.action_apply()
