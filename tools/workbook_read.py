"""Opening any file that is said to be a workbook, without ORM: .xlsx, .xlsm, .xls (Excel 5 and WPS too), .ods and .csv.

    with open_book(data, "customers.xlsx") as book:
        sheet = book.first_sheet()                 # BookSheet(name="Sheet1", hidden=False, index=0)
        for number, cells in book.rows(sheet):     # number as the spreadsheet program shows it, cells without trailing empty ones
            …
        book.remarks(sheet).hidden_rows            # known once the rows were read

What kind of file it is comes from its first bytes; its name only says how to call the sheet of a .csv file. Nothing is evaluated: macros,
links to other workbooks, pictures and charts are never opened.
"""

import codecs
import csv
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections import namedtuple
from io import StringIO
from xml.parsers.expat import ExpatError

import xlrd

from .text import visible_text
from .workbook_cells import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_OLD_BYTES,
    MAX_OLD_TEXTS,
    MAX_ROW_TEXT,
    MAX_ROWS,
    MAX_SHEET_TEXT,
    MAX_SHEETS,
    MAX_TEXT,
    SAMPLE_SHEET,
    BookError,
    CellError,
    CellFault,
    CellFormula,
    CellLong,
    CellShare,
    Sheet,
    WorkbookBrokenError,
    WorkbookEmptyError,
    WorkbookEncryptedError,
    WorkbookTooLargeError,
    WorkbookTypeError,
)
from .workbook_ods import OdsReader, is_ods
from .workbook_values import EPOCH_1900, EPOCH_1904, as_shown, as_text, from_serial
from .workbook_xlsx import XlsxReader

BookSheet = namedtuple("BookSheet", "name hidden index")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*", b"\0\0\x01\0")
_OTHER_BINARY = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x7fELF", b"MZ", b"SQLite format 3")
# what zipfile, expat and xlrd let through when a part is missing or damaged
_DAMAGE = (
    CellError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ExpatError,
    xlrd.compdoc.CompDocError,
    xlrd.formula.FormulaError,
    csv.Error,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    TypeError,
    UnboundLocalError,
    ValueError,
)


def open_book(data, filename=""):
    """Open a workbook of any kind.

    :param bytes data: the file
    :param str filename: as the person calls it
    :rtype: Book
    :raises BookError: one of its subclasses; nothing is read then
    """
    if len(data) > MAX_BYTES:
        raise WorkbookTooLargeError
    if not re.search(rb"[^\0 \r\n\t]", data):
        raise WorkbookEmptyError("empty_file")
    try:
        return Book(_reader(data, filename), filename)
    except _DAMAGE as error:
        raise WorkbookBrokenError from error


def _reader(data, filename):
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise WorkbookEncryptedError
        if len(data) > MAX_OLD_BYTES:
            raise WorkbookTooLargeError("large_old")
        _refuse_too_many_texts(*_old_stream(data))
        return _XlsReader(data)
    if data.startswith(_ZIP):
        return OdsReader(data) if is_ods(data) else XlsxReader(data)
    if data[:2] == b"\x09\x08" or data[:4] in (b"\x09\x04\x06\x00", b"\x09\x02\x06\x00"):
        if len(data) > MAX_OLD_BYTES:
            raise WorkbookTooLargeError("large_old")
        _refuse_too_many_texts(data, 0, len(data))
        return _XlsReader(data)  # a bare BIFF stream, as old programs wrote it
    if data.startswith(_PICTURES):
        raise WorkbookTypeError("picture")
    if data.startswith((b"%PDF", b"{\\rtf")):
        raise WorkbookTypeError("document")
    if data.startswith(_OTHER_BINARY):
        raise WorkbookTypeError
    return _CsvReader(data, filename)


def _old_stream(data):
    """Return (bytes, place, length) of the stream of an old workbook that holds its records; length 0 when there is none.

    One whose short parts go round in a circle is refused: xlrd would follow it until the memory is full.

    :raises WorkbookBrokenError: when a part comes back to itself
    """
    try:
        parts = xlrd.compdoc.CompDoc(data, logfile=StringIO())
    except xlrd.compdoc.CompDocError as error:
        raise WorkbookBrokenError from error
    following = parts.SSAT
    checked = [False] * len(following)
    for start in range(len(following)):
        chain, place = set(), start
        while 0 <= place < len(following) and not checked[place]:
            if place in chain:
                raise WorkbookBrokenError
            chain.add(place)
            place = following[place]
        for place in chain:
            checked[place] = True
    for name in ("Workbook", "Book"):
        stream, place, length = parts.locate_named_stream(name)
        if stream:
            return stream, place, length
    return b"", 0, 0


