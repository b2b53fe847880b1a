import base64
from urllib.parse import quote

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import workbook
from ..system.engine import as_engine
from .base import word_digests
from .book_words import book_refusal
from .exceptions import KehuImportStateError
from .kehu_import_batch_read import ImportSession
from .kehu_import_row import unpack_cell

MOST_MARKED = 50_000  # problems in a marked copy
MOST_RECHECKED = 2000  # rows that repeat others and may be good once one of these is corrected


class KehuImportBatch(models.Model):
    _inherit = "kehu.import.batch"

    marked_workbook = fields.Binary(compute="_compute_marked_workbook", export_string_translation=False)
    failed_workbook = fields.Binary(compute="_compute_failed_workbook", export_string_translation=False)

    def _kehu_fix(self, problems):
        """Put corrected cells into the rows that were kept, and check these rows again.

        Rows that were refused because they repeat another one are checked too: that one may just have changed.

        :param problems: ``kehu.import.problem`` of this import with a ``new_value``
        :raises KehuImportStateError: when the import is running, or the cell is none of the file
        """
        self.ensure_one()
        self._kehu_check_may_import()
        self._kehu_hold()
        if self.state not in ("checked", "done", "cancelled"):
            raise KehuImportStateError(self.env._("“%(name)s” is running or undone: its rows cannot be corrected now.", name=self.name))
        batch = self._kehu_in_clean_environment()
        session = batch._kehu_session()
        positions = {column.line.title: column.position for column in session.columns}
        fixes = {}
        for problem in problems:
            if problem.column not in positions or problem.sheet != self.mapping_ids[:1].sheet:
                raise KehuImportStateError(
                    self.env._("The file has no column “%(column)s”. Add it to the workbook and choose it again.", column=problem.column)
                )
            fixes.setdefault(problem.row_id.id, {})[positions[problem.column]] = problem.new_value
        rows = batch._kehu_staged_rows(fixes)
        for row in rows:
            for position, value in fixes.get(row.id, {}).items():
                row.cells[position] = value
        batch._kehu_read_cells(session, rows)
        batch._kehu_see_parents(session, rows)
        batch._kehu_see_others(session, rows)
        batch._kehu_judge_rows(session, rows)
        batch._kehu_restage(session, rows)
        if refused := batch._kehu_order_rows(session):
            as_engine(batch, "import").problem_count += refused

    def _kehu_in_clean_environment(self):
        """Return this import without what a client sent along in the context."""
        context = {name: self.env.context[name] for name in ("lang", "tz") if name in self.env.context}
        return self.with_env(self.env(context={**context, "allowed_company_ids": self.company_id.ids}))

    def _kehu_session(self):
        """Return what is needed to check rows of this file again, without reading it."""
        columns, _note = self._kehu_match_columns(self.epoch)
        return ImportSession(columns)

    def _kehu_staged_rows(self, row_ids):
        """Return the rows of these ids, and those that were refused because they repeat another one, without values.

        :rtype: list[ImportRow]
        """
        staged = self.env.execute_query(
            SQL(
                """
                SELECT id, sheet, number, kind, parent_number, cells, values
                  FROM kehu_import_row
                 WHERE batch_id = %(batch)s AND state = 'problem' AND (id = ANY(%(ids)s) OR id IN (
                       SELECT row_id FROM kehu_import_problem WHERE batch_id = %(batch)s AND kind = 'repeated' LIMIT %(most)s))
              ORDER BY id
                """,
                batch=self.id,
                ids=list(row_ids),
                most=MOST_RECHECKED,
            )
        )
        rows = []
        for one in staged:
            row = self._kehu_unstage(one)
            row.values, row.contact, row.words = {}, {}, []
            rows.append(row)
        return rows

    def _kehu_see_parents(self, session, rows):
        """Tell the session which words that these rows do not find as their parents are those of other rows of the file."""
        model = self.env[self.template_id.model]
        if not model._kehu_import_parent_line(self):
            return
        wanted = {digest for row in rows for problem in row.problems if problem.kind == "unknown" for digest in word_digests(problem.value)}
        if wanted:
            found = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT word::bigint FROM kehu_import_row, jsonb_array_elements_text(values->'k') AS word
                     WHERE batch_id = %s AND kind = 'main' AND word::bigint = ANY(%s)
                    """,
                    self.id,
                    list(wanted),
                )
            )
            session.seen.setdefault("parents", set()).update(digest for (digest,) in found)

    def _kehu_see_others(self, session, rows):
        """Tell the session which other rows of the file have the codes and names of these rows."""
        codes = [row.values["ref"] for row in rows if row.values.get("ref")]
        names = [row.values["name"] for row in rows if row.values.get("name")]
        others = self.env.execute_query(
            SQL(
                """
                SELECT number, code, name FROM kehu_import_row
                 WHERE batch_id = %s AND kind = 'main' AND id != ALL(%s) AND (code = ANY(%s) OR name = ANY(%s)) ORDER BY id
                """,
                self.id,
                [row.id for row in rows],
                codes,
                names,
            )
        )
        for number, code, name in others:
            if code:
                session.seen.setdefault("key", {}).setdefault((code,), number)
            else:
                session.seen.setdefault("name", {}).setdefault(name, number)

    def _kehu_restage(self, session, rows):
        """Keep the outcome of a second check of these rows."""
        model = self.env[self.template_id.model]
        self.env.cr.execute_values(
            """
            UPDATE kehu_import_row r SET name = v.name, code = v.code, cells = v.cells, values = v.values, state = v.state,
                   action = v.action, res_id = v.res_id
              FROM (VALUES %s) AS v (id, name, code, cells, values, state, action, res_id)
             WHERE r.id = v.id
            """,
            [(row.id, *self._kehu_row_names(model, row), self._kehu_packed_cells(row), *self._kehu_staged(row)) for row in rows],
            template="(%s, %s, %s, %s::jsonb, %s::jsonb, %s, %s, %s::int)",
            page_size=1000,
        )
        self.env["kehu.import.row"].invalidate_model(flush=False)
        # sudo: kehu.import.problem - the list is the engine's
        problems = as_engine(self.env["kehu.import.problem"].sudo(), "import")
        problems.search([("row_id", "in", [row.id for row in rows])]).unlink()
        self._kehu_tell_problems(session.titles, rows)
        as_engine(self, "import").write(
            {
                "problem_count": self.problem_count - sum(not row.problems for row in rows),
                "skipped_count": self.skipped_count + sum(bool(row.skipped and not row.problems) for row in rows),
            }
        )

    # ------------------------------------------------------------------------------------------------------------------------ downloads

    def _compute_marked_workbook(self):
        for batch in self:
            batch.marked_workbook = batch._kehu_mark() if batch.file and batch.problem_ids else False

    def _compute_failed_workbook(self):
        for batch in self:
            batch.failed_workbook = batch._kehu_failed() if batch.problem_count else False

    def action_download_marked(self):
        """Download the workbook with the cells marked that have a problem, to correct them there.

        :raises KehuImportStateError: when there is no problem
        """
        return self._kehu_download("marked_workbook", self.env._("marked"))

    def action_export_failed(self):
        """Download the rows that were refused, with the reason in a last column, to correct and import them by themselves.

        :raises KehuImportStateError: when no row was refused
        """
        return self._kehu_download("failed_workbook", self.env._("refused rows"))

    def _kehu_download(self, field, what):
        self.ensure_one()
        self._kehu_check_may_import()
        if not self.problem_ids or (field == "failed_workbook" and not self.problem_count):
            raise KehuImportStateError(self.env._("“%(name)s” has no row with a problem.", name=self.name))
        name = quote(f"{(self.filename or self.name).rpartition('.')[0] or self.name} ({what})", safe="")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/kehu.import.batch/{self.id}/{field}/{name}.xlsx?download=true",
            "target": "self",
        }

    def _kehu_mark(self):
        """Return the file with its bad cells marked, base64."""
        titles = {mapping.line_id.title: mapping.column for mapping in self.mapping_ids if mapping.line_id}
        marks = [
            workbook.Mark(problem.sheet, problem.row, titles.get(problem.column, problem.column), problem.value, problem.reason)
            for problem in self.problem_ids[:MOST_MARKED]
        ]
        more = len(self.problem_ids) - MOST_MARKED
        words = workbook.MarkWords(
            self.env._("Problems"),
            [self.env._("Sheet"), self.env._("Row"), self.env._("Column"), self.env._("Value"), self.env._("What to do")],
            self.env._("There are %(count)s more problems. Correct these first, then check the file again.", count=more)
            if more > 0
            else "",
        )
        try:
            content = workbook.mark_problems(self._kehu_file_content(), self.filename or self.name, marks, words, self.title_row)
        except workbook.BookError as error:
            raise book_refusal(self.env, error, self.filename or self.name) from error
        return base64.b64encode(content)

    def _kehu_failed(self):
        """Return a workbook with the refused rows as the file has them, or as they were corrected since, base64."""
        mappings = self.mapping_ids.sorted("position")
        columns = [workbook.Column(mapping.column, False, "", "", []) for mapping in mappings]
        columns.append(workbook.Column(self.env._("What to do"), False, "", "", []))
        reasons = {}
        for problem in self.problem_ids:
            reasons.setdefault(problem.row_id.id, []).append(problem.reason)
        # sudo: kehu.import.row - the rows of an import that the person may read
        rows = self.env["kehu.import.row"].sudo().search([("batch_id", "=", self.id), ("state", "=", "problem")], limit=workbook.MAX_ROWS)
        positions = mappings.mapped("position")

        def lines():
            for row in rows:
                cells = [unpack_cell(cell) for cell in row.cells or ()]
                cells = [cells[position] if position < len(cells) else None for position in positions]
                cells = [cell.text if isinstance(cell, tuple) else cell for cell in cells]
                yield [*cells, " ".join(reasons.get(row.id, ()))]

        return base64.b64encode(workbook.write_book(columns, self.template_id._kehu_words(), rows=lines()))

    @api.model
    def _kehu_row_names(self, model, row):
        """Return (name, code) under which people find a row again."""
        name = row.contact.get("name") if row.kind == "contact" else row.values.get(model._rec_name)
        return name or None, row.values.get("ref") or row.values.get("default_code") or None
