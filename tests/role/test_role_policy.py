"""The policy check: each contradiction is named with its record, goes away when it is put right, and is told to administrators only."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.role.exceptions import KehuRoleRightsError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestRolePolicy(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the flows and pools that the company has already are not what this is about
        cls.env["kehu.approval.flow"].search([]).active = False
        cls.env["kehu.pool"].search([]).write({"auto_recycle": False, "max_held": 0})
        cls.pool = cls.env["kehu.pool"].search([("is_default", "=", True)], limit=1)

    def _check(self, user=None):
        """Run the check as a person; return the findings."""
        findings = self.env["kehu.policy.finding"].with_user(user or self.user_crm_admin)
        action = findings.action_check()
        self.assertEqual(action["res_model"], "kehu.policy.finding")
        return findings.search([])

    def _about(self, record, user=None):
        return self._check(user).filtered(lambda finding: (finding.res_model, finding.res_id) == (record._name, record.id))

    def _flow(self, if_nobody="refuse", **step):
        return self.env["kehu.approval.flow"].create(
            {
                "name": "Orders (test)",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "if_nobody": if_nobody,
                "company_id": self.env.company.id,
                "step_ids": [Command.create({"name": "Decision", **step})],
            }
        )

    # -- who may ask -----------------------------------------------------------------------------------------------------

    def test_only_administrators_ask(self):
        for user in (self.user_seller, self.user_sales_manager, self.user_director, self.user_finance, self.user_employee):
            findings = self.env["kehu.policy.finding"].with_user(user)
            with self.subTest(user=user.name):
                with self.assertRaises(KehuRoleRightsError):
                    findings.action_check()
                with self.assertRaises(AccessError):
                    findings.search([])

    def test_each_sees_own_findings_and_writes_none(self):
        self._flow(kind="group", group_id=self.env["res.groups"].create({"name": "Board (test)"}).id)
        found = self._check()
        other = self.env["res.users"].create(
            {
                "name": "Second Administrator",
                "login": "kehu_second_admin",
                "group_ids": [Command.set(self.env.ref("kehu_crm.group_kehu_admin").ids)],
            }
        )
        self.assertTrue(found)
        self.assertFalse(found.with_user(other).search([]))
        with self.assertRaises(AccessError):
            found[0].with_user(other).read(["name"])
        with self.assertRaises(AccessError):
            found[0].write({"name": "All is well"})
        with self.assertRaises(AccessError):
            found.create({"name": "x", "weight": "2_look", "kind": "4_role"})

    def test_a_second_check_takes_the_place_of_the_first(self):
        self._flow(kind="group", group_id=self.env["res.groups"].create({"name": "Board (test)"}).id)
        first = self._check()
        second = self._check()
        self.assertEqual(len(first), len(second))
        self.assertFalse(first.exists())

    # -- approvals -------------------------------------------------------------------------------------------------------

    def test_an_approver_role_without_people(self):
        group = self.env.ref("kehu_crm.group_kehu_order_approver")
        self.assertFalse(self._about(group))
        group.all_user_ids.write({"group_ids": [Command.unlink(group.id)]})
        found = self._about(group)
        self.assertEqual(found.name, f"Nobody has the role “{group.name}”.")
        self.assertEqual(found.weight, "2_look")

    def test_who_has_the_role_through_another_counts(self):
        group = self.env.ref("kehu_crm.group_kehu_order_approver")
        group.all_user_ids.write({"group_ids": [Command.unlink(group.id)]})
        self.env["res.groups"].create(
            {
                "name": "Board (test)",
                "implied_ids": [Command.link(group.id)],
                "user_ids": [Command.link(self.user_director.id)],
            }
        )
        self.assertFalse(self._about(group))

    def test_a_flow_whose_role_is_empty(self):
        role = self.env["res.groups"].create({"name": "Board (test)"})
        flow = self._flow(kind="group", group_id=role.id)
        found = self._about(flow)
        self.assertEqual(found.weight, "1_blocks")
        self.assertIn("Board (test)", found.name)
        role.write({"user_ids": [Command.link(self.user_director.id)], "implied_ids": [Command.link(self.env.ref("base.group_user").id)]})
        self.assertFalse(self._about(flow))

    def test_a_flow_that_falls_back_on_administrators_stops_nothing(self):
        role = self.env["res.groups"].create({"name": "Board (test)"})
        flow = self._flow("administrator", kind="group", group_id=role.id)
        self.assertFalse(self._about(flow))
        administrators = self.env.ref("kehu_crm.group_kehu_admin")
        others = administrators.all_user_ids - self.user_crm_admin
        others.filtered("active").write({"group_ids": [Command.unlink(administrators.id)]})
        self.assertFalse(self._about(flow))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        self.user_crm_admin.write({"company_id": elsewhere.id, "company_ids": [Command.set(elsewhere.ids)]})
        finding = self.env["kehu.policy.finding"].with_company(self.env.company)
        values = [row for row in finding._kehu_findings() if (row["res_model"], row["res_id"]) == (flow._name, flow.id)]
        self.assertEqual([row["weight"] for row in values], ["1_blocks"])

    def test_fewer_in_the_role_than_have_to_agree(self):
        role = self.env["res.groups"].create(
            {
                "name": "Board (test)",
                "implied_ids": [Command.link(self.env.ref("base.group_user").id)],
                "user_ids": [Command.link(self.user_director.id)],
            }
        )
        flow = self._flow(kind="group", group_id=role.id, agree="number", minimum=2)
        self.assertEqual(self._about(flow).weight, "1_blocks")
        role.user_ids = self.user_director | self.user_order_approver
        self.assertFalse(self._about(flow))

    def test_a_named_approver_who_has_left(self):
        flow = self._flow(kind="users", user_ids=[Command.set((self.user_director | self.user_order_approver).ids)])
        self.assertFalse(self._about(flow))
        self.user_order_approver.active = False
        found = self._about(flow)
        self.assertEqual(found.weight, "2_look")
        self.assertIn(self.user_order_approver.name, found.name)
        self.user_director.active = False
        self.assertEqual(set(self._about(flow).mapped("weight")), {"1_blocks"})

    def test_an_approver_who_cannot_open_the_documents(self):
        role = self.env["res.groups"].create({"name": "Board (test)", "user_ids": [Command.link(self.user_employee.id)]})
        flow = self._flow(kind="group", group_id=role.id)
        found = self._about(flow)
        self.assertEqual(found.kind, "4_role")
        self.assertIn(self.user_employee.name, found.name)
        self.user_employee.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_order_approver").id)]
        self.assertFalse(self._about(flow))

    def test_a_deputy_who_has_left(self):
        today = fields.Date.context_today(self.env.user)
        deputy = self.env["kehu.approval.deputy"].create(
            {
                "user_id": self.user_order_approver.id,
                "deputy_id": self.user_director.id,
                "date_from": today,
                "date_to": today + timedelta(days=3),
            }
        )
        self.assertFalse(self._about(deputy))
        self.user_director.active = False
        self.assertIn(self.user_director.name, self._about(deputy).name)
        deputy.write({"date_from": today - timedelta(days=9), "date_to": today - timedelta(days=2)})
        self.assertFalse(self._about(deputy))

    # -- people and departments ------------------------------------------------------------------------------------------

    def test_a_person_in_no_department(self):
        # sudo: hr.employee - set up of the test
        employee = self.user_seller.sudo().employee_id
        self.assertFalse(self._about(employee) | self._about(self.user_seller))
        employee.department_id = False
        found = self._about(employee) | self._about(self.user_seller)
        self.assertEqual(len(found), 1)
        self.assertIn(self.user_seller.name, found.name)
        employee.department_id = self.department_west
        self.assertFalse(self._about(employee) | self._about(self.user_seller))

    def test_a_person_in_a_department_that_is_closed(self):
        # sudo: hr.employee - set up of the test
        employee = self.user_seller.sudo().employee_id
        self.assertFalse(self._about(employee) | self._about(self.user_seller))
        employee.department_id.active = False
        found = self._about(employee) | self._about(self.user_seller)
        self.assertIn("which is closed", found[:1].name or "")
        employee.department_id.active = True
        self.assertFalse(self._about(employee) | self._about(self.user_seller))

    def test_a_person_who_has_left_but_logs_in(self):
        # sudo: hr.employee - set up of the test
        employee = self.user_seller.sudo().employee_id
        employee.active = False
        found = self._about(employee) | self._about(self.user_seller)
        self.assertEqual(len(found.filtered(lambda finding: "still logs in" in finding.name)), 1)
        employee.active = True
        self.assertFalse(self._about(employee) | self._about(self.user_seller))

    def test_a_sales_manager_who_manages_no_department(self):
        # sudo: hr.employee - set up of the test
        employee = self.user_east_manager.sudo().employee_id
        self.assertFalse(self._about(employee) | self._about(self.user_east_manager))
        self.department_east.manager_id = False
        found = self._about(employee) | self._about(self.user_east_manager)
        self.assertEqual(len(found), 1)
        self.assertIn(self.user_east_manager.name, found.name)
        self.user_east_manager.group_ids += self.env.ref("kehu_crm.group_kehu_director")
        self.assertFalse(self._about(employee) | self._about(self.user_east_manager), "who sees everything needs no department")

    def test_a_department_without_manager_where_a_flow_asks_for_one(self):
        self._flow(kind="manager", levels_up=1)
        self.assertFalse(self._about(self.department_east))
        self.department_east.manager_id = False
        self.assertFalse(self._about(self.department_east), "the manager above is asked")
        self.department_sales.manager_id = False
        found = self._about(self.department_east)
        self.assertEqual(found.weight, "1_blocks")
        self.assertIn(self.user_seller.name, found.name)

    # -- pools -----------------------------------------------------------------------------------------------------------

    def test_a_limit_below_what_somebody_holds(self):
        for number in range(3):
            self._create_customer(self.user_seller, name=f"Held {number} (test)")
        self.pool.max_held = 3
        self.assertFalse(self._about(self.pool))
        self.pool.max_held = 2
        self.assertIn(f"{self.user_seller.name} holds 3 customers", self._about(self.pool).mapped("name")[0])

    def test_a_level_without_days_in_a_policy_that_is_on(self):
        self.pool.write(
            {"auto_recycle": True, "idle_days": 30, "level_rule_ids": [Command.create({"level_id": self.level_key.id, "idle_days": 0})]}
        )
        found = self._about(self.pool)
        self.assertEqual(len(found), 1)
        self.assertIn(self.level_key.name, found.name)
        self.pool.exempt_level_ids = self.level_key
        self.assertFalse(self._about(self.pool))
        self.pool.exempt_level_ids = False
        self.pool.auto_recycle = False
        self.assertFalse(self._about(self.pool))

    # -- opening ---------------------------------------------------------------------------------------------------------

    def test_the_button_opens_what_it_is_about(self):
        flow = self._flow(kind="group", group_id=self.env["res.groups"].create({"name": "Board (test)"}).id)
        found = self._about(flow)
        action = found.action_open()
        self.assertEqual((action["res_model"], action["res_id"]), (flow._name, flow.id))
        with self.assertRaises(AccessError):
            found.with_user(self.user_director).action_open()
        flow.active = False
        flow.unlink()
        with self.assertRaises(KehuRoleRightsError):
            found.action_open()

    def test_it_costs_the_same_for_many_flows_of_a_role(self):
        role = self.env.ref("kehu_crm.group_kehu_order_approver")
        for _number in range(2):
            self._flow(kind="group", group_id=role.id)
        self._check()
        self.env.invalidate_all()
        self.env.cr.flush()
        before = self.env.cr.sql_log_count
        self._check()
        few = self.env.cr.sql_log_count - before
        for _number in range(20):
            self._flow(kind="group", group_id=role.id)
        self._check()
        self.env.invalidate_all()
        self.env.cr.flush()
        before = self.env.cr.sql_log_count
        self._check()
        self.assertLessEqual(self.env.cr.sql_log_count - before, few + 5)
