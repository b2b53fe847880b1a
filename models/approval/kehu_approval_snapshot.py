import hashlib
from typing import NamedTuple

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date, format_datetime, html2plaintext
from odoo.tools.misc import formatLang

from ..system.engine import as_engine
from .exceptions import KehuApprovalFrozenError
from .guard import NUMERIC_TYPES
from .kehu_approval_line_mixin import WHOLE_LINES
from .kehu_approval_mixin import ENGINE
from .memory import read_relations


class Difference(NamedTuple):
    """One value that is not what it was, in the words of the reader."""

    label: str
    old: str
    new: str
    line: str | None  # which line, None for the document itself


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    # nobody reads it as it is, as it may hold fields that only some may see; `_kehu_differences` tells what a reader may know
    snapshot = fields.Json(groups=fields.NO_ACCESS, help="What the document said in its protected fields when it was submitted.")
    tolerance_percent = fields.Float(
        string="Tolerance (%)",
        help="By how much the amount may differ from what was approved without a new round; what the flow said at submission.",
    )
    changes = fields.Html(
        string="Changes Since the Last Approval",
        compute="_compute_changes",
        sanitize=False,
        help="What differs from the state of the document that was approved last, as far as you may see it.",
    )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_changes(self):
        self.changes = False
        for documents in self._kehu_documents():
            readable = documents._filtered_access("read")
            tables = {document.id: document.kehu_approval_changes for document in readable}
            for request in self.filtered(lambda request, name=documents._name: request.res_model == name):
                request.changes = request.state == "pending" and tables.get(request.res_id)


class KehuApprovalDecision(models.Model):
    _inherit = "kehu.approval.decision"

    result = fields.Selection(selection_add=[("changed", "Changed")], ondelete={"changed": "cascade"})

    def _kehu_asked_themselves(self):
        """Who acted in these decisions in their own name, and in whose name others acted; not the deputies."""
        acted = self.filtered(lambda decision: decision.result in ("approved", "rejected", "returned", "forwarded", "added"))
        return acted.on_behalf_id | acted.filtered(lambda decision: not decision.on_behalf_id).user_id


class KehuApprovalLineMixin(models.AbstractModel):
    _inherit = "kehu.approval.line.mixin"

    def _kehu_technical_fields(self):
        """Names of protected fields that tell people nothing and are left out of differences. Hook.

        :rtype: set[str]
        """
        return set()


