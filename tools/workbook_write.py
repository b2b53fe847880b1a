"""Writing workbooks, without ORM: empty ones to be filled, exports that come back, and copies with marked cells."""

import datetime
import re
import zipfile
from collections import namedtuple
from io import BytesIO

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .workbook_cells import MAX_ROWS, MAX_TEXT, SAMPLE_SHEET, BookError, CellFault, CellFormula
from .workbook_read import open_book
from .workbook_titles import fold_title
from .workbook_values import as_text
from .workbook_xlsx import check_archive

Column = namedtuple("Column", "title required label hint choices format depends", defaults=["text", None])
Column.__doc__ = """A column of a workbook to be filled.

Its title, whether no cell may be empty, the name of its field, what goes in, the words of its drop-down list (none for no list), ``format``
text, number, whole, date or datetime, and ``depends``: the place of the column with the province, for a column whose list is the cities of
the province in the same row.
"""
HelpWords = namedtuple("HelpWords", "sheet help_sheet header yes sample notes", defaults=["", ()])
HelpWords.__doc__ = """Words in the language of the reader.

Names of the two sheets, titles of the second, the word for yes, what the sample row is for, sentences at the foot of the second sheet.
"""
Mark = namedtuple("Mark", "sheet row column value reason")
Mark.__doc__ = (
    """What is wrong: name of the sheet ("" for the first visible one), number of the row, title of the column ("" for the whole row)."""
)
MarkWords = namedtuple("MarkWords", "sheet header more", defaults=[""])
MarkWords.__doc__ = """Words in the language of the reader.

Name of the list of problems; its titles: sheet, row, column, value, what to do; a sentence below the list, "" for none.
"""

_FORMATS = {"text": "@", "whole": "0", "number": "General", "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss"}
_NEEDED, _OPTIONAL, _GREY, _RED = (PatternFill("solid", fgColor=color) for color in ("FFE699", "DDEBF7", "EDEDED", "F8CBAD"))
_MARK = re.compile(r"'*[=+\-@\t\r]")
_PHONE = re.compile(r"\+?[\d ().-]+")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_MOST_COMMENTS = 2_000  # each is a drawing of its own; more of them take minutes to write and to open
_MOST_MERGED = 50_000  # cells in merged ranges: the library makes every one of them
_MOST_GAPS = 200_000  # empty rows between filled ones, in the whole workbook; further rows move up
_STYLED_BYTES = 20 * 1024 * 1024  # unpacked; a larger workbook is copied without its formats: with them it would take over 150 MB


def neutral(text):
    """Return a text as it is written into a cell: one that a spreadsheet program could take for a formula gets an apostrophe before it.

    ``as_text`` takes the apostrophe away again. A telephone number calculates nothing and stays as it is.

    >>> neutral("=1+1"), neutral("@name"), neutral("'=x"), neutral("+86 13800000000"), neutral("苏州公司")
    ("'=1+1", "'@name", "''=x", '+86 13800000000', '苏州公司')
    """
    return f"'{text}" if _MARK.match(text) and not _PHONE.fullmatch(text) else text


# --------------------------------------------------------------------------------------------------------- workbooks of a template


