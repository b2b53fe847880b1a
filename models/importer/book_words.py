"""What people read when a file or a cell cannot be taken: one sentence for each kind of refusal of ``tools/workbook``.

For the batch and whoever else opens a file:

    try:
        with workbook.open_book(data, filename) as book:
            …
    except workbook.BookError as error:
        raise book_refusal(self.env, error, filename) from error

A sentence names the file, the sheet when one is to blame, the cause and the next step.
"""

from ...tools import workbook
from .exceptions import KehuImportFileError


def book_refusal(env, error, filename):
    """Return the typed error to raise for a file that cannot be read.

    :param workbook.BookError error: what the reader raised
    :param str filename: as the person calls it
    :rtype: KehuImportFileError
    """
    return KehuImportFileError(book_sentence(env, error, filename))


def book_sentence(env, error, filename):
    """Return the sentence for a file that cannot be read: file, sheet, cause, next step.

    :param workbook.BookError error: what the reader raised
    :rtype: str
    """
    names = {
        "name": filename,
        "rows": workbook.MAX_ROWS,
        "columns": workbook.MAX_COLUMNS,
        "characters": workbook.MAX_ROW_TEXT,
        "old": workbook.MAX_OLD_BYTES // 1024**2,
        "megabytes": workbook.MAX_BYTES // 1024**2,
    }
    kind = error.kind
    if kind == "picture":
        sentence = env._("“%(name)s” is a picture, whatever its name says. Choose the workbook itself.", **names)
    elif kind == "document":
        sentence = env._(
            "“%(name)s” is a document without a sheet. "
            "Copy its table into your spreadsheet program, save it as .xlsx and choose that file.",
            **names,
        )
    elif kind == "web_page":
        sentence = env._(
            "“%(name)s” is a web page that another program named like a workbook. "
            "Open it in your spreadsheet program, save it as .xlsx and choose that file.",
            **names,
        )
    elif kind == "xml_spreadsheet":
        sentence = env._(
            "“%(name)s” is an XML file, as Excel 2003 could write one. "
            "Open it in your spreadsheet program, save it as .xlsx and choose that file.",
            **names,
        )
    elif kind == "numbers":
        sentence = env._("“%(name)s” is a Numbers document. In Numbers choose File, Export To, Excel, and choose that file.", **names)
    elif kind == "binary_workbook":
        sentence = env._(
            "“%(name)s” is a binary workbook (.xlsb). Open it in Excel, save it as .xlsx and choose that file.",
            **names,
        )
    elif kind == "encrypted":
        sentence = env._("“%(name)s” is protected with a password. Save it without one, then choose it again.", **names)
    elif kind == "truncated":
        sentence = env._(
            "The end of “%(name)s” is missing, as after a download that broke off. Fetch the file once more and choose it again.", **names
        )
    elif kind == "encoding":
        sentence = env._(
            "The characters of “%(name)s” are in no set that is known here. "
            "Open it in your spreadsheet program, save it as .xlsx and choose that file.",
            **names,
        )
    elif kind == "empty_file":
        sentence = env._("“%(name)s” is empty. Choose the workbook with your rows.", **names)
    elif kind == "empty":
        sentence = env._("“%(name)s” has no rows below its column titles. Fill in at least one row.", **names)
    elif kind == "too_many_rows":
        sentence = env._(
            "“%(name)s” has more than %(rows)s rows in a sheet. Split the sheet over several files and import one after the other.", **names
        )
    elif kind == "too_many_columns":
        sentence = env._(
            "“%(name)s” has cells beyond column %(columns)s. "
            "Delete the columns that do not belong to the table, save, and choose it again.",
            **names,
        )
    elif kind == "long_row":
        sentence = env._(
            "“%(name)s” has a row with more than %(characters)s characters, so it is not imported. "
            "Shorten its cells; in a .csv file look for a quotation mark that is never closed.",
            **names,
        )
    elif kind == "too_many_sheets":
        sentence = env._("“%(name)s” has too many sheets. Save the one you need as a workbook of its own and choose that.", **names)
    elif kind == "too_large":
        sentence = env._(
            "“%(name)s” is too large: an import takes up to %(rows)s rows and %(megabytes)s MB. Split the workbook into several files.",
            **names,
        )
    elif kind == "large_old":
        sentence = env._(
            "“%(name)s” is too large for the old format .xls, which is read up to %(old)s MB. "
            "Open it in your spreadsheet program, save it as .xlsx and choose that file.",
            **names,
        )
    elif kind == "zip_bomb":
        sentence = env._(
            "“%(name)s” unpacks to far more than a workbook holds, so it is not opened. "
            "Open it in your spreadsheet program, copy the rows into a new workbook and choose that.",
            **names,
        )
    elif kind == "entity_bomb":
        sentence = env._(
            "“%(name)s” holds declarations that no spreadsheet program writes and that can do harm, so it is not opened. "
            "Copy the rows into a new workbook and choose that.",
            **names,
        )
    elif kind == "not_a_workbook":
        sentence = env._(
            "“%(name)s” is not a workbook. Open it in your spreadsheet program and save it as .xlsx, then choose that file.", **names
        )
    else:
        sentence = env._(
            "“%(name)s” is damaged and cannot be read. Open it in your spreadsheet program, save it as a new .xlsx file and choose that.",
            **names,
        )
    if error.sheet and kind not in ("encrypted", "too_large"):
        return env._("%(sentence)s It is the sheet “%(sheet)s”.", sentence=sentence, sheet=error.sheet)
    return sentence


