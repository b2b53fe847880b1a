"""Reading .ods (LibreOffice, WPS) row by row, without ORM.

Cells and rows that repeat are written once in such a file with a count beside them: an empty tail of a million rows costs nothing, and a
filled row that claims to repeat a million times is refused by the limit of rows.
"""

import re

from .text import visible_text
from .workbook_cells import (
    LAST_ROW,
    MAX_COLUMNS,
    MAX_MERGED,
    MAX_ROW_TEXT,
    MAX_SHEETS,
    MAX_TEXT,
    CellFault,
    CellFormula,
    CellShare,
    WorkbookBrokenError,
    WorkbookEncryptedError,
    WorkbookTooLargeError,
    WorkbookTypeError,
)
from .workbook_values import as_datetime
from .workbook_xlsx import check_archive, parse_xml

MIME = (b"application/vnd.oasis.opendocument.spreadsheet", b"application/vnd.oasis.opendocument.spreadsheet-template")
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_FAULT = re.compile(r"#[A-Z/0!?]{2,8}|Err:\d{3}")


def is_ods(content):
    """Tell whether a zip archive says of itself that it is a spreadsheet of this kind.

    :raises BookError: for an archive that is not safe to look into
    """
    with check_archive(content) as archive:
        names = set(archive.namelist())
        if "mimetype" in names:
            with archive.open("mimetype") as stream:
                return stream.read(100).strip() in MIME
        if {"content.xml", "META-INF/manifest.xml"} <= names:  # some programs say it in the list of parts only
            with archive.open("META-INF/manifest.xml") as stream:
                return MIME[0] in stream.read(1_000_000)
        return False


class OdsReader:
    """An .ods file; see ``Book`` in workbook_read.py for what its methods give."""

    kind = "ods"
    is_1904 = False  # dates are written as text

    def __init__(self, content):
        self._archive = check_archive(content)
        names = set(self._archive.namelist())
        if "content.xml" not in names:
            raise WorkbookTypeError
        if "META-INF/manifest.xml" in names:
            with self._archive.open("META-INF/manifest.xml") as stream:
                if b"encryption-data" in stream.read(1_000_000):
                    raise WorkbookEncryptedError
        self._merged = {}
        self.sheets = []
        hidden_styles = set()
        style = [None]

        def start(name, attributes):
            if name == "style:style":
                style[0] = attributes.get("style:name")
            elif name == "style:table-properties" and attributes.get("table:display") == "false":
                hidden_styles.add(style[0])
                if len(hidden_styles) > 10 * MAX_SHEETS:
                    raise WorkbookTooLargeError("zip_bomb")
            elif name == "table:table":
                self.sheets.append((attributes.get("table:name", ""), attributes.get("table:style-name") in hidden_styles))
                if len(self.sheets) > MAX_SHEETS:
                    raise WorkbookTooLargeError("too_many_sheets")

        with self._archive.open("content.xml") as stream:
            for _chunk in parse_xml(stream, start):
                pass

    def close(self):
        self._archive.close()

    def merged(self, index):
        """Return what ``rows`` found merged: known in the file only at the cells themselves, so read once before."""
        if index not in self._merged:
            sheet = _OdsHandler(index, None)
            with self._archive.open("content.xml") as stream:
                for _chunk in parse_xml(stream, sheet.start, sheet.end, sheet.text):
                    sheet.rows.clear()
                    if sheet.done or len(sheet.merged) > MAX_MERGED:
                        break
            self._merged[index] = sheet.merged
        return self._merged[index]

    def rows(self, index, remarks):
        sheet = _OdsHandler(index, remarks)
        with self._archive.open("content.xml") as stream:
            for _chunk in parse_xml(stream, sheet.start, sheet.end, sheet.text):
                for first, last, cells in sheet.rows:  # a repeated row is made one by one, so that the limit of rows ends it
                    for number in range(first, last + 1):
                        yield number, cells
                sheet.rows.clear()
                if sheet.done:
                    break


