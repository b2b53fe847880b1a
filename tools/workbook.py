"""Reading workbooks (.xls and .xlsx) into rows of plain values, and writing empty ones, without ORM.

A workbook is read as it is: nothing is evaluated, nothing is guessed from neighbours. What a cell holds comes back as ``None``, ``str``,
``int``, ``float``, ``bool``, ``datetime.date``, :class:`CellFault` or :class:`CellFormula`; the ``as_…`` functions then turn a cell into
what a field needs.

    sheet = read_workbook(content)
    sheet.titles             # ['客户名称', '客户编码', …]
    number, cells = sheet.rows[0]   # number as the spreadsheet program shows it: 2
    as_code(cells[12])       # 501605.0 → '501605'

Formulas are never run: a cell gives the result that the spreadsheet program stored with its formula. An .xlsx written by another program
may hold none; such a cell comes back as :class:`CellFormula`, which no field takes. Text that looks like ``=1+1`` stays text.
"""

import datetime
import math
import re
import struct
import unicodedata
import zipfile
import zlib
from collections import namedtuple
from io import BytesIO, StringIO
from xml.etree.ElementTree import ParseError

import openpyxl
import xlrd
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from .text import visible_text

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_PACKING = 200  # real workbooks shrink to a twentieth; a file made to fill the memory to a thousandth
MAX_ROWS = 200_000
LAST_ROW = 1_048_576  # of a sheet; a number beyond it was made up
MAX_COLUMNS = 500
MAX_CHOICES = 200  # words in a drop-down list of an empty workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


class WorkbookError(Exception):
    """A file that cannot be read as a workbook; its subclass says why."""


class WorkbookTypeError(WorkbookError):
    """Neither an .xls nor an .xlsx file."""


class WorkbookEncryptedError(WorkbookError):
    """Protected with a password."""


class WorkbookBrokenError(WorkbookError):
    """Looks like a workbook and cannot be read."""


class WorkbookEmptyError(WorkbookError):
    """Has no row below a title row."""


class WorkbookTooLargeError(WorkbookError):
    """Above the limits of this module."""


class CellError(Exception):
    """A cell that cannot become what the field needs.

    ``kind`` is one of ``number``, ``whole``, ``date``, ``boolean``, ``formula``, ``fault``.
    """

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


CellFault = namedtuple("CellFault", "text")  # an error value of the spreadsheet, such as #N/A
CellFormula = namedtuple("CellFormula", "text")  # a formula without a stored result
Sheet = namedtuple("Sheet", "name titles rows epoch")  # rows: [(row number from 1, [cell])]; epoch: day 0 of number dates


# ---------------------------------------------------------------------------------------------------------------- reading a file


def read_workbook(content):
    """Read the first visible sheet that has something in it.

    :param bytes content: the file
    :return: titles of its first filled row, and the filled rows below it; every row is as long as the titles
    :rtype: Sheet
    :raises WorkbookError: one of its subclasses
    """
    if len(content) > MAX_BYTES:
        raise WorkbookTooLargeError
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise WorkbookEncryptedError
        return _read_xls(content)
    if content.startswith(_ZIP):
        return _read_xlsx(content)
    if content[:2] == b"\x09\x08" or content[:4] in (b"\x09\x04\x06\x00", b"\x09\x02\x06\x00"):
        return _read_xls(content)  # a bare BIFF stream, as old programs wrote it
    raise WorkbookTypeError