def cell_sentence(env, error, column):
    """Return the sentence for a cell that its field cannot take.

    :param workbook.CellError error: what a reader of ``tools/workbook`` or a converter of the importer raised
    :param str column: title of the column
    :rtype: str
    """
    kind = error.kind
    if kind == "formula":
        sentence = env._("The cell holds a formula. Replace it by its value.")
    elif kind == "fault":
        sentence = env._("The cell shows an error of the spreadsheet. Correct it or empty it.")
    elif kind == "long":
        sentence = env._(
            "“%(column)s” holds more than %(characters)s characters, which is more than a cell takes. Shorten it.",
            column=column,
            characters=workbook.MAX_TEXT,
        )
    elif kind == "digits":
        sentence = env._(
            "The spreadsheet program kept “%(column)s” as a number, and the digits after the fifteenth are lost. "
            "Format the column as text and enter the whole code again.",
            column=column,
        )
    elif kind == "date_order":
        sentence = env._(
            "“%(column)s” can be read as two different days. Write the year first, such as 2026-12-31.",
            column=column,
        )
    elif kind == "number_order":
        sentence = env._(
            "“%(column)s” can be read as two different numbers. Write it without signs of thousands, such as 12345.67.", column=column
        )
    elif kind == "share":
        sentence = env._("“%(column)s” is no share. Write the number without a percent sign, as the form shows it.", column=column)
    elif kind == "date_number":
        sentence = env._("“%(column)s” holds a number that is no date. Write the whole date, such as 1998-12-31.", column=column)
    elif kind == "whole":
        sentence = env._("“%(column)s” needs a whole number.", column=column)
    elif kind == "number":
        sentence = env._("“%(column)s” needs a number.", column=column)
    elif kind == "negative":
        sentence = env._("“%(column)s” cannot be less than zero.", column=column)
    elif kind == "large":
        sentence = env._("The number in “%(column)s” is too large. Check it and its unit.", column=column)
    elif kind == "date":
        sentence = env._("“%(column)s” needs a date such as 2026-12-31 or 2026年12月31日.", column=column)
    elif kind == "boolean":
        sentence = env._("“%(column)s” needs 是 or 否 (yes or no).", column=column)
    elif kind == "email":
        sentence = env._("This is not an e-mail address. Correct it or empty the cell.")
    else:
        sentence = env._("“%(column)s” has no such choice. Correct the cell or empty it.", column=column)
    return sentence
