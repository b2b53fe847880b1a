"""What a template may import, who may change it, and how it finds its columns in a file."""

import base64
import datetime
from io import BytesIO

import openpyxl
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.importer.exceptions import KehuImportRightError, KehuImportTemplateError
from ...tools import workbook, workbook_titles
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestImporterTemplateRules(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shipped = cls.env.ref("kehu_crm.kehu_import_template_customer")

    def _template(self, user=None, model="res.partner", columns=(("客户名称", "name"),), **values):
        return (
            self.env["kehu.import.template"]
            .with_user(user or self.user_east_manager)
            .create(
                {
                    "name": "Own (test)",
                    "model_choice": model,
                    "field_ids": [Command.create({"title": title, "field_name": path}) for title, path in columns],
                    **values,
                }
            )
        )

    def test_any_record_that_people_make(self):
        for model, columns in (
            ("crm.lead", [("机会", "name"), ("预计收入", "expected_revenue"), ("预计成交", "date_deadline")]),
            ("product.template", [("名称", "name"), ("编码", "default_code"), ("售价", "list_price")]),
            ("hr.department", [("部门", "name"), ("上级部门", "parent_id")]),
            ("sale.order", [("客户", "partner_id"), ("行/商品", "order_line/product_id"), ("数量", "order_line/product_uom_qty")]),
        ):
            with self.subTest(model=model):
                template = self._template(self.user_crm_admin, model, columns)
                self.assertEqual(template.model, model)
                book = openpyxl.load_workbook(BytesIO(base64.b64decode(template.build_workbook())))
                self.assertEqual([cell.value for cell in book.worksheets[0][1]], [title for title, _path in columns])

    def test_nothing_technical(self):
        for model in (
            "ir.model",
            "ir.rule",
            "ir.cron",
            "res.groups",
            "res.users.apikeys",
            "mail.message",
            "kehu.assignment",
            "kehu.approval.request",
            "kehu.import.batch",
            "base.language.install",
            "kehu.receivable",
        ):
            with self.subTest(model=model), self.assertRaises(KehuImportTemplateError):
                self.env["kehu.import.template"].create({"name": "No", "model_id": self.env["ir.model"]._get_id(model)})
        offered = dict(self.env["kehu.import.template"].with_user(self.user_east_manager)._selection_model_choice())
        self.assertIn("res.partner", offered)
        self.assertFalse([name for name in offered if name.startswith(("ir.", "mail.", "bus."))])
        self.assertNotIn("res.users", offered, "only what the person may create")
        templates = self.env["kehu.import.template"].with_user(self.user_east_manager)
        before = self.env.cr.sql_log_count
        templates._selection_model_choice()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 3, "no query for each model")
        for path in ("group_ids", "password", "company_ids", "share"):
            with self.subTest(path=path), self.assertRaises(KehuImportTemplateError):
                self._template(self.env.user, "res.users", [("x", path)])
        for path in (
            "kehu_is_customer",
            "write_date",
            "nonsense",
            "child_ids",
            "user_ids/login",
            "bank_ids/acc_number",
            "child_ids/parent_id",
        ):
            with self.subTest(path=path), self.assertRaises(KehuImportTemplateError):
                self._template(columns=[("客户名称", "name"), ("x", path)])

    def test_the_life_of_a_document_is_no_column(self):
        """A payment is posted by its button or by the approval of its receipt, not by a word in a cell."""
        with self.assertRaises(KehuImportTemplateError):
            self._template(self.env.user, "account.payment", [("Amount", "amount"), ("State", "state")])

    def test_titles_are_unique_in_whatever_spelling(self):
        for title in ("客户名称", "客户名称*", "＊ 客户名称（必填）："):
            with self.subTest(title=title), self.assertRaises(KehuImportTemplateError):
                self._template(columns=[("客户名称", "name"), (title, "ref")])

    def test_one_list_below_the_record(self):
        with self.assertRaises(KehuImportTemplateError):
            self._template(
                self.user_crm_admin,
                "sale.order",
                [("客户", "partner_id"), ("商品", "order_line/product_id"), ("活动", "transaction_ids/amount")],
            )

    def test_keys(self):
        template = self._template(columns=[("客户名称", "name"), ("编码", "ref")], duplicate_mode="update")
        self.assertEqual(template._kehu_keys().field_name, "ref", "the usual key of a customer")
        template.field_ids[0].is_key = True
        self.assertEqual(template._kehu_keys().field_name, "name")
        for columns in ([("客户名称", "name")], [("联系人", "child_ids/name"), ("客户名称", "name")]):
            with self.subTest(columns=columns), self.assertRaises(KehuImportTemplateError):
                self._template(columns=columns, duplicate_mode="skip")
        for path in ("child_ids/name", "comment"):
            with self.subTest(path=path), self.assertRaises(KehuImportTemplateError):
                self._template(columns=[("客户名称", "name"), ("x", path)]).field_ids[1].is_key = True

    def test_owner_rules(self):
        with self.assertRaises(KehuImportTemplateError):
            self._template(owner_rule="turn")
        pool = self.env["kehu.pool"].search([], limit=1)
        self.assertEqual(self._template(owner_rule="turn", target_pool_id=pool.id).target_pool_id, pool)

    def test_managers_change_their_own(self):
        own = self._template()
        own.field_ids[0].title = "公司"
        with mute_logger("odoo.addons.base.models.ir_rule"):
            for act in (
                lambda: self.shipped.with_user(self.user_east_manager).write({"name": "Mine"}),
                lambda: self.shipped.field_ids[0].with_user(self.user_east_manager).write({"title": "Mine"}),
                lambda: self.shipped.field_ids[0].with_user(self.user_east_manager).unlink(),
                lambda: own.with_user(self.user_sales_manager).unlink(),
                lambda: own.field_ids.with_user(self.user_sales_manager).create(
                    {"template_id": own.id, "title": "编码", "field_name": "ref"}
                ),
            ):
                with self.assertRaises(AccessError):
                    act()
        own.with_user(self.user_crm_admin).name = "By the administrator"
        copy = self.shipped.with_user(self.user_east_manager).copy()
        self.assertEqual(copy.field_ids.mapped("title"), self.shipped.field_ids.mapped("title"))
        self.assertEqual(set(copy.field_ids.mapped("unknown")), {"refuse"}, "adding words stays with the administrator")
        copy.field_ids[-1].unlink()

    def test_rights_that_a_template_cannot_give(self):
        own = self._template(columns=[("客户名称", "name"), ("行业", "industry_id")])
        with self.assertRaises(KehuImportRightError):
            own.field_ids[1].unknown = "create"
        with self.assertRaises(KehuImportRightError):
            own.keep_author = True
        self.assertFalse(own.keep_author)
        director = self._template(self.user_director, keep_author=True, columns=[("客户名称", "name"), ("创建人", "create_uid")])
        self.assertTrue(director.keep_author)
        self.assertFalse(director.with_user(self.user_east_manager).copy({"field_ids": False}).keep_author)
        with self.assertRaises(KehuImportTemplateError):
            self._template(columns=[("客户名称", "name"), ("创建时间", "create_date")])

    def test_picking_fields_on_the_form(self):
        with Form(self.env["kehu.import.template"].with_user(self.user_crm_admin)) as form:
            form.name = "Products"
            form.model_choice = "product.template"
            form.pick_path = "name"
            form.pick_path = "list_price"
            form.pick_path = "name"
            self.assertEqual([line["field_name"] for line in form.field_ids._records], ["name", "list_price"])
        template = form.record
        self.assertEqual(template.model, "product.template")
        self.assertEqual(template.field_ids.mapped("label"), ["Name", "Sales Price"])
        with Form(self.env["kehu.import.template"].with_user(self.user_crm_admin)) as form:
            form.name = "Tags"
            form.pick_path = "email"
            form.model_choice = "crm.tag"
            self.assertEqual(len(form.field_ids), 0, "columns of another kind of record go")
            form.pick_path = "name"
        with Form(self.env["kehu.import.template"].with_user(self.user_east_manager)) as form:
            form.name = "Customers"
            form.pick_path = "child_ids.name"
            form.pick_path = "name"
        self.assertEqual(form.record.field_ids.mapped("field_name"), ["child_ids/name", "name"])

    def test_columns_by_similar_titles(self):
        titles = ["单位名称", "", "联系电话", "手机号码", "联系人姓名", "联系人手机号", "客户编号", "E-mail", "省", "其他"]
        matched = self.shipped._kehu_match_titles(titles)
        self.assertEqual(
            {titles[place]: line.field_name for place, (line, _score) in matched.items()},
            {
                "单位名称": "name",
                "联系电话": "phone",
                "手机号码": "kehu_mobile",
                "联系人姓名": "child_ids/name",
                "联系人手机号": "child_ids/kehu_mobile",
                "客户编号": "ref",
                "E-mail": "email",
                "省": "state_id",
            },
        )
        english = ["Company Name", "Phone", "Mobile", "Contact person", "Reference", "Tax ID"]
        names = {english[place]: line.field_name for place, (line, _score) in self.shipped._kehu_match_titles(english).items()}
        self.assertEqual(
            names,
            {"Company Name": "name", "Phone": "phone", "Mobile": "kehu_mobile", "Contact person": "child_ids/name", "Reference": "ref"},
        )
        exact = self.shipped._kehu_match_titles(["手机", "客户名称*"])
        self.assertEqual({line.field_name: score for line, score in exact.values()}, {"kehu_mobile": 1.0, "name": 1.0})
        self.assertNotIn("phone", [line.field_name for line, _score in self.shipped._kehu_match_titles(["联系人电话"]).values()])

    def test_the_title_row_is_found(self):
        rows = [
            (1, ["客户资料表"]),
            (2, ["日期：", datetime.date(2026, 12, 8)]),
            (4, ["公司名称", "电话", "联系人"]),
            (5, ["苏州公司", "1", "王"]),
        ]
        self.assertEqual(self.shipped._kehu_find_title_row(iter(rows)), 4)
        self.assertEqual(self.shipped._kehu_find_title_row(iter([(3, ["a"]), (4, ["b"])])), 3)
        self.assertEqual(self.shipped._kehu_find_title_row(iter([])), 0)
        targets = [workbook_titles.TitleTarget(1, "Name", [], False)]
        self.assertEqual(workbook_titles.match_titles([None, 5, ""], targets), {})

    def test_the_titles_of_shipped_workbooks_in_the_language_of_the_reader(self):
        """Others than Chinese readers read what each column fills; an import knows the columns by either title."""
        self.env["res.lang"]._activate_lang("zh_CN")
        xmlids = self.env["ir.model.data"].search([("module", "=", "kehu_crm"), ("model", "=", "kehu.import.template")])
        shipped = self.env["kehu.import.template"].browse(xmlids.mapped("res_id")).exists()
        self.assertTrue(shipped)
        for template in shipped:
            with self.subTest(template=template.name):
                lines = template.field_ids
                for lang, chinese in (("zh_CN", True), ("en_US", False)):
                    content = base64.b64decode(template.with_context(lang=lang).build_workbook())
                    titles = [cell.value for cell in openpyxl.load_workbook(BytesIO(content)).worksheets[0][1]][: len(lines)]
                    self.assertEqual(any("\u4e00" <= sign <= "\u9fff" for title in titles for sign in title), chinese, titles)
                    matched = template._kehu_match_titles(titles)
                    self.assertEqual([matched[place][0] for place in range(len(lines))], list(lines))
                    self.assertGreaterEqual(min(score for _line, score in matched.values()), workbook_titles.SYNONYM)
        # what somebody made stays as it is
        own = shipped[0].copy({"name": "Own (test)"}).with_context(lang="en_US")
        titles = [cell.value for cell in openpyxl.load_workbook(BytesIO(base64.b64decode(own.build_workbook()))).worksheets[0][1]]
        self.assertEqual(titles[0].strip("*"), own.field_ids[0].title)

    def test_cities_by_the_province_of_the_row(self):
        china = self.env.ref("base.cn")
        self.env.company.country_id = china
        states = self.env["res.country.state"].search([("country_id", "=", china.id)], limit=2)
        cities = self.env["res.city"].with_context(active_test=False)
        cities.search([]).unlink()
        for state in states:
            for number in range(2):
                cities.create({"name": f"{state.name} {number}", "state_id": state.id, "country_id": china.id})
        reader = self.shipped.with_user(self.user_east_manager)
        book = openpyxl.load_workbook(BytesIO(base64.b64decode(reader.build_workbook())))
        sheet = book.worksheets[0]
        titles = [cell.value for cell in sheet[1]]
        columns = reader._kehu_columns()
        city = next(column for column in columns if column.depends is not None)
        places = (columns[city.depends], city)
        province, city = (openpyxl.utils.get_column_letter(titles.index(column.title) + 1) for column in places)
        lists = {str(choose.sqref).split(":")[0]: choose.formula1 for choose in sheet.data_validations.dataValidation}
        self.assertIn("kehu_lists!", lists[f"{province}2"])
        self.assertIn(f"MATCH(${province}2,", lists[f"{city}2"])
        self.assertEqual(book["kehu_lists"].sheet_state, "hidden")
        width = len(titles)
        pairs = [(row[width].value, row[width + 1].value) for row in book["kehu_lists"].iter_rows(max_row=4)]
        self.assertEqual(sorted(pairs), sorted((state.name, f"{state.name} {number}") for state in states for number in range(2)))
        self.assertEqual([province for province, _city in pairs], sorted([p for p, _c in pairs], key=[p for p, _c in pairs].index))

    def test_the_sample_row_is_left_out_until_somebody_changes_it(self):
        content = base64.b64decode(self.shipped.with_user(self.user_east_manager).build_workbook())
        book = openpyxl.load_workbook(BytesIO(content))
        sheet = book.worksheets[0]
        self.assertIn("Sample", str(sheet["A2"].value))
        self.assertTrue(sheet["A2"].comment.text)
        with self.assertRaises(workbook.WorkbookEmptyError):
            workbook.read_workbook(content)
        sheet["A3"] = "真公司"
        stream = BytesIO()
        book.save(stream)
        self.assertEqual([number for number, _cells in workbook.read_workbook(stream.getvalue()).rows], [3])
        sheet["A2"] = "改过的公司"
        stream = BytesIO()
        book.save(stream)
        self.assertEqual([number for number, _cells in workbook.read_workbook(stream.getvalue()).rows], [2, 3])

    def test_marked_copies(self):
        words = workbook.MarkWords("Problems", ["Sheet", "Row", "Column", "Value", "What to do"])
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "客户"
        for row in (["客户名称*", "人数"], ["甲公司", "=1+1"], ["=evil", "很多"], ["001", datetime.date(2026, 12, 8)]):
            sheet.append(row)
        sheet["A3"].data_type = "s"
        sheet.column_dimensions["A"].width = 44
        stream = BytesIO()
        book.save(stream)
        marks = [workbook.Mark("客户", 3, "人数", "很多", "Needs a number."), workbook.Mark("", 4, "", "", "Known already.")]
        for label, data, name in (
            ("xlsx", stream.getvalue(), "a.xlsx"),
            ("csv", "客户名称,人数\n甲公司,2\n=evil,很多\n001,3\n".encode("gbk"), "客户.csv"),
        ):
            with self.subTest(label):
                marked = openpyxl.load_workbook(BytesIO(workbook.mark_problems(data, name, marks, words)))
                copy = marked.worksheets[0]
                self.assertEqual(copy.title, "客户")
                self.assertEqual(copy["B3"].comment.text, "Needs a number.")
                self.assertEqual(copy["B3"].fill.fgColor.rgb[-6:], "F8CBAD")
                self.assertEqual(copy["A4"].comment.text, "Known already.")
                self.assertIsNone(copy["A2"].comment)
                self.assertEqual((copy["A3"].data_type, copy["A4"].value), ("s", "001"))
                listed = [[cell.value for cell in row] for row in marked.worksheets[-1].iter_rows()]
                self.assertEqual(marked.sheetnames[-1], "Problems")
                self.assertEqual(listed[1], ["客户", 3, "人数", "很多", "Needs a number."])
                again = workbook.read_workbook(workbook.mark_problems(data, name, marks, words))
                self.assertEqual([number for number, _cells in again.rows], [2, 3, 4], "it can be imported again")
        self.assertEqual(
            openpyxl.load_workbook(BytesIO(workbook.mark_problems(stream.getvalue(), "a.xlsx", marks, words)))
            .active.column_dimensions["A"]
            .width,
            44,
        )