def _read_xls(content):
    try:
        book = xlrd.open_workbook(file_contents=content, on_demand=True, logfile=StringIO())  # its remarks go nowhere
        for index in range(book.nsheets):
            sheet = book.sheet_by_index(index)
            if sheet.visibility == 0 and sheet.nrows:
                rows = _filled([_from_xls(cell, book.datemode) for cell in sheet.row(number)] for number in range(sheet.nrows))
                if not rows:
                    continue
                return _to_sheet(sheet.name, rows, datetime.date(1904, 1, 1) if book.datemode else datetime.date(1899, 12, 30))
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise WorkbookEncryptedError from error
        raise WorkbookBrokenError from error
    except (xlrd.compdoc.CompDocError, struct.error, AssertionError, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
        # what xlrd lets through when bytes are missing or damaged
        raise WorkbookBrokenError from error
    raise WorkbookEmptyError


def _from_xls(cell, datemode):
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate.xldate_as_datetime(cell.value, datemode).date()
        except (xlrd.xldate.XLDateError, OverflowError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return CellFault(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return cell.value


def _read_xlsx(content):
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
                raise WorkbookTypeError
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MAX_UNPACKED_BYTES or unpacked > max(MAX_BYTES, MAX_PACKING * len(content)):
                raise WorkbookTooLargeError
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            for index, sheet in enumerate(book.worksheets):
                if sheet.sheet_state != "visible":
                    continue
                sheet.reset_dimensions()  # what the file claims about its size is often wrong
                rows = _filled([_from_xlsx(cell) for cell in cells[:MAX_COLUMNS]] for cells in sheet.iter_rows())
                if any(isinstance(cell, CellFormula) for _number, cells in rows for cell in cells):
                    rows = _with_results(content, index, rows)
                if rows:
                    return _to_sheet(sheet.title, rows, book.epoch.date())
        finally:
            book.close()
    except (
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        ParseError,
        EOFError,
        AttributeError,
        IndexError,
        KeyError,
        NotImplementedError,
        OverflowError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        # what zipfile, the XML parser and openpyxl let through when a part is missing or damaged
        raise WorkbookBrokenError from error
    raise WorkbookEmptyError


def _from_xlsx(cell):
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return CellFormula(str(getattr(value, "text", None) or value))  # an array formula carries its text in an attribute
    if cell.data_type == "e":
        return CellFault(str(value))
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, (str, int, float, bool, datetime.date)):
        return value
    return str(value)  # a time of day or a duration is shown as text


def _with_results(content, index, rows):
    """Put the stored results in the place of formulas.

    The reader gives a formula or its result, never both: the file is read a second time, and only when it has formulas.
    """
    book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[index]
        sheet.reset_dimensions()
        waiting = iter(rows)
        number, cells = next(waiting)
        filled = []
        for place, stored in enumerate(sheet.iter_rows(), 1):
            if place < number:
                continue
            cells = [_result(cell, stored[column]) if isinstance(cell, CellFormula) else cell for column, cell in enumerate(cells)]
            if any(cell is not None for cell in cells):
                filled.append((number, cells))
            number, cells = next(waiting, (None, None))
            if number is None:
                break
        return filled
    finally:
        book.close()


def _result(formula, stored):
    """Return the stored result of a formula; a text that came out empty is an empty cell."""
    if stored.value is None:
        return None if stored.data_type == "str" else formula
    value = _from_xlsx(stored)
    return None if isinstance(value, str) and not visible_text(value) else value


def _filled(rows):
    """Number the rows from 1 and keep those with something in them; blank text counts as nothing."""
    filled = []
    for number, cells in enumerate(rows, 1):
        if number > LAST_ROW:
            raise WorkbookBrokenError
        cells = [None if isinstance(cell, str) and not visible_text(cell) else cell for cell in cells]
        if any(cell is not None for cell in cells):
            if len(filled) > MAX_ROWS:
                raise WorkbookTooLargeError
            filled.append((number, cells))
    return filled


def _to_sheet(name, rows, epoch):
    """Split off the title row, which is the first filled one, and make the others as long as it."""
    titles = ["" if isinstance(cell, (CellFault, CellFormula)) else as_text(cell) for cell in rows[0][1]]
    while titles and not titles[-1]:
        titles.pop()
    width = len(titles)
    body = [(number, cells[:width] + [None] * (width - len(cells))) for number, cells in rows[1:]]
    body = [(number, cells) for number, cells in body if any(cell is not None for cell in cells)]
    if not body:
        raise WorkbookEmptyError
    return Sheet(name, titles, body, epoch)


# ------------------------------------------------------------------------------------------------------------- writing an empty file

Column = namedtuple("Column", "title required label hint choices")
HelpWords = namedtuple("HelpWords", "sheet help_sheet header yes")  # names of the two sheets, titles of the second, the word for yes


def write_empty(columns, words):
    """Write a workbook with these titles in its first row, drop-down lists below them, and a sheet that explains each column.

    :param list[Column] columns: in order; ``choices`` empty for no drop-down list
    :param HelpWords words: in the language of the reader
    :return: the .xlsx file
    :rtype: bytes
    """
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = _sheet_name(words.sheet)
    help_sheet = book.create_sheet(_sheet_name(words.help_sheet))
    _put_row(help_sheet, 1, words.header)
    lists = book.create_sheet("lists")
    lists.sheet_state = "hidden"
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        title = _put(sheet, 1, number, column.title)
        title.font = Font(bold=True)
        title.fill = PatternFill("solid", fgColor="FFE699" if column.required else "DDEBF7")
        sheet.column_dimensions[letter].width = max(12, 2 * len(column.title) + 4)
        _put_row(help_sheet, number + 1, [column.title, words.yes if column.required else "", column.label, column.hint])
        if column.choices:
            for row, choice in enumerate(column.choices, 1):
                _put(lists, row, number, choice)
            choose = DataValidation("list", formula1=f"lists!${letter}$1:${letter}${len(column.choices)}", allow_blank=True)
            choose.showErrorMessage = False  # the check of the import says it better
            choose.add(f"{letter}2:{letter}{MAX_ROWS}")
            sheet.add_data_validation(choose)
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCD", (20, 10, 28, 48), strict=True):
        help_sheet.cell(1, ord(letter) - ord("A") + 1).font = Font(bold=True)
        help_sheet.column_dimensions[letter].width = width
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _put(sheet, row, column, text):
    """Write a text that stays one: “=1+1” is no formula."""
    cell = sheet.cell(row, column, str(text))
    cell.data_type = "s"
    return cell


def _put_row(sheet, row, texts):
    for column, text in enumerate(texts, 1):
        _put(sheet, row, column, text)


def _sheet_name(text):
    """Return the text as a spreadsheet program takes it for the name of a sheet.

    >>> _sheet_name("Customers [East/West]")
    'Customers East West'
    """
    return " ".join(re.sub(r"[\\/*?:\[\]]", " ", str(text)).split())[:31] or "1"


# ------------------------------------------------------------------------------------------------------ what a cell means to a field

_FULL_WIDTH_DIGITS = {ord("０") + digit: ord("0") + digit for digit in range(10)}
_DATE_TEXT = re.compile(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*日?(?:[ T]+\d{1,2}:\d{2}(?::\d{2})?)?")
_DATE_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TRUE = {"1", "true", "yes", "y", "是", "对", "√"}
_FALSE = {"0", "false", "no", "n", "否", "不", "×"}


def fold(text):
    """Return the text as it is compared: one width, lower case, single spaces.

    >>> fold("  年收入（万元） ")
    '年收入(万元)'
    """
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def as_text(cell):
    """Return what a person reads in the cell; a whole number has no ".0", full-width digits become ordinary ones, what nobody sees goes.

    >>> as_text(18711280795.0), as_text("Ａ座１２室"), as_text("=1+1"), as_text(None)
    ('18711280795', 'Ａ座12室', '=1+1', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, CellFault):
        raise CellError("fault")
    if isinstance(cell, CellFormula):
        raise CellError("formula")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        if math.isfinite(cell) and cell == int(cell):
            return str(int(cell))
        return repr(cell)
    if isinstance(cell, (int, datetime.date)):
        return str(cell)
    return visible_text(cell.replace("\0", "")).translate(_FULL_WIDTH_DIGITS)  # the database keeps no NUL


def as_code(cell):
    """Return a code, phone number, e-mail or web address: text in ordinary width.

    >>> as_code("０571－72204094"), as_code(501605.0)
    ('0571-72204094', '501605')
    """
    return unicodedata.normalize("NFKC", as_text(cell)).strip()


def as_postcode(cell, digits):
    """Return a post code; a number that lost its leading zeros in the spreadsheet gets them back.

    >>> as_postcode(10010.0, 6), as_postcode("SW1A 1AA", 6)
    ('010010', 'SW1A 1AA')
    """
    text = as_code(cell)
    return text.zfill(digits) if isinstance(cell, (int, float)) else text


def as_number(cell):
    """Return a float, or ``None`` for an empty cell.

    >>> as_number("１，234.5"), as_number(12)
    (1234.5, 12.0)
    """
    if cell is None:
        return None
    _refuse_formula(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = float(cell)
    else:
        text = as_code(cell).replace(",", "").replace(" ", "").lstrip("¥￥")
        try:
            number = float(text)
        except ValueError:
            raise CellError("number") from None
    if not math.isfinite(number):
        raise CellError("number")
    return number


def as_whole_number(cell):
    """Return an int, or ``None`` for an empty cell.

    >>> as_whole_number(7813.0)
    7813
    """
    number = as_number(cell)
    if number is None:
        return None
    if number != int(number):
        raise CellError("whole")
    return int(number)


def as_date(cell, epoch=datetime.date(1899, 12, 30)):
    """Return a date, or ``None`` for an empty cell: a date, a day number of the spreadsheet, or text with year, month and day.

    >>> as_date("2026年12月8日"), as_date("２０２６/12/03"), as_date(46364.0)
    (datetime.date(2026, 12, 8), datetime.date(2026, 12, 3), datetime.date(2026, 12, 8))
    """
    if cell is None:
        return None
    _refuse_formula(cell)
    if isinstance(cell, datetime.date):
        return cell
    try:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            digits = _DATE_DIGITS.fullmatch(as_text(cell))
            if digits:
                return datetime.date(*map(int, digits.groups()))
            if not 1 <= cell < 200_000:  # up to the year 2447: more is no date
                raise CellError("date")
            return epoch + datetime.timedelta(days=int(cell))
        text = as_code(cell)
        match = _DATE_TEXT.fullmatch(text) or _DATE_DIGITS.fullmatch(text)
        if match:
            return datetime.date(*map(int, match.groups()))
    except ValueError as error:  # such as 31 February
        raise CellError("date") from error
    raise CellError("date")


def as_boolean(cell):
    """Return True, False, or ``None`` for an empty cell.

    >>> as_boolean("是"), as_boolean(0.0)
    (True, False)
    """
    if cell is None:
        return None
    if isinstance(cell, bool):
        return cell
    _refuse_formula(cell)
    text = fold(as_text(cell))
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CellError("boolean")


def _refuse_formula(cell):
    if isinstance(cell, CellFault):
        raise CellError("fault")
    if isinstance(cell, CellFormula) or (isinstance(cell, str) and cell.lstrip().startswith("=")):
        raise CellError("formula")