class KehuApprovalMixin(models.AbstractModel):
    """What a document said when it was submitted, and what is different from what was approved before."""

    _inherit = "kehu.approval.mixin"

    kehu_tolerance_percent = fields.Float(
        string="Tolerance (%)",
        compute="_compute_kehu_tolerance_percent",
        help="By how much the amount of the approved document may still be changed without a new round.",
    )
    kehu_approval_changes = fields.Html(
        string="Changes Since the Last Approval",
        compute="_compute_kehu_approval_changes",
        sanitize=False,
        groups="base.group_user",
        help="What differs from the state of this document that was approved last, as far as you may see it.",
    )

    @api.depends("kehu_approval_state", "kehu_request_id")
    def _compute_kehu_tolerance_percent(self):
        for document in self:
            document.kehu_tolerance_percent = document._origin._kehu_tolerance() if document._origin else 0.0

    @api.depends("kehu_approval_state", "kehu_request_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_kehu_approval_changes(self):
        differences = self._origin._kehu_differences()
        for document in self:
            found = differences.get(document._origin)
            document.kehu_approval_changes = found and self.env["ir.qweb"]._render("kehu_crm.kehu_approval_changes", {"differences": found})

    # ------------------------------------------------------------
    # Taking the snapshot
    # ------------------------------------------------------------

    def _kehu_technical_fields(self):
        """Names of protected fields that tell people nothing and are left out of differences. Hook.

        :rtype: set[str]
        """
        return set()

    def _kehu_amount_field(self):
        """Name of the figure by which a tolerance is measured; None where the document has none. Hook.

        :rtype: str | None
        """
        lists = self.env["kehu.approval.document"]._kehu_lists(self._name)
        names = (lists and lists.amount, "amount_total", "amount")
        return next((name for name in names if name and name in self._fields and self._fields[name].type in NUMERIC_TYPES), None)

    def _kehu_request_values(self):
        """Keep with each request what its document says."""
        result = super()._kehu_request_values()
        for document, captured in self._kehu_capture().items():
            result[document]["snapshot"] = captured
        return result

    def _kehu_capture(self):
        """What is protected of these documents and their lines, in a form that can be stored and compared.

        :return: {document: {"fields": {name: value}, "lines": {one2many: {line id: {name: value}}}, "amount": float | None}}
        :rtype: dict
        """
        names = _kept(self, self._kehu_frozen_fields("pending"))
        amount = self._kehu_amount_field()
        guarded = {
            name: _kept(lines, lines._kehu_frozen_line_fields(name))
            for name, lines in self._kehu_guarded_lines().items()
            if lines._kehu_frozen_line_fields(name)
        }
        whole = self.with_context(**{WHOLE_LINES: True})  # which lines there are, and what they say, at once
        read_relations((self, names), *((whole.mapped(one2many), line_names) for one2many, line_names in guarded.items()))
        captured = {}
        for document in self:
            captured[document] = {
                "fields": {name: _plain(document, name) for name in names},
                "lines": {
                    one2many: {
                        str(line.id): {name: _plain(line, name) for name in line_names}
                        for line in document[one2many]
                        if not line._kehu_line_is_free()
                    }
                    for one2many, line_names in guarded.items()
                },
                "amount": _plain(document, amount) if amount else None,
            }
        return captured

    def _kehu_on_approved(self):
        """Nobody approves what they did not see: a document that is not what was submitted, by whatever route, is refused.

        :raises KehuApprovalFrozenError: naming the document and what differs
        """
        captured = self._kehu_capture()
        for document in self:
            snapshot = document.kehu_request_id.snapshot
            if snapshot and not _agree(snapshot, captured[document]):
                differences = document._kehu_compare(snapshot, captured[document])
                raise KehuApprovalFrozenError(
                    self.env._(
                        "“%(document)s” is not what was submitted any more (%(fields)s). Reject it, or have it withdrawn and submitted "
                        "again.",
                        document=document.display_name,
                        fields=list(dict.fromkeys(difference.label for difference in differences))[:3] or "…",
                    )
                )
        return super()._kehu_on_approved()

    # ------------------------------------------------------------
    # Telling the differences
    # ------------------------------------------------------------

    def _kehu_differences(self):
        """What differs from the state that was approved last; nothing about fields, lines and records that the reader may not see.

        :return: {document: [Difference]}; only documents that were approved before and differ
        :rtype: dict
        """
        readable = self._filtered_access("read") if self else self
        # sudo: kehu.approval.request - who reads the document may know what was approved of it
        requests = self.env["kehu.approval.request"].sudo()
        domain = [("res_model", "=", self._name), ("res_id", "in", readable.ids), ("state", "=", "approved")]
        last = {}
        for request in requests.search(domain, order="id") if readable else requests:
            last[request.res_id] = request
        documents = readable.filtered(lambda document: document.id in last and last[document.id].snapshot)
        captured = documents.sudo()._kehu_capture()  # sudo: document - compared as a whole, told as far as the reader may see
        found = {}
        for document in documents:
            differences = document._kehu_compare(last[document.id].snapshot, captured[document.sudo()])  # sudo: key only
            if differences:
                found[document] = differences
        return found

    def _kehu_compare(self, before, after):
        """The differences between two captured states of this one document, as the reader may see them.

        :rtype: list[Difference]
        """
        self.ensure_one()
        found = [
            Difference(label, old, new, None) for label, old, new in self._kehu_compare_values(self, before["fields"], after["fields"])
        ]
        amount = self._kehu_amount_field()
        if (
            amount
            and amount not in after["fields"]
            and before["amount"] != after["amount"]
            and None not in (before["amount"], after["amount"])
        ):
            found += [
                Difference(label, old, new, None)
                for label, old, new in self._kehu_compare_values(self, {amount: before["amount"]}, {amount: after["amount"]})
            ]
        guarded = self._kehu_guarded_lines()
        for one2many in sorted(before["lines"].keys() | after["lines"].keys()):
            lines = guarded.get(one2many)
            if lines is None or not self._kehu_may_see(self, one2many) or not lines.has_access("read"):
                continue
            old_lines, new_lines = before["lines"].get(one2many, {}), after["lines"].get(one2many, {})
            for key in sorted(old_lines.keys() | new_lines.keys(), key=int):
                old, new = old_lines.get(key), new_lines.get(key)
                name = self._kehu_line_name(lines, new or old)
                if old and new:
                    found += [Difference(*values, name) for values in self._kehu_compare_values(lines, old, new)]
                elif new:
                    found.append(Difference(self.env._("Line added"), "", self._kehu_line_text(lines, new), name))
                else:
                    found.append(Difference(self.env._("Line removed"), self._kehu_line_text(lines, old), "", name))
        return found

    @api.model
    def _kehu_compare_values(self, model, old, new):
        """List of (label, old, new) of the values that differ and that the reader may see."""
        return [
            (
                model._fields[name]._description_string(self.env),
                self._kehu_tell(model, name, old[name]),
                self._kehu_tell(model, name, value),
            )
            for name, value in new.items()
            if name in old and not _same(old[name], value) and self._kehu_may_see(model, name)
        ]

    @api.model
    def _kehu_may_see(self, model, name):
        """Whether the reader may know a field; what is kept for all readers (superuser mode) leaves out what only some may know."""
        field = model._fields.get(name)
        return (
            field is not None
            and name not in model._kehu_technical_fields()
            and (not field.groups if self.env.su else model._has_field_access(field, "read"))
        )

    def _kehu_line_name(self, lines, values):
        """What to call a line: its text, else the first record that it names."""
        rec_name = lines._rec_name
        if (
            rec_name
            and isinstance(_shown(self.env, lines._fields[rec_name], values.get(rec_name)), str)
            and self._kehu_may_see(lines, rec_name)
        ):
            return self._kehu_tell(lines, rec_name, values[rec_name]).split("\n")[0]
        for name, value in values.items():
            if _shown(self.env, lines._fields[name], value) and lines._fields[name].type == "many2one" and self._kehu_may_see(lines, name):
                return self._kehu_tell(lines, name, value)
        return self.env._("Line")

    def _kehu_line_text(self, lines, values):
        """The figures of a line that came or went."""
        shown = [
            f"{lines._fields[name]._description_string(self.env)} {self._kehu_tell(lines, name, value)}"
            for name, value in values.items()
            if value and lines._fields[name].type in NUMERIC_TYPES and self._kehu_may_see(lines, name)
        ]
        return ", ".join(shown)

    def _kehu_tell(self, model, name, value):
        """A captured value in the words and figures of the reader."""
        field, env = model._fields[name], self.env
        value = _shown(env, field, value)
        if field.type == "boolean":
            return env._("Yes") if value else env._("No")
        if field.type in NUMERIC_TYPES:
            if field.type == "monetary":
                return self._kehu_format_amount(value)
            digits = field.get_digits(env) if field.type == "float" else (16, 0)
            return formatLang(env, value or 0.0, digits=digits[1] if digits else 2)
        if value in (False, None, []):
            return "–"
        if field.type in ("many2one", "many2many"):
            ids = [value] if isinstance(value, int) else value
            records = env[field.comodel_name].browse(ids).exists()
            seen = records._filtered_access("read")
            names = seen.mapped("display_name")
            if len(seen) < len(ids):
                names.append(env._("(deleted)") if len(records) < len(ids) else env._("(not visible to you)"))
            return ", ".join(names)
        if field.type == "selection":
            return str(dict(field._description_selection(env)).get(value, value))
        if field.type == "date":
            return format_date(env, value)
        if field.type == "datetime":
            return format_datetime(env, value, dt_format="short")
        if field.type == "html":
            return html2plaintext(value).strip()
        if field.type == "binary":
            return env._("a file")
        return str(value)

    def _kehu_format_amount(self, amount):
        """A figure of this one document in its currency, where it has one."""
        document = self.sudo()  # sudo: res.currency - how the figure is written
        currency = document["currency_id"] if "currency_id" in self._fields else document._kehu_company().currency_id
        return format_amount(self.env, amount or 0.0, currency or self.env.company.currency_id)

    # ------------------------------------------------------------
    # Keeping a change of a frozen document
    # ------------------------------------------------------------

    def _kehu_keep_change(self, reason, before, after):
        """Post what changed on this one frozen document in superuser mode, and keep it among its decisions.

        While it waits, what was submitted is from now on what the change made of it: the approver reads of the change on the document.
        """
        self.ensure_one()
        differences = self._kehu_compare(before, after)
        if self.kehu_approval_state == "pending":
            as_engine(self.kehu_request_id, ENGINE).write({"snapshot": after})
        rows = [
            (f"{difference.line}: " if difference.line else "", difference.label, difference.old or "–", difference.new or "–")
            for difference in differences
        ]
        # sudo: kehu.approval.decision - users cannot write decisions, the engine may
        as_engine(self.env["kehu.approval.decision"].sudo(), ENGINE).create(
            {
                "request_id": self.kehu_request_id.id,
                "user_id": self.env.uid,
                "result": "changed",
                "comment": "\n".join([reason] + [f"{line}{label} {old} → {new}" for line, label, old, new in rows]),
                "date": fields.Datetime.now(),
            }
        )
        items = Markup("").join(Markup("<li>%s%s: %s → %s</li>") % row for row in rows)
        self._message_log(body=Markup("<p>%s</p><ul>%s</ul>") % (reason, items))


def _agree(before, after):
    """Tell whether two captured states say the same, as far as both speak of it; the lists may have changed in between."""
    pairs = [(before["fields"], after["fields"])]
    for one2many in before["lines"].keys() & after["lines"].keys():
        old, new = before["lines"][one2many], after["lines"][one2many]
        if old.keys() != new.keys():
            return False
        pairs += [(old[key], new[key]) for key in old]
    return all(_same(old[name], new[name]) for old, new in pairs for name in old.keys() & new.keys())


def _same(old, new):
    """Tell whether two captured values are equal; one kept before all languages and companies were captured equals any part of the new."""
    if isinstance(new, dict) and not isinstance(old, dict):
        return not old or old in new.values()
    return old == new


def _is_manifold(field):
    """Tell whether a stored field has a value for each language or company."""
    return bool(field.store and (field.translate or field.company_dependent))


def _shown(env, field, value):
    """What a reader sees of a captured value: the text in their language, the value of their company."""
    if not _is_manifold(field) or not isinstance(value, dict):
        return value
    if field.company_dependent:
        return value.get(str(env.company.id), False)
    return value.get(env.lang or "en_US") or value.get("en_US") or False


def _kept(model, names):
    """Those of some protected fields that a snapshot keeps, in order."""
    return [name for name in sorted(names) if name in model._fields]


def _plain(record, name):
    """A value of one record as JSON can keep it, equal for equal values, whatever the language and company of who looks."""
    field = record._fields[name]
    if _is_manifold(field) and record.id:
        record.flush_recordset([name])
        column = SQL.identifier(name)
        rows = record.env.execute_query(SQL("SELECT %s FROM %s WHERE id = %s", column, SQL.identifier(record._table), record.id))
        return (rows and rows[0][0]) or False
    # what a document names stays named when that is archived while it waits
    value = (record.with_context(active_test=False) if field.type == "many2many" else record)[name]
    if field.type == "many2one":
        return value.id
    if field.type == "many2many":
        return sorted(value.ids)
    if field.type in ("date", "datetime"):
        return field.to_string(value) if value else False
    if field.type == "binary":
        data = value or b""
        return hashlib.sha256(data if isinstance(data, bytes) else str(data).encode()).hexdigest() if data else False
    if field.type in ("float", "monetary"):
        return round(value or 0.0, 6)
    if field.type == "reference":
        return f"{value._name},{value.id}" if value else False
    if isinstance(value, str):
        return str(value)
    return value
