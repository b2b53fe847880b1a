"""Names with signs in them, defaults of absent columns, whom a refusal names: small things that a table of real life brings."""

import datetime
from unittest.mock import patch

import psycopg2
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.importer import kehu_import_batch_run
from ...models.importer.database_words import database_sentence
from ...models.importer.words import joined_words, names_in, split_names
from ...tools import workbook
from .import_common import TITLES, ImportCommon
from .test_importer_models import ModelsCommon


@tagged("post_install", "-at_install")
class TestImporterDetails(ImportCommon):
    def test_names_in_a_cell(self):
        for text, known, expected in (
            ("A, B; C", ("A, B", "C"), ["A, B", "C"]),
            ("A, B; C", ("A", "B", "C"), ["A", "B", "C"]),
            ("A, B", ("A", "A, B"), ["A, B"]),
            ("；A；；B；", ("A", "B"), ["A", "B"]),
            ("A、A", ("A",), ["A"]),
            ("X, Y", (), ["X", "Y"]),
            (" ", (), []),
        ):
            with self.subTest(text=text, known=known):
                parts = split_names(text)
                self.assertEqual(names_in(parts, {word: word in known for word in joined_words(parts)}), expected)
        self.assertLess(len(joined_words(split_names(";".join(map(str, range(2000)))))), 11000)

    def test_tags_with_commas(self):
        self.template.field_ids = [(0, 0, {"title": "标签", "field_name": "category_id"})]
        tags = self.env["res.partner.category"].create([{"name": name} for name in ("华东, 大客户 (t)", "大客户 (t)", "重点 (t)")])
        batch = self._batch(
            [
                [*self._row(客户名称="公司甲", 客户编码="A1"), "华东, 大客户 (t); 重点 (t)"],
                [*self._row(客户名称="公司乙", 客户编码="A2"), "华东, 大 (t)"],
            ],
            titles=[*TITLES, "标签"],
        )
        batch.action_import()
        self.assertEqual(self._customers(batch).category_id, tags[0] | tags[2])
        self.assertEqual(set(batch.problem_ids.mapped("value")), {"华东", "大 (t)"})

    def test_default_of_a_column_that_the_file_does_not_have(self):
        self.template.field_ids = [
            (0, 0, {"title": "街道", "field_name": "street", "default_value": "人民路", "required": True}),
            (0, 0, {"title": "职务", "field_name": "child_ids/function", "default_value": "采购"}),
        ]
        there = self._create_customer(self.user_seller, name="老客户", ref="O1")
        batch = self._batch([*self._rows(2), self._row(客户名称="老客户", 客户编码="O1")], mode="both")
        batch.action_import()
        self.assertEqual(batch.done_count, 3, batch.problem_ids.mapped("reason"))
        self.assertEqual(self._customers(batch).mapped("street"), ["人民路"] * 2)
        self.assertEqual(self._customers(batch).child_ids.mapped("function"), ["采购"] * 2)
        self.assertFalse(there.street, "an existing record keeps what it has")
        self.template.field_ids[-2].default_value = False
        with self.assertRaisesRegex(Exception, "街道"):
            self._batch(self._rows(2, "X")).action_check()

    def test_from_when_to_when_is_no_time_zone(self):
        for cell in ("2026-12-08 09:00-10:30", "2026-12-08 09:00-1030", "2026-12-08T09:00:00+15:00", "2026-12-08T09:00:00+05:07"):
            with self.subTest(cell), self.assertRaises(workbook.CellError):
                workbook.as_datetime(cell)
        zoned = workbook.as_datetime("2026-12-08T09:00-05:00")
        self.assertEqual(zoned.utcoffset(), datetime.timedelta(hours=-5))

    def test_owners_are_told_of_what_they_were_not_told_of(self):
        """Customers that change hands between two parts of an import change nothing in what the others hear of."""
        self.template.field_ids = [(0, 0, {"title": "业务员", "field_name": "user_id"})]
        rows = [[*row, self.user_seller.login] for row in self._rows(5)]
        batch = self._batch(rows, titles=[*TITLES, "业务员"])
        told = []
        partners = type(self.env["res.partner"])

        def note(customers, user):
            told.append((user, sorted(customers.mapped("ref"))))

        with patch.object(kehu_import_batch_run, "IN_CALL", 0), patch.object(partners, "_kehu_tell_owner", note):
            batch.action_import()
            batch._kehu_run_slice(limit=3)
            batch.action_cancel()
            self.env["res.partner"].search([("ref", "in", ("T0", "T1"))]).kehu_transfer(self.user_seller2.id, "test")
            del told[1:]
            batch.action_import()
            while batch.state == "running":
                batch._kehu_run_slice(limit=3)
        self.assertEqual(told, [(self.user_seller, ["T0", "T1", "T2"]), (self.user_seller, ["T3", "T4"])])

    def test_an_index_names_its_fields(self):
        self.env.cr.execute("CREATE UNIQUE INDEX kehu_test_idx ON res_partner_industry (name, full_name)")
        self.env["res.partner.industry"].create({"name": "X (t)", "full_name": "Y"})
        self.env.flush_all()
        with self.assertRaises(psycopg2.IntegrityError) as caught, mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute(
                "INSERT INTO res_partner_industry (name, full_name) SELECT name, full_name FROM res_partner_industry"
                " WHERE name->>'en_US' = 'X (t)'"
            )
        self.assertIn("the same “Name and Full Name”", database_sentence(self.env, caught.exception))


