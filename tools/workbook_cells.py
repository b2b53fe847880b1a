"""What a workbook is made of for the other workbook modules: limits, refusals, and cells that are no plain value."""

from collections import namedtuple

MAX_BYTES = 50 * 1024 * 1024
MAX_OLD_BYTES = 32 * 1024 * 1024  # of an .xls, whose sheets are held as a whole
MAX_OLD_TEXTS = 1_500_000  # different texts in an .xls
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_PACKING = 200  # real workbooks shrink to a twentieth; a file made to fill the memory to a thousandth
MAX_PARTS = 5_000  # files inside an .xlsx; a workbook with a picture in each of a thousand rows has some two thousand
MAX_ROWS = 200_000
LAST_ROW = 1_048_576  # of a sheet; a number beyond it was made up
MAX_COLUMNS = 1_024
MAX_TEXT = 32_767  # characters in a cell, as the spreadsheet programs have it; a longer text comes as CellLong
MAX_RAW_TEXT = 8 * MAX_TEXT  # as it is written in the file, where a character may take seven: _x000D_
MAX_ROW_TEXT = 400_000  # characters in a row
MAX_SHEET_TEXT = 256_000_000  # characters in a sheet, those that merged cells repeat too
MAX_CELLS = 20_000_000  # in a sheet, up to the last filled one of each row
MAX_SHARED = 5_000_000  # texts that an .xlsx keeps apart from its cells
MAX_SHEETS = 500
MAX_MERGED = 200_000
MAX_CHOICES = 200  # words in a drop-down list of an empty workbook
MAX_CITIES = 5_000
SAMPLE_SHEET = "kehu_sample"  # hidden; holds the sample row as it was written, so that it is left out while nobody changed it


class BookError(Exception):
    """A file that cannot be read as a workbook; its subclass and ``kind`` say why.

    ``kind`` is the word to build a sentence on, ``sheet`` the name of the sheet when one is to blame, else "".
    The sentences themselves stand in ``models/importer/book_words.py``.
    """

    kind = "damaged"

    def __init__(self, kind="", sheet=""):
        self.kind = kind or self.kind
        self.sheet = sheet
        super().__init__(self.kind)


WorkbookError = BookError


class WorkbookTypeError(BookError):
    """No workbook. Kinds: ``not_a_workbook``, ``picture``, ``document`` (pdf, Word), ``web_page`` (a table of HTML named .xls),
    ``xml_spreadsheet`` (Excel 2003), ``numbers`` (Apple's own format), ``binary_workbook`` (.xlsb)."""

    kind = "not_a_workbook"


class WorkbookEncryptedError(BookError):
    """Protected with a password. Kind: ``encrypted``."""

    kind = "encrypted"


class WorkbookBrokenError(BookError):
    """Looks like a workbook and cannot be read. Kinds: ``truncated`` (its end is missing), ``damaged``, ``encoding`` (a text in no known
    character set)."""

    kind = "damaged"


class WorkbookEmptyError(BookError):
    """Nothing to import. Kinds: ``empty_file`` (no byte), ``empty`` (no row below a title row)."""

    kind = "empty"


class WorkbookTooLargeError(BookError):
    """Above the limits of this module.

    Kinds: ``too_large`` (bytes, or the text of a sheet), ``large_old`` (an .xls), ``long_row`` (the text of a row), ``zip_bomb``,
    ``too_many_rows``, ``too_many_columns``, ``too_many_sheets``.
    """

    kind = "too_large"


class WorkbookUnsafeError(BookError):
    """Made to do harm. Kind: ``entity_bomb`` (its XML declares entities, which no spreadsheet program writes)."""

    kind = "entity_bomb"


class CellError(Exception):
    """A cell that cannot become what the field needs.

    ``kind`` is one of ``number``, ``number_order`` (1,2345 has one sense here and another there), ``whole``, ``date``,
    ``date_number`` (1998 is no day of a calendar), ``date_order`` (3/4/2026 is April or March), ``boolean``, ``formula``, ``fault``,
    ``digits`` (a code of more than 15 digits that the spreadsheet program kept as a number, 6.22E+18: its last digits are lost),
    ``long`` (more characters than a cell has).
    """

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


CellFault = namedtuple("CellFault", "text")  # an error value of the spreadsheet, such as #N/A


class CellLong(CellFault):
    """A text of more characters than a cell has; ``text`` is its beginning."""

    __slots__ = ()


CellFormula = namedtuple("CellFormula", "text")  # a formula without a stored result
Sheet = namedtuple("Sheet", "name titles rows epoch")  # rows: [(row number from 1, [cell])]; epoch: day 0 of number dates


class CellShare(float):
    """A number that the spreadsheet shows with a percent sign: 0.8 of a cell that shows 80%."""
