"""Export through a template: what comes out goes in again, and only what the person may read comes out."""

import base64
import datetime
from io import BytesIO

import openpyxl
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ...models.importer.exceptions import KehuImportRightError, KehuImportTemplateError
from ...tools import workbook
from ..common import KehuCommon

# what tells a formula from a text in the mind of a spreadsheet program
STRANGE = ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "'=quoted", "''@twice", "'plain", "1E5", "001", "苏州“华强”公司"]


@tagged("post_install", "-at_install")
class TestImporterExport(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["kehu.import.template"].create(
            {
                "name": "Round (test)",
                "field_ids": [
                    Command.create(values)
                    for values in (
                        {"title": "客户名称", "field_name": "name", "required": True, "sequence": 1},
                        {"title": "客户编码", "field_name": "ref", "is_key": True, "sequence": 2},
                        {"title": "客户等级", "field_name": "kehu_level_id", "sequence": 3},
                        {"title": "阶段", "field_name": "kehu_stage", "sequence": 4},
                        {"title": "电话", "field_name": "phone", "sequence": 5},
                        {"title": "年收入(万元)", "field_name": "kehu_annual_revenue", "factor": 10000, "sequence": 6},
                        {"title": "员工人数", "field_name": "kehu_headcount", "sequence": 7},
                        {"title": "下次联系", "field_name": "kehu_next_contact", "sequence": 8},
                        {"title": "街道", "field_name": "street", "sequence": 9},
                        {"title": "业务员", "field_name": "user_id", "sequence": 10},
                        {"title": "信用额度", "field_name": "credit_limit", "sequence": 11},
                        {"title": "备注", "field_name": "comment", "sequence": 11},
                        {"title": "联系人", "field_name": "child_ids/name", "sequence": 12},
                        {"title": "联系人手机", "field_name": "child_ids/kehu_mobile", "sequence": 13},
                    )
                ],
            }
        )
        cls.customers = cls.env["res.partner"]
        for number, text in enumerate(STRANGE):
            customer = cls._create_customer(
                cls.user_seller if number % 2 else None,
                name=f"{text}公司 {number}",
                ref=f"R{number:03}",
                street=text,
                phone="+86 0512 6688000" + str(number),
                kehu_level_id=cls.level_key.id,
                kehu_annual_revenue=12345.67 * number,
                kehu_headcount=number,
                kehu_next_contact=datetime.date(2030, 1, 2 + number),
            )
            for count in range(number % 3):
                cls._create_contact(customer, name=f"联系人{number}{count}", kehu_mobile=f"1380000{number:02}{count:02}")
            cls.customers |= customer
        cls.customers[0].comment = "<p>一 <b>二</b></p><ul><li>三</li></ul>"

    def _export(self, user, records=None, template=None):
        template = (template or self.template).with_user(user)
        return base64.b64decode(template.export_records((self.customers if records is None else records).ids))

    def _import(self, content, user, template=None, **values):
        batch = self.env["kehu.import.batch"].with_user(user)
        batch = batch.create(
            {"template_id": (template or self.template).id, "file": base64.b64encode(content), "filename": "export.xlsx", **values}
        )
        batch.action_check()
        self.assertEqual(batch.problem_count, 0, batch.problem_ids.mapped("reason"))
        batch.action_import()
        self.assertEqual((batch.state, batch.problem_count), ("done", 0), batch.problem_ids.mapped("reason"))
        return batch

    def _picture(self, records):
        """What every stored field of these records and of their contacts holds."""
        records |= records.child_ids if records._name == "res.partner" else records
        records.invalidate_recordset()
        technical = {"write_date", "write_uid", "create_date", "create_uid"}
        names = [
            name
            for name, field in records._fields.items()
            if field.store and field.column_type and name not in technical and field.type != "binary"
        ]
        return {values.pop("id"): values for values in records.read(names, load=None)}

    def test_round_trip_changes_nothing(self):
        content = self._export(self.user_director)
        before = self._picture(self.customers)
        messages = len(self.customers.message_ids)
        self._import(content, self.user_director, mode="update")
        self.assertEqual(self._picture(self.customers), before)
        self.assertEqual(len(self.customers.message_ids), messages, "nothing was written that would be worth a message")
        self.assertEqual(
            workbook.read_workbook(self._export(self.user_director)).rows, workbook.read_workbook(content).rows, "the same file comes out"
        )

    def test_into_an_empty_base(self):
        content = self._export(self.user_director)
        names = ["name", "ref", "kehu_level_id", "kehu_stage", "phone", "kehu_annual_revenue", "kehu_headcount", "street", "user_id"]

        def picture(customers):
            return {
                values["ref"]: (
                    {name: value for name, value in values.items() if name != "id"},
                    sorted(customers.browse(values["id"]).child_ids.mapped("name")),
                )
                for values in customers.read(names, load=None)
            }

        before = picture(self.customers)
        self.customers.child_ids.unlink()
        self.customers.unlink()
        batch = self._import(content, self.user_director)
        self.assertEqual(picture(self.env["res.partner"].search([("kehu_import_batch_id", "=", batch.id)])), before)

    def test_cells_that_look_like_formulas(self):
        sheet = openpyxl.load_workbook(BytesIO(self._export(self.user_director))).worksheets[0]
        column = [cell.value for cell in sheet[1]].index("街道") + 1
        streets = {}
        for row in sheet.iter_rows(min_row=2):
            self.assertNotIn("f", {cell.data_type for cell in row}, "no cell is a formula")
            streets[row[1].value] = row[column - 1].value
        self.assertEqual(
            [streets[f"R{number:03}"] for number in range(len(STRANGE))],
            ["'=1+1", "'+SUM(A1)", "'-2+3", "'@cmd", "''=quoted", "'''@twice", "'plain", "1E5", "001", "苏州“华强”公司"],
        )
        self.assertEqual(sheet["E2"].value, "+86 0512 66880000", "a telephone number calculates nothing")

    def test_only_what_the_person_may_read(self):
        with self.assertRaises(KehuImportRightError):
            self._export(self.user_seller)
        self.user_seller.group_ids += self.env.ref("base.group_allow_export")
        own = self.customers.filtered(lambda customer: customer.user_id == self.user_seller)
        titles = [cell.value for cell in openpyxl.load_workbook(BytesIO(self._export(self.user_seller, own))).worksheets[0][1]]
        self.assertNotIn("信用额度", titles, "a column whose field the person may not read is left out")
        self.assertIn("业务员", titles)
        self.assertIn(
            "信用额度", [cell.value for cell in openpyxl.load_workbook(BytesIO(self._export(self.user_finance))).worksheets[0][1]]
        )
        hidden = self._create_customer(self.user_west_seller, name="West (test)", ref="WEST")
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError) as caught:
            self._export(self.user_seller, own | hidden)
        self.assertNotIn("WEST", str(caught.exception))
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self._export(self.user_employee, own)

    def test_every_shipped_template(self):
        """A row made from the sample goes in, comes out, and goes in again without a change."""
        shipped = self.env["ir.model.data"].search([("module", "=", "kehu_crm"), ("model", "=", "kehu.import.template")])
        self.assertGreaterEqual(len(shipped), 6)
        contacts = self.env.ref("kehu_crm.kehu_import_template_contact")
        for template in self.env["kehu.import.template"].browse(shipped.mapped("res_id")):
            with self.subTest(template=template.name):
                user = self.user_crm_admin
                if "hr." in template.model or template.model == "res.users":
                    user.group_ids += self.env.ref("hr.group_hr_manager") | self.env.ref("base.group_erp_manager")
                model = self.env[template.model]
                sample = {line.field_name: line.with_user(user)._kehu_sample() for line in template.field_ids}
                if "kehu_role_id" in sample:  # one may give no other
                    sample["kehu_role_id"] = self.env.ref("kehu_crm.group_kehu_admin").name
                customer = model.browse() if template != contacts else self._create_customer(ref=sample["ref"], name=sample["name"])
                sample = list(sample.values())
                columns = template.with_user(user)._kehu_columns()
                content = workbook.write_book(columns, template.with_user(user)._kehu_words(), rows=[sample])
                last = model.with_context(active_test=False).search([], order="id desc", limit=1).id or 0
                self._import(content, user, template, mode="update" if customer else "create")
                made = model.with_context(active_test=False).search([("id", ">", last)])
                made = made.filtered("kehu_is_customer") if template == self.env.ref("kehu_crm.kehu_import_template_customer") else made
                self.assertTrue(made)
                if customer:
                    self.assertEqual(made, customer.child_ids)
                    made = customer
                before = self._picture(made)
                exported = self._export(user, made, template)
                if template._kehu_keys() or customer:
                    self._import(exported, user, template, mode="update")
                    self.assertEqual(self._picture(made), before)
                    again = self._export(user, made, template)
                    self.assertEqual(workbook.read_workbook(again).rows, workbook.read_workbook(exported).rows)
                if customer:
                    customer.write({"ref": "OTHER", "name": "Other (test)"})

    def test_the_entry_in_the_menu_of_a_list(self):
        def bound(model):
            bindings = self.env["ir.actions.actions"].with_user(self.user_director).get_bindings(model)
            return [action for action in bindings.get("action", ()) if action.get("name") == "Export with Template"]

        self.assertEqual(len(bound("res.partner")), 1)
        self.assertFalse(bound("crm.tag"))
        manager = self.env["kehu.import.template"].with_user(self.user_crm_admin)
        tags = manager.create(
            {"name": "Tags", "model_choice": "crm.tag", "field_ids": [Command.create({"title": "Tag", "field_name": "name"})]}
        )
        self.assertEqual(tags.model, "crm.tag")
        self.assertEqual(len(bound("crm.tag")), 1)
        copy = tags.copy()
        self.assertEqual(copy.name, "Tags (copy)")
        self.assertEqual(copy.field_ids.title, "Tag")
        tags.unlink()
        self.assertEqual(len(bound("crm.tag")), 1, "the copy still needs it")
        copy.active = False
        self.assertFalse(bound("crm.tag"))
        copy.active = True
        self.assertEqual(len(bound("crm.tag")), 1)
        copy.unlink()
        self.assertFalse(bound("crm.tag"))

    def test_from_the_list(self):
        wizard = self.env["kehu.import.export"].with_user(self.user_director)
        wizard = wizard.with_context(active_model="res.partner", active_ids=self.customers.ids).create({"template_id": self.template.id})
        self.assertEqual(wizard.record_count, len(self.customers))
        action = wizard.action_export()
        self.user_director.password = "kehu_director_1"
        self.authenticate("kehu_director", "kehu_director_1")
        answer = self.url_open(action["url"])
        self.assertEqual(answer.status_code, 200)
        rows = workbook.read_workbook(answer.content).rows
        self.assertGreaterEqual(len(rows), len(self.customers))
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            wizard.with_user(self.user_sales_manager).read(["file"])
        other = self.env["kehu.import.template"].create({"name": "Tags", "model_choice": "crm.tag"})
        wizard.template_id = other
        with self.assertRaises(KehuImportTemplateError):
            wizard.action_export()

    def test_moments_are_of_the_persons_time_zone(self):
        line = self.template.field_ids[0].with_context(tz="Asia/Shanghai")
        moment = workbook.as_datetime("2026-12-08 09:30")
        self.assertEqual(line._kehu_to_utc(moment), datetime.datetime(2026, 12, 8, 1, 30))
        self.assertIsNone(line._kehu_to_utc(None))
        stored = self.customers[0].create_date
        shown = line.with_context(tz="Asia/Shanghai")._kehu_export_value(self.customers[0], "create_date", {})
        self.assertEqual(line._kehu_to_utc(shown), stored)

    def test_queries_do_not_grow_with_the_records(self):
        template = self.template.with_user(self.user_director)

        def count(records):
            template.env.invalidate_all()
            before = self.env.cr.sql_log_count
            template.export_records(records.ids)
            return self.env.cr.sql_log_count - before

        count(self.customers)
        self.assertLessEqual(count(self.customers), count(self.customers[:3]) + 3)
