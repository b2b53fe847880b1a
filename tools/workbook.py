"""Workbooks without ORM: the one door to the modules beside this one.

``workbook_read`` opens any file and streams its rows, ``workbook_values`` says what a cell means to a field, ``workbook_write`` makes
workbooks, ``workbook_cells`` holds limits and refusals, ``workbook_xlsx`` is the reader of .xlsx files.

    with open_book(data, filename) as book:
        for number, cells in book.rows(book.first_sheet()):
            as_code(cells[12])       # 501605.0 → '501605'

A workbook is read as it is: nothing is evaluated, nothing is guessed from neighbours. What a cell holds comes back as ``None``, ``str``,
``int``, ``float``, ``bool``, ``datetime.date`` (a ``datetime.datetime`` when it has a time), :class:`CellFault` or :class:`CellFormula`;
the ``as_…`` functions then turn a cell into what a field needs.

Formulas are never run: a cell gives the result that the spreadsheet program stored with its formula. An .xlsx written by another program
may hold none; such a cell comes back as :class:`CellFormula`, which no field takes. Text that looks like ``=1+1`` stays text.
"""

from .workbook_cells import (
    LAST_ROW,
    MAX_BYTES,
    MAX_CHOICES,
    MAX_CITIES,
    MAX_COLUMNS,
    MAX_OLD_BYTES,
    MAX_ROW_TEXT,
    MAX_ROWS,
    MAX_TEXT,
    MAX_UNPACKED_BYTES,
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
    WorkbookError,
    WorkbookTooLargeError,
    WorkbookTypeError,
    WorkbookUnsafeError,
)
from .workbook_read import Book, BookSheet, Remarks, find_encoding, open_book, read_workbook, split_rows
from .workbook_values import (
    EPOCH_1900,
    EPOCH_1904,
    as_boolean,
    as_code,
    as_date,
    as_datetime,
    as_free_text,
    as_number,
    as_postcode,
    as_shown,
    as_text,
    as_whole_number,
    fold,
    from_serial,
)
from .workbook_write import Column, HelpWords, Mark, MarkWords, mark_problems, neutral, write_book

__all__ = [
    "EPOCH_1900",
    "EPOCH_1904",
    "LAST_ROW",
    "MAX_BYTES",
    "MAX_CHOICES",
    "MAX_CITIES",
    "MAX_COLUMNS",
    "MAX_OLD_BYTES",
    "MAX_ROWS",
    "MAX_ROW_TEXT",
    "MAX_TEXT",
    "MAX_UNPACKED_BYTES",
    "Book",
    "BookError",
    "BookSheet",
    "CellError",
    "CellFault",
    "CellFormula",
    "CellLong",
    "CellShare",
    "Column",
    "HelpWords",
    "Mark",
    "MarkWords",
    "Remarks",
    "Sheet",
    "WorkbookBrokenError",
    "WorkbookEmptyError",
    "WorkbookEncryptedError",
    "WorkbookError",
    "WorkbookTooLargeError",
    "WorkbookTypeError",
    "WorkbookUnsafeError",
    "as_boolean",
    "as_code",
    "as_date",
    "as_datetime",
    "as_free_text",
    "as_number",
    "as_postcode",
    "as_shown",
    "as_text",
    "as_whole_number",
    "find_encoding",
    "fold",
    "from_serial",
    "mark_problems",
    "neutral",
    "open_book",
    "read_workbook",
    "split_rows",
    "write_book",
]