class _OdsHandler:
    """Gathers the rows of one sheet from the events of expat."""

    def __init__(self, index, remarks):
        self.rows = []
        self.merged = []
        self.done = False
        self._remarks = remarks
        self._wanted = index
        self._tables = -1
        self._depth = 0
        self._number = 0
        self._cells = []
        self._column = 0
        self._cell = None
        self._pieces = []
        self._room = 0
        self._length = 0
        self._paragraphs = 0
        self._notes = 0
        self._repeat_row = 1
        self._hidden = False

    def start(self, name, attributes):
        if name == "table:table":
            self._depth += 1
            if self._depth == 1:
                self._tables += 1
            return
        if self._tables != self._wanted or self.done:
            return
        if name == "table:table-row":
            self._repeat_row = _count(attributes.get("table:number-rows-repeated"))
            self._hidden = attributes.get("table:visibility", "visible") != "visible"
            self._cells, self._column, self._length = [], 0, 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell = attributes
            self._pieces, self._paragraphs, self._room = [], 0, MAX_TEXT + 1
            if name == "table:table-cell":
                rows = _count(attributes.get("table:number-rows-spanned"))
                columns = _count(attributes.get("table:number-columns-spanned"))
                if rows > 1 or columns > 1:
                    top = self._number + 1
                    if len(self.merged) <= MAX_MERGED:
                        self.merged.append((top, top + rows - 1, self._column, self._column + columns - 1))
        elif name == "office:annotation":
            self._notes += 1
        elif self._notes:
            return
        elif name == "text:p":
            if self._paragraphs:
                self._take("\n")
            self._paragraphs += 1
        elif name == "text:s":
            self._take(" " * min(_count(attributes.get("text:c")), self._room))
        elif name == "text:tab":
            self._take("\t")
        elif name == "text:line-break":
            self._take("\n")

    def text(self, data):
        if self._paragraphs and not self._notes and self._cell is not None:
            self._take(data)

    def _take(self, data):
        """Add to the text of the cell what it has room for: one character more than a cell holds tells that it is too long."""
        if self._room > 0:
            self._pieces.append(data[: self._room])
            self._room -= len(data)

    def end(self, name):
        if name == "table:table":
            self._depth -= 1
            if self._tables == self._wanted and not self._depth:
                self.done = True
        elif self._tables != self._wanted or self.done:
            return
        elif name == "office:annotation":
            self._notes -= 1
        elif name in ("table:table-cell", "table:covered-table-cell") and self._cell is not None:
            value = None if name == "table:covered-table-cell" else self._value()
            repeat = _count(self._cell.get("table:number-columns-repeated"))
            if value is not None:
                if self._column + repeat > MAX_COLUMNS:
                    raise WorkbookTooLargeError("too_many_columns")
                if type(value) is str:
                    self._length += min(len(value), MAX_TEXT) * repeat
                    if self._length > MAX_ROW_TEXT:
                        raise WorkbookTooLargeError("long_row")
                self._cells += [None] * (self._column - len(self._cells)) + [value] * repeat
            self._column += repeat
            if self._column > 100 * MAX_COLUMNS:  # no program writes so many, and reading on would take minutes
                raise WorkbookTooLargeError("too_many_columns")
            self._cell = None
        elif name == "table:table-row":
            first = self._number + 1
            self._number += self._repeat_row
            if self._hidden and self._cells and self._remarks:
                self._remarks.hidden_rows += self._repeat_row
            if self._cells:
                if self._number > LAST_ROW:
                    raise WorkbookTooLargeError("too_many_rows")
                self.rows.append((first, self._number, self._cells))

    def _value(self):
        kind = self._cell.get("office:value-type")
        formula = self._cell.get("table:formula")
        shown = "".join(self._pieces)
        if formula is not None:
            if self._cell.get("calcext:value-type") == "error" or _FAULT.fullmatch(shown):
                return CellFault(shown)
            if kind is None:
                return CellFormula("=" + formula.partition(":=")[2])
            if self._remarks:
                self._remarks.formulas += 1
        if kind is None:
            return shown if visible_text(shown) else None
        if kind in ("float", "currency", "percentage"):
            number = float(self._cell["office:value"])
            if kind == "percentage":
                return CellShare(number)
            return int(number) if number.is_integer() and abs(number) < 1e15 else number
        if kind == "date":
            moment = as_datetime(self._cell["office:date-value"].partition(".")[0])
            return moment.date() if moment.time().isoformat() == "00:00:00" else moment
        if kind == "boolean":
            return self._cell.get("office:boolean-value") == "true"
        if kind == "time":
            match = _DURATION.fullmatch(self._cell.get("office:time-value", ""))
            return ":".join(part.zfill(2) for part in match.groups()) if match else shown
        return self._cell.get("office:string-value", shown)[: MAX_TEXT + 1]


def _count(text):
    """Return how often something repeats: once when nothing is said.

    >>> _count(None), _count("3")
    (1, 3)
    """
    if text is None:
        return 1
    number = int(text)
    if not 1 <= number <= 2**31:
        raise WorkbookBrokenError
    return number
