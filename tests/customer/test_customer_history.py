"""Level, revenue and headcount remember what they were, whoever writes them and by whatever door."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.system.engine import as_engine
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerHistory(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(cls.user_seller)
        cls.mine = cls.customer.with_user(cls.user_seller)

    def _levels(self, customer=None):
        rows = (customer or self.customer).kehu_level_change_ids.sorted("id")
        return [(row.old_level_id, row.level_id, row.cause, row.author_id) for row in rows]

    def _changes(self, kind, customer=None):
        rows = (customer or self.customer).kehu_change_ids.filtered(lambda row: row.kind == kind).sorted("id")
        return [(row.old_value, row.new_value, row.author_id) for row in rows]

    # -- every door ----------------------------------------------------------------------------------------------------

    def test_a_customer_without_a_level_has_no_rows(self):
        self.assertFalse(self.customer.kehu_level_change_ids | self.customer.kehu_level_change_ids)
        self.assertFalse(self.customer.kehu_change_ids)

    def test_creating_with_values(self):
        customer = self.env["res.partner"].with_user(self.user_seller)
        customer = customer.create(
            {
                "name": "Born With It",
                "kehu_is_customer": True,
                "user_id": self.user_seller.id,
                "kehu_level_id": self.level_key.id,
                "kehu_annual_revenue": 1000.5,
                "kehu_headcount": 12,
            }
        )
        none = self.env["kehu.customer.level"]
        self.assertEqual(self._levels(customer.sudo()), [(none, self.level_key, "manual", self.user_seller)])
        self.assertEqual(self._changes("revenue", customer.sudo()), [(0.0, 1000.5, self.user_seller)])
        self.assertEqual(self._changes("headcount", customer.sudo()), [(0.0, 12.0, self.user_seller)])

    def test_defaults_count_as_well(self):
        partners = self.env["res.partner"].with_context(default_kehu_level_id=self.level_key.id)
        customer = partners.create({"name": "By Default", "kehu_is_customer": True})
        self.assertEqual([row[1] for row in self._levels(customer)], [self.level_key])

    def test_form(self):
        with Form(self.mine, view="kehu_crm.res_partner_view_form_kehu") as form:
            form.kehu_level_id = self.level_key
            form.kehu_annual_revenue = 2_000_000
            form.kehu_headcount = 50
        self.assertEqual(self._levels(), [(self.level_key.browse(), self.level_key, "manual", self.user_seller)])
        self.assertEqual(self._changes("revenue"), [(0.0, 2_000_000.0, self.user_seller)])
        [revenue] = self.customer.kehu_change_ids.filtered(lambda row: row.kind == "revenue")
        self.assertEqual(revenue.currency_id, self.env.company.currency_id)
        with Form(self.mine, view="kehu_crm.res_partner_view_form_kehu") as form:
            form.kehu_level_id = self.level_none
            form.kehu_headcount = 0
        self.assertEqual(self._levels()[1:], [(self.level_key, self.level_none, "manual", self.user_seller)])
        self.assertEqual(self._changes("headcount")[1:], [(50.0, 0.0, self.user_seller)])

    def test_assignment_import_and_list(self):
        self.mine.kehu_headcount = 5
        self.env["res.partner"].with_user(self.user_director).load(
            [".id", "kehu_headcount", "kehu_level_id/.id"], [[str(self.customer.id), "7", str(self.level_key.id)]]
        )
        self.mine.web_save({"kehu_headcount": 9}, {"kehu_headcount": {}})
        self.assertEqual(
            self._changes("headcount"), [(0.0, 5.0, self.user_seller), (5.0, 7.0, self.user_director), (7.0, 9.0, self.user_seller)]
        )
        self.assertEqual([(row[2], row[3]) for row in self._levels()], [("manual", self.user_director)])

    def test_the_same_value_leaves_no_row(self):
        values = {"kehu_level_id": self.level_key.id, "kehu_annual_revenue": 10.0, "kehu_headcount": 3}
        self.mine.write(values)
        self.mine.write({**values, "kehu_annual_revenue": 10.001})
        self.assertEqual((len(self._levels()), len(self._changes("revenue")), len(self._changes("headcount"))), (1, 1, 1))

    def test_a_contact_record_is_the_cause(self):
        self.env["kehu.contact.record"].with_user(self.user_seller).create(
            {"partner_id": self.customer.id, "content": "Talked", "level_id": self.level_key.id}
        )
        self.assertEqual(self._levels(), [(self.level_key.browse(), self.level_key, "contact", self.user_seller)])

    def test_scoring_is_the_cause(self):
        as_engine(self.customer, "scoring").kehu_level_id = self.level_key
        self.mine.with_context(kehu_engine_scoring=True, kehu_engine_contact=True).kehu_level_id = self.level_none
        self.assertEqual([row[2] for row in self._levels()], ["scoring", "manual"])

    def test_one_statement_for_many(self):
        customers = self.env["res.partner"].create([{"name": f"Many {n}", "kehu_is_customer": True} for n in range(20)])

        def queries(some, level):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.write({"kehu_level_id": level.id, "kehu_annual_revenue": level.id, "kehu_headcount": level.id})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        def rows():
            return self.env["kehu.level.change"].search_count([("partner_id", "in", customers.ids)])

        queries(customers, self.level_none)  # warm up
        few, many = queries(customers[:2], self.level_key), queries(customers[2:], self.level_key)
        self.assertLessEqual(many, few)
        self.assertEqual(rows(), 40)
        self.assertEqual(len(customers.kehu_change_ids), 80)

    # -- two companies -------------------------------------------------------------------------------------------------

    def _rows_in(self, company, customer):
        rows = []
        for name in ("kehu.level.change", "kehu.customer.change", "kehu.product.interest"):
            model = self.env[name].with_user(self.owner).with_context(allowed_company_ids=company.ids)
            rows.append(model.search_count([("partner_id", "=", customer.id)]))
        return rows

    def _of_the_branch(self):
        branch = self.env["res.company"].create({"name": "Branch (test)"})
        companies = (self.env.company | branch).ids
        self.owner = new_test_user(self.env, "kehu_two_companies", groups="kehu_crm.group_kehu_user", company_ids=companies)
        customer = self._create_customer(self.owner, name="Of the Branch", company_id=branch.id)
        customer.write({"kehu_level_id": self.level_key.id, "kehu_headcount": 10})
        self.env["kehu.product.interest"].create({"partner_id": customer.id, "product_id": self._create_product().id})
        return branch, customer

    def test_histories_follow_the_companies_that_one_has_chosen(self):
        branch, customer = self._of_the_branch()
        self.assertEqual(self._rows_in(branch, customer), [1, 1, 1])
        self.assertEqual(self._rows_in(self.env.company, customer), [0, 0, 0])
        self.assertEqual(self._rows_in(self.env.company | branch, customer), [1, 1, 1])
        interest = self.env["kehu.product.interest"].search([("partner_id", "=", customer.id)])
        here = interest.with_user(self.owner).with_context(allowed_company_ids=self.env.company.ids)
        self.assertFalse(here.has_access("write"))
        self.assertTrue(here.with_context(allowed_company_ids=branch.ids).has_access("write"))

    # -- merge ---------------------------------------------------------------------------------------------------------

    def test_merge_brings_the_histories_together(self):
        other = self._create_customer(self.user_seller, name="Double")
        self.customer.write({"kehu_level_id": self.level_key.id, "kehu_headcount": 10})
        other.write({"kehu_level_id": self.level_none.id, "kehu_headcount": 20, "kehu_annual_revenue": 99.0})
        self.env["base.partner.merge.automatic.wizard"]._merge((self.customer | other).ids, self.customer)
        self.assertEqual((self.customer.kehu_level_id, self.customer.kehu_headcount), (self.level_key, 10))
        self.customer.invalidate_recordset()
        self.assertEqual(
            self._levels(),
            [
                (self.level_key.browse(), self.level_key, "manual", self.env.user),
                (self.level_key.browse(), self.level_none, "manual", self.env.user),
                (self.level_none, self.level_key, "merge", self.env.user),
            ],
        )
        self.assertEqual([row[:2] for row in self._changes("headcount")], [(0.0, 10.0), (0.0, 20.0), (20.0, 10.0)])
        self.assertEqual(self._changes("revenue")[-1][1], self.customer.kehu_annual_revenue)

    def test_merge_that_fills_the_level(self):
        other = self._create_customer(self.user_seller, name="Double", kehu_level_id=self.level_key.id)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.customer | other).ids, self.customer)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.kehu_level_id, self.level_key)
        self.assertEqual([row[1:3] for row in self._levels()], [(self.level_key, "manual"), (self.level_key, "merge")])

    def test_rows_go_with_their_customer(self):
        self.customer.write({"kehu_level_id": self.level_key.id, "kehu_headcount": 10})
        levels, changes = self.customer.kehu_level_change_ids, self.customer.kehu_change_ids
        self.customer.with_user(self.user_crm_admin).unlink()
        self.assertFalse(levels.exists() or changes.exists())

    # -- who may see and change ----------------------------------------------------------------------------------------

    def test_nobody_writes_history(self):
        self.customer.write({"kehu_level_id": self.level_key.id, "kehu_headcount": 10})
        level, change = self.customer.kehu_level_change_ids, self.customer.kehu_change_ids
        stamp = {"partner_id": self.customer.id, "date": "2026-01-01", "author_id": self.env.uid}
        attempts = {
            "create level": lambda rows: level.with_env(rows.env).create({**stamp, "level_id": self.level_none.id, "cause": "manual"}),
            "create change": lambda rows: change.with_env(rows.env).create({**stamp, "kind": "revenue", "new_value": 1}),
            "write level": lambda rows: level.with_env(rows.env).write({"level_id": self.level_none.id}),
            "write change": lambda rows: change.with_env(rows.env).write({"new_value": 1}),
            "delete level": lambda rows: level.with_env(rows.env).unlink(),
            "delete change": lambda rows: change.with_env(rows.env).unlink(),
            "through the customer": lambda rows: rows.write({"kehu_level_change_ids": [Command.clear()]}),
            "through the customer, change": lambda rows: rows.write({"kehu_change_ids": [Command.delete(change.id)]}),
        }
        forged = {"kehu_engine_history": True}
        for user in (self.user_seller, self.user_director, self.user_crm_admin, self.env.user):
            for label, attempt in attempts.items():
                with self.subTest(label, user=user.login), self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_rule"):
                    attempt(self.customer.with_user(user).with_context(**forged))

    def test_who_sees_the_histories(self):
        own = self.customer
        west = self._create_customer(self.user_west_seller, name="West Works")
        pooled = self._create_customer(name="Waiting Works")
        for customer in own | west | pooled:
            customer.write({"kehu_level_id": self.level_key.id, "kehu_headcount": 10})
        west.active = False
        seen = {
            "seller": own | pooled,
            "seller2": pooled,
            "west_seller": west | pooled,
            "east_manager": own | pooled,
            "sales_manager": own | west | pooled,
            "director": own | west | pooled,
            "crm_admin": own | west | pooled,
            "service": own | west | pooled,
            "finance": own | west | pooled,
        }
        for model in ("kehu.level.change", "kehu.customer.change"):
            everything = [("partner_id", "in", (own | west | pooled).ids)]
            for role, customers in seen.items():
                rows = self.env[model].with_user(getattr(self, f"user_{role}"))
                with self.subTest(model=model, role=role):
                    self.assertEqual(rows.search(everything).sudo().partner_id, customers.sudo())
                    [(count,)] = rows._read_group(everything, [], ["__count"])
                    self.assertEqual(count, len(customers))
                    for hidden in (own | west | pooled) - customers:
                        history = self.env[model].search([("partner_id", "=", hidden.id)])
                        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                            history.with_user(rows.env.user).read(["date"])
            for role in ("employee", "order_approver", "receipt_approver"):
                with self.subTest(model=model, role=role), self.assertRaises(AccessError):
                    self.env[model].with_user(getattr(self, f"user_{role}")).search([])

    def test_texts(self):
        self.customer.write({"kehu_annual_revenue": 1234567.5, "kehu_headcount": 1200})
        revenue, headcount = self.customer.kehu_change_ids.sorted("kind", reverse=True)
        self.assertFalse(revenue.old_text)
        self.assertIn("1,234,567.50", revenue.new_text)
        self.assertEqual(headcount.new_text, "1,200")

    def test_chart(self):
        action = self.mine.action_kehu_open_changes()
        self.assertEqual(action["domain"], [("partner_id", "=", self.customer.id)])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.customer.with_user(self.user_west_seller).action_kehu_open_changes()