def write_book(columns, words, sample=None, places=None, rows=None):
    """Write a workbook with these titles in its first row, drop-down lists below them, and a sheet that explains each column.

    :param list[Column] columns: in order
    :param HelpWords words: in the language of the reader
    :param list sample: cells of a second row that shows how to fill in; ``open_book`` leaves it out as long as nobody changes it
    :param dict places: {province: [cities]} for columns that depend on another
    :param rows: iterable of rows of cells (None, str, int, float, date or datetime) instead of a sample; they are written one by one
    :return: the .xlsx file
    :rtype: bytes
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(words.sheet))
    sheet.freeze_panes = "A2"
    help_sheet = book.create_sheet(sheet_name(words.help_sheet))
    for number, column in enumerate(columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width = max(12, min(2 * len(column.title) + 6, 60))
        dimension.number_format = _FORMATS[column.format]
    _add_lists(book, sheet, columns, places or {})
    titles = []
    for column in columns:
        title = _text(sheet, f"{column.title}*" if column.required else column.title)
        title.font = Font(bold=True, color="C00000" if column.required else "1F3864")
        title.fill = _NEEDED if column.required else _OPTIONAL
        title.alignment = Alignment(vertical="center", wrap_text=True)
        titles.append(title)
    sheet.append(titles)
    if rows is not None:
        for row in rows:
            sheet.append([_cell(sheet, value, column) for value, column in zip(row, columns, strict=True)])
    elif sample and any(value is not None for value in sample):
        cells = [_cell(sheet, value, column) for value, column in zip(sample, columns, strict=True)]
        for cell in cells:
            if cell is not None:
                cell.fill = _GREY
                cell.font = Font(italic=True, color="7F7F7F")
        first = next(cell for cell in cells if cell is not None)
        first.comment = Comment(words.sample, "")
        sheet.append(cells)
        kept = book.create_sheet(SAMPLE_SHEET)
        kept.sheet_state = "hidden"
        kept.append([_cell(kept, value, column) for value, column in zip(sample, columns, strict=True)])
    _add_help(help_sheet, columns, words)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _add_lists(book, sheet, columns, places):
    """Put the words of the drop-down lists on a hidden sheet, and cities beside their provinces in the order of the provinces."""
    lists = [column.choices if column.depends is None else [] for column in columns]
    dependent = [number for number, column in enumerate(columns, 1) if column.depends is not None] if places else []
    if not any(lists) and not dependent:
        return
    hidden = book.create_sheet("kehu_lists")
    hidden.sheet_state = "hidden"
    pairs = [(province, city) for province, cities in places.items() for city in cities] if dependent else []
    width = len(columns)
    for row in range(max([len(pairs), *map(len, lists)])):
        cells = [_text(hidden, choices[row]) if row < len(choices) else None for choices in lists]
        hidden.append(cells + ([_text(hidden, word) for word in pairs[row]] if row < len(pairs) else []))
    for number, choices in enumerate(lists, 1):
        if choices:
            letter = get_column_letter(number)
            _offer(sheet, number, f"kehu_lists!${letter}$1:${letter}${len(choices)}")
    province, city = get_column_letter(width + 1), get_column_letter(width + 2)
    provinces = f"kehu_lists!${province}$1:${province}${len(pairs)}"
    for number in dependent:
        chosen = f"${get_column_letter(columns[number - 1].depends + 1)}2"
        # without names and array formulas: Excel, WPS and LibreOffice alike
        _offer(sheet, number, f"OFFSET(kehu_lists!${city}$1,MATCH({chosen},{provinces},0)-1,0,COUNTIF({provinces},{chosen}),1)")


def _offer(sheet, number, formula):
    letter = get_column_letter(number)
    choose = DataValidation("list", formula1=formula, allow_blank=True)
    choose.showErrorMessage = False  # the check of the import says it better
    choose.add(f"{letter}2:{letter}{MAX_ROWS}")
    sheet.data_validations.append(choose)


def _add_help(sheet, columns, words):
    for letter, width in zip("ABCD", (20, 10, 28, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    header = [_text(sheet, word) for word in words.header]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for column in columns:
        sheet.append([_text(sheet, text) for text in (column.title, words.yes if column.required else "", column.label, column.hint)])
    if words.notes:
        sheet.append([])
        for note in words.notes:
            sheet.append([_text(sheet, note)])


def _cell(sheet, value, column):
    """Return a cell with the value in the format of its column; text stays text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text(sheet, neutral(value))
    cell = WriteOnlyCell(sheet, value)
    kind = column.format
    if isinstance(value, datetime.datetime):
        kind = "datetime"
    elif isinstance(value, datetime.date):
        kind = "date"
    cell.number_format = _FORMATS[kind]
    return cell


def _text(sheet, text):
    """Return a cell that stays text: “=1+1” is no formula, 0012 no number."""
    cell = WriteOnlyCell(sheet, clean(text))
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def clean(text):
    """Return a text without what a workbook cannot hold, cut where a cell ends.

    >>> clean("A\\x0bB")
    'AB'
    """
    return _NOT_IN_XML.sub("", str(text))[:MAX_TEXT]


def sheet_name(text):
    """Return the text as a spreadsheet program takes it for the name of a sheet.

    >>> sheet_name("Customers [East/West]")
    'Customers East West'
    """
    return " ".join(re.sub(r"[\\/*?:\[\]']", " ", clean(text)).split())[:31].strip() or "1"


# ------------------------------------------------------------------------------------------------------------------ marked copies


def mark_problems(data, filename, problems, words, title_row=0):
    """Return a copy of a workbook with the bad cells coloured and commented, and a last sheet that lists what is wrong.

    The copy is an .xlsx, also of an .xls or .csv. It keeps the formats of an .xlsx of ordinary size; formulas become the values that the
    import read, so that the corrected copy can be imported. Telephone numbers, codes and dates stay what they were.

    :param bytes data: the file as it was imported
    :param str filename: as the person calls it
    :param list[Mark] problems: anything with these attributes; ``column`` may name a title that the file does not have
    :param MarkWords words: in the language of the reader
    :param int title_row: number of the row with the titles; 0 to look for the titles of the problems in the first twenty rows
    :return: the .xlsx file
    :rtype: bytes
    :raises BookError: when the file cannot be read
    """
    problems = list(problems)
    with open_book(data, filename) as source:
        first = next((sheet.name for sheet in source.sheets if not sheet.hidden), "")
        by_sheet = {}
        for problem in problems:
            by_sheet.setdefault(problem.sheet or first, {}).setdefault(problem.row, []).append(problem)
        wanted = {fold_title(problem.column) for problem in problems if problem.column}
        titles = {info.name: title_row or _title_row(source, info, wanted) for info in source.sheets if not info.hidden}
        if source.kind == "xlsx" and _unpacked(data) <= _STYLED_BYTES and _merged_cells(source) <= _MOST_MERGED:
            book = _marked_as_it_was(data, source, by_sheet, titles)
        else:
            book = _marked_plain(source, by_sheet, titles)
    listed = book.create_sheet(_free_name(book, words.sheet))
    for letter, width in zip("ABCDE", (18, 8, 20, 28, 80), strict=True):
        listed.column_dimensions[letter].width = width
    listed.append(list(words.header))
    plain = Column("", False, "", "", [])
    lines = [(problem.sheet or first, problem.row, problem.column or "", problem.value or "", problem.reason) for problem in problems]
    if words.more:
        lines.append(("", None, "", "", words.more))
    for number, cells in enumerate(lines, 2):
        if book.write_only:
            listed.append([_cell(listed, value, plain) if isinstance(value, str) else value for value in cells])
        else:
            listed.append([neutral(clean(value)) if isinstance(value, str) else value for value in cells])
            for cell in listed[number]:
                cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _unpacked(data):
    with check_archive(data) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _merged_cells(source):
    return sum((bottom - top + 1) * (right - left + 1) for sheet in source.sheets for top, bottom, left, right in source.merged(sheet))


