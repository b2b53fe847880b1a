from odoo import api, models

from ..system.engine import is_record_id, is_uninstalling
from .guard import (
    FROZEN_STATES,
    changed_fields,
    computed_columns,
    create_without_computed,
    open_reason,
    raise_computed,
    tolerance_scope,
    tolerated_names,
)

WHOLE_LINES = "kehu_whole_lines"  # in the context of documents: whoever reads their lines needs all of their fields


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

    def _kehu_frozen_line_fields(self, one2many=None):
        """Names of the fields that cannot change while the document is frozen: the list of the set-up, else that of the code.

        :param str one2many: field of the document through which the lines are seen; any when left out
        :return: None where the set-up protects none of these lines
        :rtype: frozenset[str] | set[str] | None
        """
        document = self.env[self._fields[self._kehu_document_field].comodel_name]
        lists = self.env["kehu.approval.document"]._kehu_lists(document._name)
        if not lists or not lists.own:
            return self._kehu_protected_line_fields()
        names = [name for name, lines in document._kehu_guarded_lines().items() if lines._name == self._name and name in lists.lines]
        if not names or (one2many and one2many not in names):
            return set() if one2many else None
        return frozenset().union(*(lists.lines[name] for name in names))

    def _kehu_tolerated_line_fields(self):
        """Names of the protected fields that may differ within the tolerance of a flow once the document is approved. Hook.

        :rtype: set[str]
        """
        return tolerated_names(self, self._kehu_frozen_line_fields() or ())

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Read whole lines at once where the host reads which there are first, and what they say in a second query."""
        if self.env.context.get(WHOLE_LINES):
            field_names = None
        return super().search_fetch(domain, field_names, offset=offset, limit=limit, order=order)

    def _kehu_computed_columns(self, names):
        """Those of some names that nobody writes on a line of a document under approval. Hook."""
        return computed_columns(self, names)

    @api.model_create_multi
    def create(self, vals_list):
        document = self._kehu_document_field

        def create(vals_list):
            return create_without_computed(
                self, vals_list, super(KehuApprovalLineMixin, self).create, lambda line: line[document]._kehu_is_governed()
            )

        passing = self._kehu_changed_openly(self._kehu_named_in(vals_list) if open_reason(self.env) else ())
        if passing:
            with passing._kehu_passing():
                return create(vals_list)
        lines = create(vals_list)
        lines._kehu_lock_documents()
        lines._kehu_check_lines_open()
        return lines

    def write(self, vals):
        computed = self._kehu_computed_columns(vals)
        if computed:
            for line in self:
                names = line[self._kehu_document_field]._kehu_is_governed() and changed_fields(line, vals, computed)
                if names:
                    raise_computed(line, names)
        frozen = self._kehu_frozen_line_fields()
        protected = vals.keys() & ({self._kehu_document_field} | frozen) if frozen is not None else None
        if protected:
            self._kehu_lock_documents()
            passing = self._kehu_check_lines_write(vals, protected)
            if passing:
                with passing._kehu_passing():
                    return super().write(vals)
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """The host writes texts of other languages by SQL, and ``write`` finds nothing changed then."""
        document = self[self._kehu_document_field]
        state = document.sudo().kehu_approval_state  # sudo: document - the guard holds for those who cannot read it
        frozen = state in FROZEN_STATES and field_name in (self._kehu_frozen_line_fields() or ())
        if frozen and state == "approved" and self._kehu_line_is_free():
            frozen = field_name not in self._kehu_free_line_fields()
        if not frozen:
            return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
        document._kehu_check_passing({field_name}, set())
        with document._kehu_passing():
            return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    def unlink(self):
        passing = self._kehu_changed_openly(self.sudo()[self._kehu_document_field].ids)  # sudo: document - its id and state only
        if passing:
            with passing._kehu_passing():
                return super().unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=True)
    def _unlink_except_frozen(self):
        if not is_uninstalling(self.env):
            self._kehu_lock_documents()
            self._kehu_check_lines_open()

    def _kehu_named_in(self, vals_list):
        """Ids of the documents to which values put lines, those that the defaults give where the values say nothing included.

        :rtype: set[int]
        """
        name = self._kehu_document_field
        given = [vals[name] for vals in vals_list if name in vals]
        if len(given) < len(vals_list):
            given.append(self.default_get([name]).get(name))
        field = self._fields[name]
        ids = {field.convert_to_cache(value, self, validate=False) for value in given}
        return {document_id for document_id in ids if is_record_id(document_id)}

    def _kehu_changed_openly(self, document_ids):
        """The frozen ones of some documents, where code says openly that it changes their lines and nobody judges it further up."""
        documents = self.env[self._fields[self._kehu_document_field].comodel_name].browse()
        if not open_reason(self.env):
            return documents
        scope = tolerance_scope(self.env)
        documents = documents.browse({document_id for document_id in document_ids if document_id}).sudo()  # sudo: state only
        return documents.filtered(
            lambda document: document.kehu_approval_state in FROZEN_STATES and not (scope and scope.covers(document))
        ).with_env(self.env)

    def _kehu_lock_documents(self):
        """Let a change of lines and the submission of their document wait for each other.

        A change of a line need not touch the row of its document. Who comes second here waits, and starts again with what the
        other has written: the host repeats a request after a serialization failure.
        """
        self[self._kehu_document_field]._kehu_wait_for_rows()

    def _kehu_check_named_from(self, name):
        """Refuse that a field of these lines, in superuser mode, was changed from the records that it names.

        :raises KehuApprovalFrozenError: naming the first frozen document
        """
        self._kehu_lock_documents()
        if name in (self._kehu_frozen_line_fields() or ()):
            self._kehu_check_lines_open()

    def _kehu_check_lines_open(self):
        """Refuse when a document of these lines is frozen.

        :raises KehuApprovalFrozenError: naming the document
        """
        if open_reason(self.env) or self._kehu_frozen_line_fields() is None:
            return
        for line in self:
            document = line[self._kehu_document_field]
            state = document.sudo().kehu_approval_state  # sudo: document - the guard holds for those who cannot read it
            if state in FROZEN_STATES and not (state == "approved" and line._kehu_line_is_free()):
                document._kehu_raise_frozen()

    def _kehu_check_lines_write(self, vals, protected):
        """Refuse a write that changes lines of a frozen document.

        :return: the documents on which it may pass and has to be judged afterwards, see the mixin of documents
        :raises KehuApprovalFrozenError: naming the document
        """
        target = next(iter(self._kehu_named_in([vals])), False) if self._kehu_document_field in vals else False
        passing = self.env[self._fields[self._kehu_document_field].comodel_name].browse()
        scope, tolerated = tolerance_scope(self.env), self._kehu_tolerated_line_fields()
        for line in self:
            document = line[self._kehu_document_field]
            state = document.sudo().kehu_approval_state  # sudo: document - the guard holds for those who cannot read it
            if state in FROZEN_STATES:
                names = protected
                if state == "approved" and line._kehu_line_is_free():
                    names = protected - self._kehu_free_line_fields()
                names = changed_fields(line, vals, names)
                if names:
                    document._kehu_check_passing(names, tolerated)
                    if not (scope and scope.covers(document)):
                        passing |= document
        if target:
            documents = passing.browse(target).sudo()  # sudo: document - state only
            if documents.kehu_approval_state in FROZEN_STATES and any(line[self._kehu_document_field].id != target for line in self):
                if not open_reason(self.env):
                    documents._kehu_raise_frozen()
                passing |= documents.with_env(self.env)
        return passing