def _refuse_too_many_texts(stream, place, length):
    """Refuse an old workbook that says it has more different texts than fit into the memory; xlrd reads all of them at once."""
    end = place + length
    while place + 12 <= end:
        kind, size = struct.unpack_from("<HH", stream, place)
        if kind == 0x00FC and struct.unpack_from("<I", stream, place + 8)[0] > MAX_OLD_TEXTS:
            raise WorkbookTooLargeError("large_old")
        if kind in (0x000A, 0x00FC):  # the end of what belongs to the workbook as a whole
            return
        place += 4 + size


class Remarks:
    """What a sheet has besides its values: counts, known once its rows were read."""

    def __init__(self):
        self.hidden_rows = 0  # they are read like the others
        self.formulas = 0  # cells that give the stored result of a formula
        self.merged = 0  # ranges


class Book:
    """An opened workbook.

    ``kind`` is xlsx, xls, ods or csv; ``sheets`` a list of ``BookSheet`` in the order of the file, hidden ones too; ``epoch`` the day from
    which number dates count; ``encoding`` and ``delimiter`` are those of a .csv file, else "".
    """

    def __init__(self, reader, filename):
        self._reader = reader
        self._remarks = {}
        self._sample = None
        self.filename = filename
        self.kind = reader.kind
        self.epoch = EPOCH_1904 if reader.is_1904 else EPOCH_1900
        self.sheets = [BookSheet(sheet[0], bool(sheet[1]), index) for index, sheet in enumerate(reader.sheets)]
        self.encoding = getattr(reader, "encoding", "")
        self.delimiter = getattr(reader, "delimiter", "")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        self._reader.close()

    def sheet(self, name):
        """Return the sheet of this name or number, or ``None``."""
        if isinstance(name, BookSheet):
            return name
        if isinstance(name, int):
            return self.sheets[name] if 0 <= name < len(self.sheets) else None
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    def first_sheet(self):
        """Return the first visible sheet that has something in it.

        :raises WorkbookEmptyError: when there is none
        """
        for sheet in self.sheets:
            if not sheet.hidden and next(self.rows(sheet), None):
                return sheet
        raise WorkbookEmptyError

    def expected_rows(self, sheet):
        """Return about how many rows a sheet has, as the file says without being read; 0 when it does not say."""
        sheet = self.sheet(sheet)
        count = getattr(self._reader, "expected_rows", None)
        return max(count(sheet.index) - 1, 0) if sheet and count else 0

    def merged(self, sheet):
        """Return [(first row, last row, first column, last column)] of a sheet, rows from 1, columns from 0.

        :raises BookError: when the sheet is damaged
        """
        try:
            return self._reader.merged(self.sheet(sheet).index)
        except _DAMAGE as error:
            raise WorkbookBrokenError(sheet=self.sheet(sheet).name) from error

    def remarks(self, sheet):
        """Return the :class:`Remarks` of a sheet whose rows were read to the end."""
        return self._remarks.get(self.sheet(sheet), Remarks())

    def rows(self, sheet, start=0):
        """Read a sheet from its first row, one row after the other.

        Rows and cells with nothing to see are left out, a row ends with its last filled cell. A cell that is merged over several rows
        fills all of them in its first column, as one reads it; merged over several columns, it fills the first.

        :param sheet: a ``BookSheet``, its name, or its number from 0
        :param int start: rows up to this number are read over, to go on where an earlier reading ended
        :return: iterator of (row number from 1, [cell]); at any time at most some hundred rows are held
        :raises BookError: also in the middle, when the file turns out to be damaged or too large; ``error.sheet`` names the sheet
        """
        sheet = self.sheet(sheet)
        if sheet is None:
            raise WorkbookEmptyError
        try:
            yield from self._rows(sheet, start)
        except BookError as error:
            error.sheet = error.sheet or sheet.name
            raise
        except _DAMAGE as error:
            raise WorkbookBrokenError(sheet=sheet.name) from error

    def _rows(self, sheet, start):
        remarks = self._remarks[sheet] = Remarks()
        down = {}  # first row: [(column, last row)]
        merged = self._reader.merged(sheet.index)
        remarks.merged = len(merged)
        for top, bottom, column, _right in merged:
            if bottom > top:
                down.setdefault(top, []).append((column, bottom))
        starts = sorted(down, reverse=True)
        sample = self._sample_row() if sheet.name != SAMPLE_SHEET else None
        open_ranges = {}  # column: (last row, value)
        filled = width = volume = 0
        for number, cells in self._reader.rows(sheet.index, remarks):
            cells, length = _visible_cells(cells)
            if not cells:
                continue
            if len(cells) > MAX_COLUMNS:
                raise WorkbookTooLargeError("too_many_columns")
            if sample and number <= 20 and _same_row(cells, sample):
                continue
            filled += 1
            if filled > MAX_ROWS + 1:
                raise WorkbookTooLargeError("too_many_rows")
            if starts or open_ranges:
                length += _fill_down(number, cells, down, starts, open_ranges)
            if length > MAX_ROW_TEXT:
                raise WorkbookTooLargeError("long_row")
            volume += length
            width += len(cells)
            if volume > MAX_SHEET_TEXT or width > MAX_CELLS:
                raise WorkbookTooLargeError
            if number > start:
                yield number, cells

    def _sample_row(self):
        """Return the sample row that ``write_book`` put into an empty workbook, None in another file."""
        if self._sample is None:
            kept = self.sheet(SAMPLE_SHEET)
            self._sample = next((cells for _number, cells in self._reader.rows(kept.index, Remarks())), []) if kept else []
        return self._sample


