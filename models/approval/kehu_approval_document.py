from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.exceptions import KehuBuiltInError
from .caches import FreshCache, forget
from .exceptions import KehuApprovalDocumentError
from .guard import NUMERIC_TYPES

LIST_ENGINE = "approval_lists"  # lists that follow what the code of a document says
LIST_FIELDS = frozenset({"protected_field_ids", "pending_field_ids", "line_ids"})


class Lists(NamedTuple):
    """What the set-up of one kind of document says, kept in a cache of the registry."""

    own: bool  # whether its lists replace those of the code
    approved: frozenset
    pending: frozenset
    lines: dict  # {name of the one2many: frozenset}
    amount: str | None
    gate: str | None
    action: int | None


class KehuApprovalDocument(models.Model):
    """A kind of document that can be approved, and what about it cannot change meanwhile.

    One row per model. Where the add-on's code knows the document (orders, receipts), the lists follow the code until somebody changes
    them; "Reset" brings them back. The guards of the documents ask :meth:`_kehu_lists`, never the code directly.
    """

    _name = "kehu.approval.document"
    _description = "Document Type with Approval"
    _order = "id"
    _rec_name = "model_id"
    _kehu_configuration = ("model_id",)

    model_id = fields.Many2one(
        "ir.model",
        string="Document",
        required=True,
        ondelete="cascade",
        index=True,
        help="Kind of document. Once saved it stays: make another row for another kind.",
    )
    model_name = fields.Char(related="model_id.model", string="Technical Document Name")
    own_lists = fields.Boolean(readonly=True, copy=False, help="The lists below were changed here and no longer follow the program.")
    protected_field_ids = fields.Many2many(
        "ir.model.fields",
        "kehu_approval_document_protected_rel",
        "document_id",
        "field_id",
        string="Protected Fields",
        domain="[('model_id', '=', model_id), ('store', '=', True), ('ttype', 'not in', ('one2many', 'many2one_reference'))]",
        help="Cannot change while a document waits for a decision and once it is approved.",
    )
    pending_field_ids = fields.Many2many(
        "ir.model.fields",
        "kehu_approval_document_pending_rel",
        "document_id",
        "field_id",
        string="Protected While Pending",
        domain="[('model_id', '=', model_id), ('store', '=', True), ('ttype', 'not in', ('one2many', 'many2one_reference'))]",
        help="Cannot change while a document waits for a decision, but may again once it is approved.",
    )
    line_ids = fields.One2many(
        "kehu.approval.document.line",
        "document_id",
        string="Lines",
        help="Lines of the document that freeze together with it, and which of their fields.",
    )
    amount_field_id = fields.Many2one(
        "ir.model.fields",
        string="Amount",
        ondelete="set null",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('float', 'integer', 'monetary'))]",
        help="By this figure a flow measures its tolerance. Empty: the total of the document, where it has one.",
    )

    _model_uniq = models.Constraint("UNIQUE (model_id)", "This kind of document is in the list already. Open its row instead.")

    @api.constrains("model_id", "protected_field_ids", "pending_field_ids", "amount_field_id")
    def _check_fields(self):
        for row in self.sudo():  # sudo: ir.model.fields - to compare only
            chosen = row.protected_field_ids | row.pending_field_ids | row.amount_field_id
            foreign = chosen.filtered(lambda field, row=row: field.model_id != row.model_id or not field.store)
            if foreign:
                raise KehuApprovalDocumentError(
                    self.env._(
                        "“%(field)s” is no stored field of “%(document)s”. Choose fields of that document only.",
                        field=foreign[0].display_name,
                        document=row.model_id.name,
                    )
                )
            if row.amount_field_id and row.amount_field_id.ttype not in NUMERIC_TYPES:
                raise KehuApprovalDocumentError(
                    self.env._("“%(field)s” is no figure. Choose an amount or a number.", field=row.amount_field_id.field_description)
                )

    @api.constrains("model_id")
    def _check_model(self):
        for row in self:
            if not row._kehu_is_document():
                raise KehuApprovalDocumentError(row._kehu_no_document_text())

    def _kehu_is_document(self):
        """Tell whether the model of this one row is one that can be approved."""
        self.ensure_one()
        # sudo: ir.model - technical name only
        return self.sudo().model_id.model in self.env["kehu.approval.flow"]._kehu_document_models()

    def _kehu_no_document_text(self):
        # sudo: ir.model - its name, for the sentence
        return self.env._("Documents of kind “%(document)s” cannot be approved. Choose another kind.", document=self.sudo().model_id.name)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        given = [not is_engine(self.env, LIST_ENGINE) and not LIST_FIELDS.isdisjoint(vals) for vals in vals_list]
        rows = super().create([{**vals, "own_lists": own} for vals, own in zip(vals_list, given, strict=True)])
        rows.filtered(lambda row: not row.own_lists)._kehu_follow_code()
        self._kehu_clear_caches()
        return rows

    def write(self, vals):
        if not is_engine(self.env, LIST_ENGINE):
            if "model_id" in vals and any(row.model_id.id != vals["model_id"] for row in self):
                raise KehuApprovalDocumentError(
                    self.env._("The kind of document of a row stays as it is. Make another row for another kind of document.")
                )
            vals = {name: value for name, value in vals.items() if name != "own_lists"}
            if not LIST_FIELDS.isdisjoint(vals):
                vals["own_lists"] = True
        result = super().write(vals)
        self._kehu_clear_caches()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_built_in(self):
        """:raises KehuBuiltInError: for documents that the program knows; their row is reset instead"""
        if is_uninstalling(self.env):
            return
        for row in self:
            if row._kehu_is_built_in():
                raise KehuBuiltInError(
                    self.env._(
                        "“%(document)s” is a document of the program and stays in the list. Use “Reset” to undo what was changed here.",
                        document=row.sudo().model_id.name,  # sudo: ir.model - its name, for the sentence
                    )
                )

    def unlink(self):
        result = super().unlink()
        self._kehu_clear_caches()
        return result

    def _kehu_is_built_in(self):
        """Tell whether the code of an add-on makes this one kind of document one with approval."""
        self.ensure_one()
        return self._kehu_is_document()

    def _kehu_clear_caches(self):
        """The lists, and the forms in which protected fields turn readonly."""
        forget(self.env, "default", "templates")

    def _kehu_lines_changed(self):
        """Somebody changed the lists of lines of these rows: they are their own from now on."""
        if not is_engine(self.env, LIST_ENGINE) and not is_uninstalling(self.env):
            self.filtered(lambda row: not row.own_lists).write({"line_ids": []})
        self._kehu_clear_caches()

    # ------------------------------------------------------------
    # What the program says
    # ------------------------------------------------------------

    def action_reset(self):
        """Let the lists of these rows follow the program again."""
        self.check_access("write")
        self._kehu_follow_code()
        return True

    @api.model
    def _kehu_refresh(self):
        """Called at each update of the add-on: a row for each document of the program; lists that nobody changed follow it."""
        # sudo: ir.model, kehu.approval.document - called while data is loaded
        rows = as_engine(self.sudo(), LIST_ENGINE)
        known = rows.search([("model_id", "!=", False)]).mapped("model_id.model")  # one row per kind of document, a handful
        missing = [name for name in rows.env["kehu.approval.flow"]._kehu_document_models() if name not in known]
        rows.create([{"model_id": rows.env["ir.model"]._get_id(name)} for name in sorted(missing)])
        rows.search([("own_lists", "=", False)])._kehu_follow_code()

    def _kehu_follow_code(self):
        """Write what the code of these documents says into their lists."""
        for row in as_engine(self.sudo(), LIST_ENGINE):  # sudo: ir.model.fields - to choose among them
            if not row._kehu_is_document():
                continue
            model = self.env[row.model_id.model]
            row.write(
                {
                    "own_lists": False,
                    "protected_field_ids": [fields.Command.set(row._kehu_fields(model, model._kehu_protected_fields()))],
                    "pending_field_ids": [fields.Command.set(row._kehu_fields(model, model._kehu_pending_fields()))],
                    "line_ids": [fields.Command.clear()]
                    + [
                        fields.Command.create(
                            {
                                "field_id": row._kehu_fields(model, {name})[0],
                                "protected_field_ids": [
                                    fields.Command.set(row._kehu_fields(lines, lines._kehu_protected_line_fields())),
                                ],
                            }
                        )
                        for name, lines in model._kehu_guarded_lines().items()
                    ],
                }
            )

    def _kehu_fields(self, model, names):
        """:return: ids of the rows that describe some fields of a model; names that it does not have are passed over"""
        found = (self.env["ir.model.fields"]._get_ids(model._name).get(name) for name in sorted(names) if name in model._fields)
        return [field_id for field_id in found if field_id]

    # ------------------------------------------------------------
    # What the guards ask
    # ------------------------------------------------------------

    @api.model
    def _kehu_lists(self, model_name):
        """What the set-up says about the documents of a model.

        :rtype: Lists | None
        """
        return self._kehu_all_lists().get(model_name)

    @api.model
    @FreshCache()
    def _kehu_all_lists(self):
        """The lists of all kinds of documents, read together: every write asks, and all kinds cost no more than one.

        :rtype: dict[str, Lists]
        """
        columns = self._kehu_list_columns()
        self.flush_model(["model_id", "amount_field_id", "protected_field_ids", "pending_field_ids", *columns])
        self.env["kehu.approval.document.line"].flush_model(["document_id", "field_id", "protected_field_ids"])
        # the guard holds for all alike, and the answer is kept for all users
        self.env.cr.execute(
            SQL(
                """SELECT m.model, amount.name AS amount, %s,
                          ARRAY(SELECT f.name FROM kehu_approval_document_protected_rel rel JOIN ir_model_fields f ON f.id = rel.field_id
                                 WHERE rel.document_id = d.id) AS approved,
                          ARRAY(SELECT f.name FROM kehu_approval_document_pending_rel rel JOIN ir_model_fields f ON f.id = rel.field_id
                                 WHERE rel.document_id = d.id) AS pending,
                          (SELECT jsonb_object_agg(f.name, ARRAY(
                                      SELECT frozen.name FROM kehu_approval_document_line_protected_rel rel
                                        JOIN ir_model_fields frozen ON frozen.id = rel.field_id
                                       WHERE rel.line_id = l.id))
                             FROM kehu_approval_document_line l JOIN ir_model_fields f ON f.id = l.field_id
                            WHERE l.document_id = d.id) AS lines
                     FROM kehu_approval_document d
                     JOIN ir_model m ON m.id = d.model_id
                LEFT JOIN ir_model_fields amount ON amount.id = d.amount_field_id""",
                SQL(", ").join(SQL.identifier("d", name) for name in columns),
            )
        )
        return {row["model"]: self._kehu_get_lists(row) for row in self.env.cr.dictfetchall()}

    @api.model
    def _kehu_list_columns(self):
        """Return the names of the columns that :meth:`_kehu_get_lists` asks for; a room adds its own.

        :rtype: list[str]
        """
        return ["own_lists"]

    @api.model
    @ormcache("model_name")
    def _kehu_guarded_names(self, model_name):
        """Names of the one2many fields of a kind of document whose lines carry `kehu.approval.line.mixin` and point back to it.

        :rtype: tuple[str]
        """
        mixin = self.env.registry["kehu.approval.line.mixin"]
        names = []
        for name, field in self.env[model_name]._fields.items():
            lines = self.env.registry[field.comodel_name] if field.type == "one2many" else None
            if lines and issubclass(lines, mixin) and lines._kehu_document_field and lines._kehu_document_field == field.inverse_name:
                if lines._fields[field.inverse_name].comodel_name == model_name:
                    names.append(name)
        return tuple(names)

    @api.model
    def _kehu_get_lists(self, row):
        """See :meth:`_kehu_lists`; of one row.

        :param dict row: "model", "amount" (name or None), "approved" and "pending" (names), "lines" ({name: names} or None), and
            the columns of :meth:`_kehu_list_columns`
        """
        return Lists(
            own=bool(row["own_lists"]),
            approved=frozenset(row["approved"]),
            pending=frozenset(row["pending"]),
            lines={name: frozenset(frozen) for name, frozen in (row["lines"] or {}).items()},
            amount=row["amount"],
            gate=None,
            action=None,
        )


