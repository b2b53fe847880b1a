"""Reading .xlsx row by row, without ORM and without holding the sheet in memory.

Measured on 20,000 rows of ten columns (eight of text, a number, a date), in rows for a second of processor time: openpyxl 3.1 read-only
10,100 (17 MB), python-calamine 0.9 165,000 (20 MB), this module 24,500 (4 MB). calamine gives the same empty text for a formula without a
result, for an error value and for an empty cell, does not tell hidden rows, and holds the whole sheet; openpyxl gives a formula or its
result, never both, and takes the dates of Chinese Excel (formats 27 to 36 and 50 to 58) for numbers. So the XML is read here, by the expat
of the standard library: a document type declaration is refused before an entity can be expanded, and texts lie in a temporary file once
they are many.
"""

import os
import re
import tempfile
import zipfile
from array import array
from io import BytesIO
from posixpath import dirname, join, normpath
from xml.parsers import expat

from openpyxl.styles.numbers import is_date_format

from .workbook_cells import (
    LAST_ROW,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_MERGED,
    MAX_PACKING,
    MAX_PARTS,
    MAX_RAW_TEXT,
    MAX_ROW_TEXT,
    MAX_SHARED,
    MAX_SHEETS,
    MAX_TEXT,
    MAX_UNPACKED_BYTES,
    CellFault,
    CellFormula,
    CellShare,
    WorkbookBrokenError,
    WorkbookEncryptedError,
    WorkbookTooLargeError,
    WorkbookTypeError,
    WorkbookUnsafeError,
)
from .workbook_values import from_serial

_CHUNK = 16 * 1024  # the rows in it are held at once, and each may have a long text that the file keeps elsewhere
_LONGEST_TOKEN = 1024 * 1024  # one tag in the XML; expat holds it until it ends
_DEEPEST = 1_000  # elements inside one another; expat holds them until they end
_MOST_NAMES = 20_000  # of elements and attributes; expat holds them to the end
_LARGEST_PART = 30_000_000  # of what is kept of the list of sheets, of formats, of links
_TEXTS_IN_MEMORY = 4 * 1024 * 1024
# day, time and East Asian formats that have a number instead of a text in the file
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_HEAD = 4096  # bytes of a sheet before its first row
_DIMENSION = re.compile(rb'dimension\s+ref\s*=\s*"[A-Z0-9$]+:\$?[A-Z]{1,3}\$?(\d{1,7})"')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_RANGE = re.compile(rb'ref\s*=\s*"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"')