def _visible_cells(cells):
    """Return the cells without those that show nothing, up to the last filled one, and how many characters they hold.

    A text longer than a cell comes as ``CellLong``, so that it is neither cut in silence nor carried along.
    """
    length = 0
    shown = []
    for cell in cells:
        if type(cell) is str:
            if len(cell) > MAX_TEXT:
                cell = CellLong(cell[:200] + "…")
            elif visible_text(cell):
                length += len(cell)
            else:
                cell = None
        shown.append(cell)
    while shown and shown[-1] is None:
        shown.pop()
    return shown, length


def split_rows(rows, count, length=4_000_000):
    """Cut rows into pieces of at most ``count`` rows that together hold few enough characters to be worked on at once.

    :param rows: iterable of (row number, [cell]), such as ``Book.rows`` gives
    :param int length: characters after which a piece ends
    :return: iterator of lists of rows
    """
    piece, held = [], 0
    for row in rows:
        piece.append(row)
        held += sum(len(cell) for cell in row[1] if type(cell) is str)
        if len(piece) >= count or held >= length:
            yield piece
            piece, held = [], 0
    if piece:
        yield piece


def _same_row(cells, sample):
    """Tell whether two rows say the same, in whatever order of columns."""
    if sum(cell is not None for cell in cells) != sum(cell is not None for cell in sample):
        return False
    return sorted(as_shown(cell) for cell in cells if cell is not None) == sorted(as_shown(cell) for cell in sample if cell is not None)


def _fill_down(number, cells, down, starts, open_ranges):
    """Fill the columns of a row that lie in ranges merged with rows above, and return how many characters came in."""
    length = 0
    while starts and starts[-1] <= number:
        top = starts.pop()
        for column, bottom in down[top]:
            value = cells[column] if top == number and column < len(cells) else None
            if value is not None:
                open_ranges[column] = (bottom, value)
    for column, (bottom, value) in list(open_ranges.items()):
        if number > bottom:
            del open_ranges[column]
        elif column >= len(cells):
            cells += [None] * (column - len(cells)) + [value]
            length += len(value) if type(value) is str else 0
        elif cells[column] is None:
            cells[column] = value
            length += len(value) if type(value) is str else 0
    return length


def read_workbook(content, filename=""):
    """Read the first visible sheet that has something in it, as a whole.

    :param bytes content: the file
    :return: titles of its first filled row, and the filled rows below it; every row is as long as the titles
    :rtype: Sheet
    :raises BookError: one of its subclasses
    """
    with open_book(content, filename) as book:
        sheet = book.first_sheet()
        rows = book.rows(sheet)
        titles = ["" if isinstance(cell, (CellFault, CellFormula)) else as_text(cell) for cell in next(rows)[1]]
        while titles and not titles[-1]:
            titles.pop()
        width = len(titles)
        body = []
        for number, cells in rows:
            cells = cells[:width] + [None] * (width - len(cells))
            if any(cell is not None for cell in cells):
                body.append((number, cells))
        if not body:
            raise WorkbookEmptyError(sheet=sheet.name)
        return Sheet(sheet.name, titles, body, book.epoch)


