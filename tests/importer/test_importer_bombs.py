"""Small files that are made to fill the memory of the server: each is read or refused with a reason, in little memory.

Every file is read in a Python of its own, so that what it takes is not hidden behind what earlier tests took.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools.misc import file_path

from .test_importer_files import MAIN, RELATIONS, relations

MOST = 120  # MB above a Python that has read a small workbook; the limit that is promised is 300
ADDRESS_SPACE = 3 * 1024**3  # so that a reader without limits is stopped before the machine is
READER = """
import csv, importlib, resource, sys, types
sys.path[:0] = {path!r}
csv.field_size_limit(500 * 1024 * 1024)  # as the host has it
resource.setrlimit(resource.RLIMIT_AS, ({space}, {space}))
package = types.ModuleType("kehu")
package.__path__ = [{root!r}]
sys.modules["kehu"] = package
workbook = importlib.import_module("kehu.workbook")

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def read(place):
    with open(place, "rb") as file:
        data = file.read()
    kind = "read"
    try:
        with workbook.open_book(data, place) as book:
            for sheet in book.sheets:
                for piece in workbook.split_rows(book.rows(sheet), 2000):
                    long = sum(isinstance(cell, workbook.CellLong) for _number, cells in piece for cell in cells)
                    kind = "long" if long else kind
    except workbook.BookError as error:
        kind = error.kind
    return kind

