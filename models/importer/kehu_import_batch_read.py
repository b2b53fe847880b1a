import base64
import binascii
from collections import defaultdict, namedtuple
from contextlib import contextmanager
from itertools import chain, dropwhile

from lxml import etree
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, plaintext2html

from ...tools import workbook
from ..system.engine import as_engine
from ..system.engine_rows import insert_rows
from ..system.values import LARGEST_AMOUNT, LARGEST_WHOLE
from .base import PARENT_WORD
from .book_words import book_refusal, cell_sentence
from .exceptions import KehuImportFileError
from .kehu_import_place import CheckPlace
from .kehu_import_row import ImportRow, ImportRows, pack_cell, packed, unpack_cell
from .words import joined_words, names_in, split_names

CHUNK = 2000  # rows checked at once
SURE = 0.9  # score of a title that is the same or a usual name
CODE_FIELDS = {"ref", "phone", "kehu_mobile", "email", "website", "vat"}  # kept in half width
# what a province is besides its name; people leave it out
PROVINCE_KINDS = ("", "省", "市", "自治区", "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区")
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
LINKS = ("many2one", "many2many")
PER_CENT = {"percent", "percentage", "discount", "probability"}  # in the name of a field whose whole is 100
NOT_NEGATIVE = {"kehu_annual_revenue", "kehu_headcount"}

Column = namedtuple("Column", "position line for_contact field convert default")


class OpenSheet:
    """The sheet of a file that is being read: its titles, and its rows one after the other, all as long as the titles."""

    __slots__ = ("book", "epoch", "first", "name", "rows", "titles")

    def __init__(self, book, sheet, title_row):
        self.book = book
        self.name = sheet.name
        self.epoch = book.epoch
        rows = book.rows(sheet, max(title_row - 1, 0))
        _number, cells = next(rows, (0, []))
        self.titles = ["" if isinstance(cell, (workbook.CellFault, workbook.CellFormula)) else workbook.as_text(cell) for cell in cells]
        rows = self._padded(rows, len(self.titles))
        number, self.first = next(rows, (0, None))
        if not self.first:
            raise workbook.WorkbookEmptyError(sheet=sheet.name)
        self.rows = chain([(number, self.first)], rows)

    @staticmethod
    def _padded(rows, width):
        for number, cells in rows:
            cells = cells[:width] + [None] * (width - len(cells))
            if any(cell is not None for cell in cells):
                yield number, cells


def rows_after(rows, number):
    """Return the rows of a sheet below the one of this number, which were not read yet."""
    return rows if not number else dropwhile(lambda row: row[0] <= number, rows)


class ImportSession:
    """What lasts from the first row of a file to its last while it is checked."""

    __slots__ = ("columns", "defaults", "last", "note", "seen", "titles", "words")

    def __init__(self, columns, note=""):
        self.columns = [column for column in columns if column.position is not None]
        self.defaults = [column for column in columns if column.default not in (None, "")]  # also of columns that the file does not have
        self.note = note
        self.titles = {column.line.field_name: column.line.title for column in columns}
        self.words = {}  # {id of the template's column: {word: ids of the records it names}}
        self.seen = {}
        self.last = None  # the row before, of those that are no further contact person


