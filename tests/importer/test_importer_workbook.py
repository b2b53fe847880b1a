import datetime
import doctest
import io
import re
import unittest
import zipfile

import openpyxl
from odoo.tests import BaseCase
from odoo.tools.misc import file_open

from ...tools import text, workbook, workbook_ods, workbook_read, workbook_titles, workbook_values, workbook_write, workbook_xlsx


def real_file(name):
    with file_open(f"kehu_crm/tests/files/{name}", "rb") as file:
        return file.read()


def xlsx(*rows):
    """Return an .xlsx file with these rows on its first sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_results(content, results):
    """Store results with the formulas of the first sheet, as a spreadsheet program does; others keep none.

    :param dict results: {formula without “=”: (type of the cell, text of its result)}
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            part = source.read(entry)
            if entry.endswith("sheet1.xml"):
                sheet = part.decode()
                for formula, (kind, value) in results.items():
                    cell = re.compile(rf'<c r="(\w+)"[^>]*><f>{re.escape(formula)}</f>(?:<v ?/>|<v></v>)')
                    sheet, count = cell.subn(rf'<c r="\1" t="{kind}"><f>{formula}</f><v>{value}</v>', sheet)
                    assert count, f"no formula {formula}"
                part = sheet.encode()
            target.writestr(entry, part)
    return stream.getvalue()


