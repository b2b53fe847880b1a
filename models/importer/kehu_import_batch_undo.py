import json

import psycopg2
from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime, format_list

from ..system.engine import as_engine
from .database_words import database_sentence
from .exceptions import KehuImportStateError
from .kehu_import_row import ImportRow, packed

# documents that hang on a record by model and id, and what of them is work of people
HANGING = {
    "mail.activity": ("res_model", "res_id", SQL("TRUE")),
    "ir.attachment": ("res_model", "res_id", SQL("TRUE")),
    "mail.message": ("model", "res_id", SQL("t.message_type IN ('comment', 'email', 'email_outgoing')")),
}


SLICE_BYTES = 8_000_000  # of what rows keep, after which a slice ends
# of what is tied to a record: whether that happened after the import
LATER = SQL("(m.stamp IS NULL OR t.create_date > m.stamp OR t.create_date < m.made)")
# what these engines keep by themselves is no work of people
BOOKKEEPERS = {"employment", "history", "lookup", "duplicate", "ownership", "recycle", "import"}


class UndoRow:
    """One imported row on its way back."""

    __slots__ = (
        "after",
        "before",
        "contact_id",
        "created",
        "id",
        "kept",
        "kind",
        "made",
        "name",
        "number",
        "parent_number",
        "record_id",
        "sheet",
        "stamp",
        "values",
    )

    def __init__(self, row_id, sheet, number, kind, parent_number, name, action, record_id, contact_id, before, after, values, stamp, made):
        self.id, self.sheet, self.number, self.kind, self.parent_number, self.name = row_id, sheet, number, kind, parent_number, name
        self.created = action == "create" and kind == "main"
        self.record_id, self.contact_id, self.stamp, self.made = record_id, contact_id, stamp, made
        self.before, self.after, self.values = before or {}, after or {}, values
        self.kept = ""  # why it stays

    @property
    def made_contact(self):
        """Whether the contact person is a new one."""
        return bool(self.contact_id) and "contact" not in self.before

    def replaced(self):
        """Yield (id, values before, values that it held afterwards) of records that existed and were changed."""
        if not self.created and self.before.get("record"):
            yield self.record_id, self.before["record"], self.after.get("record") or self.values["v"]
        if self.contact_id and self.before.get("contact"):
            yield self.contact_id, self.before["contact"], self.after.get("contact") or self.values["c"]


