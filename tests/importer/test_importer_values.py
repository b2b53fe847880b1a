"""What a cell means to a field, where the easy answer is a wrong number without a word."""

import base64
import datetime
import io

import openpyxl
from odoo.tests import tagged

from ...models.importer.exceptions import KehuImportTemplateError
from ...models.importer.kehu_import_row import pack_cell, unpack_cell
from ...tools import workbook
from .import_common import TITLES, ImportCommon
from .test_importer_workbook import xlsx

SHARES = ["分类", "编码", "折扣上限"]


@tagged("post_install", "-at_install")
class TestImporterValues(ImportCommon):
    def _read(self, read, cell, **options):
        try:
            return read(cell, **options)
        except workbook.CellError as error:
            return error.kind

    def test_separators(self):
        for cell, expected in {
            "1,5": 1.5,
            "-12,50": -12.5,
            "0,125": 0.125,
            "1,500": 1500,
            "1，500": 1500,
            "1,500.25": 1500.25,
            "1.500,25": 1500.25,
            "1.500.000": 1500000,
            "1 500": 1500,
            "12,34,567": 1234567,
            "12,3456": "number_order",
            "1,500,00": "number_order",
            "1.2.3": "number_order",
            "1 5": "number",
            "很多,很多": "number",
        }.items():
            with self.subTest(cell=cell):
                self.assertEqual(self._read(workbook.as_number, cell), expected)

    def test_years_are_no_days(self):
        for cell, expected in {1998: "date_number", 2026.0: "date_number", 35: "date_number", 46364: datetime.date(2026, 12, 8)}.items():
            with self.subTest(cell=cell):
                self.assertEqual(self._read(workbook.as_date, cell), expected)

    def test_time_zones_of_text(self):
        line = self.template.field_ids[0].with_context(tz="Asia/Shanghai")
        for cell, expected in {
            "2026-12-08 09:30": "2026-12-08 01:30:00",
            "2026-12-08T09:30:00Z": "2026-12-08 09:30:00",
            "2026-12-08T09:30:00.125-05:00": "2026-12-08 14:30:00",
            "2026-12-08 09:30 +0800": "2026-12-08 01:30:00",
        }.items():
            with self.subTest(cell=cell):
                self.assertEqual(str(line._kehu_to_utc(workbook.as_datetime(cell))), expected)
        self.assertEqual(line._kehu_to_day(workbook.as_datetime("2026-12-08T23:30:00Z")), datetime.date(2026, 12, 9))
        self.assertEqual(line._kehu_to_day(workbook.as_datetime("2026-12-08 23:30")), datetime.date(2026, 12, 8))
        self.assertEqual(self._read(workbook.as_datetime, "2026-12-08 09:30+99:00"), "date")

    def test_long_numbers_in_any_text(self):
        batch = self._batch(
            [self._row(客户名称="甲", 客户编码="V1", 城市=6228480402564890018), self._row(客户名称="乙", 客户编码="V2", 城市=215000.5)]
        )
        batch.action_check()
        self.assertEqual(batch.problem_ids.mapped("column"), ["城市"])
        self.assertIn("Format the column as text", batch.problem_ids.reason)
        batch.action_import()
        self.assertEqual(self._customers(batch).city, "215000.5")
        self.assertEqual(workbook.as_text(0.1 + 0.2), "0.3")

    def _percent_book(self, *rows):
        """Return a workbook whose numbers in the last column are shown with a percent sign."""
        book = openpyxl.Workbook()
        book.active.append(SHARES)
        for row in rows:
            book.active.append(row)
            if not isinstance(row[-1], str):
                book.active.cell(book.active.max_row, len(SHARES)).number_format = "0.0%"
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    def _import_shares(self, model, fields, rows, **values):
        columns = [{"title": title, "field_name": name, **values} for title, name in zip(SHARES, fields, strict=True)]
        columns[0].update(factor=1.0)
        template = self.env["kehu.import.template"].create(
            {"name": "Shares", "model_id": self.env["ir.model"]._get_id(model), "field_ids": [(0, 0, column) for column in columns]}
        )
        batch = (
            self.env["kehu.import.batch"]
            .with_user(self.user_director)
            .sudo()
            .create({"template_id": template.id, "file": base64.b64encode(self._percent_book(*rows)), "filename": "shares.xlsx"})
        )
        batch.action_import()
        return batch, [self.env[model].browse(row.res_id) for row in batch.row_ids if row.res_id]

    def test_shares(self):
        """A percent sign, typed or of the format, means the same: 80 where a field holds per cents, 0.8 where the form shows a share."""
        rows = [["一 (t)", "SH1", "80%"], ["二 (t)", "SH2", 0.8], ["三 (t)", "SH3", "80"]]
        batch, made = self._import_shares("product.category", ["name", "kehu_code", "kehu_discount_limit"], rows)
        self.assertEqual([record.kehu_discount_limit for record in made], [80, 80, 80], batch.problem_ids.mapped("reason"))
        customer = self._create_customer(self.user_director, name="百分比公司")
        rows = [[customer.name, "SH1", "30%"], [customer.name, "SH2", 0.3]]
        batch, made = self._import_shares("sale.order", ["partner_id", "client_order_ref", "prepayment_percent"], rows)
        self.assertEqual([record.prepayment_percent for record in made], [0.3, 0.3], batch.problem_ids.mapped("reason"))
        batch, made = self._import_shares(
            "product.template", ["name", "default_code", "list_price"], [["泵 (t)", "SH1", "80%"], ["阀 (t)", "SH2", 0.8]]
        )
        self.assertFalse(made)
        self.assertEqual(batch.problem_ids.mapped("kind"), ["cell", "cell"])
        self.assertEqual(batch.problem_ids.mapped("value"), ["80%", "80%"])

    def test_a_factor_counts_for_shares(self):
        batch, made = self._import_shares(
            "product.category",
            ["name", "kehu_code", "kehu_discount_limit"],
            [["一 (t)", "SH1", "7%"], ["二 (t)", "SH2", 0.07]],
            factor=100.0,
        )
        self.assertEqual([record.kehu_discount_limit for record in made], [7, 7], batch.problem_ids.mapped("reason"))

    def test_shares_are_kept_and_read_from_every_format(self):
        cell = workbook.CellShare(0.075)
        self.assertEqual((pack_cell(cell), workbook.as_text(cell)), ({"s": 0.075}, "7.5%"))
        again = unpack_cell(pack_cell(cell))
        self.assertEqual((type(again), again), (workbook.CellShare, cell))
        self.assertEqual((workbook.as_number(cell), workbook.as_number(cell, hundred=True)), (0.075, 7.5))
        with workbook.open_book(self._percent_book(["a", "b", 0.5]), "a.xlsx") as book:
            _titles, (_number, cells) = book.rows(book.first_sheet())
            self.assertEqual([type(cell) for cell in cells], [str, str, workbook.CellShare])
        with workbook.open_book(xlsx(["a"], [0.5]), "a.xlsx") as book:
            _titles, (_number, cells) = book.rows(book.first_sheet())
            self.assertEqual([type(cell) for cell in cells], [float])

    def test_dates_in_a_file(self):
        self.template.field_ids = [(0, 0, {"title": "下次联系", "field_name": "kehu_next_contact"})]
        rows = [[*self._row(客户名称=f"公司D{n}", 客户编码=f"D{n}"), cell] for n, cell in enumerate((1998, 46400, "2026-12-31"))]
        batch = self._batch(rows, titles=[*TITLES, "下次联系"])
        batch.action_check()
        self.assertEqual((batch.problem_ids.mapped("row"), batch.problem_ids.value), ([2], "1998"))
        self.assertIn("is no date", batch.problem_ids.reason)

    def test_several_names_in_a_cell(self):
        """Many links of a record: names between commas or semicolons; exported, imported and undone like the rest."""
        tags = self.env["res.partner.category"].create([{"name": f"标签{n} (t)"} for n in range(3)])
        self.template.field_ids = [(0, 0, {"title": "标签", "field_name": "category_id"})]
        self.template.duplicate_mode = "update"
        titles = [*TITLES, "标签"]
        rows = [
            [*self._row(客户名称="甲 (t)", 客户编码="M1"), "标签0 (t)；标签1 (t)、标签0 (t)"],
            [*self._row(客户名称="乙 (t)", 客户编码="M2"), "标签2 (t), 没有"],
            [*self._row(客户名称="丙 (t)", 客户编码="M3"), None],
        ]
        batch = self._batch(rows, titles=titles)
        batch.action_import()
        first, third = self._customers(batch)
        self.assertEqual((first.category_id, third.category_id), (tags[:2], tags[:0]))
        self.assertEqual((batch.problem_ids.column, batch.problem_ids.value), ("标签", "没有"))
        content = self.template.with_user(self.user_director).export_records(first.ids)
        again = self.env["kehu.import.batch"].with_user(self.user_director)
        again = again.create({"template_id": self.template.id, "file": content, "filename": "again.xlsx", "mode": "update"})
        again.action_import()
        self.assertEqual((again.updated_count, again.problem_count), (1, 0), again.problem_ids.mapped("reason"))
        self.assertFalse(again.row_ids.sudo().filtered("before"), "a file that says what is there writes nothing")
        change = self._batch([[*self._row(客户名称="甲 (t)", 客户编码="M1"), "标签2 (t)"]], titles=titles, mode="update")
        change.action_import()
        self.assertEqual(first.category_id, tags[2])
        change.action_undo()
        self.assertEqual((first.category_id, change.kept_count), (tags[:2], 0))
        batch.action_undo()
        self.assertFalse((first | third).exists(), batch.problem_ids.mapped("reason"))
        with self.assertRaises(KehuImportTemplateError):
            self.template.field_ids = [(0, 0, {"title": "频道", "field_name": "channel_ids"})]
