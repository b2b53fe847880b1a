"""Odd and hostile files: what a person picks by mistake, what other programs write, and what is made to do harm."""

import datetime
import io
import random
import re
import resource
import struct
import zipfile

import openpyxl
import xlwt
from odoo.tests import BaseCase

from ...models.importer import book_words
from ...tools import workbook, workbook_cells
from .test_importer_workbook import real_file, with_results, xlsx

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def archive(parts, compression=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return stream.getvalue()


def relations(**targets):
    links = "".join(f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{to}"/>' for name, (kind, to) in targets.items())
    return f"<Relationships>{links}</Relationships>"


def hand_made(sheet, prolog="", workbook_extra="", styles="", more=None, shared=""):
    """Return an .xlsx written by hand, as programs do that use no library."""
    return archive(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(r=("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}">{workbook_extra}'
            '<sheets><sheet name="S" r:id="a"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                a=("worksheet", "worksheets/sheet1.xml"), s=("styles", "styles.xml"), t=("sharedStrings", "sharedStrings.xml")
            ),
            "xl/worksheets/sheet1.xml": f"{prolog}<worksheet {MAIN}>{sheet}</worksheet>",
            "xl/styles.xml": f"<styleSheet {MAIN}>{styles}</styleSheet>",
            "xl/sharedStrings.xml": f"<sst {MAIN}>{shared}</sst>",
            **(more or {}),
        }
    )


def excel_5(codepage, *rows):
    """Return a workbook of Excel 5 (BIFF5), written by hand: text in a code page, numbers."""

    def record(kind, data):
        return struct.pack("<HH", kind, len(data)) + data

    name = b"Sheet1"
    globals_end = record(0x000A, b"")
    start = record(0x0809, struct.pack("<HHHH", 0x0500, 0x0005, 0x0DBB, 1996))
    page = record(0x0042, struct.pack("<H", codepage)) if codepage else b""
    place = len(start) + len(page) + 4 + 7 + len(name) + len(globals_end)
    head = start + page + record(0x0085, struct.pack("<LBBB", place, 0, 0, len(name)) + name) + globals_end
    sheet = record(0x0809, struct.pack("<HHHH", 0x0500, 0x0010, 0x0DBB, 1996))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                text = value.encode("gbk")
                sheet += record(0x0204, struct.pack("<HHHH", number, column, 0, len(text)) + text)
            else:
                sheet += record(0x0203, struct.pack("<HHHd", number, column, 0, value))
    return head + sheet + record(0x000A, b"")


def ods(*tables, styles="", more=None):
    """Return an .ods written by hand; each table is (attributes, rows as XML)."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style", "calcext")
    )
    body = "".join(f"<table:table {attributes}>{rows}</table:table>" for attributes, rows in tables)
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content{names}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>",
            **(more or {}),
        }
    )


def ods_cell(text="", attributes="", kind=""):
    kind = f'office:value-type="{kind}"' if kind else ""
    paragraphs = "".join(f"<text:p>{line}</text:p>" for line in text.split("\n")) if text else ""
    return f"<table:table-cell {kind} {attributes}>{paragraphs}</table:table-cell>"


def rows_of(content, filename="file.xlsx"):
    with workbook.open_book(content, filename) as book:
        return list(book.rows(book.first_sheet()))


class TestImporterFiles(BaseCase):
    # ---------------------------------------------------------------------------------------------------------- refused, with a reason

    def assertRefused(self, content, error, kind, filename="file.xlsx"):
        with self.assertRaises(error) as caught:
            rows_of(content, filename)
        self.assertEqual(caught.exception.kind, kind)

    def test_what_is_no_workbook(self):
        picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
        for label, content, error, kind in (
            ("nothing", b"", workbook.WorkbookEmptyError, "empty_file"),
            ("blanks", b" \r\n\t\0\0", workbook.WorkbookEmptyError, "empty_file"),
            ("picture renamed", picture, workbook.WorkbookTypeError, "picture"),
            ("photo renamed", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(5000), workbook.WorkbookTypeError, "picture"),
            ("pdf", b"%PDF-1.7\n%\xe2\xe3", workbook.WorkbookTypeError, "document"),
            ("web page", "<html><table><tr><td>客户</td></tr></table></html>".encode(), workbook.WorkbookTypeError, "web_page"),
            ("table of a web page", b"\xef\xbb\xbf <table border=1><tr><td>a", workbook.WorkbookTypeError, "web_page"),
            ("Excel 2003 XML", b'<?xml version="1.0"?><Workbook/>', workbook.WorkbookTypeError, "xml_spreadsheet"),
            ("Numbers", archive({"Index/Document.iwa": b"x", "preview.jpg": b"y"}), workbook.WorkbookTypeError, "numbers"),
            ("Word", archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), workbook.WorkbookTypeError, "document"),
            ("other zip", archive({"a.txt": "hello"}), workbook.WorkbookTypeError, "not_a_workbook"),
            ("empty zip", archive({}), workbook.WorkbookTypeError, "not_a_workbook"),
            ("program", b"MZ" + bytes(range(256)) * 20, workbook.WorkbookTypeError, "not_a_workbook"),
            ("bytes", random.Random(6).randbytes(5000), workbook.WorkbookTypeError, "not_a_workbook"),
            (
                "binary workbook",
                archive({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": b"\x83\x01"}),
                workbook.WorkbookTypeError,
                "binary_workbook",
            ),
        ):
            with self.subTest(label):
                self.assertRefused(content, error, kind)

    def test_protected_and_cut_off(self):
        real = real_file("customers_b.xlsx")
        encrypted = bytearray(real)
        place = 0
        while (place := encrypted.find(b"PK\x01\x02", place)) >= 0:  # the flag of every entry in the directory
            encrypted[place + 8] |= 1
            place += 4
        self.assertRefused(bytes(encrypted), workbook.WorkbookEncryptedError, "encrypted")
        ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
        self.assertRefused(ole, workbook.WorkbookEncryptedError, "encrypted")
        for share in (0.1, 0.5, 0.9, 0.99):
            self.assertRefused(real[: int(len(real) * share)], workbook.WorkbookBrokenError, "truncated")
        self.assertRefused(real.replace(b"PK\x05\x06", b"PK\x05\x07"), workbook.WorkbookBrokenError, "truncated")

    def test_entities_are_refused_before_they_grow(self):
        bomb = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
            f"<!ENTITY {name} '{f'&{before};' * 100}'>" for before, name in zip("abcdef", "bcdefg", strict=True)
        )
        row = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&g;</t></is></c></row></sheetData>'
        self.assertRefused(hand_made(row, prolog=bomb + "]>"), workbook.WorkbookUnsafeError, "entity_bomb")
        outside = '<!DOCTYPE x [<!ENTITY g SYSTEM "file:///etc/passwd">]>'
        self.assertRefused(hand_made(row, prolog=outside), workbook.WorkbookUnsafeError, "entity_bomb")
        for part in ("xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"):
            with self.subTest(part):
                self.assertRefused(hand_made(row, more={part: outside + "<x/>"}), workbook.WorkbookUnsafeError, "entity_bomb")

    def test_zip_bombs(self):
        many = archive({f"xl/media/{number}": b"" for number in range(workbook_cells.MAX_PARTS + 1)})
        self.assertRefused(many, workbook.WorkbookTooLargeError, "zip_bomb")
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("[Content_Types].xml", "<Types/>")
            with target.open("xl/workbook.xml", "w", force_zip64=True) as part:
                for _step in range(80):
                    part.write(b" " * 1024 * 1024)
        self.assertRefused(stream.getvalue(), workbook.WorkbookTooLargeError, "zip_bomb")
        long_tag = hand_made(f'<sheetData><row r="1"><c r="A1" x="{"y" * 6_000_000}"/></row></sheetData>')
        self.assertRefused(long_tag, workbook.WorkbookTooLargeError, "zip_bomb")
        lzma = archive({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}, zipfile.ZIP_LZMA)
        self.assertRefused(lzma, workbook.WorkbookBrokenError, "damaged")

    def test_a_directory_that_claims_too_much(self):
        """The size of the directory is looked at before it is read."""
        content = bytearray(xlsx(["Name"], ["A"]))
        end = content.rfind(b"PK\x05\x06")
        content[end + 12 : end + 16] = (2**31).to_bytes(4, "little")
        self.assertRefused(bytes(content), workbook.WorkbookTooLargeError, "zip_bomb")

    def test_too_many_rows_and_columns(self):
        wide = xlsx(["Name"] + [f"C{number}" for number in range(1000)], ["A"] + [1] * 1000)
        rows = rows_of(wide)
        self.assertEqual((len(rows), len(rows[1][1])), (2, 1001), "a thousand columns are read")
        beyond = hand_made('<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>')
        self.assertRefused(beyond, workbook.WorkbookTooLargeError, "too_many_columns")
        limit, workbook_read = workbook_cells.MAX_ROWS, __import__("sys").modules[workbook.open_book.__module__]
        self.addCleanup(setattr, workbook_read, "MAX_ROWS", limit)
        workbook_read.MAX_ROWS = 3
        self.assertEqual(len(rows_of(xlsx(["Name"], ["A"], ["B"], ["C"]))), 4)
        self.assertRefused(xlsx(["Name"], ["A"], ["B"], ["C"], ["D"]), workbook.WorkbookTooLargeError, "too_many_rows")

    def test_every_kind_has_a_sentence_that_names_the_file(self):
        class Env:
            @staticmethod
            def _(source, **values):
                return source % values

        kinds = {}
        for error in (
            workbook.WorkbookTypeError,
            workbook.WorkbookEncryptedError,
            workbook.WorkbookBrokenError,
            workbook.WorkbookEmptyError,
            workbook.WorkbookTooLargeError,
            workbook.WorkbookUnsafeError,
        ):
            for kind in {error.kind, *re.findall(r"``(\w+)``", error.__doc__)}:
                sentence = book_words.book_sentence(Env, error(kind, "Sheet1"), "customers.xlsx")
                self.assertIn("customers.xlsx", sentence)
                self.assertNotIn(sentence, kinds.values(), f"{kind} has a sentence of its own")
                kinds[kind] = sentence
        self.assertEqual(len(kinds), 21)
        self.assertIn("Sheet1", kinds["too_many_columns"])
        cells = [
            book_words.cell_sentence(Env, workbook.CellError(kind), "手机")
            for kind in re.findall(r"``(\w+)``", workbook.CellError.__doc__)
            if kind != "kind"
        ]
        self.assertEqual(len(cells), len(set(cells)))

    # ------------------------------------------------------------------------------------------------------------ odd, and read well

    def test_csv_in_every_character_set(self):
        rows = [(1, ["客户名称", "电话", "备注"]), (2, ["苏州“华强”公司", "0512-66880000", "一行\n二行, 三"]), (4, ["无锡公司"])]
        text = '客户名称,电话,备注\r\n苏州“华强”公司,0512-66880000,"一行\n二行, 三"\r\n ,\u200b,\r\n无锡公司,,\r\n'
        for encoding, name in (
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8-sig"),
            ("gb18030", "gb18030"),
            ("gbk", "gb18030"),
            ("utf-16", "utf-16"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
        ):
            for delimiter in (",", ";", "\t", "|"):
                odd = text.replace(",", delimiter).replace(f"{delimiter} 三", ", 三")
                odd = odd.replace("\u200b", "") if encoding == "gbk" else odd
                with self.subTest(encoding=encoding, delimiter=delimiter):
                    with workbook.open_book(odd.encode(encoding), "客户资料.csv") as book:
                        self.assertEqual((book.kind, book.encoding, book.delimiter), ("csv", name, delimiter))
                        self.assertEqual(book.sheets[0].name, "客户资料")
                        self.assertEqual(list(book.rows(0)), rows)

    def test_csv_oddities(self):
        self.assertEqual(rows_of(b'sep=;\na;b\n="00123";=1+1\n'), [(2, ["a", "b"]), (3, ["00123", "=1+1"])])
        self.assertEqual(rows_of("只有一列\n苏州公司\n".encode("gbk")), [(1, ["只有一列"]), (2, ["苏州公司"])])
        damaged = "客户名称,电话\n苏州公司,1\n".encode("gbk") * 50 + b"\xff\xff\x81\x20"
        self.assertRefused(damaged, workbook.WorkbookBrokenError, "encoding")
        with self.assertRaises(workbook.CellError) as caught:
            workbook.as_code("6.22E+18")
        self.assertEqual(caught.exception.kind, "digits")

    def test_digits_that_the_spreadsheet_lost(self):
        for cell in (6.22848040256489e18, 3.20502199001011e17, 622848040256489000, "6.22848E+18", "1.38E+10"):
            with self.subTest(cell=cell), self.assertRaises(workbook.CellError) as caught:
                workbook.as_code(cell)
            self.assertEqual(caught.exception.kind, "digits")
            self.assertTrue(workbook.as_shown(cell))
        self.assertEqual(workbook.as_code(13812345678.0), "13812345678")
        self.assertEqual(workbook.as_code("320502199001011234"), "320502199001011234", "text keeps all of them")

    def test_dates_as_text(self):
        expected = datetime.date(2026, 12, 31)
        for cell in (
            "2026-12-31",
            "2026/12/31",
            "2026.12.31",
            "2026年12月31日",
            "20261231",
            "2026-12-31 08:30:00",
            "2026-12-31T08:30:00Z",
            "2026年12月31日 星期四",
            "31/12/2026",
            "12/31/2026",
            "31 Dec 2026",
            "31-Dec-2026",
            "December 31, 2026",
            "２０２６－１２－３１",
            "\u200b2026-12-31\u00a0",
        ):
            with self.subTest(cell=cell):
                self.assertEqual(workbook.as_date(cell), expected)
        with self.assertRaises(workbook.CellError) as caught:
            workbook.as_date("3/4/2026")
        self.assertEqual(caught.exception.kind, "date_order")
        self.assertEqual(workbook.as_date("4/4/2026"), datetime.date(2026, 4, 4))
        for cell in ("31/31/2026", "2026-13-01", "31 Foo 2026", "next week", "2026-12"):
            with self.subTest(cell=cell), self.assertRaises(workbook.CellError):
                workbook.as_date(cell)

    def test_both_epochs_and_every_date_format(self):
        """46387 counts from 1900, 44925 from 1904; formats with Chinese words, and those that have a number of their own."""
        formats = [14, 15, 22, 27, 31, 36, 50, 57, 58]
        styles = "<cellXfs><xf numFmtId='0'/>" + "".join(f"<xf numFmtId='{number}'/>" for number in formats)
        styles = (
            "<numFmts><numFmt numFmtId='170' formatCode='yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@'/>"
            "<numFmt numFmtId='171' formatCode='[Red]0.00'/></numFmts>" + styles + "<xf numFmtId='170'/><xf numFmtId='171'/></cellXfs>"
        )
        for epoch, number, extra in (("1900", 46387, ""), ("1904", 44925, '<workbookPr date1904="1"/>')):
            cells = "".join(f'<c r="{chr(65 + place)}1" s="{place + 1}"><v>{number}</v></c>' for place in range(len(formats) + 1))
            cells += f'<c r="K1" s="{len(formats) + 2}"><v>{number}</v></c><c r="L1" s="1"><v>{number}.75</v></c>'
            row = rows_of(hand_made(f'<sheetData><row r="1">{cells}</row></sheetData>', workbook_extra=extra, styles=styles))[0][1]
            with self.subTest(epoch=epoch):
                self.assertEqual(row[:10], [datetime.date(2026, 12, 31)] * 10)
                self.assertEqual(row[10:], [number, datetime.datetime(2026, 12, 31, 18)])

    def test_formulas_errors_and_booleans(self):
        sheet = (
            '<sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+2</f></c><c r="C1" t="e"><v>#REF!</v></c>'
            '<c r="D1" t="b"><v>1</v></c><c r="E1" t="str"><f>A1&amp;"x"</f><v>2x</v></c><c r="F1"><f>[1]Other!A1</f><v>7</v></c>'
            '<c r="G1" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r><rPh><t>no</t></rPh></is></c></row></sheetData>'
        )
        expected = [2, workbook.CellFormula("=1+2"), workbook.CellFault("#REF!"), True, "2x", 7, "rich"]
        self.assertEqual(rows_of(hand_made(sheet)), [(1, expected)])
        lazy = hand_made(
            '<sheetData><row r="1"><c r="A1"><f>1+1</f><v>0</v></c><c r="B1"><v>0</v></c></row></sheetData>',
            workbook_extra='<calcPr fullCalcOnLoad="1"/>',
        )
        self.assertEqual(rows_of(lazy), [(1, [workbook.CellFormula("=1+1"), 0])], "a program that calculates nothing wrote the 0")

    def test_prefixed_names_missing_places_and_escapes(self):
        """As the Open XML SDK and hand-made exports write it."""
        sheet = (
            '<sheetData><row><c t="inlineStr"><is><t>Name</t></is></c><c/><c><v>1</v></c></row><row><c t="s"><v>0</v></c></row></sheetData>'
        )
        content = hand_made(sheet, shared="<si><t>A_x000D_B</t></si>")
        self.assertEqual(rows_of(content), [(1, ["Name", None, 1]), (2, ["A\rB"])])
        parts = {name: zipfile.ZipFile(io.BytesIO(content)).read(name) for name in zipfile.ZipFile(io.BytesIO(content)).namelist()}
        part = parts["xl/worksheets/sheet1.xml"].decode()
        part = re.sub(r"<(/?)(\w)", r"<\1x:\2", part).replace("xmlns=", "xmlns:x=")
        parts["xl/worksheets/sheet1.xml"] = part.encode("utf-16")
        self.assertEqual(rows_of(archive(parts)), [(1, ["Name", None, 1]), (2, ["A\rB"])])

    def test_hidden_and_merged(self):
        book = openpyxl.Workbook()
        secret = book.active
        secret.title = "Hidden"
        secret.append(["not this"])
        secret.sheet_state = "hidden"
        sheet = book.create_sheet("Customers")
        for row in (["客户资料表"], ["客户名称", "联系人", None], [None, "姓名", "手机"]):
            sheet.append(row)
        for row in (["甲公司", "王", 1], [None, "李", 2], ["乙公司", "赵", 3]):
            sheet.append(row)
        for area in ("A1:C1", "A2:A3", "B2:C2", "A4:A5"):
            sheet.merge_cells(area)
        sheet.row_dimensions[6].hidden = True
        stream = io.BytesIO()
        book.save(stream)
        expected = [
            (1, ["客户资料表"]),
            (2, ["客户名称", "联系人"]),
            (3, ["客户名称", "姓名", "手机"]),
            (4, ["甲公司", "王", 1]),
            (5, ["甲公司", "李", 2]),
            (6, ["乙公司", "赵", 3]),
        ]
        with workbook.open_book(stream.getvalue(), "x.xlsx") as opened:
            self.assertEqual([(sheet.name, sheet.hidden) for sheet in opened.sheets], [("Hidden", True), ("Customers", False)])
            chosen = opened.first_sheet()
            self.assertEqual(chosen.name, "Customers")
            self.assertEqual(list(opened.rows(chosen)), expected)
            self.assertEqual(list(opened.rows("Customers", start=4)), expected[4:], "reading goes on where it ended")
            self.assertEqual(vars(opened.remarks(chosen)), {"hidden_rows": 1, "formulas": 0, "merged": 4})
        old = xlwt.Workbook()
        sheet = old.add_sheet("Customers")
        sheet.write_merge(0, 1, 0, 0, "客户名称")
        sheet.write(0, 1, "电话")
        sheet.write(1, 1, 1)
        sheet.row(1).hidden = True
        stream = io.BytesIO()
        old.save(stream)
        with workbook.open_book(stream.getvalue(), "x.xls") as opened:
            self.assertEqual(list(opened.rows(0)), [(1, ["客户名称", "电话"]), (2, ["客户名称", 1.0])])
            self.assertEqual(opened.remarks(0).hidden_rows, 1)

    def test_open_document(self):
        def row(*cells, attributes=""):
            return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"

        first = row(ods_cell("客户名称", 'table:number-columns-spanned="2"'), "<table:covered-table-cell/>", ods_cell("电话"))
        number = ods_cell("1,234.5", 'office:value="1234.5"', "float")
        date = ods_cell("8.12.26", 'office:date-value="2026-12-08"', "date")
        moment = ods_cell("x", 'office:date-value="2026-12-08T09:30:00"', "date")
        note = "<table:table-cell><office:annotation><text:p>a remark</text:p></office:annotation><text:p>a<text:s text:c='2'/>b</text:p>"
        odd = row(
            ods_cell("苏州\n公司"),
            number,
            date,
            moment,
            ods_cell("TRUE", 'office:boolean-value="true"', "boolean"),
            ods_cell("08:05:00", 'office:time-value="PT8H5M0S"', "time"),
            ods_cell("2", 'table:formula="of:=1+1" office:value="2"', "float"),
            ods_cell("#N/A", 'table:formula="of:=NA()" calcext:value-type="error"', "string"),
            ods_cell("", 'table:formula="of:=[.A1]"'),
            note + "</table:table-cell>",
        )
        tail = row(ods_cell("", 'table:number-columns-repeated="16384"'), attributes='table:number-rows-repeated="1048000"')
        again = row(ods_cell("x", 'table:number-columns-repeated="2"'), attributes='table:number-rows-repeated="2"')
        hidden = row(ods_cell("y"), attributes='table:visibility="filter"')
        content = ods(
            ('table:name="No" table:style-name="h"', row(ods_cell("secret"))),
            ('table:name="Customers"', first + odd + again + hidden + tail),
            styles='<style:style style:name="h"><style:table-properties table:display="false"/></style:style>',
        )
        expected = [
            (1, ["客户名称", None, "电话"]),
            (
                2,
                [
                    "苏州\n公司",
                    1234.5,
                    datetime.date(2026, 12, 8),
                    datetime.datetime(2026, 12, 8, 9, 30),
                    True,
                    "08:05:00",
                    2,
                    workbook.CellFault("#N/A"),
                    workbook.CellFormula("=[.A1]"),
                    "a  b",
                ],
            ),
            (3, ["x", "x"]),
            (4, ["x", "x"]),
            (5, ["y"]),
        ]
        with workbook.open_book(content, "customers.ods") as book:
            self.assertEqual(book.kind, "ods")
            self.assertEqual([(sheet.name, sheet.hidden) for sheet in book.sheets], [("No", True), ("Customers", False)])
            self.assertEqual(list(book.rows(book.first_sheet())), expected)
            self.assertEqual(vars(book.remarks("Customers")), {"hidden_rows": 1, "formulas": 1, "merged": 1})
        flood = ods(('table:name="S"', row(ods_cell("x"), attributes='table:number-rows-repeated="1000000"') * 3))
        self.assertRefused(flood, workbook.WorkbookTooLargeError, "too_many_rows")
        wide = ods(('table:name="S"', row(ods_cell("x", 'table:number-columns-repeated="16384"'))))
        self.assertRefused(wide, workbook.WorkbookTooLargeError, "too_many_columns")
        locked = {"META-INF/manifest.xml": "<m><encryption-data/></m>"}
        self.assertRefused(ods(more=locked), workbook.WorkbookEncryptedError, "encrypted")
        bomb = {"content.xml": '<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'}
        self.assertRefused(ods(more=bomb), workbook.WorkbookUnsafeError, "entity_bomb")

    def test_old_excel(self):
        for codepage in (936, None):
            with self.subTest(codepage=codepage):
                content = excel_5(codepage, ["客户名称", "人数"], ["苏州公司", 12])
                self.assertEqual(rows_of(content, "old.xls"), [(1, ["客户名称", "人数"]), (2, ["苏州公司", 12.0])])

    def test_macros_and_links_are_never_opened(self):
        """They are there, and nothing of them is read: what they hold would not even parse."""
        row = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
        more = {
            "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 not a project",
            "xl/externalLinks/externalLink1.xml": "<broken",
            "xl/externalLinks/_rels/externalLink1.xml.rels": "<broken",
            "xl/drawings/drawing1.xml": "<broken",
            "docProps/core.xml": "<broken",
        }
        self.assertEqual(rows_of(hand_made(row, more=more), "macros.xlsm"), [(1, [1])])

    def test_memory_and_rows_of_a_large_workbook(self):
        """60,000 rows: no list of them is held; what is kept grows by far less than the rows would take."""
        stream = io.BytesIO()
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for number in range(60_000):
            sheet.append([f"公司{number}", f"KH{number:06}", number, "重要客户"])
        book.save(stream)
        content = stream.getvalue()
        rows_of(xlsx(["a"]))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with workbook.open_book(content, "large.xlsx") as opened:
            count = sum(1 for _row in opened.rows(0))
        self.assertEqual(count, 60_000)
        self.assertLess((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 30, "MB")

    # --------------------------------------------------------------------------------------------------------------------- mutations

    def test_mutated_files_are_read_or_refused(self):
        """Bytes flipped, cut, doubled and swapped, in the file and inside its parts: nothing but a BookError ever comes out."""
        ods_number = ods_cell("2", 'office:value="2"', "float")
        seeds = [
            ("customers_a.xls", real_file("customers_a.xls")[:40_000]),
            ("customers_b.xlsx", real_file("customers_b.xlsx")),
            ("old.xls", excel_5(936, ["客户名称", "人数"], ["苏州公司", 12])),
            ("merged.xlsx", with_results(xlsx(["a", "=1+1"], ["b", 2]), {"1+1": ("n", "2")})),
            ("open.ods", ods(('table:name="S"', f"<table:table-row>{ods_cell('a')}{ods_number}</table:table-row>"))),
            ("text.csv", "客户名称,电话\n苏州公司,1\n".encode("gbk") * 20),
        ]
        seen = {"read": 0, "refused": 0}
        for round_number in range(120):
            chance = random.Random(f"kehu {round_number}")
            name, content = seeds[round_number % len(seeds)]
            inside = round_number % 4 < 2 and name.endswith((".xlsx", ".ods"))
            mutated = _mutate_part(chance, content) if inside else _mutate(chance, content)
            with self.subTest(file=name, round=round_number):
                try:
                    with workbook.open_book(mutated, name) as book:
                        for sheet in book.sheets:
                            for _number, cells in book.rows(sheet):
                                for cell in cells:
                                    self.assertIsInstance(workbook.as_shown(cell), str)
                    seen["read"] += 1
                except workbook.BookError as error:
                    self.assertIsNot(type(error), workbook.BookError)
                    seen["refused"] += 1
        self.assertGreater(min(seen.values()), 10, seen)


def _mutate(chance, content):
    """Damage a file at some places."""
    content = bytearray(content)
    for _step in range(chance.randint(1, 6)):
        place, length = chance.randrange(len(content)), chance.randint(1, 40)
        act = chance.choice(["flip", "cut", "double", "zero", "noise"])
        if act == "flip":
            content[place] ^= 1 << chance.randrange(8)
        elif act == "cut" and len(content) > 2 * length:
            del content[place : place + length]
        elif act == "double":
            content[place:place] = content[place : place + length]
        elif act == "zero":
            content[place : place + length] = bytes(len(content[place : place + length]))
        else:
            content[place : place + length] = chance.randbytes(len(content[place : place + length]))
    return bytes(content)


def _mutate_part(chance, content):
    """Damage the XML inside an .xlsx, which stays a sound archive."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        for entry in source.namelist():
            parts[entry] = source.read(entry)
    name = chance.choice([name for name in sorted(parts) if name.endswith((".xml", ".rels"))])
    part = parts[name]
    if chance.random() < 0.5:
        numbers = list(re.finditer(rb'"(\d+)"|>(\d+)<', part))
        if numbers:
            match = chance.choice(numbers)
            strange = chance.choice([b"-1", b"99999999999", b"1e400", b"x", b"", b"NaN"])
            start, end = match.span(1) if match[1] is not None else match.span(2)
            part = part[:start] + strange + part[end:]
    else:
        part = _mutate(chance, part)
    parts[name] = part
    return archive(parts)
