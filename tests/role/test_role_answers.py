"""“What may this person do” and “who may see this customer”: the answers are the truth, with their reasons, for administrators only."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...models.role.exceptions import KehuRoleRightsError
from ..common import ROLES, KehuCommon


@tagged("post_install", "-at_install")
class TestRoleAnswers(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(cls.user_seller, name="Seen (test)")
        cls.pooled = cls._create_customer(name="Pooled (test)")

    def _rights(self, user, asker=None):
        rows = self.env["kehu.rights"].with_user(asker or self.user_crm_admin)._kehu_person_rights(user.with_user(self.user_crm_admin))
        return {row["name"]: row for row in rows}

    def _seers(self, partner, asker=None):
        rows, _hidden = self.env["kehu.rights"].with_user(asker or self.user_crm_admin)._kehu_customer_seers(partner)
        return {row["user"].id: row for row in rows}

    # -- what may this person do -----------------------------------------------------------------------------------------

    def test_a_salesperson(self):
        row = self._rights(self.user_seller)["Customers and Contacts"]
        self.assertTrue(row["read"] and row["write"] and row["create"])
        self.assertFalse(row["export"])
        self.assertIn({"label": "Own", "via": ["Salesperson"], "view_only": False}, row["scopes"])
        self.assertIn({"label": "In a pool", "via": ["Salesperson"], "view_only": True}, row["scopes"])
        # sudo: as the person
        mine = self.env["res.partner"].with_user(self.user_seller).search_count([("kehu_is_customer", "=", True)])
        self.assertEqual(row["count"], min(mine, 10001))

    def test_a_manager_and_a_director(self):
        row = self._rights(self.user_east_manager)["Contracts"]
        self.assertEqual([scope["label"] for scope in row["scopes"]][:2], ["Departments they oversee", "Own"])
        self.assertEqual(row["scopes"][0]["via"], ["Sales Manager"])
        self.assertTrue(row["export"])
        row = self._rights(self.user_director)["Contracts"]
        self.assertEqual(row["scopes"][0], {"label": "All", "via": ["Sales Director"], "view_only": False})
        self.assertFalse(self._rights(self.user_director)["CRM Settings"]["read"])
        self.assertTrue(self._rights(self.user_crm_admin)["CRM Settings"]["write"])

    def test_who_has_no_role_sees_no_customer(self):
        for name, row in self._rights(self.user_employee).items():
            if name not in ("Products", "Settings of Pools"):
                with self.subTest(area=name):
                    self.assertFalse(row["read"] or row["write"] or row["count"])

    def test_who_approves_and_why(self):
        self.assertIn("Order Approver", " ".join(self._rights(self.user_order_approver)["Quotes and Orders"]["approve"]))
        self.assertFalse(self._rights(self.user_seller)["Receipts"]["approve"])
        self.env["kehu.approval.flow"].create(
            {
                "name": "By Name (test)",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "step_ids": [Command.create({"name": "She decides", "kind": "users", "user_ids": [Command.set(self.user_director.ids)]})],
            }
        )
        self.assertIn("By Name (test), by name", self._rights(self.user_director)["Quotes and Orders"]["approve"])

    def test_the_answer_is_what_the_host_says(self):
        """For every role and area: as has_access of that person, but for people to whom no customer is shown."""
        areas = {"Contact Records": "kehu.contact.record", "Quotes and Orders": "sale.order", "Receipts": "kehu.receipt"}
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            rights = self._rights(user)
            for name, model in areas.items():
                with self.subTest(role=role, area=name):
                    for operation in ("read", "create", "write", "unlink"):
                        self.assertEqual(rights[name][operation], self.env[model].with_user(user).has_access(operation))

    def test_a_rule_that_an_administrator_added_is_told(self):
        role = self.env["res.groups"].create({"name": "Harbour (test)", "user_ids": [Command.link(self.user_seller.id)]})
        self.env["ir.rule"].create(
            {
                "name": "Harbour customers (test)",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '=', 'Harbour (test)')]",
                "groups": [Command.link(role.id)],
            }
        )
        harbour = self._create_customer(self.user_west_seller, name="Harbour (test)")
        scopes = self._rights(self.user_seller)["Customers and Contacts"]["scopes"]
        self.assertIn({"label": "Harbour customers (test)", "via": ["Harbour (test)"], "view_only": False}, scopes)
        self.assertEqual(self._seers(harbour)[self.user_seller.id]["reasons"], ["Harbour customers (test) (Harbour (test))"])

    # -- who may see this customer ---------------------------------------------------------------------------------------

    def test_who_sees_an_owned_customer(self):
        seers = self._seers(self.customer)
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            seen = self.customer.with_user(user)
            with self.subTest(role=role):
                self.assertEqual(user.id in seers, seen.has_access("read"))
                if user.id in seers:
                    self.assertEqual(seers[user.id]["write"], seen.has_access("write"))
                    self.assertTrue(seers[user.id]["reasons"])
        self.assertEqual(seers[self.user_seller.id]["reasons"], ["Owner (Salesperson)"])
        self.assertIn("Manages the department “East (test)”", seers[self.user_east_manager.id]["reasons"][0])
        self.assertIn("Service sees all customers", seers[self.user_service.id]["reasons"][0])
        self.assertNotIn(self.user_west_seller.id, seers)

    def test_who_sees_a_customer_in_a_pool(self):
        seers = self._seers(self.pooled)
        self.assertIn("which all salespeople see", seers[self.user_west_seller.id]["reasons"][0])
        self.assertFalse(seers[self.user_west_seller.id]["write"])

    def test_people_of_other_companies_are_a_number(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        self.user_director.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        rows, hidden = self.env["kehu.rights"].with_user(self.user_crm_admin)._kehu_customer_seers(self.customer)
        self.assertNotIn(self.user_director, [row["user"] for row in rows])
        self.assertGreaterEqual(hidden, 1)
        with self.assertRaises(KehuRoleRightsError):
            self._rights(self.user_director)

    # -- who may ask -----------------------------------------------------------------------------------------------------

    def test_only_administrators_ask(self):
        for user in (self.user_seller, self.user_sales_manager, self.user_director, self.user_finance, self.user_employee):
            with self.subTest(user=user.name):
                with self.assertRaises(KehuRoleRightsError):
                    self._rights(self.user_seller, user)
                with self.assertRaises(KehuRoleRightsError):
                    self._seers(self.customer, user)
                for model in ("kehu.person.rights", "kehu.customer.seers"):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).create({})
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).onchange({}, [], {"answer": {}})

    def test_nobody_asks_about_a_customer_that_they_do_not_see(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        hidden = self._create_customer(name="Hidden (test)", company_id=elsewhere.id)
        with self.assertRaises(AccessError):
            self._seers(hidden)
        dialogs = self.env["kehu.customer.seers"].with_user(self.user_crm_admin)
        with self.assertRaises(AccessError):
            dialogs.create({"partner_id": hidden.id}).read(["answer"])
        # a form does not learn of it either: the house drops the link
        told = dialogs.onchange({"partner_id": hidden.id}, ["partner_id"], {"partner_id": {}, "answer": {}})
        self.assertFalse(told["value"].get("answer"))

    def test_the_dialogs(self):
        dialogs = self.env["kehu.person.rights"].with_user(self.user_crm_admin)
        with Form(dialogs.with_context(active_model="res.users", active_id=self.user_seller.id)) as form:
            self.assertEqual(form.user_id, self.user_seller)
            self.assertIn("Contact Records", form.answer)
            self.assertIn("Salesperson", form.answer)
        with Form(dialogs) as form:
            self.assertIs(form.answer, False, "nothing is told before somebody is chosen")
        seers = self.env["kehu.customer.seers"].with_user(self.user_crm_admin)
        with Form(seers) as form:
            self.assertFalse(form.answer)
            form.partner_id = self.customer
            self.assertIn(self.user_seller.name, form.answer)
            self.assertNotIn(self.user_west_seller.name, form.answer)
