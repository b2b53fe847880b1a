from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import MissingError
from odoo.fields import Domain
from odoo.tools import SQL
from psycopg2.extras import Json

from .engine import as_engine
from .engine_rows import insert_rows
from .exceptions import KehuAccessError
from .values import those_there

OPERATIONS = [
    ("create", "Created"),
    ("write", "Changed"),
    ("unlink", "Deleted"),
    ("assign", "Assigned"),
    ("approve", "Approval"),
    ("export", "Exported"),
    ("import", "Imported"),
    ("print", "Printed"),
    ("mail", "Sent by Mail"),
]
NOTES = "kehu_operation_log"  # what waits for the end of the transaction
LONGEST_VALUE = 500  # characters kept of one value
MOST_NAMES = 20  # links kept of one value
PER_SLICE = 20000  # rows that the job deletes in one transaction
MOST_NAMED = 200  # records that one export or print names by itself; of more the number is kept


class KehuOperationLog(models.Model):
    """What somebody did with one record of the CRM, or with many at once.

    Written by :meth:`_kehu_note` alone, at the end of the transaction and in it: what was rolled back has no row. Nobody changes or
    deletes a row; the job deletes those that are older than the company keeps them.
    """

    _name = "kehu.operation.log"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Operation"
    _order = "date desc, id desc"
    _rec_name = "record_name"
    _kehu_engine = "operation_log"

    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    user_id = fields.Many2one("res.users", string="By", ondelete="set null", index="btree_not_null")
    user_name = fields.Char(string="Name of the Person", help="As it was on that day.")
    operation = fields.Selection(OPERATIONS, string="What Happened", required=True)
    model = fields.Char(string="Technical Kind", required=True)
    model_name = fields.Char(string="Kind of Record", compute="_compute_model_name")
    res_id = fields.Integer(string="Number of the Record", help="0: the operation touched many records at once.")
    record_name = fields.Char(string="Record")
    count = fields.Integer(string="Records", default=1, aggregator="sum")
    detail = fields.Char(help="Fields of an export, name of a print, subject and recipients of a mail, result of an approval.")
    # {name of the field: [old, new]}; read through `changes` only, which leaves out what the reader may not see
    content = fields.Json(groups=".")
    changes = fields.Html(compute="_compute_changes", search="_search_changes", sanitize=False, help="Old value → new value.")
    changes_text = fields.Text(string="Old and New Values", compute="_compute_changes")
    company_id = fields.Many2one("res.company", ondelete="set null", index="btree_not_null")

    _record_idx = models.Index("(model, res_id)")

    # ------------------------------------------------------------------------------------------------------------------------- reading

    def _compute_model_name(self):
        for log in self:
            # sudo: ir.model - the name of a model only
            log.model_name = self.env["ir.model"].sudo()._get(log.model).name or log.model

    @api.depends_context("lang", "uid")
    def _compute_changes(self):
        hidden = self._kehu_hidden()
        # sudo: kehu.operation.log - the content that no role reads; what this reader may not see is left out below
        for log, full in zip(self, self.sudo(), strict=True):
            lines, words = [], []
            model = self.env.get(log.model)
            for name, (old, new) in (full.content or {}).items():
                field = model._fields.get(name) if model is not None else None
                label = field.get_description(self.env, ["string"])["string"] if field else name
                if model is None or f"{log.model}.{name}" in hidden:
                    lines.append(Markup("<div>%s: •••</div>") % label)
                    words.append(f"{label}: •••")
                    continue
                before, after = self._kehu_in_words(field, old), self._kehu_in_words(field, new)
                lines.append(Markup("<div><b>%s</b>: <span class='text-muted'>%s</span> → %s</div>") % (label, before, after))
                words.append(f"{label}: {before} → {after}")
            log.changes = Markup().join(lines)
            log.changes_text = "; ".join(words)

    @api.model
    def _search_changes(self, operator, value):
        """Find by a word in old or new values, among those the reader may see."""
        if operator not in ("ilike", "not ilike") or not isinstance(value, str):
            return NotImplemented
        pattern = "%" + value.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_").replace("\0", "") + "%"
        hidden = sorted(self._kehu_hidden()) or [""]

        def to_sql(_model, alias, _query):
            return SQL(
                """EXISTS (SELECT 1 FROM jsonb_each_text(%(content)s) AS part
                    WHERE part.value ILIKE %(pattern)s AND NOT (%(model)s || '.' || part.key) = ANY(%(hidden)s))""",
                content=SQL.identifier(alias, "content"),
                model=SQL.identifier(alias, "model"),
                pattern=pattern,
                hidden=hidden,
            )

        domain = Domain.custom(to_sql=to_sql) & Domain("model", "in", self._kehu_readable())
        return ~domain if operator == "not ilike" else domain

    @api.model
    def _kehu_logged_models(self):
        """Return the names of the models whose operations are kept with their values."""
        mixin = self.env.registry["kehu.operation.log.mixin"]
        return [name for name, model in self.env.registry.items() if issubclass(model, mixin) and not model._abstract]

    @api.model
    def _kehu_readable(self):
        return [name for name in self._kehu_logged_models() if self.env[name].has_access("read")]

    @api.model
    def _kehu_hidden(self):
        """Return the fields of logged models that the reader may not see, as ``model.field``; of models one may not read all fields."""
        hidden = set()
        for name in self._kehu_logged_models():
            model = self.env[name]
            closed = not model.has_access("read")
            for field in model._fields.values():
                if closed or not model._has_field_access(field, "read"):
                    hidden.add(f"{name}.{field.name}")
        return hidden

    @api.model
    def _kehu_in_words(self, field, value):
        """Return one kept value as the reader reads it; links by the name they had on that day."""
        if value is None or value is False or value == []:
            return "–" if value is not False or not field or field.type != "boolean" else self.env._("No")
        if value is True:
            return self.env._("Yes") if field and field.type == "boolean" else self.env._("(file)")
        if field and field.type == "selection":
            return dict(field.get_description(self.env, ["selection"])["selection"]).get(value, value)
        if field and field.type == "many2one" and isinstance(value, list):
            return value[1]
        if isinstance(value, list):
            return ", ".join(str(part) for part in value)
        if field and field.type == "datetime":
            return fields.Datetime.to_string(fields.Datetime.context_timestamp(self, fields.Datetime.to_datetime(value)))
        return str(value)

    def action_open_record(self):
        """Open the record that this is about.

        :raises KehuAccessError: when it is gone, or this person may not read it
        """
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id).exists() if self.model in self.env and self.res_id else None
        if not record or not record.has_access("read"):
            raise KehuAccessError(self.env._("“%(name)s” is gone, or you may not open it.", name=self.record_name or self.model))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------------------------------------------------------------- writing

    @api.model
    def _kehu_note(self, operation, records, content=None, detail=None, names=None):
        """Keep what happens with records; written once at the end of the transaction, one row per record and operation.

        :param str operation: one of ``OPERATIONS``
        :param records: the records; none for an operation on the whole model
        :param dict content: {id: {name of the field: (old value, new value)}}, as the ORM reads them
        :param str detail: one line for people
        :param dict names: {id: name} of records that are about to go
        """
        if not self.env.registry.ready:  # installing and updating is no operation of a person
            return
        notes = self._kehu_notes()
        for record in records:
            key = (self.env.uid, records._name, record.id, operation if operation not in ("create", "write") else "", detail or "")
            note = notes.setdefault(key, {"operation": operation, "content": {}, "detail": detail, "name": None})
            note["name"] = (names or {}).get(record.id)
            for name, (old, new) in ((content or {}).get(record.id) or {}).items():
                note["content"][name] = (note["content"].get(name, (old, None))[0], new)

    @api.model
    def _kehu_note_many(self, operation, records, detail=None):
        """Keep an operation that reads: an export, a print. Few records have a row each, many have one together.

        Works in a transaction that may only read, too.
        """
        if not self.env.registry.ready:
            return
        if self.env.cr.readonly:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._kehu_note_many(operation, records.with_env(self.env(cr=cr)), detail)
            return
        if 0 < len(records) <= MOST_NAMED:
            self._kehu_note(operation, records, detail=detail)
            return
        empty = {"operation": operation, "content": {}, "detail": detail, "name": "", "count": 0}
        note = self._kehu_notes().setdefault((self.env.uid, records._name, 0, operation, detail or ""), empty)
        note["count"] += len(records)

    @api.model
    def _kehu_notes(self):
        """Return what waits for the end of the transaction, to add to it."""
        data = self.env.cr.precommit.data
        if NOTES not in data:
            data[NOTES] = {}
            # names stand in the language of whoever acts, as the details do
            # sudo: kehu.operation.log - rows written for people who may not read the log
            writing = self.env(su=True, context={"lang": self.env.lang} if self.env.lang else {})
            self.env.cr.precommit.add(self.with_env(writing)._kehu_write_notes)
        return data[NOTES]

    @api.model
    def _kehu_write_notes(self):
        """Write what waits. Called by the database cursor before it commits and before each savepoint."""
        notes = self.env.cr.precommit.data.pop(NOTES, {})
        rows = []
        numbers = {}
        for (_uid, model_name, res_id, _kind, _detail), note in notes.items():
            if note["name"] is None and res_id:
                numbers.setdefault(model_name, []).append(res_id)
        # the records of one model together, so that names and companies of all are read at once; what was just saved is in memory
        documents = {name: {record.id: record for record in those_there(self.env[name].browse(ids))} for name, ids in numbers.items()}
        for (uid, model_name, res_id, _kind, _detail), note in notes.items():
            record = documents.get(model_name, {}).get(res_id) or self.env[model_name]
            content = {
                name: [_kept(record._fields[name], old), _kept(record._fields[name], new)]
                for name, (old, new) in note["content"].items()
                if note["operation"] == "unlink" or old != new
            }
            operation = note["operation"]
            if operation == "write" and not content and not note["detail"]:  # what is told in words changes no field: a sign-out
                continue
            if operation == "write" and "user_id" in content:
                operation = "assign"
            name = note["name"] if note["name"] is not None else _name(record) if record else f"#{res_id}"
            rows.append(
                {
                    "operation": operation,
                    "model": model_name,
                    "res_id": res_id,
                    "record_name": name[:255],
                    "content": content or False,
                    "detail": note["detail"],
                    "count": note.get("count", 1),
                    "user_id": uid,
                    "company_id": _company(record),
                }
            )
        self._kehu_write_rows(rows)

    @api.model
    def _kehu_write_rows(self, rows):
        # sudo: kehu.operation.log - rows written for people who may not read the log; res.users - their names
        log = self.with_env(self.env(su=True, context={}))
        users = log.env["res.users"]
        now = fields.Datetime.now()
        for row in rows:
            row.update(date=now, user_name=users.browse(row["user_id"]).name, content=row["content"] and Json(row["content"]))
        columns = list(rows[0]) if rows else []
        insert_rows(log, columns, [tuple(row[name] or (0 if name == "res_id" else None) for name in columns) for row in rows])

    # ------------------------------------------------------------------------------------------------------------------------- keeping

    @api.model
    def _cron_kehu_retention(self):
        """Delete what is older than its company keeps it; rows of no company by the company that keeps longest. 0 days: for good."""
        # sudo: res.company - the rule of every company
        companies = self.env["res.company"].sudo().with_context(active_test=False).search([], limit=10000)
        days = {company.id: company.kehu_log_days for company in companies}
        days[False] = 0 if 0 in days.values() else max(days.values())
        for name, engine in (("kehu.operation.log", "operation_log"), ("kehu.login.log", "login_log")):
            # sudo: both logs - the one place that deletes them
            log = as_engine(self.env[name].sudo(), engine)
            for company, kept in days.items():
                if kept <= 0:
                    continue
                limit = fields.Datetime.now() - timedelta(days=kept)
                while old := log.search([("company_id", "=", company), ("date", "<", limit)], limit=PER_SLICE, order="id"):
                    old.unlink()
                    self.env["ir.cron"]._commit_progress(len(old))


def _kept(field, value):
    """Return a value as the log keeps it: plain, short, links by number and name."""
    if value is None or (value is False and field.type != "boolean"):
        return None
    if field.type == "many2one":
        return [value.id, _name(value)] if value else None
    if field.type == "many2many":
        return [_name(record) for record in value[:MOST_NAMES]]
    if field.type in ("boolean", "integer", "float", "monetary"):
        return value
    if field.type == "binary":
        return bool(value) or None
    if field.type in ("date", "datetime"):
        return field.to_string(value)
    return str(value)[:LONGEST_VALUE]


def _name(record):
    """Return the name of a record; of one that is gone its number."""
    record = record.sudo()  # sudo: any model - the name on that day, shown to administrators only
    try:
        # that of a partner is stored; worked out anew it would take as long as writing the row
        return (record.complete_name if record._name == "res.partner" else record.display_name) or record.display_name or ""
    except MissingError:
        return f"#{record.id}"


def _company(record):
    """Return the number of the company of a record; False when it has none, or is gone."""
    try:
        return record.company_id.id if "company_id" in record._fields else False
    except MissingError:
        return False
