"""Real workbooks of many programs with bytes turned over, cut off, and their parts changed: read, or refused by a typed error, in bounded
time and memory."""

import io
import random
import resource
import struct
import time
import warnings
import zipfile
from pathlib import Path

import odoo
import xlrd
from odoo.tests import BaseCase, tagged

from ...tools import workbook
from .test_importer_workbook import real_file

SEED = 20261122
TURNS = 12  # of each file and each way of damage; of large files fewer
SECONDS = 20  # of one file, at most
MEMORY = 300 * 1024  # KB above the start, of all together
# workbooks that come with the host, by Excel 97, LibreOffice and others; those that this host has not are left out
HOST_FILES = (
    "crm/static/xls/crm_lead.xls",
    "product/static/xls/product_template.xls",
    "product/static/xls/product_pricelist.xls",
    "base/static/xls/contacts_import_template.xlsx",
    "sale/static/xls/quotations_import_template.xlsx",
    "test_import_export/data/test_import.xls",
    "test_import_export/data/test_import.xlsx",
    "test_mimetypes/tests/testfiles/case.xls",
    "test_mimetypes/tests/testfiles/case.xlsx",
)
# who saved them, as the files themselves say
PROGRAMS = {
    "account/static/xls/coa_import_template.xlsx": "Google Sheets",
    "account/static/xls/misc_operations_import_template.xlsx": "LibreOffice 24.2",
    "account/static/xls/aml_import_template.xlsx": "LibreOffice 6.4",
    "account/doc/account_anglo_saxon.ods": "OpenOffice 3.0",
    "test_mimetypes/tests/testfiles/case.ods": "LibreOffice 4.4",
    "test_import_export/data/test_import.ods": "a library that leaves out the part “mimetype”",
    "test_import_export/data/test_import.xls": "LibreOffice, as Excel 97",
    "base/static/xls/contacts_import_template.xlsx": "wijmo",
    "crm/static/xls/crm_lead.xls": "Excel 97",
    "stock/static/xlsx/stock_quant.xlsx": "XlsxWriter",
}


def real_files():
    """Return {name: content} of the workbooks to damage."""
    files = {name: real_file(name) for name in ("customers_a.xls", "customers_b.xlsx")}
    for path in HOST_FILES:
        for root in odoo.addons.__path__:
            place = Path(root) / path
            if place.is_file():
                files.setdefault(path, place.read_bytes())
    files["customers.csv"] = "客户名称,客户编码,电话\n".encode() + "".join(f"苏州{n}号,KH{n:05},0512-{n:08}\n" for n in range(200)).encode()
    files["customers_gb.csv"] = files["customers.csv"].decode().encode("gb18030")
    files["customers_utf16.csv"] = files["customers.csv"].decode().encode("utf-16")
    return files