class KehuImportBatch(models.Model):
    _inherit = "kehu.import.batch"

    def action_undo(self):
        """Take the whole import back: what it created is deleted, what it changed holds its values of before.

        Rows that later work builds on are kept and listed with what that is; undoing again tries them again.

        :raises KehuImportStateError: when nothing is imported, or it is running
        """
        self._kehu_check_may_import()
        self._kehu_hold()
        self.invalidate_recordset()
        for batch in self:
            if batch.state not in ("done", "cancelled", "undone") or not batch.done_count + batch.kept_count:
                raise KehuImportStateError(self.env._("Nothing of “%(name)s” is imported, so there is nothing to undo.", name=batch.name))
            self.env.cr.execute(SQL("UPDATE kehu_import_row SET state = 'done' WHERE batch_id = %s AND state = 'kept'", batch.id))
            self.env["kehu.import.row"].invalidate_model(flush=False)
            # sudo: kehu.import.problem - the list is the engine's
            as_engine(batch.problem_ids.sudo(), "import").filtered(lambda problem: problem.kind == "kept").unlink()
            as_engine(batch, "import").write({"done_count": batch.done_count + batch.kept_count, "kept_count": 0})
            batch._kehu_start("undo")
        return True

    def _kehu_undo_slice(self, limit):
        """Undo the next rows: further contact persons first, and the last ones first.

        :return: number of rows dealt with
        """
        # sudo: kehu.import.row - kept by the engine
        self.env["kehu.import.row"].sudo().flush_model()
        self.env.flush_all()
        rows = [
            UndoRow(*row)
            for row in self.env.execute_query(
                SQL(
                    """
                    WITH next AS (
                        SELECT id, sum(size) OVER (ORDER BY kind, depth DESC, id DESC) - size AS earlier
                          FROM (
                            SELECT id, kind, depth,
                                   octet_length(CONCAT(values::text, before::text, after::text)) AS size
                              FROM kehu_import_row
                             WHERE batch_id = %s AND state = 'done'
                          ORDER BY kind, depth DESC, id DESC
                             LIMIT %s) done)
                    SELECT r.id, r.sheet, r.number, r.kind, r.parent_number, r.name, r.action, r.res_id, r.contact_id, r.before, r.after,
                           r.values, r.stamp, r.made
                      FROM kehu_import_row r JOIN next ON next.id = r.id AND next.earlier < %s
                  ORDER BY r.kind, r.depth DESC, r.id DESC
                       FOR UPDATE OF r SKIP LOCKED
                    """,
                    self.id,
                    limit,
                    SLICE_BYTES,
                )
            )
        ]
        rows = [row for row in rows if row.kind == rows[0].kind]
        if not rows:
            self._kehu_undo_words()
            return 0
        going = self._kehu_going_children(rows)
        self._kehu_find_later_work(rows, going)
        quiet = self._kehu_quiet_parents(rows)
        self._kehu_take_back(rows, going)
        self.env.flush_all()
        self._kehu_store_undone(rows, quiet)
        return len(rows)

    # ---------------------------------------------------------------------------------------------------------- what builds on a row

    def _kehu_going_children(self, rows):
        """Return which of these rows have their record below one that another of them made: both go together, or both stay.

        :return: {row of the record below: row of the one above}
        :rtype: dict[UndoRow, UndoRow]
        """
        model = self.env[self.template_id.model]
        if not self._kehu_parent_field(model):
            return {}
        name = model._parent_name
        made = {row.record_id: row for row in rows if row.created and row.record_id}
        # an existing record that this import has put below another one goes back to where it was
        below = made | {row.record_id: row for row in rows if row.record_id and not row.created and name in row.before.get("record", ())}
        pairs = self.env.execute_query(
            SQL(
                "SELECT id, %(above)s FROM %(table)s WHERE id = ANY(%(ids)s) AND %(above)s = ANY(%(made)s)",
                above=SQL.identifier(name),
                table=SQL.identifier(model._table),
                ids=list(below),
                made=list(made),
            )
        )
        return {below[record_id]: made[above_id] for record_id, above_id in pairs}

    @api.model
    def _kehu_parent_field(self, model):
        """Return the stored field that names the record above, of the same model, or nothing."""
        field = model._fields.get(model._parent_name)
        return field if field is not None and field.store and field.comodel_name == model._name else None

    def _kehu_find_later_work(self, rows, going):
        """Note on each row what was done since on what it made or changed; few queries, however many rows.

        :param dict going: {row: the one above it} of rows that go together
        """
        model = self.env[self.template_id.model]
        lines = self._kehu_line_model()
        made = {}
        for row in rows:
            if row.created and row.record_id:
                made.setdefault(model._name, {})[row.record_id] = row
            if row.made_contact:
                made.setdefault(lines._name, {})[row.contact_id] = row
        for name, by_id in made.items():
            self._kehu_find_changes(self.env[name], by_id)
            self._kehu_find_other_lines(self.env[name], by_id, going)
            stamps = {record_id: (row.stamp, row.made) for record_id, row in by_id.items()}
            below = [row.record_id for row in going] if name == model._name else []
            for record_id, uses in self._kehu_links(self.env[name], stamps, below).items():
                row = by_id[record_id]
                row.kept = self.env._(
                    "“%(name)s” is used since and stays: %(uses)s. Delete these first, then undo again.",
                    name=row.name or record_id,
                    uses=uses,
                )
        self._kehu_find_kept_lines([row for row in rows if row.created and not row.kept])
        self._kehu_find_overwritten(model, [row for row in rows if not row.kept])
        for row in rows:
            if row.kept:
                self._kehu_keep_above(row, going)

    @api.model
    def _kehu_keep_above(self, row, going):
        """What stands above a record that stays, stays too."""
        while (row := going.get(row)) is not None and not row.kept:
            row.kept = self.env._(
                "“%(name)s” has a record below it that stays, and so stays too. Deal with that one first, then undo again.",
                name=row.name or row.record_id,
            )

    def _kehu_find_other_lines(self, model, by_id, going):
        """Keep new records that others of this import stand below: those that a merge has put there, and those that stayed.

        :param dict by_id: {id of a new record: its row}
        :param dict going: as of :meth:`_kehu_find_later_work`
        """
        parent = self._kehu_parent_field(model)
        if parent is None:
            return
        own = {row.contact_id for row in by_id.values() if row.contact_id} | {row.record_id for row in going}
        below = {
            line_id: by_id[record_id]
            for record_id, line_id in self.env.execute_query(
                SQL(
                    "SELECT %(above)s, id FROM %(table)s WHERE %(above)s = ANY(%(ids)s) AND id != ALL(%(own)s)",
                    above=SQL.identifier(parent.name),
                    table=SQL.identifier(model._table),
                    ids=list(by_id),
                    own=list(own),
                )
            )
        }
        # a contact person of the row itself that another row has brought stands below its own customer
        moved = self.env.execute_query(
            SQL(
                "SELECT id, %(above)s FROM %(table)s WHERE id = ANY(%(own)s) AND %(above)s = ANY(%(ids)s)",
                above=SQL.identifier(parent.name),
                table=SQL.identifier(model._table),
                ids=list(by_id),
                own=[row.contact_id for row in by_id.values() if row.contact_id],
            )
        )
        homes = {row.contact_id: row.record_id for row in by_id.values()}
        below.update({line_id: by_id[above] for line_id, above in moved if homes[line_id] != above})
        if not below:
            return
        staged = self.env.execute_query(
            SQL(
                """
                SELECT CASE WHEN res_id = ANY(%(ids)s) AND kind = 'main' THEN res_id ELSE contact_id END, res_id
                  FROM kehu_import_row
                 WHERE batch_id = %(batch)s AND state IN ('done', 'kept')
                   AND (contact_id = ANY(%(ids)s) OR (kind = 'main' AND action = 'create' AND res_id = ANY(%(ids)s)))
                """,
                batch=self.id,
                ids=list(below),
            )
        )
        for line_id, home in staged:
            row = below[line_id]
            if row.record_id != home and not row.kept:
                row.kept = self.env._(
                    "“%(name)s” has a record below it that stays, and so stays too. Deal with that one first, then undo again.",
                    name=row.name or row.record_id,
                )

    def _kehu_find_kept_lines(self, rows):
        """Keep new records below which a row of this import stays: it would go with them, or be left without them."""
        found = self.env.execute_query(
            SQL(
                "SELECT parent_number FROM kehu_import_row WHERE batch_id = %s AND kind = 'contact' AND state = 'kept'"
                " AND parent_number = ANY(%s)",
                self.id,
                [row.number for row in rows],
            )
        )
        above = {number for (number,) in found}
        for row in rows:
            if row.number in above:
                row.kept = self.env._(
                    "“%(name)s” has a line that stays, and so stays too. Deal with that line first, then undo again.",
                    name=row.name or row.record_id,
                )

    def _kehu_line_model(self):
        """Return the model of the lines that a row brings besides its record: contact persons of customers."""
        model = self.env[self.template_id.model]
        line = self.template_id.field_ids.filtered(lambda line: "/" in line.field_name)[:1]
        field = model._fields.get(line.field_name.partition("/")[0]) if line else None
        return self.env[field.comodel_name] if field is not None and field.comodel_name else model

    def _kehu_find_changes(self, model, made):
        """Keep rows whose new records were changed by somebody since; what they follow by themselves is no change.

        :param dict made: {id of a record: its row}
        """
        logged = {
            record_id: (moment, user_id)
            for record_id, moment, user_id in self.env.execute_query(
                SQL(
                    "SELECT id, write_date, write_uid FROM %s WHERE id = ANY(%s) AND write_date IS NOT NULL",
                    SQL.identifier(model._table),
                    list(made),
                )
            )
        }
        written = {record_id: found for record_id, found in logged.items() if found[0] > made[record_id].stamp}
        snapshots = {}
        if model._kehu_import_exact():
            for record_id in logged:
                row = made[record_id]
                snapshot = row.after.get("made" if row.created and row.record_id == record_id else "line")
                if snapshot is not None:
                    snapshots[record_id] = snapshot
        changed = model._kehu_import_changed(snapshots)
        for record_id in logged.keys() - written.keys():
            # a merge writes links alone, and no date
            names = [name for name in changed.get(record_id, ()) if self._kehu_is_linked_anew(model._fields[name], record_id)]
            if names:
                row = made[record_id]
                row.kept = self.env._(
                    "“%(name)s” was tied to something else since, as by a merge, and stays: %(fields)s. "
                    "Delete it by hand if it is not needed.",
                    name=row.name or record_id,
                    fields=format_list(self.env, [model._fields[name]._description_string(self.env) for name in names]),
                )
        for record_id, (moment, user_id) in written.items():
            if record_id in snapshots and record_id not in changed:
                continue
            row = made[record_id]
            told = {
                "name": row.name or record_id,
                # sudo: res.users - the name of who changed it
                "user": self.env["res.users"].sudo().browse(user_id or []).name or "",
                "date": format_datetime(self.env, moment),
            }
            if record_id in changed:
                fields = [model._fields[name]._description_string(self.env) for name in changed[record_id]]
                row.kept = self.env._(
                    "“%(name)s” was changed by %(user)s on %(date)s and stays: %(fields)s. Delete it by hand if it is not needed.",
                    **told,
                    fields=format_list(self.env, fields),
                )
            else:
                row.kept = self.env._(
                    "“%(name)s” was changed by %(user)s on %(date)s and stays. Delete it by hand if it is not needed.", **told
                )

    def _kehu_is_linked_anew(self, field, record_id):
        """Tell whether a link of a record that nobody has saved since leads somewhere: what is merely deleted is gone."""
        if field.type not in ("many2one", "many2many") or field.compute:
            return False
        # sudo: the model of the import - to compare only, of a record that the import has made
        record = self.env[field.model_name].sudo().with_context(active_test=False).browse(record_id)
        return bool(record[field.name])

    def _kehu_find_overwritten(self, model, rows):
        """Keep rows whose values were changed again since the import."""
        # sudo: the model of the import - to compare only, of records that the import has written
        records = model.sudo().browse({record_id for row in rows for record_id, _before, _written in row.replaced()}).exists()
        existing = set(records.ids)
        for row in rows:
            for record_id, before, written in row.replaced():
                if record_id not in existing:
                    continue
                record = records.browse(record_id).with_prefetch(records._prefetch_ids)
                names = [name for name in before if name in written and not self._kehu_same_value(record, name, written[name])]
                if names:
                    row.kept = self.env._(
                        "“%(name)s” was changed since and keeps its values: %(fields)s.",
                        name=row.name or record_id,
                        fields=format_list(self.env, [record._fields[name]._description_string(self.env) for name in names]),
                    )

    def _kehu_same_value(self, record, name, value):
        """Tell whether a field holds what it held after the import, as JSON kept that."""
        field = record._fields[name]
        if field.type == "many2many":
            written = {one for command in value or () for one in (command[2] if command[0] == 6 else ())}
            linked = record.with_context(active_test=False)[name]
            if written == set(linked.ids):
                return True
            # imports before 19.0.1.7.0 kept what their person saw
            seen = linked.with_user(self.env.user)._filtered_access("read")
            return written == {link.id for link in seen if not link._active_name or link[link._active_name]}
        now = field.convert_to_write(record[name], record)
        if json.loads(packed(now or False)) == (value or False):
            return True
        if field.type in ("date", "datetime"):
            return False
        # of imports before 19.0.1.6.0 only what the file said is known
        return now == field.convert_to_write(field.convert_to_record(field.convert_to_cache(value, record), record), record)

    @api.model
    def _kehu_is_many(self, model, line):
        """Tell whether a column of the template fills a many2many field of this model."""
        field = model._fields.get(line.field_name)
        return field is not None and field.type == "many2many"

    def _kehu_links(self, model, stamps, going=()):
        """Tell what people have tied to these records since; one query for all.

        What engines write by themselves (histories, warnings) does not count, nor what was there in the moment of the import. What is
        older than the record was tied to it later: by a merge, by hand, or it bears a date of a file.

        :param dict stamps: {id of a record: (until when the import worked on it, when it was made); two None to count everything}
        :param going: ids of records of the same model that go with those above them
        :return: {id: "Sales Order (2), Contact Record (1)"}
        """
        # what the import has linked by itself shows in the snapshots of its records
        imported = {model._fields[line.field_name].relation for line in self.template_id.field_ids if self._kehu_is_many(model, line)}
        counts = []
        for other in self.env.registry.values():
            if other._abstract or other._transient or not other._auto or getattr(other, "_kehu_engine", None) in BOOKKEEPERS:
                continue
            later = LATER if other._log_access else SQL("TRUE")
            for field in other._fields.values():
                if field.type == "many2many" and field.relation in imported:
                    continue
                if not field.store or field.comodel_name != model._name or field.company_dependent or field.model_name != other._name:
                    continue
                if field.type == "many2one" and (other._name != model._name or field.name == model._parent_name):
                    counts.append(
                        SQL(
                            "SELECT m.id, %s AS model, count(*) FROM made m JOIN %s t ON t.%s = m.id WHERE %s%s GROUP BY m.id",
                            other._name,
                            SQL.identifier(other._table),
                            SQL.identifier(field.name),
                            later,
                            SQL(" AND t.id != ALL(%s)", list(going)) if other._name == model._name and going else SQL(""),
                        )
                    )
                elif field.type == "many2many" and other._name != model._name:
                    counts.append(
                        SQL(
                            "SELECT m.id, %s AS model, count(*) FROM made m JOIN %s t ON t.%s = m.id GROUP BY m.id",
                            other._name,
                            SQL.identifier(field.relation),
                            SQL.identifier(field.column2),
                        )
                    )
        # pictures and files that a form holds are fields: those that people fill count, what is made of them does not
        files = [field.name for field in model._fields.values() if field.type == "binary" and not field.compute]
        conditions = {"ir.attachment": SQL("(t.res_field IS NULL OR t.res_field = ANY(%s))", files)}
        for name, (model_column, id_column, condition) in HANGING.items():
            condition = conditions.get(name, condition)
            counts.append(
                SQL(
                    """SELECT m.id, %s AS model, count(*) FROM made m JOIN %s t ON t.%s = m.id AND t.%s = %s
                        WHERE %s AND %s GROUP BY m.id""",
                    name,
                    SQL.identifier(self.env[name]._table),
                    SQL.identifier(id_column),
                    SQL.identifier(model_column),
                    model._name,
                    LATER,
                    condition,
                )
            )
        found = self.env.execute_query(
            SQL(
                "WITH made AS (SELECT * FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[]) AS made (id, stamp, made)) %s",
                list(stamps),
                [until for until, _made in stamps.values()],
                [made for _until, made in stamps.values()],
                SQL(" UNION ALL ").join(counts),
            )
        )
        uses = {}
        for record_id, name, count in found:
            by_model = uses.setdefault(record_id, {})
            by_model[name] = max(by_model.get(name, 0), count)
        models_sudo = self.env["ir.model"].sudo()  # sudo: ir.model - names of models only
        return {
            record_id: format_list(
                self.env,
                [
                    self.env._("%(model)s (%(count)s)", model=models_sudo._get(name).name, count=count)
                    for name, count in sorted(by_model.items())
                ],
            )
            for record_id, by_model in uses.items()
        }

    # ------------------------------------------------------------------------------------------------------------------- taking back

    def _kehu_take_back(self, rows, going):
        """Undo these rows in one go; when that is refused, in halves, so that only the row to blame is kept, and what is above it.

        :param list rows: those below before those above
        :param dict going: {row: the one above it}
        """
        rows = [row for row in rows if not row.kept]
        if not rows:
            return
        try:
            with self.env.cr.savepoint():
                self._kehu_restore(rows)
        except (UserError, psycopg2.IntegrityError) as error:
            if len(rows) > 1:
                half = len(rows) // 2
                self._kehu_take_back(rows[:half], going)
                self._kehu_take_back(rows[half:], going)
                return
            rows[0].kept = str(error.args[0]) if isinstance(error, UserError) else database_sentence(self.env, error)
            self._kehu_keep_above(rows[0], going)

    def _kehu_restore(self, rows):
        """Write the values of before, with the rights of who undoes, and delete what was made."""
        model = self.env[self.template_id.model].with_company(self.company_id)
        changes = [change for row in rows for change in row.replaced()]
        existing = model.browse(record_id for record_id, _before, _written in changes).exists()
        for record_id, before, _written in changes:
            record = model.browse(record_id).with_prefetch(existing._prefetch_ids)
            if record in existing:
                record._kehu_import_restore(before)
        # sudo: the model of the import - who imported these takes them back, though deleting others is for administrators
        made = as_engine(model.sudo().with_context(active_test=False, tracking_disable=True), "import")
        lines = self._kehu_line_model()
        if lines._name != model._name:
            # sudo: the model of its lines - as above; those of a record that goes go with it
            below = as_engine(lines.sudo().with_context(active_test=False, tracking_disable=True), "import")
            below.browse(row.contact_id for row in rows if row.made_contact and not row.created).exists().unlink()
        else:
            made.browse(row.contact_id for row in rows if row.made_contact).exists().unlink()
        made.browse(row.record_id for row in rows if row.created and row.record_id).exists().unlink()

    def _kehu_quiet_parents(self, rows):
        """Return the numbers of the rows whose records nobody has worked on: what this import does to their lines is no later work.

        Worked on is what was changed, and what has something tied to it; both of the record and of the contact that its own row made.
        """
        numbers = list({row.parent_number for row in rows if row.kind == "contact" and row.parent_number})
        if not numbers:
            return []
        self.env.flush_all()
        model, lines = self.env[self.template_id.model], self._kehu_line_model()
        found = self.env.execute_query(
            SQL(
                """
                SELECT r.number, r.stamp, r.made, CASE WHEN r.action = 'create' THEN t.id END, c.id
                  FROM kehu_import_row r
                  JOIN %s t ON t.id = r.res_id
             LEFT JOIN %s c ON c.id = r.contact_id AND NOT COALESCE(r.before ? 'contact', FALSE)
                 WHERE r.batch_id = %s AND r.kind = 'main' AND r.number = ANY(%s) AND t.write_date <= r.stamp
                   AND (c.id IS NULL OR c.write_date <= r.stamp)
                """,
                SQL.identifier(model._table),
                SQL.identifier(lines._table),
                self.id,
                numbers,
            )
        )
        stamps = {}
        for _number, stamp, made, *ids in found:
            for name, record_id in zip((model._name, lines._name), ids, strict=True):
                if record_id:
                    stamps.setdefault(name, {})[record_id] = (stamp, made)
        busy = {(name, record_id) for name, by_id in stamps.items() for record_id in self._kehu_links(self.env[name], by_id)}
        return [
            number
            for number, _stamp, _made, record_id, line_id in found
            if (model._name, record_id) not in busy and (lines._name, line_id) not in busy
        ]

    def _kehu_store_undone(self, rows, quiet):
        """Note what became of these rows, in the transaction in which it became so."""
        self.env.cr.execute_values(
            """
            UPDATE kehu_import_row r SET state = v.state, write_date = now() AT TIME ZONE 'UTC'
              FROM (VALUES %s) AS v (id, state)
             WHERE r.id = v.id
            """,
            [(row.id, "kept" if row.kept else "undone") for row in rows],
            page_size=1000,
        )
        self._kehu_stamp_parents(quiet)
        self.env["kehu.import.row"].invalidate_model(flush=False)
        kept = []
        for row in rows:
            if row.kept:
                staged = ImportRow(row.number, row.sheet)
                staged.id = row.id
                staged.refuse(row.kept, value=row.name or "", kind="kept")
                kept.append(staged)
        self._kehu_tell_problems({}, kept)
        as_engine(self, "import").write(
            {
                "done_count": self.done_count - len(rows),
                "kept_count": self.kept_count + len(kept),
                "undone_count": self.undone_count + len(rows) - len(kept),
            }
        )

    def _kehu_stamp_parents(self, numbers):
        """What this import itself does to the customers of these rows is no later work."""
        if numbers:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE kehu_import_row SET stamp = GREATEST(stamp, %s)
                     WHERE batch_id = %s AND kind = 'main' AND number = ANY(%s) AND stamp IS NOT NULL
                    """,
                    self.env.cr.now(),
                    self.id,
                    list(numbers),
                )
            )

    def _kehu_undo_words(self):
        """Delete the words that the import added and that nothing uses any more."""
        left = {}
        for name, ids in (self.made or {}).items():
            # sudo: the model of the word - the import added it on the administrator's word, and takes it back
            words = self.env[name].sudo().browse(ids).exists()
            used = self._kehu_links(words, dict.fromkeys(words.ids, (None, None))) if words else {}
            words.filtered(lambda word, used=used: word.id not in used).unlink()
            if used:
                left[name] = list(used)
        as_engine(self, "import").made = left or False