@tagged("post_install", "-at_install")
class TestImporterDetailsOfModels(ModelsCommon):
    def test_taxes(self):
        """Case does not matter but where two differ by it alone; and a name may hold a comma."""
        taxes = self.env["account.tax"].create(
            [{"name": name, "amount": 13, "type_tax_use": "sale"} for name in ("VAT a (t)", "VAT A (t)", "VAT 6, reduced (t)")]
        )
        rows = [
            ["产品甲 (t)", "TX-1", "VAT a (t)"],
            ["产品乙 (t)", "TX-2", "VAT A (t)"],
            ["产品丙 (t)", "TX-3", "vat 6, REDUCED (t)"],
            ["产品丁 (t)", "TX-4", "VAT 6, reduced (t); VAT a (t)"],
            ["产品戊 (t)", "TX-5", "vat a (T)"],
        ]
        template = self.env.ref("kehu_crm.kehu_import_template_product")
        titles = [
            template.field_ids.filtered(lambda line, name=name: line.field_name == name).title
            for name in ("name", "default_code", "kehu_tax_names")
        ]
        batch = self._import("product", titles, *rows, run=False)
        self.assertEqual(batch.problem_ids.mapped("row"), [6], self._reasons(batch))
        batch.action_import()
        products = self.env["product.template"].search([("default_code", "=like", "TX-_")], order="default_code")
        self.assertEqual([product.taxes_id for product in products], [taxes[0], taxes[1], taxes[2], taxes[2] | taxes[0]])
        self._round_trip("product", products)

    def test_a_refused_login_names_nobody_who_is_hidden(self):
        groups = "kehu_crm.group_kehu_admin,hr.group_hr_user,base.group_erp_manager"
        importer = new_test_user(self.env, "kehu_organiser", groups=groups, name="Organiser", email="o@example.com", lang="en_US")
        somebody = new_test_user(self.env, "hidden_t@example.com", groups="base.group_user")
        person = self.env["hr.employee"].create({"name": "Hidden Person (t)", "user_id": somebody.id})
        rows = (["姓名", "登录名"], ["Somebody (t)", somebody.login])
        batch = self._import("employee", *rows, user=importer, run=False)
        self.assertIn(person.name, "".join(self._reasons(batch).values()))
        self.env["ir.rule"].create(
            {
                "name": "hidden people (test)",
                "model_id": self.env["ir.model"]._get_id("hr.employee"),
                "domain_force": f"[('id', '!=', {person.id})]",
            }
        )
        batch = self._import("employee", *rows, user=importer, run=False)
        self.assertEqual(batch.problem_count, 1)
        self.assertNotIn(person.name, "".join(self._reasons(batch).values()))
