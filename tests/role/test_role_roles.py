"""Roles made by administrators: the host enforces what the matrix says; what it could not enforce is refused; nobody helps themselves."""

from contextlib import suppress

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import NotNullViolation, UniqueViolation

from ...models.role.exceptions import KehuRoleError, KehuRoleRightsError
from ...models.role.matrix import AREA_MODELS
from ...models.system.exceptions import KehuBuiltInError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestRoleRoles(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_crm_admin.group_ids = [Command.link(cls.env.ref("base.group_erp_manager").id)]
        cls.user_plain_admin = new_test_user(cls.env, "kehu_plain_admin", groups="kehu_crm.group_kehu_admin", name="Plain Admin")
        cls.member = new_test_user(cls.env, "kehu_role_member", groups="base.group_user,kehu_crm.group_kehu_user", name="Role Member")
        cls.env["hr.employee"].create({"name": "Role Member", "user_id": cls.member.id, "department_id": cls.department_east.id})
        cls.roles = cls.env["kehu.role"].with_user(cls.user_crm_admin)
        cls.mine = cls._create_customer(cls.member, name="Mine (test)")
        cls.east = cls._create_customer(cls.user_seller, name="East Customer (test)")
        cls.west = cls._create_customer(cls.user_west_seller, name="West Customer (test)")
        cls.contracts = {
            owner: cls.env["kehu.contract"].create({"title": f"Contract {key} (test)", "partner_id": customer.id, "user_id": owner.id})
            for key, customer, owner in (
                ("mine", cls.mine, cls.member),
                ("east", cls.east, cls.user_seller),
                ("west", cls.west, cls.user_west_seller),
            )
        }
        cls.orders = {
            owner: cls.env["sale.order"].create({"partner_id": customer.id, "user_id": owner.id})
            for customer, owner in ((cls.mine, cls.member), (cls.east, cls.user_seller), (cls.west, cls.user_west_seller))
        }

        # the work of somebody who has no role any more; the program would hand it over when the role is taken away
        cls.env.flush_all()
        cls.env.cr.execute(
            "DELETE FROM res_groups_users_rel WHERE uid = %s AND gid = %s", [cls.member.id, cls.env.ref("kehu_crm.group_kehu_user").id]
        )
        cls.env.invalidate_all()
        cls.env.registry.clear_all_caches()

    def _role(self, base="salesperson", name="Role (test)", members=None, **areas):
        """A role as its base, but for these areas: {area: (view, edit) or a dict of values}; the member has it."""
        lines = self.roles._kehu_default_lines(base)
        for _command, _zero, vals in lines:
            if vals["area"] in areas:
                given = areas[vals["area"]]
                vals.update(given if isinstance(given, dict) else {"view": given[0], "edit": given[1]})
        members = self.member if members is None else members
        return self.roles.create({"name": name, "base": base, "line_ids": lines, "member_ids": [Command.set(members.ids)]})

    def _sees(self, records, user=None):
        """Owners whose record of a dict a person finds."""
        model = next(iter(records.values()))._name
        ids = [record.id for record in records.values()]
        found = self.env[model].with_user(user or self.member).search([("id", "in", ids)])
        return {owner for owner, record in records.items() if record.id in found.ids}

    def _edits(self, records, user=None):
        return {owner for owner, record in records.items() if record.with_user(user or self.member).has_access("write")}

    # -- what it gives ---------------------------------------------------------------------------------------------------

    def test_a_role_as_shipped(self):
        self._role()
        self.assertTrue(self.member.has_group("kehu_crm.group_kehu_user"))
        self.assertFalse(self.member.has_group("kehu_crm.group_kehu_manager"))
        self.assertEqual(self._sees(self.contracts), {self.member})
        self.assertEqual(self._edits(self.orders), {self.member})
        self.assertFalse(self.env["ir.rule"].search([("domain_force", "like", "_kehu_limit")]), "nothing is limited, so nobody is asked")

    def test_an_area_to_view_in_the_department(self):
        self._role(contract=("department", "own"))
        self.assertEqual(self._sees(self.contracts), {self.member, self.user_seller})
        self.assertEqual(self._edits(self.contracts), {self.member})
        self.assertEqual(self._sees(self.orders), {self.member}, "the other areas stay as they are")

    def test_who_moves_to_another_department_sees_that_one_at_once(self):
        self._role(contract=("department", "own"))
        self.assertEqual(self._sees(self.contracts), {self.member, self.user_seller})
        # sudo: hr.employee - set up of the test
        self.member.sudo().employee_id.department_id = self.department_west
        self.env.flush_all()
        self.assertEqual(self._sees(self.contracts), {self.member, self.user_west_seller})

    def test_an_area_to_view_and_edit_of_all(self):
        role = self._role(contract=("all", "all"), customer=("all", "own"))
        self.assertEqual(self._sees(self.contracts), set(self.contracts))
        self.assertEqual(self._edits(self.contracts), set(self.contracts))
        self.assertTrue(self.west.with_user(self.member).has_access("read"))
        self.assertFalse(self.west.with_user(self.member).has_access("write"))
        role.line_ids.filtered(lambda line: line.area == "contract").write({"view": "own", "edit": "own"})
        self.assertEqual(self._sees(self.contracts), {self.member}, "a change of the matrix counts at once")

    def test_an_area_that_is_taken_away(self):
        self._role(contract=("none", "none"), order=("own", "none"))
        self.assertFalse(self._sees(self.contracts))
        with self.assertRaises(AccessError):
            self.contracts[self.member].with_user(self.member).read(["name"])
        self.assertEqual(self._sees(self.orders), {self.member})
        self.assertFalse(self._edits(self.orders))
        with self.assertRaises(AccessError):
            self.orders[self.member].with_user(self.member).write({"client_order_ref": "x"})
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(self.member).create({"partner_id": self.mine.id})
        # others are not touched
        self.assertEqual(self._sees(self.contracts, self.user_seller), {self.user_seller})
        self.assertEqual(self._edits(self.orders, self.user_seller), {self.user_seller})
        self.assertEqual(self._sees(self.contracts, self.user_director), set(self.contracts))

    def test_a_manager_with_less(self):
        self.department_east.manager_id = self.member.sudo().employee_id
        self._role("manager", contract=("own", "own"), receipt={"view": "none", "edit": "none", "can_export": False})
        self.assertEqual(self._sees(self.orders), {self.member, self.user_seller})
        self.assertEqual(self._sees(self.contracts), {self.member})

    def test_figures_follow_the_documents(self):
        """A role that sees fewer orders sees no more of them in the reports that are made of orders."""
        self.env.flush_all()
        for order in self.orders.values():
            order.order_line = [Command.create({"product_id": self._create_product().id})]
        self.env.flush_all()

        def reported():
            report = self.env["sale.report"].with_user(self.member)
            partners = [order.partner_id.id for order in self.orders.values()]
            return set(report.search([("partner_id", "in", partners)]).mapped("user_id.id"))

        role = self._role("director")
        self.assertEqual(reported(), {owner.id for owner in self.orders})
        order = role.line_ids.filtered(lambda line: line.area == "order")
        order.write({"view": "department", "edit": "own"})
        self.department_east.manager_id = self.member.sudo().employee_id
        self.env.flush_all()
        self.assertEqual(reported(), {self.member.id, self.user_seller.id})
        order.write({"view": "own", "edit": "own"})
        self.assertEqual(reported(), {self.member.id})
        order.write({"view": "none", "edit": "none", "can_export": False})
        self.assertFalse(reported())

    def test_every_level_of_every_area_can_be_searched(self):
        """Each model that a role names has the columns that its rules name."""
        for base in ("salesperson", "manager", "director"):
            for view in ("none", "own", "department", "all"):
                lines = {
                    area: {"view": view, "edit": "none", "can_export": False} for area in AREA_MODELS if area not in ("customer", "record")
                }
                role = self._role(base, name=f"{base} {view} (test)", **lines)
                for models in AREA_MODELS.values():
                    for documents in models:
                        with self.subTest(base=base, view=view, model=documents.model):
                            self.env[documents.model].with_user(self.member).search([], limit=1)
                role.member_ids = False

    def test_a_director_who_views_only(self):
        self._role("director", order=("all", "none"), contract=("all", "none"))
        self.assertEqual(self._sees(self.orders), set(self.orders))
        self.assertFalse(self._edits(self.orders) | self._edits(self.contracts))

    def test_roles_add_up(self):
        """Who has a role that takes away, and another way to the same records, keeps the other way."""
        self._role(contract=("none", "none"))
        self.assertFalse(self._sees(self.contracts))
        self._role(name="Second (test)", contract=("department", "none"))
        self.assertEqual(self._sees(self.contracts), {self.member, self.user_seller})
        self.assertFalse(self._edits(self.contracts))
        self.member.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_finance").id)]
        self.assertEqual(self._sees(self.contracts), set(self.contracts), "finance sees them all")
        self.assertFalse(self._edits(self.contracts), "and edits none")

    def test_who_is_a_salesperson_anyway_is_not_limited(self):
        role = self._role(members=self.user_seller | self.member, contract=("none", "none"))
        self.assertEqual(self._sees(self.contracts, self.user_seller), {self.user_seller})
        # which is told, on the role and by the policy check
        self.assertIn(self.user_seller.name, role.unlimited_note)
        self.assertNotIn(self.member.name, role.unlimited_note)
        finding = self.env["kehu.policy.finding"].with_user(self.user_crm_admin)
        finding.action_check()
        self.assertTrue(finding.search([("res_model", "=", "kehu.role"), ("res_id", "=", role.id)]))
        role.member_ids = self.member
        self.assertFalse(role.unlimited_note)

    def test_a_group_of_the_host_that_implies_the_role_does_not_open_it(self):
        role = self._role(members=self.env["res.users"], contract=("none", "none"))
        self.env["res.groups"].create(
            {
                "name": "Around (test)",
                "implied_ids": [Command.link(role.sudo().group_id.id)],
                "user_ids": [Command.link(self.member.id)],
            }
        )
        self.assertFalse(self._sees(self.contracts))

    def test_what_one_is_asked_to_decide_on_stays(self):
        self._role(contract=("none", "none"), order=("own", "none"))
        self.env["kehu.approval.flow"].search([("model_name", "=", "kehu.contract")]).active = False
        self.env["kehu.approval.flow"].create(
            {
                "name": "Contracts (test)",
                "model_id": self.env["ir.model"]._get_id("kehu.contract"),
                "step_ids": [Command.create({"name": "Decision", "kind": "users", "user_ids": [Command.set(self.member.ids)]})],
            }
        )
        contract = self.contracts[self.user_seller]
        contract.with_user(self.user_seller).kehu_submit()
        self.assertEqual(self._sees(self.contracts), {self.user_seller})

    def test_a_viewer(self):
        self._role("viewer", order=("all", "none"), contract=("department", "none"), receipt=("own", "none"))
        member = self.member
        self.assertEqual(self._sees(self.orders), set(self.orders))
        self.assertEqual(self._sees(self.contracts), {self.member, self.user_seller})
        self.assertFalse(self._edits(self.orders) | self._edits(self.contracts))
        self.assertTrue(self.west.with_user(member).has_access("read"))
        self.assertFalse(self.west.with_user(member).has_access("write"))
        for model in ("sale.order", "kehu.contract", "kehu.receipt"):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.env[model].with_user(member).has_access(operation), (model, operation))
        self.assertFalse(self.env["account.move"].with_user(member).search([], limit=1))
        self.assertFalse(self.env["kehu.receivable"].with_user(member).has_access("read"))
        menus = self.env["ir.ui.menu"].with_user(member)._visible_menu_ids()
        self.assertIn(self.env.ref("kehu_crm.kehu_contract_menu").id, menus)
        self.assertNotIn(self.env.ref("kehu_crm.kehu_receivable_menu").id, menus)
        # the screens open
        order = self.orders[self.user_west_seller].with_user(member)
        for record in (order, self.contracts[self.user_seller].with_user(member), self.west.with_user(member)):
            spec = record.get_views([(False, "form")])["models"][record._name]["fields"]
            record.web_read({name: {} for name in spec})
        # and the next update of the add-on finds nothing to warn of in them
        views = self.env["ir.ui.view"].search([("model", "in", ("sale.order", "kehu.contract", "kehu.receipt")), ("mode", "=", "primary")])
        with self.assertNoLogs("odoo.addons.base.models.ir_ui_view", "WARNING"):
            views._check_xml()

    def test_approving(self):
        self._role(order={"can_approve": True}, contract={"can_approve": True})
        self.assertTrue(self.member.has_group("kehu_crm.group_kehu_order_approver"))
        self.assertFalse(self.member.has_group("kehu_crm.group_kehu_receipt_approver"))

    def test_exporting(self):
        order, contract = self.orders[self.member].with_user(self.member), self.contracts[self.member].with_user(self.member)
        role = self._role(order={"can_export": True})
        self.assertTrue(order.export_data(["name"])["datas"])
        with self.assertRaises(KehuRoleRightsError):
            contract.export_data(["name"])
        role.line_ids.can_export = False
        with self.assertRaises(AccessError):
            order.export_data(["name"])
        # a shipped role that exports anyway does so still
        self.member.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_manager").id)]
        self.assertTrue(contract.export_data(["name"])["datas"])

    def test_exporting_what_columns_lead_to(self):
        """Records of another area do not leave as columns of this one; what a link leads to may be named."""
        self._role(customer={"can_export": True})
        customer = self.orders[self.member].partner_id.with_user(self.member)
        self.assertTrue(customer.export_data(["name", "child_ids/name", "user_id/login"])["datas"])
        for path in (
            "sale_order_ids/amount_total",
            "sale_order_ids.amount_total",
            "sale_order_ids",
            "sale_order_ids/order_line/price_unit",
            "opportunity_ids/expected_revenue",
            "child_ids/sale_order_ids/name",
        ):
            with self.subTest(path=path), self.assertRaisesRegex(KehuRoleRightsError, "does not export"):
                customer.export_data(["name", path])

    def test_naming_what_a_link_leads_to(self):
        self._role(order={"can_export": True})
        order = self.orders[self.member].with_user(self.member)
        self.assertTrue(order.export_data(["name", "partner_id", "partner_id/name", "order_line/price_unit"])["datas"])
        with self.assertRaisesRegex(KehuRoleRightsError, "does not export"):
            order.export_data(["partner_id/phone"])

    def test_a_manager_who_does_not_export(self):
        lines = {area: {"can_export": False} for area in AREA_MODELS}
        self._role("manager", **lines)
        with self.assertRaises(KehuRoleRightsError):
            self.orders[self.member].with_user(self.member).export_data(["name"])
        with self.assertRaises(KehuRoleRightsError):
            self.member.partner_id.with_user(self.member).export_data(["name"])
        figures = self.env["kehu.analysis"]
        self.assertFalse(figures.with_user(self.member)._kehu_may_export())
        self.assertTrue(figures.with_user(self.user_east_manager)._kehu_may_export())
        template = self.env["kehu.import.template"].search([("model_id.model", "=", "res.partner")], limit=1)
        template.with_user(self.user_east_manager).export_records(self.east.ids)
        with self.assertRaises(AccessError):
            template.with_user(self.member).export_records(self.mine.ids)

    # -- the answers know ------------------------------------------------------------------------------------------------

    def test_the_answers_tell_what_a_role_takes_away(self):
        self._role(
            name="Harbour Sales (test)", call=("none", "none"), contract=("none", "none"), order=("own", "none"), receipt=("all", "own")
        )
        rows = {row["name"]: row for row in self.env["kehu.rights"].with_user(self.user_crm_admin)._kehu_person_rights(self.member)}
        self.assertFalse(rows["Phone Calls"]["read"])
        self.assertEqual([scope["label"] for scope in rows["Contracts"]["scopes"]], ["What they were asked to decide on"])
        self.assertFalse(rows["Contracts"]["write"] or rows["Contracts"]["count"])
        self.assertTrue(rows["Quotes and Orders"]["read"])
        self.assertFalse(rows["Quotes and Orders"]["write"] or rows["Quotes and Orders"]["create"])
        self.assertEqual(rows["Quotes and Orders"]["scopes"][0]["via"], ["Harbour Sales (test)"])
        self.assertEqual(rows["Receipts"]["scopes"][0], {"label": "All", "via": ["Harbour Sales (test)"], "view_only": True})

    def test_the_answers_tell_what_a_role_adds(self):
        self._role(name="Harbour Sales (test)", customer=("department", "own"), contract=("department", "own"))
        rights = self.env["kehu.rights"].with_user(self.user_crm_admin)
        rows = {row["name"]: row for row in rights._kehu_person_rights(self.member)}
        told = {"label": "Departments they oversee, or their own", "via": ["Harbour Sales (test)"], "view_only": True}
        self.assertIn(told, rows["Contracts"]["scopes"])
        seers, _hidden = rights._kehu_customer_seers(self.east)
        reasons = {row["user"]: row["reasons"] for row in seers}
        self.assertIn("The role “Harbour Sales (test)” shows more", reasons[self.member][0])

    # -- what cannot be --------------------------------------------------------------------------------------------------

    def test_what_cannot_be_enforced_is_refused(self):
        refused = {
            "nobody edits what they do not view": {"contract": ("own", "all")},
            "nobody approves what they do not view": {"receipt": {"view": "none", "edit": "none", "can_approve": True}},
            "nothing is approved by a built-in role": {"customer": {"can_approve": True}},
            "nobody exports what they do not view": {"receipt": {"view": "none", "edit": "none", "can_export": True}},
            "computed and edited by nobody": {"receivable": ("own", "own")},
            "edited by who wrote them": {"record": ("all", "all")},
            "a role cannot take them away": {"customer": ("none", "none")},
            "approved by the same shipped role": {"order": {"can_approve": True}},
        }
        for sentence, areas in refused.items():
            with self.subTest(sentence=sentence), self.assertRaisesRegex(KehuRoleError, sentence), self.env.cr.savepoint():
                self._role(**areas)
        viewer = {
            "a viewer edits nothing": {"order": ("all", "own")},
            "opened by salespeople and above": {"opportunity": ("all", "none")},
            "a role cannot take them away": {"call": ("own", "none")},
        }
        for sentence, areas in viewer.items():
            with self.subTest(sentence=sentence), self.assertRaisesRegex(KehuRoleError, sentence), self.env.cr.savepoint():
                self._role("viewer", **areas)

    def test_a_portal_user_gets_none(self):
        portal = new_test_user(self.env, "kehu_role_portal", groups="base.group_portal")
        with self.assertRaisesRegex(KehuRoleError, "no employee of the company"):
            self._role(members=portal)

    def test_nobody_becomes_a_system_administrator_by_a_role(self):
        system = self.env.ref("base.group_system")
        with self.assertRaises(KehuRoleError):
            self.env.ref("kehu_crm.group_kehu_user").implied_ids = [Command.link(system.id)]
            self._role()

    def test_a_name_twice(self):
        self._role()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self._role()

    # -- its life --------------------------------------------------------------------------------------------------------

    def test_deleting_takes_everything_along(self):
        before = {model: self.env[model].search_count([]) for model in ("ir.rule", "ir.model.access", "res.groups")}
        role = self._role("viewer", order=("all", "none"), contract=("department", "none"))
        second = self._role(name="Second (test)", contract=("none", "none"))
        self.assertGreater(self.env["ir.rule"].search_count([]), before["ir.rule"])
        (role | second).unlink()
        for model, count in before.items():
            self.assertEqual(self.env[model].search_count([]), count, model)
        self.assertFalse(self.member.has_group("kehu_crm.group_kehu_user"))
        self.assertFalse(self.env["kehu.contract"].with_user(self.member).has_access("read"))

    def test_a_role_that_a_flow_asks_is_not_deleted(self):
        role = self._role()
        self.env["kehu.approval.flow"].create(
            {
                "name": "Orders (test)",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "step_ids": [Command.create({"name": "Decision", "kind": "group", "group_id": role.sudo().group_id.id})],
            }
        )
        with self.assertRaisesRegex(KehuRoleError, "Approval Step"), self.env.cr.savepoint():
            role.unlink()
        self.assertTrue(role.exists())
        self.assertEqual(role.member_ids, self.member)

    def test_customers_of_who_loses_the_last_sales_role_go_to_the_pool(self):
        role = self._role()
        self.mine.user_id = self.member
        role.write({"base": "viewer", "line_ids": [Command.update(line.id, self._viewer(line)) for line in role.line_ids]})
        self.assertFalse(self.mine.user_id)
        self.assertTrue(self.mine.kehu_pool_id)

    @staticmethod
    def _viewer(line):
        seen = line.area in ("customer", "record", "call")
        return {"view": "all" if seen else "none", "edit": "none", "can_export": False}

    def test_compiling_again_makes_nothing_twice(self):
        role = self._role(contract=("department", "own"))
        count = self.env["ir.rule"].search_count([])
        for _time in range(3):
            role.write({"note": "again", "line_ids": [Command.update(role.line_ids[0].id, {"can_export": False})]})
        self.assertEqual(self.env["ir.rule"].search_count([]), count)

    def test_a_copy_has_the_matrix_and_no_member(self):
        role = self._role(contract=("department", "own"))
        copy = role.copy()
        self.assertEqual(copy.name, "Role (test) (copy)")
        self.assertFalse(copy.member_ids)
        self.assertEqual(role.copy().name, "Role (test) (copy) (copy)", "a second copy has a name too")
        self.assertNotEqual(copy.sudo().group_id, role.sudo().group_id)
        self.assertEqual(
            [(line.area, line.view, line.edit) for line in copy.line_ids], [(line.area, line.view, line.edit) for line in role.line_ids]
        )

    def test_members_come_and_go(self):
        role = self._role()
        self.assertEqual(role.member_ids, self.member)
        role.member_ids = [Command.link(self.user_employee.id)]
        self.assertTrue(self.user_employee.has_group("kehu_crm.group_kehu_user"))
        role.member_ids = [Command.unlink(self.member.id)]
        self.assertEqual(role.member_ids, self.user_employee)
        self.assertFalse(self.member.has_group("kehu_crm.group_kehu_user"))
        self.assertEqual(self.roles.search([("member_ids", "in", self.user_employee.ids)]), role)
        # given in the screen of the host
        self.member.group_ids = [Command.link(role.sudo().group_id.id)]
        role.invalidate_recordset()
        self.assertIn(self.member, role.member_ids)

    def test_the_form(self):
        with Form(self.roles) as form:
            form.name = "By Form (test)"
            form.base = "director"
            with form.line_ids.edit(5) as line:
                self.assertEqual((line.area, line.view), ("contract", "all"))
                line.view = "own"
                line.edit = "none"
        role = form.record
        self.assertEqual(len(role.line_ids), len(AREA_MODELS))
        role.member_ids = self.member
        self.assertEqual(self._sees(self.contracts), {self.member})
        self.assertEqual(self._sees(self.orders), set(self.orders))

    def test_what_happened_to_roles_is_in_the_log(self):
        role = self._role()
        self.env.cr.flush()
        logs = self.env["kehu.operation.log"].search([("model", "=", "kehu.role"), ("res_id", "=", role.id)])
        self.assertEqual(logs.user_id, self.user_crm_admin)

    # -- attacks ---------------------------------------------------------------------------------------------------------

    def test_nobody_else_makes_changes_or_deletes_a_role(self):
        role = self._role()
        people = (self.user_seller, self.user_sales_manager, self.user_director, self.user_finance, self.member, self.user_plain_admin)
        for user in people:
            roles = self.env["kehu.role"].with_user(user)
            own = role.with_user(user)
            attacks = {
                "create": lambda roles=roles, user=user: roles.create({"name": "Mine", "member_ids": [Command.set(user.ids)]}),
                "join": lambda own=own, user=user: own.write({"member_ids": [Command.link(user.id)]}),
                "base": lambda own=own: own.write({"base": "director"}),
                "line": lambda own=own: own.line_ids[0].write({"view": "all"}),
                "lines": lambda own=own, role=role: own.write({"line_ids": [Command.update(role.line_ids[0].id, {"view": "all"})]}),
                "new line": lambda roles=roles, role=role: roles.env["kehu.role.line"].create({"role_id": role.id, "area": "order"}),
                "copy": lambda own=own: own.copy(),
                "delete": lambda own=own: own.unlink(),
            }
            for name, attack in attacks.items():
                with self.subTest(user=user.name, attack=name), self.assertRaises(AccessError), self.env.cr.savepoint():
                    attack()
            result = None
            with self.subTest(user=user.name, attack="import"):
                with suppress(AccessError), self.env.cr.savepoint():
                    result = roles.load(["name", "base"], [["Imported", "Sales Director"]])
                self.assertFalse(result and result["ids"])
            with self.subTest(user=user.name, attack="user"), self.assertRaises(AccessError), self.env.cr.savepoint():
                user.with_user(user).write({"group_ids": [Command.link(role.sudo().group_id.id)]})
            with self.subTest(user=user.name, attack="group"), self.assertRaises(AccessError), self.env.cr.savepoint():
                role.sudo().group_id.with_user(user).write({"user_ids": [Command.link(user.id)]})
        self.assertEqual(role.member_ids, self.member)

    def test_a_role_does_not_take_a_group_of_the_host(self):
        system = self.env.ref("base.group_system")
        role = self.roles.create({"name": "Root (test)", "group_id": system.id, "member_ids": [Command.set(self.member.ids)]})
        self.assertNotEqual(role.sudo().group_id, system)
        role.write({"group_id": system.id})
        self.assertNotEqual(role.sudo().group_id, system)
        role = self.roles.with_context(default_group_id=system.id).create({"name": "Root 2 (test)"})
        self.assertNotEqual(role.sudo().group_id, system)
        self.assertFalse(self.member.has_group("base.group_system"))

    def test_a_line_stays_with_its_role(self):
        role, other = self._role(), self._role(name="Other (test)")
        with self.assertRaises(KehuRoleError):
            role.line_ids[0].role_id = other
        with self.assertRaises(KehuRoleError):
            role.line_ids[0].area = "order"
        with self.assertRaises(KehuRoleError):
            role.line_ids[0].unlink()

    def test_the_group_of_a_role_is_changed_with_the_role_only(self):
        group = self._role().sudo().group_id.with_user(self.user_crm_admin)
        with self.assertRaises(KehuRoleError):
            group.write({"implied_ids": [Command.link(self.env.ref("kehu_crm.group_kehu_director").id)]})
        with self.assertRaises(KehuRoleError):
            group.unlink()
        other = self.env["res.groups"].create({"name": "Other (test)"}).with_user(self.user_crm_admin)
        with self.assertRaises(KehuRoleError), self.env.cr.savepoint():
            other.write({"implied_by_ids": [Command.link(group.id)]})
        with self.assertRaises(KehuRoleError), self.env.cr.savepoint():
            other.create({"name": "Another (test)", "implied_by_ids": [Command.link(group.id)]})
        for implied in group.implied_ids:
            with self.assertRaises(KehuRoleError), self.env.cr.savepoint():
                implied.write({"implied_by_ids": [Command.unlink(group.id)]})
        # between groups of the host it is the host's business
        other.write({"implied_by_ids": [Command.link(self.env.ref("kehu_crm.group_kehu_director").id)]})

    def test_blanks_are_no_name(self):
        for name in ("  ", "\t", "\u3000"):
            with self.subTest(name), mute_logger("odoo.sql_db"), self.assertRaises(NotNullViolation), self.env.cr.savepoint():
                self._role(name=name)
        self.assertEqual(self._role(name=" East ").name, "East")

    def test_the_approver_roles_cannot_be_deleted(self):
        for name in ("order", "receipt"):
            group = self.env.ref(f"kehu_crm.group_kehu_{name}_approver")
            with self.assertRaises(KehuBuiltInError):
                group.with_user(self.user_crm_admin).unlink()
            with self.assertRaises(KehuBuiltInError):
                group.with_context(_force_unlink=True, module_uninstall=True).with_user(self.user_crm_admin).unlink()
