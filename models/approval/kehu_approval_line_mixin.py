from odoo import api, models
from odoo.tools import SQL

from ..system.engine import is_engine, is_uninstalling
from .guard import FROZEN_STATES, changed_fields, computed_columns, create_without_computed, raise_computed


class KehuApprovalLineMixin(models.AbstractModel):
    """Lines of a document with ``kehu.approval.mixin``: frozen together with it, on every route.

    A line model names its document in ``_kehu_document_field`` (a many2one) and its protected fields in
    ``_kehu_protected_line_fields``. Changes through the document's one2many end here too.
    """

    _name = "kehu.approval.line.mixin"
    _description = "Line of a Document with Approval"

    _kehu_document_field = None

    def _kehu_protected_line_fields(self):
        """Names of the fields that cannot change while the document is pending or approved. Hook; the link itself always counts."""
        return set()

    def _kehu_line_is_free(self):
        """Tell whether this line may come and go on an approved document, for instance the host's down-payment line. Hook."""
        self.ensure_one()
        return False

    def _kehu_free_line_fields(self):
        """Protected fields that code of the host may still change on a free line of an approved document. Hook."""
        return set()

    def _kehu_computed_columns(self, names):
        """Those of some names that nobody writes on a line of a document under approval. Hook."""
        return computed_columns(self, names)

    @api.model_create_multi
    def create(self, vals_list):
        document = self._kehu_document_field
        lines = create_without_computed(self, vals_list, super().create, lambda line: line[document]._kehu_is_governed())
        lines._kehu_lock_documents()
        lines._kehu_check_lines_open()
        return lines

    def write(self, vals):
        if not is_engine(self.env, "approval"):
            computed = self._kehu_computed_columns(vals)
            if computed:
                for line in self:
                    names = line[self._kehu_document_field]._kehu_is_governed() and changed_fields(line, vals, computed)
                    if names:
                        raise_computed(line, names)
            protected = (self._kehu_protected_line_fields() | {self._kehu_document_field}) & vals.keys()
            if protected:
                self._kehu_lock_documents()
                self._kehu_check_lines_write(vals, protected)
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_frozen(self):
        if not is_uninstalling(self.env):
            self._kehu_lock_documents()
            self._kehu_check_lines_open()

    def _kehu_lock_documents(self):
        """Let a change of lines and the submission of their document wait for each other.

        A change of a line need not touch the row of its document. Who comes second here waits, and starts again with what the
        other has written: the host repeats a request after a serialization failure.
        """
        documents = self[self._kehu_document_field].filtered(lambda document: document.id and document._kehu_is_governed())
        if documents:
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                    SQL.identifier(documents._table),
                    tuple(documents.ids),
                )
            )

    def _kehu_check_lines_open(self):
        """Refuse when a document of these lines is frozen.

        :raises KehuApprovalFrozenError: naming the document
        """
        if is_engine(self.env, "approval"):
            return
        for line in self:
            document = line[self._kehu_document_field]
            state = document.sudo().kehu_approval_state  # sudo: document - the guard holds for those who cannot read it
            if state in FROZEN_STATES and not (state == "approved" and line._kehu_line_is_free()):
                document._kehu_raise_frozen()

    def _kehu_check_lines_write(self, vals, protected):
        target = vals.get(self._kehu_document_field)
        for line in self:
            document = line[self._kehu_document_field]
            state = document.sudo().kehu_approval_state  # sudo: document - the guard holds for those who cannot read it
            if state in FROZEN_STATES:
                names = protected
                if state == "approved" and line._kehu_line_is_free():
                    names = protected - self._kehu_free_line_fields()
                if changed_fields(line, vals, names):
                    document._kehu_raise_frozen()
        if target:
            documents = self.env[self._fields[self._kehu_document_field].comodel_name].browse(target).sudo()  # sudo: see above
            if documents.kehu_approval_state in FROZEN_STATES and any(line[self._kehu_document_field].id != target for line in self):
                documents._kehu_raise_frozen()
