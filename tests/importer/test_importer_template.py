"""What people see of an import: the columns it expects, an empty workbook to fill, and what came of it."""

import base64
from datetime import datetime
from io import BytesIO

import openpyxl
from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.importer.exceptions import KehuImportTemplateError
from ...tools import workbook
from ..common import KehuCommon
from .test_importer_workbook import xlsx


@tagged("post_install", "-at_install")
class TestImporterTemplate(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env["kehu.import.template"].create(
            {
                "name": "Short [test]",
                "field_ids": [
                    (0, 0, {"title": "客户名称", "field_choice": "name", "required": True}),
                    (0, 0, {"title": "客户等级", "field_choice": "kehu_level_id"}),
                    (0, 0, {"title": "=1+1", "field_choice": "kehu_stage"}),
                    (0, 0, {"title": "员工人数", "field_name": "kehu_headcount"}),
                    (0, 0, {"title": "联系人", "field_choice": "child_ids/name"}),
                ],
            }
        )

    def test_the_end_of_all_calendars_is_no_moment(self):
        line = self.template.field_ids[0].with_context(tz="Asia/Shanghai")
        with self.assertRaises(workbook.CellError):
            line._kehu_to_utc(datetime(1, 1, 1))

    def test_the_empty_workbook_explains_itself_and_comes_back(self):
        content = base64.b64decode(self.template.with_user(self.user_east_manager).build_workbook())
        book = openpyxl.load_workbook(BytesIO(content))
        self.assertEqual(book.sheetnames[:2], ["Short test", "Columns"])
        sheet, explained = book.worksheets[:2]
        self.assertEqual([cell.value for cell in sheet[1]], ["客户名称*", "客户等级", "=1+1", "员工人数", "联系人"])
        self.assertNotEqual(sheet["A1"].fill.fgColor.rgb, sheet["B1"].fill.fgColor.rgb)
        self.assertEqual(sheet.freeze_panes, "A2")
        self.assertEqual(sheet.column_dimensions["A"].number_format, "@")
        self.assertEqual(sheet["C1"].data_type, "s")
        rows = [[cell.value or "" for cell in row] for row in explained.iter_rows()]
        self.assertEqual(rows[0], ["Column", "Needed", "Fills", "What goes in"])
        self.assertEqual(rows[1], ["客户名称", "yes", "Name", "Text."])
        self.assertEqual(rows[4], ["员工人数", "", "Headcount", "A whole number."])
        self.assertEqual(rows[5][2], "Contact person: Name")
        lists = {str(choose.sqref).split(":")[0]: choose.formula1 for choose in sheet.data_validations.dataValidation}
        self.assertEqual(set(lists), {"B2", "C2"})
        levels = [row[1].value for row in book["kehu_lists"].iter_rows() if row[1].value]
        self.assertIn(self.level_key.name, levels)
        # nobody filled it: the sheet that explains is not taken for data
        with self.assertRaises(workbook.WorkbookEmptyError):
            workbook.read_workbook(content)
        sheet.append(["Filled In (test)", self.level_key.name, "Won", 12, "Zhang San"])
        filled = BytesIO()
        book.save(filled)
        batch = self._import(filled.getvalue())
        self.assertEqual((batch.done_count, batch.problem_count), (1, 0))
        customer = self.env["res.partner"].search([("name", "=", "Filled In (test)")])
        self.assertEqual((customer.kehu_level_id, customer.kehu_stage, customer.kehu_headcount), (self.level_key, "won", 12))
        self.assertEqual(customer.child_ids.name, "Zhang San")

    def test_download(self):
        self.user_east_manager.password = "kehu_east_manager"
        self.authenticate("kehu_east_manager", "kehu_east_manager")
        for action in (
            self.template.with_user(self.user_east_manager).action_download(),
            self._batch(b"").action_download_template(),
        ):
            self.assertEqual(action["type"], "ir.actions.act_url")
            answer = self.url_open(action["url"])
            self.assertEqual(answer.status_code, 200)
            self.assertIn("attachment", answer.headers["Content-Disposition"])
            self.assertEqual(openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0]["A1"].value, "客户名称*")

    def test_the_empty_workbook_comes_before_there_is_one_to_import(self):
        """The button saves the form first."""
        form = Form(self.env["kehu.import.batch"].with_user(self.user_east_manager))
        form.template_id = self.template
        batch = form.save()
        self.assertIn("/workbook/", batch.action_download_template()["url"])
        form = Form(batch)
        form.mode = "both"
        with self.assertRaises(AssertionError):
            form.save()  # from then on a workbook is asked for

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_templates_are_for_people_of_the_crm(self):
        stranger = new_test_user(self.env, "kehu_stranger", groups="base.group_user")
        for act in ("build_workbook", "action_download"):
            with self.subTest(act=act), self.assertRaises(AccessError):
                getattr(self.template.with_user(stranger), act)()

    def test_fields_are_chosen_in_the_users_words(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        admin = self.template.with_user(self.user_crm_admin)
        choices = dict(admin.field_ids._selection_field_choice())
        self.assertEqual(choices["kehu_headcount"], "Headcount")
        self.assertEqual(choices["child_ids/kehu_mobile"], "Contact person: Mobile")
        self.assertNotIn("kehu_is_customer", choices)
        chinese = dict(admin.with_context(lang="zh_CN").field_ids._selection_field_choice())
        self.assertEqual(set(chinese), set(choices))
        with Form(admin) as form, form.field_ids.new() as line:
            line.title = "手机"
            line.field_choice = "kehu_mobile"
        self.assertEqual(admin.field_ids[-1].field_name, "kehu_mobile")
        self.assertEqual(admin.field_ids[-1].field_choice, "kehu_mobile")
        admin.field_ids[-1].field_choice = "phone"
        self.assertEqual(admin.field_ids[-1].field_name, "phone")
        with self.assertRaises(KehuImportTemplateError):
            admin.field_ids[-1].field_name = "nonsense"

    def _batch(self, content, **values):
        batches = self.env["kehu.import.batch"].with_user(self.user_east_manager)
        return batches.create({"template_id": self.template.id, "file": base64.b64encode(content), "filename": "customers.xlsx", **values})

    def _import(self, content):
        batch = self._batch(content)
        batch.action_check()
        batch.action_import()
        return batch

    def test_the_form_says_which_columns_it_expects(self):
        batch = self._batch(b"")
        self.assertIn("Needed: 客户名称.", batch.column_titles)
        self.assertIn("客户等级", batch.column_titles)
        self.template.field_ids.required = True
        self.assertIn("in any order: 客户名称", batch.column_titles)
        self.template.field_ids.unlink()
        self.assertFalse(batch.column_titles)

    def test_what_came_of_it_in_one_sentence(self):
        good = self._import(xlsx(["客户名称"], ["Good One (test)"], ["Good Two (test)"]))
        self.assertEqual(good.summary, "All 2 rows were imported.")
        mixed = self._import(xlsx(["客户名称", "员工人数"], ["Good Three (test)", 3], ["Bad (test)", "many"], ["Bad Too (test)", -3]))
        self.assertTrue(mixed.summary.startswith("1 rows were imported, 2 were refused: see the list below."))
        self.assertEqual(len(mixed.problem_ids), 2)
        # green only when nothing was refused
        arch = self.env["kehu.import.batch"].get_view(self.env.ref("kehu_crm.kehu_import_batch_view_form").id)["arch"]
        self.assertIn("state != 'done' or problem_count", arch)