def check_archive(content):
    """Refuse an archive that is cut off, protected, or made to fill the memory, before anything of it is unpacked.

    :param bytes content: the file, which begins as a zip archive does
    :return: the archive
    :rtype: zipfile.ZipFile
    :raises BookError: of kind truncated, damaged, encrypted, zip_bomb
    """
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    if end < 0 or len(content) < end + 22:
        raise WorkbookBrokenError("truncated")
    directory = int.from_bytes(content[end + 12 : end + 16], "little")
    if directory == 0xFFFFFFFF:  # the longer record of the 64-bit form stands before it
        longer = content.rfind(b"PK\x06\x06", 0, end)
        directory = int.from_bytes(content[longer + 40 : longer + 48], "little") if longer >= 0 else 0
    if directory > 300 * MAX_PARTS:
        raise WorkbookTooLargeError("zip_bomb")
    archive = zipfile.ZipFile(BytesIO(content))
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or unpacked > max(MAX_BYTES, MAX_PACKING * len(content)):
        raise WorkbookTooLargeError("zip_bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookEncryptedError
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise WorkbookBrokenError
    return archive


def parse_xml(stream, start, end=None, text=None, depth=None):
    """Run expat over a part and yield after each chunk, so that the caller can hand on what the handlers gathered.

    :param stream: opened part of the archive
    :param depth: function that returns how many elements are open, of handlers that count them; others are counted here
    :raises WorkbookUnsafeError: at a document type declaration
    :raises WorkbookTooLargeError: at a single tag of more than a megabyte, at elements one inside the other without end, at names of
        elements without end
    """
    if depth is None:
        start, end, depth = _counted(start, end)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.EntityDeclHandler = _refuse_entities
    behind = 0
    fed = 0
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
        fed += len(chunk)
        place = max(parser.CurrentByteIndex, 0)
        behind = place if place > behind else behind
        if fed - behind > _LONGEST_TOKEN or depth() > _DEEPEST or len(parser.intern) > _MOST_NAMES:
            raise WorkbookTooLargeError("zip_bomb")
        yield
    parser.Parse(b"", True)
    yield


def _counted(start, end):
    """Return two handlers that count the open elements around these, and a function that returns how many they are."""
    open_elements = 0

    def opened(name, attributes):
        nonlocal open_elements
        open_elements += 1
        start(name, attributes)

    def closed(name):
        nonlocal open_elements
        open_elements -= 1
        if end:
            end(name)

    return opened, closed, lambda: open_elements


def _refuse_entities(*_declaration):
    raise WorkbookUnsafeError


def _local(name):
    return name.rpartition(":")[2]


class _Texts:
    """The shared texts of a workbook: in memory while they are few, else in a temporary file that nobody else can open."""

    def __init__(self):
        self._places = array("Q", [0])
        self._recent = bytearray()
        self._stored = 0
        self._file = None
        self._window = (0, b"")

    def append(self, text):
        self._recent += text.encode("utf-8", "surrogatepass")
        self._places.append(self._stored + len(self._recent))
        if len(self._recent) > _TEXTS_IN_MEMORY:
            if self._file is None:
                self._file, path = tempfile.mkstemp(prefix="kehu_import_")
                os.unlink(path)  # it goes when it is closed, also when the server is killed
            left = memoryview(bytes(self._recent))
            while left:
                left = left[os.write(self._file, left) :]
            self._stored += len(self._recent)
            self._recent.clear()

    def __len__(self):
        return len(self._places) - 1

    def __getitem__(self, index):
        if index < 0:
            raise IndexError(index)
        start, stop = self._places[index], self._places[index + 1]
        if start >= self._stored:
            return self._recent[start - self._stored : stop - self._stored].decode("utf-8", "surrogatepass")
        at, window = self._window
        if not (at <= start and stop <= at + len(window)):
            # texts come mostly in the order in which the rows use them
            os.lseek(self._file, start, os.SEEK_SET)
            window = os.read(self._file, max(stop - start, 64 * 1024))
            self._window = (start, window)
            at = start
        return window[start - at : stop - at].decode("utf-8", "surrogatepass")

    def close(self):
        if self._file is not None:
            os.close(self._file)
            self._file = None


class XlsxReader:
    """An .xlsx file; see ``Book`` in workbook_read.py for what its methods give."""

    kind = "xlsx"

    def __init__(self, content):
        self._archive = check_archive(content)
        self._names = {name.lower(): name for name in self._archive.namelist()}
        if "mimetype" not in self._names and not any(name.startswith("xl/") for name in self._names):
            if any(name.endswith(".iwa") for name in self._names):
                raise WorkbookTypeError("numbers")
            if any(name.startswith(("word/", "ppt/")) for name in self._names):
                raise WorkbookTypeError("document")
            raise WorkbookTypeError
        if "[content_types].xml" not in self._names:
            raise WorkbookTypeError
        self._workbook = self._main_part()
        if self._workbook.lower().endswith(".bin"):
            raise WorkbookTypeError("binary_workbook")
        self.is_1904 = False
        self._to_be_calculated = False
        self.sheets = []  # (name, hidden, part)
        self._read_workbook()
        self._dates = self._shares = None
        self._texts = None

    def close(self):
        self._archive.close()
        if self._texts:
            self._texts.close()

    # ------------------------------------------------------------------------------------------------------ parts of the archive

    def _open(self, part):
        name = self._names.get(part.lower())
        if name is None:
            raise WorkbookBrokenError
        return self._archive.open(name)

    def _elements(self, part, names, keys=()):
        """Return [(local name, {local attribute: value})] of these elements of a small part, with these attributes."""
        found = []
        size = 0

        def start(name, attributes):
            nonlocal size
            name = _local(name)
            if name in names:
                kept = {_local(key): value for key, value in attributes.items() if _local(key) in keys}
                size += 100 + sum(map(len, kept.values()))
                if size > _LARGEST_PART:
                    raise WorkbookTooLargeError("zip_bomb")
                found.append((name, kept))

        with self._open(part) as stream:
            for _chunk in parse_xml(stream, start):
                pass
        return found

    def _relations(self, part):
        """Return {id: (kind, part)} of what a part refers to inside the file; what lies outside is left alone."""
        relations = f"{dirname(part)}/_rels/{part.rpartition('/')[2]}.rels".lstrip("/")
        if relations.lower() not in self._names:
            return {}
        targets = {}
        for _name, attributes in self._elements(relations, {"Relationship"}, {"Id", "Target", "TargetMode", "Type"}):
            if attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                target = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))
                targets[attributes.get("Id")] = (attributes.get("Type", "").rpartition("/")[2], target)
        return targets

    def _main_part(self):
        for kind, target in self._relations("").values():
            if kind == "officeDocument" and target.lower() in self._names:
                return target
        for name in ("xl/workbook.xml", "xl/workbook.bin"):
            if name in self._names:
                return name
        raise WorkbookBrokenError

    def _read_workbook(self):
        relations = self._relations(self._workbook)
        names = {"workbookPr", "calcPr", "sheet"}
        for name, attributes in self._elements(self._workbook, names, {"date1904", "fullCalcOnLoad", "id", "name", "state"}):
            if name == "workbookPr":
                self.is_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "calcPr":
                self._to_be_calculated = attributes.get("fullCalcOnLoad") in ("1", "true")
            elif name == "sheet":
                kind, part = relations.get(attributes.get("id"), ("", ""))
                if kind == "worksheet":
                    self.sheets.append((attributes.get("name", ""), attributes.get("state", "visible") != "visible", part))
        if len(self.sheets) > MAX_SHEETS:
            raise WorkbookTooLargeError("too_many_sheets")

    def _part(self, kind):
        for found, target in self._relations(self._workbook).values():
            if found == kind and target.lower() in self._names:
                return target
        return None

    def _date_styles(self):
        """Return which cell formats show a date: {index of the format}; those with a percent sign come to be known on the way."""
        if self._dates is None:
            self._dates, self._shares = set(), set()
            part = self._part("styles")
            own = {}
            formats = []
            inside = False
            names = {"numFmt", "xf", "cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}
            for name, attributes in self._elements(part, names, {"numFmtId", "formatCode"}) if part else ():
                if name == "numFmt":
                    own[attributes.get("numFmtId")] = attributes.get("formatCode", "")
                elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                    inside = name == "cellXfs"
                elif name == "xf" and inside:
                    formats.append(attributes.get("numFmtId", "0"))
            for index, number in enumerate(formats):
                if is_date_format(own[number]) if number in own else number.isdigit() and int(number) in _DATE_FORMATS:
                    self._dates.add(str(index))
                elif number in ("9", "10") or "%" in own.get(number, ""):
                    self._shares.add(str(index))
        return self._dates

    def _shared_texts(self):
        if self._texts is None:
            texts = _Texts()
            part = self._part("sharedStrings")
            if part:
                pieces = []
                state = {"taking": False, "spoken": 0, "room": MAX_RAW_TEXT}

                def start(name, _attributes):
                    name = _local(name)
                    if name == "t":
                        state["taking"] = not state["spoken"]
                    elif name == "rPh":  # how to pronounce it
                        state["spoken"] += 1

                def end(name):
                    name = _local(name)
                    if name == "t":
                        state["taking"] = False
                    elif name == "rPh":
                        state["spoken"] -= 1
                    elif name == "si":
                        texts.append(_unescape("".join(pieces))[: MAX_TEXT + 1])
                        pieces.clear()
                        state["room"] = MAX_RAW_TEXT

                def text(data):
                    if state["taking"] and state["room"] > 0:
                        pieces.append(data)
                        state["room"] -= len(data)

                with self._open(part) as stream:
                    for _chunk in parse_xml(stream, start, end, text):
                        if len(texts) > MAX_SHARED:
                            raise WorkbookTooLargeError("zip_bomb")
            self._texts = texts
        return self._texts

    # ----------------------------------------------------------------------------------------------------------------- one sheet

    def expected_rows(self, index):
        """Return the last row of the sheet as its head tells it; 0 when it does not."""
        with self._open(self.sheets[index][2]) as stream:
            match = _DIMENSION.search(stream.read(_HEAD))
        return min(int(match[1]), LAST_ROW) if match else 0

    def merged(self, index):
        """Return [(first row, last row, first column, last column)], rows from 1, columns from 0."""
        found = []
        tail = b""
        inside = False
        with self._open(self.sheets[index][2]) as stream:
            while chunk := stream.read(_CHUNK):
                chunk = tail + chunk
                if not inside:
                    place = chunk.find(b"mergeCells")
                    if place < 0:
                        tail = chunk[-16:]
                        continue
                    inside = True
                    chunk = chunk[place:]
                end = 0
                for match in _RANGE.finditer(chunk):
                    left, top, right, bottom = match.groups()
                    found.append((int(top), int(bottom), _column(left.decode()), _column(right.decode())))
                    end = match.end()
                if len(found) > MAX_MERGED or b"/mergeCells" in chunk or b":mergeCells>" in chunk[10:]:
                    break
                tail = chunk[max(end, len(chunk) - 64) :]
        return found

    def rows(self, index, remarks):
        """Yield (row number, [cell]) of every row that the sheet has; ``remarks`` is filled on the way."""
        sheet = _SheetHandler(self._shared_texts(), (self._date_styles(), self._shares), self.is_1904, self._to_be_calculated, remarks)
        with self._open(self.sheets[index][2]) as stream:
            for _chunk in parse_xml(stream, sheet.start, sheet.end, sheet.text, lambda: sheet.depth):
                if sheet.rows:
                    yield from sheet.rows
                    sheet.rows.clear()


class _SheetHandler:
    """Gathers rows from the events of expat."""

    def __init__(self, texts, styles, is_1904, to_be_calculated, remarks):
        self.rows = []
        self.depth = 0
        self._texts = texts
        self._dates, self._shares = styles
        self._is_1904 = is_1904
        self._to_be_calculated = to_be_calculated
        self._remarks = remarks
        self._columns = {}
        self._number = 0
        self._cells = []
        self._column = -1
        self._prefix = None
        self._kind = self._style = None
        self._formula = self._value = None
        self._taking = None
        self._room = 0
        self._length = 0
        self._spoken = 0

    def start(self, name, attributes):
        self.depth += 1
        if self._prefix is None:  # of the root element
            self._prefix = len(name) - len(_local(name))
        if self._prefix:
            name = _local(name)
        if name == "c":
            place = attributes.get("r")
            if place:
                letters = place.rstrip("0123456789")
                column = self._columns.get(letters)
                if column is None:
                    column = self._columns[letters] = _column(letters)
                self._column = column
            else:
                self._column += 1
            self._kind = attributes.get("t")
            self._style = attributes.get("s")
            self._formula = self._value = None
            self._room = MAX_RAW_TEXT
        elif name == "v":
            self._value = self._taking = []
        elif name == "t":
            if not self._spoken and self._kind == "inlineStr":
                self._value = self._taking = self._value or []
        elif name == "f":
            self._formula = self._taking = []
        elif name == "row":
            number = attributes.get("r")
            self._number = int(number) if number else self._number + 1
            if self._number > LAST_ROW:
                raise WorkbookBrokenError
            if attributes.get("hidden") in ("1", "true"):
                self._remarks.hidden_rows += 1
            self._cells = []
            self._column = -1
            self._length = 0
        elif name == "rPh":
            self._spoken += 1

    def text(self, data):
        if self._taking is not None and self._room > 0:
            self._taking.append(data)
            self._room -= len(data)

    def end(self, name):
        self.depth -= 1
        if self._prefix:
            name = _local(name)
        if name in ("v", "t", "f"):
            self._taking = None
        elif name == "c":
            value = self._read()
            if value is not None:
                cells, column = self._cells, self._column
                if column >= MAX_COLUMNS:
                    raise WorkbookTooLargeError("too_many_columns")
                if type(value) is str and len(value) > 256:  # shorter ones never fill a row
                    self._length += min(len(value), MAX_TEXT)
                    if self._length > MAX_ROW_TEXT:
                        raise WorkbookTooLargeError("long_row")
                if column == len(cells):
                    cells.append(value)
                elif column > len(cells):
                    cells += [None] * (column - len(cells))
                    cells.append(value)
                else:
                    cells[column] = value
        elif name == "row":
            if self._cells:
                self.rows.append((self._number, self._cells))
                self._cells = []
        elif name == "rPh":
            self._spoken -= 1

    def _read(self):
        kind = self._kind
        value = self._value
        if value is not None:
            value = "".join(value)
        if self._formula is not None:
            # a program that calculates nothing stores 0 and asks for a calculation when the file is opened
            missing = (value is None or value == "") if kind != "str" else value is None
            if missing or (value == "0" and self._to_be_calculated):
                return CellFormula("=" + "".join(self._formula)[:MAX_TEXT])
            self._remarks.formulas += 1
        if value is None or value == "":
            return None
        if kind is None or kind == "n":
            if self._style in self._dates:
                return from_serial(float(value), self._is_1904)
            number = float(value)
            if self._style in self._shares:
                return CellShare(number)
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        if kind == "s":
            return self._texts[int(value)] or None
        if kind in ("str", "inlineStr"):
            return _unescape(value)[: MAX_TEXT + 1]
        if kind == "b":
            return value in ("1", "true")
        if kind == "e":
            return CellFault(value[:MAX_TEXT])
        return value[: MAX_TEXT + 1]  # “d”, a date written as text


def _unescape(text):
    """Return the text with characters that XML cannot hold, which Excel writes as _x000D_.

    >>> _unescape("A_x000D_B_x0000_"), _unescape("_xD83D__xDE00_") == "\U0001f600"
    ('A\\rB', True)
    """
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # joins the two halves of a character


def _column(letters):
    """Return the number of a column from 0.

    >>> _column("A"), _column("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        digit = ord(letter.upper()) - 64
        if not 1 <= digit <= 26 or number > 1_000:  # three letters at most
            raise WorkbookBrokenError
        number = number * 26 + digit
    if not number:
        raise WorkbookBrokenError
    return number - 1