class KehuApprovalDocumentLine(models.Model):
    """Lines of a kind of document, and which of their fields freeze with it."""

    _name = "kehu.approval.document.line"
    _description = "Lines of a Document Type with Approval"
    _order = "document_id, id"
    _rec_name = "field_id"

    document_id = fields.Many2one("kehu.approval.document", required=True, ondelete="cascade", index=True)
    document_model_id = fields.Many2one(related="document_id.model_id", string="Kind of Document")
    field_id = fields.Many2one(
        "ir.model.fields",
        string="Lines",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('model_id', '=', document_model_id), ('ttype', '=', 'one2many')]",
        help="Lines cannot be added to a frozen document nor be taken away from it.",
    )
    model_name = fields.Char(related="field_id.relation", string="Technical Name of the Lines")
    protected_field_ids = fields.Many2many(
        "ir.model.fields",
        "kehu_approval_document_line_protected_rel",
        "line_id",
        "field_id",
        string="Protected Fields",
        domain="[('model', '=', model_name), ('store', '=', True), ('ttype', 'not in', ('one2many', 'many2one_reference'))]",
        help="Cannot change while the document waits for a decision and once it is approved.",
    )

    _field_uniq = models.Constraint("UNIQUE (document_id, field_id)", "These lines are in the list already.")

    @api.constrains("document_id", "field_id", "protected_field_ids")
    def _check_fields(self):
        for line in self.sudo():  # sudo: ir.model.fields - to compare only
            if line.field_id.model_id != line.document_id.model_id or not line._kehu_is_guarded():
                raise KehuApprovalDocumentError(
                    self.env._(
                        "The lines “%(lines)s” of “%(document)s” cannot be protected. Choose lines that belong to that document alone.",
                        lines=line.field_id.field_description,
                        document=line.document_id.model_id.name,
                    )
                )
            foreign = line.protected_field_ids.filtered(lambda field, line=line: field.model != line.model_name or not field.store)
            if foreign:
                raise KehuApprovalDocumentError(
                    self.env._(
                        "“%(field)s” is no stored field of the lines “%(lines)s”. Choose fields of those lines only.",
                        field=foreign[0].display_name,
                        lines=line.field_id.field_description,
                    )
                )

    def _kehu_is_guarded(self):
        """Tell whether the guards know the lines of this one row."""
        self.ensure_one()
        return self.field_id.name in self.env[self.field_id.model]._kehu_guarded_lines()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.document_id._kehu_lines_changed()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self.document_id._kehu_lines_changed()
        return result

    def unlink(self):
        documents = self.document_id
        result = super().unlink()
        documents.exists()._kehu_lines_changed()
        return result