def _free_name(book, name):
    name = sheet_name(name)
    taken = {sheet.title.lower() for sheet in book.worksheets}
    number = 2
    free = name
    while free.lower() in taken:
        free = f"{name[:27]} {number}"
        number += 1
    return free


def _title_row(source, info, wanted):
    """Return the number of the row, among the first filled ones, that holds most of these titles."""
    best = (-1, 0)
    for _count, (number, cells) in zip(range(20), source.rows(info), strict=False):
        best = max(best, (len(wanted & set(_places(cells))), -number))
    return -best[1]


def _places(cells):
    """Return {folded title: place of the column from 0} of a title row."""
    return {fold_title(as_text(cell)): place for place, cell in reversed(list(enumerate(cells))) if isinstance(cell, str)}


def _marks(found, places, cells):
    """Return {place of the cell from 0: sentences} for the problems of one row."""
    if not found:
        return {}
    marked = {}
    filled = next((place for place, cell in enumerate(cells) if cell is not None), 0)
    for problem in found:
        place = places.get(fold_title(problem.column)) if problem.column else None
        marked.setdefault(filled if place is None else place, []).append(problem.reason)
    return {place: clean("\n".join(reasons))[:2000] for place, reasons in marked.items()}


def _marked_as_it_was(data, source, by_sheet, titles):
    """Mark a workbook in its own clothes."""
    try:
        book = openpyxl.load_workbook(BytesIO(data), keep_vba=False, keep_links=False)
    # the host's library is choosier than our reader, and opens drawings and links too
    except (BookError, AttributeError, LookupError, OSError, SyntaxError, TypeError, ValueError, zipfile.BadZipFile):
        return _marked_plain(source, by_sheet, titles)
    commented = 0
    for info in source.sheets:
        sheet = book[info.name] if info.name in book.sheetnames else None
        if sheet is None or info.hidden:
            continue
        places = None
        waiting = by_sheet.get(info.name, {})
        for number, cells in source.rows(info):
            for place, value in enumerate(cells):
                cell = sheet.cell(number, place + 1)
                if cell.data_type == "f" and not isinstance(value, CellFormula):
                    _replace(cell, value)
            if places is None and number >= titles[info.name]:
                places = _places(cells)
            for place, comment in _marks(waiting.get(number, ()), places or {}, cells).items():
                cell = sheet.cell(number, place + 1)
                if type(cell).__name__ == "MergedCell":
                    continue
                cell.fill = _RED
                commented += 1
                if commented <= _MOST_COMMENTS:
                    cell.comment = Comment(comment, "")
    return book


def _replace(cell, value):
    if isinstance(value, CellFault):
        cell.value = value.text
        cell.data_type = "e"
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def _marked_plain(source, by_sheet, titles):
    """Write the values anew, row by row, so that a large workbook does not fill the memory."""
    book = openpyxl.Workbook(write_only=True)
    plain = Column("", False, "", "", [])
    commented = gaps = 0
    for info in source.sheets:
        if info.hidden:
            continue
        sheet = book.create_sheet(_free_name(book, info.name))
        places = None
        written = 0
        waiting = by_sheet.get(info.name, {})
        for number, cells in source.rows(info):
            while written < number - 1 and gaps < _MOST_GAPS:
                sheet.append([])
                written += 1
                gaps += 1
            row = []
            for value in cells:
                if isinstance(value, (CellFault, CellFormula)):
                    cell = WriteOnlyCell(sheet, value.text)
                    cell.data_type = "e" if isinstance(value, CellFault) else "f"
                elif isinstance(value, str):
                    cell = _text(sheet, value if source.kind != "csv" else neutral(value))
                else:
                    cell = _cell(sheet, value, plain._replace(format="number"))
                row.append(cell)
            if places is None and number >= titles[info.name]:
                places = _places(cells)
            for place, comment in _marks(waiting.get(number, ()), places or {}, cells).items():
                row += [None] * (place + 1 - len(row))
                if row[place] is None:
                    row[place] = _text(sheet, "")
                row[place].fill = _RED
                commented += 1
                if commented <= _MOST_COMMENTS:
                    row[place].comment = Comment(comment, "")
            sheet.append(row)
            written += 1
    return book