# ------------------------------------------------------------------------------------------------------------------------------ .xls


class _XlsReader:
    kind = "xls"

    def __init__(self, data):
        self._book = self._open(data)
        if self._book.biff_version < 80 and not self._book.codepage:  # an old file that does not say in which character set it is
            self._book = self._open(data, encoding_override="gb18030")
        self.is_1904 = bool(self._book.datemode)
        if self._book.nsheets > MAX_SHEETS:
            raise WorkbookTooLargeError("too_many_sheets")
        self.sheets = [(name, self._book._sheet_visibility[index] != 0) for index, name in enumerate(self._book.sheet_names())]
        self._sheets = {}

    def _open(self, data, **options):
        try:
            try:  # formats tell hidden rows and merged cells
                return xlrd.open_workbook(
                    file_contents=data, on_demand=True, logfile=StringIO(), formatting_info=True, ragged_rows=True, **options
                )
            except (xlrd.XLRDError, *_DAMAGE) as error:
                if "encrypted" in str(error):
                    raise
                return xlrd.open_workbook(file_contents=data, on_demand=True, logfile=StringIO(), ragged_rows=True, **options)
        except xlrd.XLRDError as error:
            if "encrypted" in str(error):
                raise WorkbookEncryptedError from error
            if "find workbook in OLE2" in str(error):
                raise WorkbookTypeError("document") from error
            raise WorkbookBrokenError from error

    def close(self):
        self._book.release_resources()

    def _sheet(self, index):
        try:
            return self._book.sheet_by_index(index)
        except xlrd.XLRDError as error:
            raise WorkbookBrokenError from error

    def expected_rows(self, index):
        return self._sheet(index).nrows

    def merged(self, index):
        return [(top + 1, bottom, left, right - 1) for top, bottom, left, right in self._sheet(index).merged_cells]

    def rows(self, index, remarks):
        sheet = self._sheet(index)
        remarks.hidden_rows = sum(bool(info.hidden) for info in sheet.rowinfo_map.values())
        shares = self._share_formats()
        try:
            for number in range(sheet.nrows):
                types, values = sheet.row_types(number), sheet.row_values(number)
                cells = [self._value(*cell) for cell in zip(types, values, strict=True)]
                for column, kind in enumerate(types) if shares else ():
                    if kind == xlrd.XL_CELL_NUMBER and sheet.cell_xf_index(number, column) in shares:
                        cells[column] = CellShare(cells[column])
                yield number + 1, cells
        finally:
            self._book.unload_sheet(index)

    def _share_formats(self):
        """Return the indexes of the cell formats with a percent sign; none where the file was opened without its formats."""
        if not self._book.formatting_info:
            return set()
        formats = self._book.format_map
        return {
            index
            for index, style in enumerate(self._book.xf_list)
            if style.format_key in formats and "%" in (formats[style.format_key].format_str or "")
        }

    def _value(self, kind, value):
        if kind == xlrd.XL_CELL_TEXT:
            return value.replace("\0", "")
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            return None
        if kind == xlrd.XL_CELL_DATE:
            return from_serial(value, self.is_1904)
        if kind == xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        if kind == xlrd.XL_CELL_ERROR:
            return CellFault(xlrd.error_text_from_code.get(value, "#ERROR"))
        return value


# ------------------------------------------------------------------------------------------------------------------------------ .csv

_DELIMITERS = ",;\t|"
_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)  # how programs keep the zeros of a code in a .csv file: ="00123"


