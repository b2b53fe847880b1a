"""The workbook of an analysis, and of own reports: a sheet for each."""

import io

import xlsxwriter

from ...tools.workbook_write import sheet_name

RISKY = ("=", "+", "-", "@", "\t", "\r")


def harmless(text):
    """A text that no spreadsheet takes for a formula. E.g. ``=1+1`` becomes ``'=1+1``."""
    text = str(text)
    return f"'{text}" if text.startswith(RISKY) else text


def build(title, facts, headers, rows, total):
    """Make a workbook with one sheet: the title, the conditions, the figures and their total.

    :param list facts: (word, text) of the conditions, the formula and the state of the figures
    :param list headers: (label, kind); kind is text, money, number or percent
    :param list rows: lists of values in the order of the headers; None stays empty
    :param list total: as a row
    :rtype: bytes
    """
    return build_sheets([{"title": title, "facts": facts, "headers": headers, "rows": rows, "total": total}])


def build_sheets(sheets):
    """Make a workbook with several sheets, each named by its title.

    :param list sheets: dictionaries of the arguments of :func:`build`
    :rtype: bytes
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        kind: (book.add_format({"num_format": shape}), book.add_format({"num_format": shape, "bold": True, "top": 1}))
        for kind, shape in (("money", "#,##0.00"), ("number", "#,##0.##"), ("percent", '0.0"%"'), ("text", "@"))
    }
    formats["word"] = book.add_format({"bold": True})
    formats["title"] = book.add_format({"bold": True, "font_size": 14})
    formats["header"] = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEEEEE"})
    taken = set()
    for content in sheets:
        named = len(sheets) > 1 and free_name(harmless(content["title"]), taken)
        _write_sheet(book.add_worksheet(named or None), formats, **content)
    book.close()
    return stream.getvalue()


def free_name(title, taken):
    """Return a name for a sheet that no other one has, whatever the case of its letters.

    :param set taken: names in small letters; the new one is added
    """
    name = free = sheet_name(title)
    number = 2
    while free.lower() in taken:
        free = f"{name[:27]} {number}"
        number += 1
    taken.add(free.lower())
    return free


def _write_sheet(sheet, formats, title, facts, headers, rows, total):
    sheet.write_string(0, 0, harmless(title), formats["title"])
    line = 1
    for word, text in facts:
        sheet.write_string(line, 0, harmless(word), formats["word"])
        sheet.write_string(line, 1, harmless(text))
        line += 1
    line += 1
    for column, (label, _kind) in enumerate(headers):
        sheet.write_string(line, column, harmless(label), formats["header"])
    for row, last in [*((row, 0) for row in rows), *([(total, 1)] if total else [])]:
        line += 1
        for column, (value, (_label, kind)) in enumerate(zip(row, headers, strict=True)):
            if value is None:
                sheet.write_blank(line, column, None, formats[kind][last])
            elif kind == "text":
                sheet.write_string(line, column, harmless(value), formats[kind][last])
            else:
                sheet.write_number(line, column, value, formats[kind][last])
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, max(len(headers), 1), 16)