read(sys.argv[1])
before = peak()
print(read(sys.argv[2]), peak() - before)
"""


def many(piece, length):
    """Yield the text again and again, up to so many characters."""
    block = piece * max(1, 1_000_000 // len(piece))
    for _time in range(length // len(block)):
        yield block


def pack(place, parts, noise=0):
    """Write an archive; a part is a text or an iterable of texts, ``noise`` bytes hide how well the others are packed."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as stream:
                for piece in [content] if isinstance(content, str) else content:
                    stream.write(piece.encode())
        if noise:
            archive.writestr(zipfile.ZipInfo("noise"), bytes(range(256)) * (noise // 256))


def xlsx_of(sheet, shared=(), styles=()):
    """Return the parts of an .xlsx whose parts are written piece by piece."""
    targets = {"a": "worksheet", "s": "styles", "t": "sharedStrings"}
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(r=("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets><sheet name="S" r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(**{name: (kind, f"{kind}.xml") for name, kind in targets.items()}),
        "xl/worksheet.xml": [f"<worksheet {MAIN}>", *sheet, "</worksheet>"],
        "xl/styles.xml": [f"<styleSheet {MAIN}>", *styles, "</styleSheet>"],
        "xl/sharedStrings.xml": [f"<sst {MAIN}>", *shared, "</sst>"],
    }


def ods_of(rows, more=None):
    spaces = "".join(f' xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "style", "calcext"))
    head = f'<office:document-content{spaces}><office:body><office:spreadsheet><table:table table:name="S">'
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": [head, *rows, "</table:table></office:spreadsheet></office:body></office:document-content>"],
        **(more or {}),
    }


def ods_row(text, repeat=1, rows=1):
    return (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="string" '
        f'table:number-columns-repeated="{repeat}"><text:p>{text}</text:p></table:table-cell></table:table-row>'
    )


def xlsx_rows(count, columns, texts):
    """Yield rows whose cells name one shared text after the other."""
    yield "<sheetData>"
    for row in range(count):
        cells = (f'<c t="s"><v>{(row * columns + column) % texts}</v></c>' for column in range(columns))
        yield f"<row>{''.join(cells)}</row>"
    yield "</sheetData>"


@tagged("post_install", "-at_install")
class TestImporterBombs(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="kehu_bombs_")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.small = cls.folder / "small.csv"
        cls.small.write_text("a,b\n1,2\n")
        cls.script = READER.format(path=sys.path, space=ADDRESS_SPACE, root=file_path("kehu_crm/tools"))

    def assertRead(self, name, *kinds):
        """The file of this name is read, or refused, as one of these kinds, in bounded memory."""
        place = self.folder / name
        done = subprocess.run(
            [sys.executable, "-c", self.script, self.small, place], capture_output=True, text=True, timeout=300, check=False
        )
        place.unlink()
        self.assertFalse(done.returncode, f"{name}: {done.stderr[-500:]}")
        kind, grown = done.stdout.split()
        with self.subTest(name):
            self.assertIn(kind, kinds)
            self.assertLess(int(grown), MOST, f"{name}: {grown} MB")

    def test_open_document(self):
        spaces = '<text:s text:c="32767"/>x'
        for name, rows, more, kinds in (
            ("spaces.ods", [ods_row("a"), ods_row(spaces * 60_000)], None, ["long"]),
            ("repeated.ods", [ods_row("a"), ods_row("甲" * 30_000, 1024, 199_999)], None, ["long_row"]),
            ("repeated_rows.ods", [ods_row("a"), ods_row("甲" * 30_000, 1, 199_999)], None, ["too_large"]),
            (
                "columns.ods",
                [ods_row("a"), "<table:table-row>", *many("<table:table-cell/>", 60_000_000), "</table:table-row>"],
                None,
                ["too_many_columns"],
            ),
            ("manifest.ods", [ods_row("a")] * 2, {"META-INF/manifest.xml": many(" ", 500_000_000)}, ["read"]),
        ):
            pack(self.folder / name, ods_of(rows, more), noise=3_000_000)
            self.assertRead(name, *kinds)

    def test_shared_texts(self):
        """Texts that stand once in the file and are named by many cells."""
        megabytes = (f"<si><t>{chr(0x4E00 + number)}{'a' * 3_000_000}</t></si>" for number in range(20))
        pack(self.folder / "megabytes.xlsx", xlsx_of(xlsx_rows(1000, 3, 20), megabytes), noise=1_000_000)
        self.assertRead("megabytes.xlsx", "long")
        cells = (f"<si><t>😀{number}{'a' * 32_000}</t></si>" for number in range(1000))
        pack(self.folder / "cells.xlsx", xlsx_of(xlsx_rows(20_000, 3, 1000), cells), noise=1_000_000)
        self.assertRead("cells.xlsx", "too_large")
        pack(self.folder / "row.xlsx", xlsx_of(xlsx_rows(10, 1000, 1), ["<si><t>", "a" * 32_000, "</t></si>"]), noise=1_000_000)
        self.assertRead("row.xlsx", "long_row")

    def test_xml_without_end(self):
        """Elements inside one another, names, attributes, formats: whatever a parser keeps until it is done."""
        names = ("".join(f"<a{number}/>" for number in range(start, start + 1000)) for start in range(0, 2_000_000, 1000))
        text = ['<sheetData><row><c t="inlineStr"><is><t>', *many("苏😀a", 200_000_000), "</t></is></c></row></sheetData>"]
        formats = many('<cellXfs><xf numFmtId="1" b="2" c="3" d="4"/></cellXfs>', 300_000_000)
        one = ["<si><t>a</t></si>"]
        for name, parts, kinds in (
            ("depth.xlsx", xlsx_of(many("<a>", 60_000_000)), ["zip_bomb"]),
            ("names.xlsx", xlsx_of(names), ["zip_bomb"]),
            ("tag.xlsx", xlsx_of(["<a ", *(f'b{number}="1" ' for number in range(400_000)), "/>"]), ["zip_bomb"]),
            ("text.xlsx", xlsx_of(text), ["long"]),
            ("formats.xlsx", xlsx_of(xlsx_rows(2, 2, 1), one, formats), ["zip_bomb"]),
        ):
            pack(self.folder / name, parts, noise=4_000_000)
            self.assertRead(name, *kinds)

    def test_text_with_delimiters(self):
        length = 49 * 1024**2
        for name, content, kind in (
            ("line.csv", "a,b\n😀" + "x" * length, "long_row"),
            ("commas.csv", "a,b\n" + "," * length, "long_row"),
            ("quotation.csv", 'a,b\n"😀' + "x\n" * (length // 2), "long_row"),
            ("cells.csv", "a,b\n" + ("x" * 200_000 + ",1\n") * 200, "long"),
        ):
            (self.folder / name).write_text(content)
            self.assertRead(name, kind)

    def test_old_workbooks(self):
        """A bare stream of records: a table of texts that says it has ten million, and one above the limit of the old format."""
        start = b"\x09\x08\x10\x00\x00\x06\x05\x00\xbb\x0d\xcc\x07\x00\x00\x00\x00\x06\x00\x00\x00"
        texts = b"\x01\x00\x00A\x02\x00\x00BC" * 900
        table = b"\xfc\x00" + (8 + len(texts)).to_bytes(2, "little") + (10**7).to_bytes(4, "little") * 2 + texts
        more = (b"\x3c\x00" + len(texts).to_bytes(2, "little") + texts) * 3_000
        (self.folder / "texts.xls").write_bytes(start + table + more)
        self.assertRead("texts.xls", "large_old")
        (self.folder / "large.xls").write_bytes(start + table + more * 2)
        self.assertRead("large.xls", "large_old")
