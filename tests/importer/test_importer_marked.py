"""Marked copies of odd and of very bad workbooks: made in bounded time and memory, and still whole."""

import io
import zipfile
from unittest.mock import patch

import openpyxl
from odoo.tests import BaseCase, tagged

from ...tools import workbook, workbook_titles
from .test_importer_files import archive
from .test_importer_workbook import xlsx

WORDS = workbook.MarkWords("Problems", ["Sheet", "Row", "Column", "Value", "What to do"], "There are 7 more.")


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


@tagged("post_install", "-at_install")
class TestImporterMarked(BaseCase):
    def _marked(self, content, *problems, name="file.xlsx"):
        return openpyxl.load_workbook(io.BytesIO(workbook.mark_problems(content, name, problems, WORDS)))

    def test_a_whole_sheet_merged(self):
        """The library would make each of 17,000 million cells of this range."""
        parts = parts_of(xlsx(["Name", "Size"], ["A", 1], ["B", "x"]))
        name = "xl/worksheets/sheet1.xml"
        merged = b'</sheetData><mergeCells><mergeCell ref="A4:XFD1048576"/></mergeCells>'
        parts[name] = parts[name].replace(b"</sheetData>", merged)
        content = archive(parts)
        refuse = patch.object(workbook.mark_problems.__globals__["openpyxl"], "load_workbook", side_effect=AssertionError)
        with refuse:
            copy = workbook.mark_problems(content, "merged.xlsx", [workbook.Mark("Sheet", 3, "Size", "x", "Needs a number.")], WORDS)
        sheet = openpyxl.load_workbook(io.BytesIO(copy)).worksheets[0]
        self.assertEqual(sheet["B3"].comment.text, "Needs a number.")
        self.assertEqual(sheet["A2"].value, "A")

    def test_thousands_of_problems(self):
        """All are coloured and listed; comments, which are drawings, stop at some number."""
        count = 2500
        problems = [workbook.Mark("", row, "Size", "x", f"Needs a number ({row}).") for row in range(2, count + 2)]
        content = ("Name,Size\n" + "A,x\n" * count).encode()
        marked = self._marked(content, *problems, name="list.csv")
        cells = [row[1] for row in marked.worksheets[0].iter_rows(min_row=2, max_row=count + 1)]
        self.assertEqual({cell.fill.fgColor.rgb[-6:] for cell in cells}, {"F8CBAD"})
        self.assertEqual(sum(cell.comment is not None for cell in cells), 2000)
        listed = list(marked["Problems"].iter_rows(values_only=True))
        self.assertEqual(listed[count][4], f"Needs a number ({count + 1}).")
        self.assertEqual((len(listed), listed[-1][4]), (count + 2, "There are 7 more."))

    def test_rows_far_below(self):
        """A row at the end of each of several sheets: the rows between are not written one by one without end."""
        book = openpyxl.Workbook()
        for number in range(4):
            sheet = book.active if not number else book.create_sheet()
            sheet.append(["Name"])
            sheet.cell(150_000, 1, f"Last {number}")
        stream = io.BytesIO()
        book.save(stream)
        with patch.dict(workbook.mark_problems.__globals__, _STYLED_BYTES=0):
            copy = workbook.mark_problems(stream.getvalue(), "far.xlsx", [workbook.Mark("Sheet", 1, "Name", "", "Bad.")], WORDS)
        with workbook.open_book(copy) as again:
            last = [list(again.rows(sheet))[-1] for sheet in again.sheets[:4]]
        self.assertEqual([cells[0] for _number, cells in last], ["Last 0", "Last 1", "Last 2", "Last 3"])
        self.assertEqual(last[0][0], 150_000)
        self.assertLess(last[3][0], 10_000)

    def test_parts_that_are_never_read(self):
        """A drawing that would not parse does not keep anybody from a marked copy."""
        book = openpyxl.Workbook()
        book.active.append(["Name", "Size"])
        book.active.append(["A", "x"])
        chart = openpyxl.chart.BarChart()
        chart.add_data(openpyxl.chart.Reference(book.active, min_col=2, min_row=1, max_row=2))
        book.active.add_chart(chart, "D4")
        stream = io.BytesIO()
        book.save(stream)
        parts = parts_of(stream.getvalue())
        for name in parts:
            if name.startswith("xl/drawings/drawing") or name.startswith("xl/charts/chart"):
                parts[name] = b"<broken"
        marked = self._marked(archive(parts), workbook.Mark("Sheet", 2, "Size", "x", "Needs a number."))
        self.assertEqual(marked.worksheets[0]["B2"].comment.text, "Needs a number.")

    def test_long_titles_are_like_no_other(self):
        """Texts as titles are compared whole: how much they are alike would take minutes to tell."""
        targets = [workbook_titles.TitleTarget("name", "客户名称", ["Name"], False)]
        text = "甲乙丙丁" * 500
        with patch.object(workbook_titles, "SequenceMatcher", side_effect=AssertionError):
            self.assertEqual(workbook_titles.match_titles([text, "客户名称"], targets), {1: ("name", 1.0)})
            rows = [(1, [f"客户资料{number}" for number in range(50)]), (2, ["Name", "Phone"])]
            self.assertEqual(workbook_titles.find_title_row(rows, targets), 2)
        self.assertEqual(workbook_titles.match_titles(["客户名 称"], targets)[0][0], "name", "short ones still are")