class _CsvReader:
    """Text with delimiters. Every cell is text; a number is what its field makes of it."""

    kind = "csv"
    is_1904 = False

    def __init__(self, data, filename):
        start = data[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
        if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<div", b"<head", b"<style")):
            raise WorkbookTypeError("web_page")
        if start.startswith(b"<?xml") or b"<html" in start:
            raise WorkbookTypeError("web_page" if b"<html" in start else "xml_spreadsheet")
        self._data = data
        self.encoding = find_encoding(data)
        name = re.sub(r"\.\w{1,5}$", "", filename.replace("\\", "/").rpartition("/")[2])
        self.sheets = [(name or "1", False)]
        self._skip = 0
        self.delimiter = self._find_delimiter()

    def close(self):
        pass

    def expected_rows(self, _index):
        return self._data.count(b"\n")

    def merged(self, _index):
        return []

    def _text(self):
        # newline="": the csv reader itself tells a line break inside a cell from the end of a row
        return io.TextIOWrapper(io.BytesIO(self._data), encoding=self.encoding, newline="")

    def _find_delimiter(self):
        """Return the delimiter that cuts the first rows into most columns, and alike."""
        with self._text() as stream:
            sample = stream.read(64 * 1024)
        first = sample.split("\n", 1)[0].strip()
        if re.fullmatch(r"(?i)sep=.", first):
            self._skip = 1
            return first[-1]
        if len(sample) == 64 * 1024:  # not the line that was cut
            sample = sample[: sample.rfind("\n") + 1] or sample
        best = (0, ",")
        for delimiter in _DELIMITERS:
            try:
                widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)][:200]
            except csv.Error:
                continue
            if widths and widths[0] > 1:
                alike = sum(width == widths[0] for width in widths) / len(widths)
                best = max(best, (alike * min(widths[0], 50), delimiter))
        return best[1]

    def rows(self, _index, remarks):
        with self._text() as stream:
            held = [0]
            reader = csv.reader(_short_lines(stream, held), delimiter=self.delimiter)
            for number, cells in enumerate(reader, 1):
                held[0] = 0
                if number > self._skip and cells:
                    yield number, [self._value(cell, remarks) for cell in cells]

    def _value(self, cell, remarks):
        if not cell:
            return None
        if cell[0] == "=":
            wrapped = _WRAPPED.fullmatch(cell)
            if wrapped:
                remarks.formulas += 1
                return wrapped[1].replace('""', '"') or None
        return cell.replace("\0", "") if "\0" in cell else cell


def _short_lines(stream, held):
    """Yield the lines of a text as long as a row has few enough of them, also one whose quotation mark is never closed.

    :param list held: its one number says how many characters belong to the row so far; the reader of the rows sets it back to 0
    """
    while line := stream.readline(MAX_ROW_TEXT + 1):
        held[0] += len(line)
        if held[0] > MAX_ROW_TEXT:
            raise WorkbookTooLargeError("long_row")
        yield line


def find_encoding(data):
    """Return the name of the character set of a text file: UTF-8 with or without byte order mark, UTF-16, GB18030, or Western European.

    :raises WorkbookTypeError: when it is no text
    :raises WorkbookBrokenError: of kind ``encoding`` when it is text in none of them

    >>> find_encoding("客户名称,电话".encode("gbk")), find_encoding("客户".encode("utf-8-sig")), find_encoding("客户,电话".encode("utf-16"))
    ('gb18030', 'utf-8-sig', 'utf-16')
    >>> find_encoding("a,b".encode("utf-16-le")), find_encoding("Müller, Köln".encode("cp1252"))
    ('utf-16-le', 'cp1252')
    """
    if data.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif b"\0" in data[:4000]:
        # in UTF-16 most delimiters, digits and line ends have a zero byte beside them, always on the same side
        head = data[: min(len(data), 4000) // 2 * 2]
        before, after = head[0::2].count(0), head[1::2].count(0)
        if max(before, after) < 4 * min(before, after) or len(data) % 2:
            raise WorkbookTypeError
        candidates = ["utf-16-be" if before > after else "utf-16-le"]
    else:
        candidates = ["utf-8", "gb18030", "cp1252"]
    for encoding in candidates:
        if _decodes(data, encoding):
            return encoding
    raise WorkbookBrokenError("encoding")


def _decodes(data, encoding):
    """Tell whether the text can be read so, and looks like text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    letters = strange = plain = 0
    try:
        for place in range(0, len(data), 1024 * 1024):
            text = decoder.decode(data[place : place + 1024 * 1024], place + 1024 * 1024 >= len(data))
            if place == 0:
                for char in text[:20_000]:
                    if char >= "\x80":
                        letters += 1
                        if encoding == "gb18030":  # Müller reads as M黮ler: what stands beside an accent is a plain letter
                            code = char.encode(encoding)
                            plain += len(code) == 2 and code[1] < 0x80
                        strange += unicodedata.category(char) in ("Cn", "Co", "Cc") or (encoding == "cp1252" and char > "\u024f")
                    elif char < " " and char not in "\t\r\n\f\v\x1a\x1b":
                        if encoding in ("utf-8", "gb18030", "cp1252"):
                            raise WorkbookTypeError
                        strange += 1
                if strange * 10 > max(letters, 1) or plain * 2 > letters:
                    return False
                if encoding == "cp1252" and letters * 5 > len(text[:20_000]):
                    return False
    except UnicodeDecodeError:
        return False
    return True