def flipped(data, chance):
    data = bytearray(data)
    for _flip in range(chance.choice((1, 3, 20, 200))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def cut(data, chance):
    return data[: chance.randrange(len(data))]


def spliced(data, chance):
    """A piece of the file stands in another place of it."""
    start, length = chance.randrange(len(data)), chance.choice((1, 16, 512, 5000))
    place = chance.randrange(len(data))
    return data[:place] + data[start : start + length] + data[place + chance.choice((0, length)) :]


def numbers(data, chance):
    """Lengths, counts and offsets become as large as they can be."""
    data = bytearray(data)
    for _turn in range(chance.choice((1, 5))):
        place = chance.randrange(max(1, len(data) - 4))
        data[place : place + 4] = chance.choice((b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\0\0\0\x80"))
    return bytes(data)


def parts_changed(data, chance):
    """The parts inside an .xlsx: left out, emptied, swapped, twice there, their XML cut or with other numbers."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except zipfile.BadZipFile:
        return flipped(data, chance)
    place = chance.randrange(len(parts))
    name, content = parts[place]
    what = chance.randrange(7)
    if what == 0:
        del parts[place]
    elif what == 1:
        parts[place] = (name, b"")
    elif what == 2:
        other = chance.randrange(len(parts))
        parts[place], parts[other] = (name, parts[other][1]), (parts[other][0], content)
    elif what == 3:
        parts.append((name, content[: len(content) // 2]))
    elif what == 4 and content:
        parts[place] = (name, content[: chance.randrange(len(content))])
    elif what == 5 and content:
        parts[place] = (name, flipped(content, chance))
    else:
        digits = [place for place, byte in enumerate(content) if 48 <= byte <= 57]
        changed = bytearray(content)
        for digit in chance.sample(digits, min(len(digits), 30)):
            changed[digit] = 48 + chance.randrange(10)
        parts[place] = (name, bytes(changed).replace(b'r="A', b'r="XFD', chance.randrange(2)))
    stream = io.BytesIO()
    packing = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", packing) as archive:
        warnings.simplefilter("ignore")  # of parts that are there twice, as they are meant to be
        for part_name, part in parts:
            archive.writestr(zipfile.ZipInfo(part_name), part)
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestImporterFuzz(BaseCase):
    def _read(self, data, name):
        """Read everything that a workbook has, as an import does.

        :return: kind of the refusal, or "read"
        """
        try:
            with workbook.open_book(data, name) as book:
                for sheet in book.sheets:
                    for _number, cells in book.rows(sheet):
                        for cell in cells:
                            workbook.as_shown(cell)
        except workbook.BookError as error:
            return error.kind
        return "read"

    def test_damaged_files(self):
        """Nothing but a typed refusal leaves the reader, whatever the file; and many damaged files are still read."""
        files = real_files()
        self.assertGreaterEqual(len(files), 5)
        chance = random.Random(SEED)
        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        counts = {}
        slowest = (0, "")
        for name, good in files.items():
            self.assertEqual(self._read(good, name), "read", name)
            for damage in (flipped, cut, spliced, numbers, parts_changed):
                for turn in range(TURNS if len(good) < 50_000 else TURNS // 4):
                    bad = damage(good, chance)
                    began = time.monotonic()
                    with self.subTest(file=name, damage=damage.__name__, turn=turn):
                        kind = self._read(bad, name)
                        counts[kind] = counts.get(kind, 0) + 1
                    slowest = max(slowest, (time.monotonic() - began, f"{name} {damage.__name__} {turn}"))
        self.assertLess(slowest[0], SECONDS, slowest[1])
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start, MEMORY)
        self.assertGreater(counts["read"], 10)
        self.assertGreater(counts.get("damaged", 0) + counts.get("truncated", 0), 100, counts)

    def test_files_of_other_programs(self):
        """Workbooks saved by the programs themselves come with the host: Google Sheets, LibreOffice, OpenOffice, Excel, and libraries.

        Their first row has titles, and rows follow. Which of them are there depends on the host; those of its basic add-ons always are.
        """
        seen = {}
        for root in odoo.addons.__path__:
            for path, program in PROGRAMS.items():
                place = Path(root) / path
                if not place.is_file() or path in seen:
                    continue
                with self.subTest(file=path, program=program):
                    with workbook.open_book(place.read_bytes(), place.name) as book:
                        rows = list(book.rows(book.first_sheet()))
                    self.assertGreater(len(rows), 1)
                    self.assertIsInstance(rows[0][1][0], str)
                    seen[path] = program
        self.assertGreaterEqual(len(set(seen.values())), 3, seen)

    def test_a_circle_of_parts(self):
        """A few bytes of an old workbook send its parts round in a circle; they are not followed until the memory is full."""
        files = real_files()
        name = next((name for name in files if name.endswith("test_import.xls")), None)
        if not name:
            self.skipTest("this host has no such small workbook")
        good = files[name]
        table = xlrd.compdoc.CompDoc(good, logfile=io.StringIO())
        written = struct.pack(f"<{len(table.SSAT)}i", *table.SSAT)[:64]
        place = good.index(written)
        bad = bytearray(good)
        first = next(number for number, following in enumerate(table.SSAT) if following == number + 1)
        struct.pack_into("<i", bad, place + 4 * (first + 1), first)
        self.assertEqual(self._read(bytes(bad), name), "damaged")

    def test_rubbish(self):
        """What never was a workbook: random bytes, also behind the first bytes of one."""
        chance = random.Random(SEED)
        heads = (
            b"",
            b"PK\3\4",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"\x09\x08\x10\0",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\x89PNG",
            b"%PDF-",
            b"<?xml ",
        )
        for head in heads:
            for length in (0, 1, 100, 5000):
                data = head + chance.randbytes(length)
                with self.subTest(head=head, length=length):
                    self.assertIsInstance(self._read(data, "file.xlsx"), str)
