"""The workbook of an analysis."""

import io

import xlsxwriter

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
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats = {
        kind: (book.add_format({"num_format": shape}), book.add_format({"num_format": shape, "bold": True, "top": 1}))
        for kind, shape in (("money", "#,##0.00"), ("number", "#,##0.##"), ("percent", '0.0"%"'), ("text", "@"))
    }
    sheet.write_string(0, 0, harmless(title), book.add_format({"bold": True, "font_size": 14}))
    line = 1
    for word, text in facts:
        sheet.write_string(line, 0, harmless(word), bold)
        sheet.write_string(line, 1, harmless(text))
        line += 1
    line += 1
    for column, (label, _kind) in enumerate(headers):
        sheet.write_string(line, column, harmless(label), book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEEEEE"}))
    for row, last in [*((row, 0) for row in rows), (total, 1)]:
        line += 1
        for column, (value, (_label, kind)) in enumerate(zip(row, headers, strict=True)):
            if value is None:
                sheet.write_blank(line, column, None, formats[kind][last])
            elif kind == "text":
                sheet.write_string(line, column, harmless(value), formats[kind][last])
            else:
                sheet.write_number(line, column, value, formats[kind][last])
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, len(headers), 16)
    book.close()
    return stream.getvalue()
