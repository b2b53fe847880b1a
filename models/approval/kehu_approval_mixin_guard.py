from contextlib import contextmanager

from lxml import etree
from odoo import api, models
from odoo.tools import SQL

from ..system.engine import is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from .exceptions import KehuApprovalFrozenError, KehuApprovalToleranceError, KehuApprovalTransitionError
from .guard import (
    FROZEN_STATES,
    SCOPE_KEY,
    ToleranceScope,
    changed_fields,
    create_without_computed,
    open_reason,
    raise_computed,
    tolerated_names,
)
from .kehu_approval_mixin import ENGINE, ENGINE_FIELDS


class KehuApprovalMixin(models.AbstractModel):
    """What no route changes: the state of a document, and what it says while it waits or once it is approved."""

    _inherit = "kehu.approval.mixin"

    # ------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Every document is born a draft, whatever the values, defaults of the context or an import say."""
        for vals in vals_list:
            if vals.get("kehu_approval_state", "draft") != "draft" or vals.get("kehu_request_id"):
                self._kehu_raise_engine_only()
            vals.update(kehu_approval_state="draft", kehu_request_id=False)
        return create_without_computed(self, vals_list, super().create, lambda document: document._kehu_is_governed())

    def write(self, vals):
        """The engine may write the state of the approval, and nothing else: code that runs along with it is judged like any other."""
        if ENGINE_FIELDS & vals.keys():
            if not is_engine(self.env, ENGINE):
                self._kehu_raise_engine_only()
            if "kehu_approval_state" in vals:
                for document in self:
                    document._kehu_check_transition(vals["kehu_approval_state"])
        computed = self._kehu_computed_columns(vals)
        if computed:
            for document in self:
                names = document._kehu_is_governed() and changed_fields(document, vals, computed)
                if names:
                    raise_computed(document, names)
        owners = self._kehu_owners_of_waiting(vals)
        frozen = self._kehu_frozen_changes(vals)
        if frozen:
            scope = ToleranceScope(frozen)
            with frozen._kehu_passing():
                result = super(KehuApprovalMixin, self.with_context(**{SCOPE_KEY: scope})).write(vals)
        else:
            result = super().write(vals)
        moved = self.browse(document.id for document, owner in owners.items() if document._kehu_document_owner() != owner)
        if moved:  # whose own it is now does not decide on it any more
            moved.sudo()._kehu_sync_deciders()  # sudo: document - the engine's own doing
        return result

    def _kehu_owners_of_waiting(self, vals):
        """Return {document in superuser mode: its owner} of those that wait for a decision, where a write may give them another one."""
        if "user_id" not in vals or "user_id" not in self._fields:
            return {}
        # sudo: document - the guard holds for those who cannot read it
        waiting = self.sudo().filtered(lambda document: document.kehu_approval_state == "pending")
        return {document: document._kehu_document_owner() for document in waiting}

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """The host writes texts of other languages by SQL, and ``write`` finds nothing changed then."""
        document = self.sudo()  # sudo: document - the guard holds for those who cannot read it
        state = document.kehu_approval_state
        if field_name not in self._kehu_frozen_fields(state):
            return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
        self._kehu_check_passing({field_name}, set())
        with self._kehu_passing():
            return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    def _kehu_frozen_changes(self, vals):
        """Refuse a write that changes what is frozen.

        :return: the documents on which it may pass, openly or within the tolerance of their flow, and has to be judged afterwards
        :raises KehuApprovalFrozenError: naming the document
        """
        passing = self.browse()
        approved = self._kehu_frozen_fields("approved") & vals.keys()
        protected = {"approved": approved, "pending": approved | (self._kehu_frozen_fields("pending") & vals.keys())}
        lines = not vals.keys().isdisjoint(self._kehu_guarded_lines())
        if not protected["pending"] and not lines:
            return passing
        for document in self:
            state = document.sudo().kehu_approval_state  # sudo: document - the guard holds for those who cannot read it
            if state not in FROZEN_STATES:
                continue
            names = changed_fields(document, vals, protected[state])
            if names and state == "approved":
                names -= document._kehu_fields_into_gate()
            if names:
                document._kehu_check_passing(names, self._kehu_tolerated_fields())
                passing |= document
            elif lines and (open_reason(self.env) or document._kehu_tolerance()):
                passing |= document  # its lines are judged together, when all of them are written
        return passing

    # ------------------------------------------------------------
    # What may pass
    # ------------------------------------------------------------

    def _kehu_frozen_fields(self, state):
        """Names of the fields that cannot change in a state of the approval: the list of the set-up, else that of the code.

        :param str state: a value of ``kehu_approval_state``
        :rtype: frozenset[str] | set[str]
        """
        if state not in FROZEN_STATES:
            return set()
        lists = self.env["kehu.approval.document"]._kehu_lists(self._name)
        if lists and lists.own:
            return lists.approved if state == "approved" else lists.approved | lists.pending
        return self._kehu_protected_fields() if state == "approved" else self._kehu_protected_fields() | self._kehu_pending_fields()

    def _kehu_tolerated_fields(self):
        """Names of the protected fields that may differ within the tolerance of a flow once approved. Hook.

        :rtype: set[str]
        """
        return tolerated_names(self, self._kehu_frozen_fields("approved"))

    def _kehu_tolerance(self):
        """By how many percent the amount of this one approved document may differ from what was approved; 0 for not at all.

        :rtype: float
        """
        self.ensure_one()
        document = self.sudo()  # sudo: kehu.approval.request - what the flow said when the document was submitted
        return document.kehu_request_id.tolerance_percent if document.kehu_approval_state == "approved" else 0.0

    def _kehu_check_passing(self, names, tolerated):
        """Refuse a change of this one frozen document that nothing lets pass.

        :param set names: protected fields that would change; empty where a line comes or goes
        :param set tolerated: those that a tolerance is about
        :raises KehuApprovalFrozenError: otherwise
        """
        if open_reason(self.env):
            return
        if not names or not names <= tolerated or not self._kehu_tolerance():
            self._kehu_raise_frozen()

    def _kehu_check_named_from(self, name):
        """Refuse that a field of these documents, in superuser mode, was changed from the records that it names.

        :raises KehuApprovalFrozenError: naming the first frozen document
        """
        self._kehu_wait_for_rows()
        for document in self:
            if name in document._kehu_frozen_fields(document.kehu_approval_state):
                document._kehu_raise_frozen()

    def _kehu_wait_for_rows(self):
        """Let a change that does not touch the rows of these documents and their submission or decision wait for each other.

        The rows are rewritten and not merely locked: whoever waited with an older view is refused by PostgreSQL, and starts again.
        """
        documents = self.filtered(lambda document: document.id and document._kehu_is_governed())
        if documents:
            self.env.cr.execute(
                SQL(
                    """UPDATE %(table)s SET write_date = write_date
                        WHERE id IN (SELECT id FROM %(table)s WHERE id IN %(ids)s ORDER BY id FOR NO KEY UPDATE)""",
                    table=SQL.identifier(self._table),
                    ids=tuple(documents.ids),
                )
            )

    @contextmanager
    def _kehu_passing(self):
        """Judge what changes on these frozen documents inside the block, and keep it: posted, and among their decisions.

        :raises KehuApprovalToleranceError: when the change goes beyond the tolerance; nothing of it is left then
        """
        documents = self.sudo()  # sudo: document - to judge and to keep what changed
        before = documents._kehu_capture()
        with self.env.cr.savepoint():
            yield
            after = documents._kehu_capture()
            for document in documents:
                if before[document] != after[document]:
                    document._kehu_judge_change(before[document], after[document])

    def _kehu_judge_change(self, before, after):
        """See :meth:`_kehu_passing`; for one document in superuser mode."""
        reason = open_reason(self.env)
        if not reason:
            approved = (self.kehu_request_id.snapshot or {}).get("amount")
            tolerance = self._kehu_tolerance()
            amount = after["amount"]
            if approved is None or amount is None or abs(amount - approved) > abs(approved) * tolerance / 100 + 1e-6:
                raise KehuApprovalToleranceError(
                    self.env._(
                        "“%(document)s” was approved with %(approved)s and would become %(amount)s. Its flow lets it differ by "
                        "%(tolerance)s %% without a new round. %(way)s",
                        document=self.display_name,
                        approved=self._kehu_format_amount(approved or 0.0),
                        amount=self._kehu_format_amount(amount or 0.0),
                        tolerance=f"{tolerance:g}",
                        way=self._kehu_new_round_text(),
                    )
                )
            reason = self.env._(
                "Changed within the tolerance of %(tolerance)s %%: %(approved)s approved, %(amount)s now.",
                tolerance=f"{tolerance:g}",
                approved=self._kehu_format_amount(approved),
                amount=self._kehu_format_amount(amount),
            )
        self._kehu_keep_change(reason, before, after)

    def _kehu_new_round_text(self):
        """What to do when this one approved document has to change, as a sentence. Hook."""
        return self.env._("Cancel it and start a new round of approval.")

    @api.ondelete(at_uninstall=True)
    def _unlink_except_frozen(self):
        if is_uninstalling(self.env):
            return
        for document in self:
            if document.sudo().kehu_approval_state in FROZEN_STATES:  # sudo: document - the guard holds for those who cannot read it
                document._kehu_raise_frozen()

    def _kehu_raise_engine_only(self):
        raise KehuEngineOnlyError(
            self.env._(
                "The approval of a document is not written by hand. Use its buttons: submit, withdraw, approve, reject.",
            )
        )

    def _kehu_raise_frozen(self):
        """Say that this one document cannot change now.

        :raises KehuApprovalFrozenError: always
        """
        document = self.sudo()  # sudo: document - its name and state, for the sentence
        if document.kehu_approval_state == "pending":
            text = self.env._(
                "“%(document)s” waits for approval and cannot be changed or deleted. Withdraw it first.", document=document.display_name
            )
        else:
            text = self.env._(
                "“%(document)s” is approved and cannot be changed or deleted. %(way)s",
                document=document.display_name,
                way=document._kehu_new_round_text(),
            )
        raise KehuApprovalFrozenError(text)

    def _kehu_check_transition(self, target, step=None):
        """Refuse a step that the table of transitions does not know.

        :param str target: state to reach
        :param str step: the step that is to lead there; any when left out
        :raises KehuApprovalTransitionError: otherwise
        """
        self.ensure_one()
        source = self.sudo().kehu_approval_state  # sudo: document - state only
        found = self._KEHU_TRANSITIONS.get((source, target))
        if found and step in (found, None):
            return
        labels = dict(self._fields["kehu_approval_state"]._description_selection(self.env))
        document = self.sudo()  # sudo: document, kehu.approval.decision - who was faster, for the sentence
        last = document.kehu_request_id.decision_ids[-1:]
        raise KehuApprovalTransitionError(
            self.env._(
                "“%(document)s” cannot become “%(wanted)s”: it is “%(current)s” (last step: %(user)s). "
                "Reload the page to see what happened.",
                document=document.display_name,
                wanted=labels.get(target, target),
                current=labels.get(source, source),
                user=last.user_id.name or document.create_uid.name,
            )
        )

    # ------------------------------------------------------------
    # Views
    # ------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Make protected fields readonly in forms while the document is frozen, so that nobody types what cannot be saved."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            self._kehu_freeze_view(arch)
            for node in arch.xpath("//field[@name='kehu_approval_timeline']"):
                if not arch.xpath("//field[@name='kehu_approval_changes']"):
                    _add_changes(node)
        return arch, view

    def _kehu_freeze_view(self, arch):
        """See :meth:`_get_view`."""
        frozen, pending = "kehu_approval_state in ('pending', 'approved')", "kehu_approval_state == 'pending'"
        close = "kehu_approval_state == 'pending' or (kehu_approval_state == 'approved' and not kehu_tolerance_percent)"
        protected, waiting = self._kehu_frozen_fields("approved"), self._kehu_frozen_fields("pending")
        tolerated, guarded = self._kehu_tolerated_fields(), self._kehu_guarded_lines()
        for node in arch.iter("field"):
            name = node.get("name")
            parents = [parent.get("name") for parent in node.iterancestors("field")]
            if not parents and name in protected:
                _add_readonly(node, close if name in tolerated else frozen, self._fields[name])
            elif not parents and (name in waiting or name in guarded):
                _add_readonly(node, pending, self._fields[name])
            elif len(parents) == 1 and parents[0] in guarded:
                lines = guarded[parents[0]]
                if name in lines._kehu_frozen_line_fields(parents[0]):
                    condition = close if name in lines._kehu_tolerated_line_fields() else frozen
                    _add_readonly(node, condition.replace("kehu_", "parent.kehu_"), lines._fields[name])

    def _kehu_guarded_lines(self):
        """The lines that freeze together with documents of this model.

        :return: {name of the one2many: empty recordset of the lines}
        :rtype: dict
        """
        names = self.env["kehu.approval.document"]._kehu_guarded_names(self._name)
        return {name: self.env[self._fields[name].comodel_name] for name in names}


def _add_changes(node):
    """Show above the decisions what differs from the state that was approved last."""
    block = etree.Element("div", name="kehu_approval_changes", invisible="not kehu_approval_changes", colspan="2")
    etree.SubElement(block, "field", name="kehu_approval_changes", nolabel="1", readonly="1")
    title = etree.Element("label", **{"for": "kehu_approval_changes", "class": "fw-bold"})
    block.insert(0, title)
    node.addprevious(block)


def _add_readonly(node, condition, field):
    """Let a field be readonly under one more condition; one that is readonly by itself stays so, and is not sent by forms."""
    old = node.get("readonly", "1" if field.readonly else None)
    if old in ("1", "True", "true"):
        return
    node.set("readonly", f"({old}) or {condition}" if old and old not in ("0", "False", "false") else condition)