class TestImporterWorkbook(BaseCase):
    def test_examples_in_docstrings(self):
        result = unittest.TestResult()
        suite = unittest.TestSuite()
        for module in (text, workbook_ods, workbook_read, workbook_titles, workbook_values, workbook_write, workbook_xlsx):
            suite.addTests(doctest.DocTestSuite(module))
        self.assertGreater(suite.countTestCases(), 5)
        suite.run(result)
        self.assertFalse(result.failures + result.errors, result.failures)

    def test_real_files(self):
        for name, first, row in (
            ("customers_a.xls", "上海四通传媒有限公司", {"客户编码": "KH00001", "邮编": "501605", "联系人手机": "18711280795"}),
            ("customers_b.xlsx", "石家庄戴硕电子网络有限公司", {"客户编码": "KH00181", "邮编": "114079", "联系人手机": "15220346307"}),
        ):
            with self.subTest(file=name):
                sheet = workbook.read_workbook(real_file(name))
                self.assertEqual(len(sheet.titles), 22)
                self.assertEqual(len(sheet.rows), 180)
                self.assertEqual((sheet.rows[0][0], sheet.rows[-1][0]), (2, 181))
                cells = dict(zip(sheet.titles, sheet.rows[0][1], strict=True))
                self.assertEqual(cells["客户名称"], first)
                for title, text in row.items():
                    self.assertEqual(workbook.as_code(cells[title]), text)
                column = sheet.titles.index("下次联系时间")
                dates = [workbook.as_date(cells[column], sheet.epoch) for _number, cells in sheet.rows]
                self.assertEqual({date.year for date in dates if date}, {2026})
                phone = sheet.titles.index("电话")
                for _number, cells in sheet.rows:
                    self.assertRegex(workbook.as_code(cells[phone]), r"^[0-9() -]+$")

    def test_formula_gives_its_stored_result(self):
        sheet = workbook.read_workbook(real_file("customers_b.xlsx"))
        notes = [cells[-1] for _number, cells in sheet.rows]
        self.assertEqual((notes.count(2), notes.count("=1+1")), (31, 0))
        content = xlsx(["Name", "Sum"], ["A", "=1+1"], [None, "=2+2"], ["=A2", "=3+3"], ["=B2", None], ["=4+4", "C"])
        sheet = workbook.read_workbook(
            with_results(content, {"1+1": ("n", "2"), "A2": ("str", "A"), "3+3": ("e", "#DIV/0!"), "B2": ("str", "")})
        )
        self.assertEqual(
            sheet.rows,
            [
                (2, ["A", 2]),
                (3, [None, workbook.CellFormula("=2+2")]),
                (4, ["A", workbook.CellFault("#DIV/0!")]),
                (6, [workbook.CellFormula("=4+4"), "C"]),
            ],
        )

    def test_formula_without_a_result_is_refused(self):
        readers = (workbook.as_number, workbook.as_whole_number, workbook.as_date, workbook.as_boolean)
        for read in (*readers, workbook.as_text, workbook.as_code):
            with self.subTest(read=read.__name__), self.assertRaises(workbook.CellError) as caught:
                read(workbook.CellFormula("=1+1"))
            self.assertEqual(caught.exception.kind, "formula")
        for read in readers:
            with self.assertRaises(workbook.CellError) as caught:
                read("=1+1")
            self.assertEqual(caught.exception.kind, "formula")

    def test_dates(self):
        expected = datetime.date(2026, 12, 8)
        day = (expected - datetime.date(1899, 12, 30)).days
        for cell in (
            "2026/12/8",
            "2026-12-08",
            "2026.12.8",
            "2026年12月8日",
            "２０２６年１２月８日",
            "20261208",
            20261208,
            day,
            float(day),
            expected,
        ):
            with self.subTest(cell=cell):
                self.assertEqual(workbook.as_date(cell), expected)
        for cell in ("8/12", "明天", "2026-02-30", 0, -3, 1e9, True, "=TODAY()"):
            with self.subTest(cell=cell), self.assertRaises(workbook.CellError):
                workbook.as_date(cell)

    def test_numbers(self):
        self.assertEqual(workbook.as_number("￥1,234.50"), 1234.5)
        self.assertIsNone(workbook.as_number(None))
        for cell in ("很多", "1.2.3", float("nan"), float("inf"), True, workbook.CellFault("#N/A")):
            with self.subTest(cell=cell), self.assertRaises(workbook.CellError):
                workbook.as_number(cell)
        with self.assertRaises(workbook.CellError):
            workbook.as_whole_number(2.5)

    def test_rows_keep_their_number(self):
        """Blank rows before and between are skipped and still counted, as the spreadsheet program numbers them."""
        sheet = workbook.read_workbook(xlsx([None], ["Name", "Code", None, " "], ["A", 1], [" ", None], [None, None, "beyond"], ["B", 2]))
        self.assertEqual(sheet.titles, ["Name", "Code"])
        self.assertEqual(sheet.rows, [(3, ["A", 1]), (6, ["B", 2])])

    def test_row_number_beyond_every_sheet(self):
        """A tiny file that claims a row far away does not make anybody count up to it."""
        content = xlsx(["Name"], ["A"])
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.namelist():
                part = source.read(entry)
                if entry.endswith("sheet1.xml"):
                    self.assertIn(b'<row r="2"', part)
                    part = part.replace(b'<row r="2"', b'<row r="30000000"').replace(b'r="A2"', b'r="A30000000"')
                target.writestr(entry, part)
        with self.assertRaises(workbook.WorkbookBrokenError):
            workbook.read_workbook(stream.getvalue())

    def test_text_holds_nothing_the_database_refuses(self):
        self.assertEqual(workbook.as_text("A\0B"), "AB")

    def test_text_holds_nothing_that_nobody_sees(self):
        for cell in ("\u200b", "\ufeff", " \u00a0\u3000", "\u200d", "\u3164", "\u2800", "\ufe0f", "\u00ad\u2060"):
            with self.subTest(cell=cell.encode("unicode_escape")):
                self.assertEqual(workbook.as_text(cell), "")
        for cell in ("👩\u200d💻", "🏴\U000e0067\U000e0062\U000e007f", "می\u200cخواهم", "❤\ufe0f", "一行\n二行"):
            with self.subTest(cell=cell):
                self.assertEqual(workbook.as_text(f" {cell}\u200b"), cell)

    def test_files_that_are_no_use(self):
        real_xls, real_xlsx = real_file("customers_a.xls"), real_file("customers_b.xlsx")
        encrypted = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
        other_zip = io.BytesIO()
        with zipfile.ZipFile(other_zip, "w") as archive:
            archive.writestr("letter.txt", "hello")
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            with archive.open("xl/workbook.xml", "w", force_zip64=True) as part:
                for _step in range(80):
                    part.write(b" " * 1024 * 1024)
        for label, content, error in (
            ("nothing", b"", workbook.WorkbookEmptyError),
            ("titles as text", "客户名称,客户编码".encode(), workbook.WorkbookEmptyError),
            ("pdf", b"%PDF-1.7 ...", workbook.WorkbookTypeError),
            ("other zip", other_zip.getvalue(), workbook.WorkbookTypeError),
            ("encrypted", encrypted, workbook.WorkbookEncryptedError),
            ("half an xls", real_xls[: len(real_xls) // 2], workbook.WorkbookBrokenError),
            ("half an xlsx", real_xlsx[: len(real_xlsx) // 2], workbook.WorkbookBrokenError),
            ("head of an xls", real_xls[:100], workbook.WorkbookBrokenError),
            ("titles only", xlsx(["Name", "Code"]), workbook.WorkbookEmptyError),
            ("empty sheet", xlsx(), workbook.WorkbookEmptyError),
            ("bomb", bomb.getvalue(), workbook.WorkbookTooLargeError),
        ):
            with self.subTest(label), self.assertRaises(error):
                workbook.read_workbook(content)

    def test_damaged_bytes_never_escape_as_other_errors(self):
        """Whatever byte is damaged, the file is read or refused by a WorkbookError."""
        for name in ("customers_a.xls", "customers_b.xlsx"):
            content = real_file(name)
            for position in range(8, len(content), len(content) // 40):
                damaged = content[:position] + bytes(255 - byte for byte in content[position : position + 16]) + content[position + 16 :]
                with self.subTest(file=name, position=position):
                    try:
                        self.assertTrue(workbook.read_workbook(damaged).rows)
                    except workbook.WorkbookError as error:
                        self.assertIsNot(type(error), workbook.WorkbookError)