class KehuImportBatch(models.Model):
    _inherit = "kehu.import.batch"

    # ------------------------------------------------------------------------------------------------------------------ reading a file

    def _kehu_check_file(self):
        """Read the file and put every row, checked, where the import takes it from; writes nothing else.

        :raises KehuImportFileError: when the file as a whole is no use
        """
        for _place in self._kehu_check_chunks():
            self.env.flush_all()

    def _kehu_check_chunks(self, place=None):
        """Check the file as :meth:`_kehu_check_file` does, yielding after each part a function that gives the place where it ended.

        :param CheckPlace place: where an earlier check ended, to go on from there
        :raises KehuImportFileError: when the file as a whole is no use, also in the middle
        """
        self.ensure_one()
        if place:
            self.env.cr.execute(SQL("DELETE FROM kehu_import_row WHERE batch_id = %s AND id > %s", self.id, place.row_id))
            for name in ("kehu.import.row", "kehu.import.problem"):
                self.env[name].invalidate_model(flush=False)
        else:
            self._kehu_clear()
        counts = dict(place.counts) if place else dict.fromkeys(("rows", "problem", "skipped"), 0)
        with self._kehu_open() as sheet:
            if not self.mapping_ids:
                self._kehu_map(sheet)
            columns, note = self._kehu_match_columns(sheet.epoch)
            session = ImportSession(columns, note)
            if not place:
                self._kehu_collect_parents(session)
            if not place or place.sheet == sheet.name:
                first = self._kehu_resume(session, place)
                for chunk in workbook.split_rows(rows_after(sheet.rows, first), CHUNK):
                    rows = [ImportRow(number, sheet.name, cells) for number, cells in chunk]
                    self._kehu_check_rows(session, rows)
                    yield self._kehu_keep_checked(session, rows, counts)
                place = None
            yield from self._kehu_check_contact_sheets(session, sheet, counts, place)
            counts["problem"] += self._kehu_order_rows(session)
            epoch = sheet.epoch
        self._kehu_note_counts(counts)
        as_engine(self, "import").write({"state": "checked", "job": "import", "note": session.note, "epoch": epoch, "check_place": False})

    @api.model
    def _kehu_resume(self, session, place):
        """Tell the session what was seen before this place of its sheet.

        :return: number of the last row that was read
        :rtype: int
        """
        if not place:
            return 0
        session.seen, session.last = place.seen, place.last
        return place.number

    def _kehu_keep_checked(self, session, rows, counts):
        """Keep checked rows and what was counted; return a function that gives the place after them."""
        self._kehu_stage(session, rows)
        self._kehu_count_rows(counts, rows)
        self._kehu_note_counts(counts)
        end = rows[-1]
        return lambda: CheckPlace(end.sheet, end.number, end.id, dict(counts), session.last, session.seen)

    def _kehu_note_counts(self, counts):
        as_engine(self, "import").write(
            {"row_count": counts["rows"], "problem_count": counts["problem"], "skipped_count": counts["skipped"]}
        )

    def _kehu_collect_parents(self, session):
        """Tell the session by which words rows may name each other as parents: of the whole file, as a parent may stand below its child."""
        model = self.env[self.template_id.model]
        if not model._kehu_import_parent_line(self):
            return
        names = model._kehu_import_word_fields()
        columns = [column for column in session.columns if not column.for_contact and column.field.name in names and column.convert]
        words = session.seen.setdefault("parents", set())
        with self._kehu_open() as sheet:
            for chunk in workbook.split_rows(sheet.rows, CHUNK):
                rows = [ImportRow(number, sheet.name, cells) for number, cells in chunk]
                for column in columns:
                    self._kehu_read_column(column, rows)
                words.update(digest for row in rows for digest in model._kehu_import_digests_of(row))

    def _kehu_order_rows(self, session):
        """Note of each checked row how many rows of the file stand above it, so that an import makes parents first.

        :return: number of rows that were refused because they stand above each other
        :rtype: int
        """
        model = self.env[self.template_id.model]
        if not model._kehu_import_parent_line(self):
            return 0
        above = dict(self.env.execute_query(self._kehu_rows_above(model)))
        depths, circles = {}, []
        for start in above:
            path, places, one = [], {}, start
            while one is not None and one not in depths and one not in places:
                places[one] = len(path)
                path.append(one)
                one = above.get(one)
            if one in places:
                circles += path[places[one] :]
                depths.update(dict.fromkeys(path[places[one] :], 0))
                path = path[: places[one]]
            for one in reversed(path):
                depths[one] = depths[above[one]] + 1 if one in above else 0
        self.env.cr.execute_values(
            "UPDATE kehu_import_row r SET depth = v.depth FROM (VALUES %s) AS v (id, depth) WHERE r.id = v.id AND r.depth != v.depth",
            [(row_id, depth) for row_id, depth in depths.items() if depth],
            page_size=1000,
        )
        return self._kehu_refuse_staged(session, self._kehu_refuse_circles(model, circles))

    def _kehu_rows_above(self, model):
        """Return the query for (id of a row, id of the row of this file above it); it goes by digests, whatever the length of the words."""
        return SQL(
            """
            WITH main AS (
                SELECT id, values->'k' AS own, values->'u' AS above, values->'v'->>%(parent)s AS parent
                  FROM kehu_import_row WHERE batch_id = %(batch)s AND kind = 'main'
            ), words AS (
                SELECT word::bigint AS word, min(id) AS id FROM main, jsonb_array_elements_text(own) AS word GROUP BY 1
            )
            SELECT main.id, COALESCE(whole.id, last.id, made.id)
              FROM main
         LEFT JOIN words whole ON whole.word = (main.above->>0)::bigint
         LEFT JOIN words last ON last.word = (main.above->>1)::bigint
         LEFT JOIN kehu_import_row made ON made.batch_id = %(batch)s AND made.kind = 'main' AND made.state = 'done'
               AND made.action = 'create' AND made.res_id = main.parent::int
             WHERE COALESCE(whole.id, last.id, made.id) IS NOT NULL
            """,
            parent=model._parent_name,
            batch=self.id,
        )

    def _kehu_refuse_circles(self, model, row_ids):
        """Return the rows of these ids, which stand above each other, refused."""
        rows = []
        for row_id, number, sheet, word in self.env.execute_query(
            SQL(
                "SELECT id, number, sheet, left(values->'v'->>%s, 500) FROM kehu_import_row WHERE id = ANY(%s) ORDER BY id",
                PARENT_WORD,
                row_ids,
            )
        ):
            row = ImportRow(number, sheet)
            row.id = row_id
            row.refuse(
                self.env._("“%(value)s” stands below this row itself. Name another one above it.", value=word),
                value=word,
                field=model._parent_name,
                kind="unknown",
            )
            rows.append(row)
        return rows

    def _kehu_refuse_staged(self, session, rows):
        """Note the problems of rows that were kept as good before.

        :return: how many of them were good
        :rtype: int
        """
        if not rows:
            return 0
        self.env.cr.execute(
            SQL("UPDATE kehu_import_row SET state = 'problem' WHERE id = ANY(%s) AND state = 'waiting'", [row.id for row in rows])
        )
        refused = self.env.cr.rowcount
        self.env["kehu.import.row"].invalidate_model(flush=False)
        self._kehu_tell_problems(session.titles, rows)
        return refused

    @api.model
    def _kehu_count_rows(self, counts, rows):
        counts["rows"] += len(rows)
        counts["problem"] += sum(bool(row.problems) for row in rows)
        counts["skipped"] += sum(bool(row.skipped and not row.problems) for row in rows)

    def _kehu_clear(self):
        """Forget what an earlier check found."""
        for name in ("problem_ids", "row_ids"):
            # sudo: kehu.import.problem, kehu.import.row - the engine keeps them
            table = self[name].sudo()._table
            self.env.cr.execute(SQL("DELETE FROM %s WHERE batch_id = ANY(%s)", SQL.identifier(table), self.ids))
            self.env[self._fields[name].comodel_name].invalidate_model(flush=False)
        self.invalidate_recordset(["problem_ids", "row_ids"], flush=False)
        for batch in as_engine(self, "import"):
            # a check in the background begins with this
            state = {} if batch.state == "running" and batch.job == "check" else {"state": "draft", "job": "import", "import_next": False}
            batch.write({**state, "note": "", "stop_reason": "", "check_place": False, **dict.fromkeys(self._kehu_counters(), 0)})

    @contextmanager
    def _kehu_open(self):
        """Open the file for reading, as an :class:`OpenSheet`.

        :raises KehuImportFileError: when it cannot be read, also in the middle
        """
        name = self.filename or self.name
        if not self.file:
            raise KehuImportFileError(self.env._("There is no workbook yet. Choose an .xls, .xlsx or .csv file first."))
        try:
            data = self._kehu_file_content()
            with workbook.open_book(data, name) as book:
                yield self._kehu_open_sheet(book, self._kehu_choose_sheet(book), self.title_row)
        except binascii.Error as error:
            raise self._kehu_no_workbook(name) from error
        except workbook.BookError as error:
            raise book_refusal(self.env, error, name) from error

    def _kehu_file_content(self):
        """Return the bytes of the file, without keeping them in memory."""
        data = base64.b64decode(self.with_context(bin_size=False).file)
        self.invalidate_recordset(["file"], flush=False)
        return data

    def _kehu_open_sheet(self, book, sheet, title_row=0):
        return OpenSheet(book, sheet, title_row or self.template_id._kehu_find_title_row(book.rows(sheet)))

    def _kehu_choose_sheet(self, book):
        """Return the sheet that was chosen by its name, else the first one with something in it."""
        if not self.sheet_name:
            return book.first_sheet()
        for sheet in book.sheets:
            if workbook.fold(sheet.name) == workbook.fold(self.sheet_name):
                return sheet
        raise KehuImportFileError(
            self.env._(
                "The workbook has no sheet “%(sheet)s”. Choose one of these: %(sheets)s.",
                sheet=self.sheet_name,
                sheets=[sheet.name for sheet in book.sheets if not sheet.hidden],
            )
        )

    @api.model
    def _kehu_no_workbook(self, name):
        return book_refusal(self.env, workbook.WorkbookTypeError(), name)

    # --------------------------------------------------------------------------------------------------------------------- its columns

    def _kehu_map(self, sheet):
        """Write down which column of the file fills which column of the template: by title, or as this person chose before."""
        matched = self.template_id._kehu_match_titles(sheet.titles)
        titles = [workbook.fold(title) for title in sheet.titles]
        remembered = self.env["kehu.import.mapping"]._kehu_remembered(self.template_id, titles)
        chosen = {remembered[title] for title in titles if title in remembered}
        same_title = {titles[position]: line for position, (line, score) in matched.items() if score == 1}
        first = sheet.first
        values_list = []
        for position, (title, folded) in enumerate(zip(sheet.titles, titles, strict=True)):
            if not title:
                continue
            line, score = (same_title[folded], 1) if folded in same_title else matched.get(position, (None, 0))
            found_by = "title" if score == 1 else "similar" if line else False
            if found_by != "title" and folded in remembered:
                line, found_by = remembered[folded], "remembered"
            elif found_by == "similar" and line in chosen:
                line = found_by = False
            values_list.append(
                {
                    "batch_id": self.id,
                    "template_id": self.template_id.id,
                    "user_id": self.env.uid,
                    "sheet": sheet.name,
                    "position": position,
                    "column": title,
                    "folded": folded,
                    "sample": self._kehu_shown(first[position])[:80] if position < len(first) and first[position] is not None else False,
                    "line_id": line.id if line else False,
                    "found_by": found_by,
                }
            )
        # sudo: kehu.import.mapping - written by the engine only
        as_engine(self.env["kehu.import.mapping"], "import").sudo().create(values_list)

    def _kehu_match_columns(self, epoch):
        """Return the columns of the file that fill something, and a note about those that do not.

        :rtype: tuple[list[Column], str]
        :raises KehuImportFileError: when a column that is needed is missing, or one is there twice
        """
        columns, unused, seen = [], [], {}
        for mapping in self.mapping_ids:
            line = mapping.line_id
            if not line:
                unused.append(mapping.column)
            elif seen.setdefault(line, mapping) != mapping and mapping.folded == seen[line].folded:
                raise KehuImportFileError(
                    self.env._(
                        "The column “%(title)s” occurs twice in the workbook. Remove or rename one of the two.", title=mapping.column
                    )
                )
            elif seen[line] != mapping:
                raise KehuImportFileError(
                    self.env._(
                        "The columns “%(title)s” and “%(other)s” fill the same field. Choose another one for one of them under Columns.",
                        title=seen[line].column,
                        other=mapping.column,
                    )
                )
            else:
                for_contact, field = line._kehu_target()
                convert = None if field.type in LINKS else self._kehu_converter(line, field, epoch)
                columns.append(Column(mapping.position, line, for_contact, field, convert, self._kehu_default(line, field, convert)))
        missing = []
        for line in self.template_id.field_ids:
            if line in seen:
                continue
            for_contact, field = line._kehu_target()
            convert = None if field.type in LINKS else self._kehu_converter(line, field, epoch)
            default = self._kehu_default(line, field, convert)
            if default not in (None, ""):
                columns.append(Column(None, line, for_contact, field, convert, default))
            elif line.required:
                missing.append(line.title)
        if missing:
            raise KehuImportFileError(
                self.env._(
                    "The workbook has no column %(titles)s, which the template “%(template)s” needs. "
                    "Add it, or choose the template that fits this workbook.",
                    titles=[self.env._("“%(name)s”", name=title) for title in missing],
                    template=self.template_id.name,
                )
            )
        note = self.env._("These columns are not in the template and are left out: %(titles)s.", titles=unused) if unused else ""
        return columns, note

    # -------------------------------------------------------------------------------------------------------------- checking many rows

    def _kehu_check_rows(self, session, rows):
        """Turn the cells of these rows into values and note what is wrong with them; few queries, however many rows.

        :param ImportSession session: knows the columns, and the rows before
        :param list rows: :class:`ImportRow`
        """
        self._kehu_find_contacts(session, rows)
        self._kehu_read_cells(session, rows)
        self._kehu_find_repeated_customers(session, rows)
        self._kehu_judge_rows(session, rows)

    def _kehu_read_cells(self, session, rows):
        """Turn the cells of these rows into values."""
        for column in session.columns:
            if column.convert is None:
                self._kehu_read_links(session, column, rows)
            else:
                self._kehu_read_column(column, rows)

    def _kehu_judge_rows(self, session, rows):
        """Let the model say what is wrong with these rows as a whole, and which records they update."""
        main = ImportRows((row for row in rows if row.kind == "main"), session.seen)
        self.env[self.template_id.model]._kehu_import_check(self, main)
        for row in rows:
            if row.kind == "contact" and not row.contact.get("name") and self.template_id.model == "res.partner":
                row.refuse(
                    self.env._("The contact person has no name. Fill it in, or empty the contact's other cells."), field="child_ids/name"
                )
        self._kehu_fill_defaults(session, rows)
        updated = session.seen.setdefault("updated", {})
        for row in main:
            if row.record and not row.problems and updated.setdefault(row.record.id, row.number) != row.number:
                row.refuse(
                    self.env._(
                        "Row %(row)s of this workbook changes the same record. Keep one of the two rows.", row=updated[row.record.id]
                    ),
                    kind="repeated",
                )

    def _kehu_find_contacts(self, session, rows):
        """A row that holds nothing but a contact person belongs to the customer of the row before."""
        own = [column.position for column in session.columns if not column.for_contact]
        contact = [column.position for column in session.columns if column.for_contact]
        for row in rows:
            cells = row.cells
            if (
                contact
                and session.last is not None
                and all(cells[position] is None for position in own)
                and any(cells[position] is not None for position in contact)
            ):
                row.kind, row.parent_number = "contact", session.last.number
            else:
                session.last = row

    def _kehu_find_repeated_customers(self, session, rows):
        """A row that repeats its customer word for word, or only by name and code, brings one more contact person."""
        previous = session.seen.get("previous")
        for row in rows:
            if row.kind == "contact":
                continue
            if (
                previous is not None
                and row.contact
                and row.values.get("name")
                and row.values["name"] == previous.values.get("name")
                and row.contact != previous.contact
                and not row.problems
                and all(previous.values.get(name) == value for name, value in row.values.items())
                and (row.values.get("ref") or not previous.values.get("ref") or len(row.values) == 1)
            ):
                row.kind, row.parent_number, row.values, row.words = "contact", previous.number, {}, []
            else:
                previous = row
        if previous is not None:
            session.seen["previous"] = previous

    def _kehu_read_column(self, column, rows):
        position, line, for_contact, field, convert, default = column
        name = field.name
        for row in rows:
            cell = row.cells[position]
            try:
                value = None if cell is None else convert(cell)
            except workbook.CellError as error:
                row.refuse(self._kehu_cell_message(error, line), line.title, self._kehu_shown(cell), kind="cell")
                continue
            if value is not None and value != "":
                (row.contact if for_contact else row.values)[name] = value
            elif line.required and not default:
                self._kehu_miss(row, line, for_contact)

    def _kehu_default(self, line, field, convert):
        """Return what an empty cell of this column means for a new record, or nothing."""
        if not line.default_value:
            return None
        if convert is None:
            words = self._kehu_split_words(field, line.default_value)
            found = self._kehu_find_by_name(field, joined_words(words))
            words = names_in(words, found)
            if not words or any(len(found[word]) != 1 for word in words):
                return None
            return [(6, 0, [found[word].id for word in words])] if field.type == "many2many" else found[words[0]].id
        try:
            return convert(line.default_value)
        except workbook.CellError:
            return None

    def _kehu_fill_defaults(self, session, rows):
        """Give new records what the template says for empty cells; existing ones keep what they have."""
        for row in rows:
            for column in session.defaults:
                values = row.contact if column.for_contact else row.values
                if values and not (row.record and not column.for_contact) and row.kind == "main":
                    values.setdefault(column.field.name, column.default)

    def _kehu_miss(self, row, line, for_contact):
        """A column that is needed is empty in this row."""
        if row.kind == "main" or for_contact:
            row.refuse(self.env._("“%(column)s” is empty. Fill it in.", column=line.title), line.title, kind="required")

    def _kehu_read_links(self, session, column, rows):
        """Fill a many2one or many2many column by the names of its records, in any language; one search for all words that are new."""
        position, line, for_contact, field, _convert, default = column
        known = session.words.setdefault(line.id, {})
        words = []
        for row in rows:
            cell = row.cells[position]
            try:
                word = "" if cell is None else workbook.as_free_text(cell)
            except workbook.CellError as error:
                row.refuse(self._kehu_cell_message(error, line), line.title, self._kehu_shown(cell), kind="cell")
                words.append([])
                continue
            words.append(self._kehu_split_words(field, word))
            if not words[-1] and line.required and not default:
                self._kehu_miss(row, line, for_contact)
        wanted = {joined for some in words for joined in joined_words(some)}.difference(known)
        if wanted:
            known.update({word: records.ids for word, records in self._kehu_find_by_name(field, wanted).items()})
        for row, some in zip(rows, words, strict=True):
            named = names_in(some, known)
            found = [self._kehu_link(row, line, for_contact, field, word, known[word]) for word in named]
            if found and all(found):
                (row.contact if for_contact else row.values)[field.name] = [(6, 0, found)] if field.type == "many2many" else found[0]

    @api.model
    def _kehu_split_words(self, field, text):
        """Return the parts of a cell that may be names: one, or for a field of many those between commas or semicolons, and these signs.

        >>> _kehu_split_words(a many2many field, "A, B; C")
        ["A", ", ", "B", "; ", "C"]
        """
        if field.type != "many2many":
            return [text] if text else []
        return split_names(text)

    def _kehu_link(self, row, line, for_contact, field, word, ids):
        """Return the id of the record that a word of a cell names; where there is not exactly one, note that and return nothing."""
        if len(ids) == 1:
            return ids[0]
        if ids:
            reason = self.env._("%(count)s records are called “%(value)s”. Give them different names first.", count=len(ids), value=word)
            row.refuse(reason, line.title, word, kind="unknown")
        elif line.unknown == "create":
            row.words.append((for_contact, field.name, word))
        else:
            row.refuse(
                self.env._(
                    "“%(value)s” is not known as %(label)s. Correct the cell, leave it empty, or have it added first.",
                    value=word,
                    label=field._description_string(self.env),
                ),
                line.title,
                word,
                kind="unknown",
            )
        return None

    # ------------------------------------------------------------------------------------------ contact persons on a sheet of their own

    def _kehu_check_contact_sheets(self, session, main_sheet, counts, place=None):
        """Check the other sheets that hold contact persons with the name or the code of their customer; yields as the whole check does.

        :param OpenSheet main_sheet: the one with the customers, read to its end
        :param CheckPlace place: where an earlier check ended, in one of these sheets
        """
        if self.template_id.model != "res.partner" or not any("/" in line.field_name for line in self.template_id.field_ids):
            return
        for sheet in main_sheet.book.sheets:
            if sheet.hidden or sheet.name == main_sheet.name or (place and place.sheet != sheet.name):
                continue
            try:
                contacts = self._kehu_open_sheet(main_sheet.book, sheet)
            except workbook.WorkbookEmptyError:
                continue
            columns, keys = [], {}
            for position, (line, score) in self.template_id._kehu_match_titles(contacts.titles).items():
                for_contact, field = line._kehu_target()
                if for_contact:
                    convert = None if field.type in LINKS else self._kehu_converter(line, field, contacts.epoch)
                    columns.append(Column(position, line, True, field, convert, None))
                elif line.field_name in ("ref", "name") and score >= SURE:
                    keys[line.field_name] = position
            if not keys or not any(column.field.name == "name" for column in columns):
                continue
            below = ImportSession(columns)
            below.words = session.words
            first, place = self._kehu_resume(below, place), None
            for chunk in workbook.split_rows(rows_after(contacts.rows, first), CHUNK):
                rows = [ImportRow(number, contacts.name, cells) for number, cells in chunk]
                for row in rows:
                    row.kind = "contact"
                self._kehu_read_cells(below, rows)
                self._kehu_attach(keys, rows)
                self.env[self.template_id.model]._kehu_import_check_contacts(self, [row for row in rows if row.record and not row.problems])
                self._kehu_judge_rows(below, rows)
                yield self._kehu_keep_checked(below, rows, counts)

    def _kehu_attach(self, keys, rows):
        """Find the customers of these contact persons: in the same file first, else among those that the person may read.

        :param dict keys: {"ref" or "name": position of the column}
        """
        readers = {"ref": workbook.as_code, "name": workbook.as_text}
        wanted = {}  # {row: (field, value)}
        for row in rows:
            for name in ("ref", "name"):
                cell = row.cells[keys[name]] if name in keys else None
                value = readers[name](cell) if cell is not None and not isinstance(cell, tuple) else ""
                if value:
                    wanted[row] = (name, value)
                    break
        values = {name: list({value for key, value in wanted.values() if key == name}) for name in ("ref", "name")}
        in_file, in_base = defaultdict(list), defaultdict(list)
        staged = self.env.execute_query(
            SQL(
                """
                SELECT number, code, name FROM kehu_import_row
                 WHERE batch_id = %s AND kind = 'main' AND state != 'problem' AND (code = ANY(%s) OR name = ANY(%s)) ORDER BY id
                """,
                self.id,
                values["ref"],
                values["name"],
            )
        )
        for number, code, name in staged:
            in_file["ref", code].append(number)
            in_file["name", name].append(number)
        domain = Domain("kehu_is_customer", "=", True) & Domain("company_id", "in", [self.company_id.id, False])
        domain &= Domain("ref", "in", values["ref"]) | Domain("name", "in", values["name"])
        for customer in self.env["res.partner"].search_fetch(domain, ["ref", "name"]):
            in_base["ref", customer.ref].append(customer)
            in_base["name", customer.name].append(customer)
        for row in rows:
            key = wanted.get(row)
            found = in_file.get(key) or in_base.get(key) or ()
            if len(found) == 1 and key in in_file:
                row.parent_number = found[0]
            elif len(found) == 1:
                row.record = found[0]
            elif found:
                row.refuse(
                    self.env._("%(count)s customers are called “%(value)s”. Give the code instead.", count=len(found), value=key[1]),
                    value=key[1],
                )
            elif key:
                row.refuse(
                    self.env._(
                        "There is no customer “%(value)s”, neither in this file nor here. Correct the cell, or add the customer.",
                        value=key[1],
                    ),
                    value=key[1],
                    kind="unknown",
                )
            else:
                row.refuse(self.env._("The row does not say whose contact person this is. Fill in the name or the code of the customer."))

    # ------------------------------------------------------------------------------------------------------------ keeping checked rows

    def _kehu_stage(self, session, rows):
        """Keep these rows and their problems until they are imported."""
        model = self.env[self.template_id.model]
        staging = self.env["kehu.import.row"]
        columns = ["batch_id", "sheet", "number", "kind", "parent_number", "depth", "name", "code", "cells"]
        values = [
            (
                self.id,
                row.sheet,
                row.number,
                row.kind,
                row.parent_number,
                0,
                *self._kehu_row_names(model, row),
                self._kehu_packed_cells(row),
                *self._kehu_staged(row),
                model._name,
            )
            for row in rows
        ]
        ids = insert_rows(staging, [*columns, "values", "state", "action", "res_id", "res_model"], values)
        for row, (row_id,) in zip(rows, ids, strict=True):
            row.id = row_id
        self._kehu_tell_problems(session.titles, rows)

    @api.model
    def _kehu_packed_cells(self, row):
        return packed([pack_cell(cell) for cell in row.cells])

    @api.model
    def _kehu_staged(self, row):
        """Return what of a row changes with every check: values, state, what it does and to which record."""
        return (
            packed(
                {
                    "v": row.values,
                    "c": row.contact,
                    "w": row.words,
                    "p": row.record.id if row.record and row.kind == "contact" else None,
                    **row.named,
                }
            ),
            "problem" if row.problems else "skipped" if row.skipped else "waiting",
            "update" if row.record or row.kind == "contact" else "create",
            row.record.id if row.record else None,
        )

    def _kehu_tell_problems(self, titles, rows):
        """Write the problems of these rows into the list that people see.

        :param dict titles: {field path: title of the column}
        """
        values = []
        for row in rows:
            for number, sheet, column, value, reason, kind in row.problems:
                if isinstance(column, tuple):
                    column = titles.get(column[1]) or column[0]
                values.append((self.id, row.id, sheet or None, number, column or None, value or None, reason, kind))
            if row.skipped and not row.problems:
                values.append((self.id, row.id, row.sheet or None, row.number, None, None, row.skipped, "skipped"))
        insert_rows(self.env["kehu.import.problem"], ["batch_id", "row_id", "sheet", "row", "column", "value", "reason", "kind"], values)
        if values:
            self.invalidate_recordset(["problem_ids"], flush=False)

    def _kehu_unstage(self, staged):
        """Return the :class:`ImportRow` of a row that was kept.

        :param staged: (id, sheet, number, kind, parent number, cells, values) of kehu_import_row
        """
        row_id, sheet, number, kind, parent_number, cells, values = staged
        row = ImportRow(number, sheet, [unpack_cell(cell) for cell in cells or ()])
        row.id, row.kind, row.parent_number = row_id, kind, parent_number
        row.values, row.contact = values["v"], values["c"]
        row.words = [tuple(word) for word in values["w"]]
        if values.get("p"):
            row.record = self.env[self.template_id.model].browse(values["p"])
        return row

    # ------------------------------------------------------------------------------------------------------------- what a cell means

    def _kehu_converter(self, line, field, epoch):
        """Return the function that turns a cell of this column into a value of the field."""
        if field.name == "zip":
            return lambda cell: workbook.as_postcode(cell, 6 if self.company_id.country_id.code == "CN" else 0)
        if field.name == "email":
            return self._kehu_read_email
        if field.name in CODE_FIELDS:
            return workbook.as_code
        if field.type == "html":
            return lambda cell: plaintext2html(workbook.as_free_text(cell))
        if field.type in ("integer", "float", "monetary"):
            return self._kehu_number_reader(line, field)
        if field.type == "date":
            return lambda cell: line._kehu_to_day(workbook.as_datetime(cell, epoch))
        if field.type == "datetime":
            return lambda cell: line._kehu_to_utc(workbook.as_datetime(cell, epoch))
        if field.type == "boolean":
            return workbook.as_boolean
        if field.type == "selection":
            return self._kehu_selection_reader(field)
        return workbook.as_free_text

    def _kehu_number_reader(self, line, field):
        """Return the function that reads the numbers of this column; a percent sign means what the field does."""
        read, largest = (workbook.as_whole_number, LARGEST_WHOLE) if field.type == "integer" else (workbook.as_number, LARGEST_AMOUNT)
        whole = []  # of a share: looked up when the first one comes

        def convert(cell):
            hundred = False
            if isinstance(cell, workbook.CellShare) or (isinstance(cell, str) and ("%" in cell or "％" in cell)):
                if not whole:
                    whole.append(self._kehu_share_whole(line, field))
                if not whole[0]:
                    raise workbook.CellError("share")
                hundred = whole[0] == 100
            number = self._kehu_in_range(line, field, read(cell, hundred), largest)
            return int(number) if field.type == "integer" else number

        return convert

    @api.model
    def _kehu_share_whole(self, line, field):
        """Tell what a whole is in this field: 1 where forms show it as a percentage, 100 where it holds per cents, 0 where it is no share.

        A template that multiplies the numbers of the column takes 80% for 0.8, whatever the field.

        :rtype: int
        """
        if line.factor not in (0.0, 1.0):
            return 1
        model = self.env[field.model_name]
        for kind in ("form", "list"):
            arch = etree.fromstring(model.get_view(view_type=kind)["arch"])
            if arch.xpath("//field[@name=$name][@widget='percentage']", name=field.name):
                return 1
        label = " ".join((field._description_string(self.env), field._description_help(self.env) or ""))
        return 100 if PER_CENT & set(field.name.lower().split("_")) or "%" in label or "ercent" in label else 0

    def _kehu_in_range(self, line, field, number, largest):
        """Return the number in the unit of the field.

        :raises workbook.CellError: when the field cannot hold it
        """
        if line.factor not in (0.0, 1.0):
            number = round(number * line.factor, 8)  # 0.07 of a hundred is 7, not 7.000000000000001
        if number < 0 and field.name in NOT_NEGATIVE:
            raise workbook.CellError("negative")
        if abs(number) > largest:
            raise workbook.CellError("large")
        return number

    def _kehu_read_email(self, cell):
        email = workbook.as_code(cell)
        if not email_normalize(email):
            raise workbook.CellError("email")
        return email

    def _kehu_selection_reader(self, field):
        keys = {}
        for lang in self._kehu_languages():
            for key, label in field._description_selection(self.with_context(lang=lang).env):
                keys[workbook.fold(label)] = key
                keys[workbook.fold(key)] = key

        def read(cell):
            key = keys.get(workbook.fold(workbook.as_text(cell)))
            if not key:
                raise workbook.CellError("choice")
            return key

        return read

    def _kehu_find_by_name(self, field, words):
        """Return {word: records} of the field's comodel for these words; a name written the same wins over one in other case."""
        model = self.env[field.comodel_name]
        names = ["name", "login"] if model._name == "res.users" else [model._rec_name]
        domain = field.get_comodel_domain(self.env[field.model_name])
        if model._name == "res.users":
            domain &= Domain("company_ids", "in", self.company_id.ids)
        elif "company_id" in model._fields:
            domain &= Domain("company_id", "in", [self.company_id.id, False])

        found = model._kehu_import_find(self, domain, words)
        if found is not None:
            return found

        def search(same, make_domain):
            by_name = defaultdict(lambda: model)
            for name in names:
                for lang in self._kehu_languages() if model._fields[name].translate else [self.env.lang]:
                    for record in model.with_context(lang=lang).search_fetch(domain & make_domain(name), [name]):
                        by_name[same(record[name])] |= record.with_env(self.env)
            return by_name

        spellings = {word: {word, workbook.as_code(word)} for word in words}
        wanted = set().union(*spellings.values())
        as_written = search(str, lambda name: Domain(name, "in", list(wanted))) if wanted else {}
        found = {word: model.union(*(as_written[one] for one in ways if one in as_written)) for word, ways in spellings.items()}
        wanted = set().union(*(spellings[word] for word, records in found.items() if not records))
        if wanted:
            folded = search(workbook.fold, lambda name: self._kehu_any_case(name, wanted))
            found.update({word: folded[workbook.fold(word)] for word, records in found.items() if not records})
        if model._name == "res.country.state":
            unknown = {word: self._kehu_province_root(word) for word, records in found.items() if not records}
            full_names = [root + kind for root in unknown.values() if root for kind in PROVINCE_KINDS]
            if full_names:
                by_root = search(self._kehu_province_root, lambda name: Domain(name, "in", full_names))
                found.update({word: by_root[root] for word, root in unknown.items() if root})
            self._kehu_prefer_own_country(found)
        return found

    @api.model
    def _kehu_any_case(self, name, words):
        """Return a domain for records whose ``name`` is one of these words in whatever case; no index serves it."""
        lowered = list({word.lower() for word in words})
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL("lower(%s) = ANY(%s)", model._field_to_sql(alias, name, query), lowered)
        )

    @api.model
    def _kehu_province_root(self, word):
        """Return the name of a province without what it is: 江苏 of 江苏省, 广西 of 广西壮族自治区."""
        word = workbook.as_code(word)
        for kind in sorted(PROVINCE_KINDS, key=len, reverse=True):
            root = word.removesuffix(kind)
            # other words with 市 are cities: 吉林市 is not 吉林省
            if kind and root != word and (kind != "市" or root in MUNICIPALITIES):
                return root
        return word

    def _kehu_prefer_own_country(self, found):
        """Several countries have a province of that name: the company's own country is meant."""
        for word, states in found.items():
            if len(states) > 1:
                found[word] = states.filtered(lambda state: state.country_id == self.company_id.country_id) or states

    def _kehu_languages(self):
        """Languages in which a cell may name something: the source language and all installed ones."""
        return list(dict.fromkeys(["en_US", *(code for code, _name in self.env["res.lang"].get_installed())]))

    def _kehu_cell_message(self, error, line):
        return cell_sentence(self.env, error, line.title)

    def _kehu_shown(self, cell):
        return workbook.as_shown(cell)
