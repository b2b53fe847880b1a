"""Writing workbooks, without ORM: empty ones to be filled."""

import re
from collections import namedtuple
from io import BytesIO

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .workbook_cells import MAX_ROWS

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
