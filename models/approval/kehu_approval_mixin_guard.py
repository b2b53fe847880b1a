from odoo import api, models

from ..system.engine import is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from .exceptions import KehuApprovalFrozenError, KehuApprovalTransitionError
from .guard import FROZEN_STATES, changed_fields, create_without_computed, raise_computed
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
        if not is_engine(self.env, ENGINE):
            for vals in vals_list:
                if vals.get("kehu_approval_state", "draft") != "draft" or vals.get("kehu_request_id"):
                    self._kehu_raise_engine_only()
                vals.update(kehu_approval_state="draft", kehu_request_id=False)
        return create_without_computed(self, vals_list, super().create, lambda document: document._kehu_is_governed())

    def write(self, vals):
        if is_engine(self.env, ENGINE):
            if "kehu_approval_state" in vals:
                for document in self:
                    document._kehu_check_transition(vals["kehu_approval_state"])
        else:
            if ENGINE_FIELDS & vals.keys():
                self._kehu_raise_engine_only()
            computed = self._kehu_computed_columns(vals)
            if computed:
                for document in self:
                    names = document._kehu_is_governed() and changed_fields(document, vals, computed)
                    if names:
                        raise_computed(document, names)
            protected = {"approved": self._kehu_protected_fields() & vals.keys()}
            protected["pending"] = protected["approved"] | (self._kehu_pending_fields() & vals.keys())
            if protected["pending"]:
                for document in self:
                    # sudo: document - the guard holds for those who cannot read it
                    names = protected.get(document.sudo().kehu_approval_state)
                    if names and changed_fields(document, vals, names):
                        document._kehu_raise_frozen()
        return super().write(vals)

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
                "“%(document)s” is approved and cannot be changed or deleted. Cancel it and start a new round of approval.",
                document=document.display_name,
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
            frozen, pending = "kehu_approval_state in ('pending', 'approved')", "kehu_approval_state == 'pending'"
            for node in arch.iter("field"):
                parents = [parent.get("name") for parent in node.iterancestors("field")]
                if not parents and node.get("name") in self._kehu_protected_fields():
                    _add_readonly(node, frozen, self._fields[node.get("name")])
                elif not parents and (node.get("name") in self._kehu_pending_fields() or self._kehu_has_guarded_lines(node.get("name"))):
                    _add_readonly(node, pending, self._fields[node.get("name")])
                elif len(parents) == 1 and self._kehu_has_guarded_lines(parents[0]):
                    lines = self.env[self._fields[parents[0]].comodel_name]
                    if node.get("name") in lines._kehu_protected_line_fields():
                        _add_readonly(node, "parent." + frozen, lines._fields[node.get("name")])
        return arch, view

    def _kehu_has_guarded_lines(self, name):
        field = self._fields.get(name)
        return (
            field is not None
            and field.type == "one2many"
            and issubclass(self.env.registry[field.comodel_name], self.env.registry["kehu.approval.line.mixin"])
        )


def _add_readonly(node, condition, field):
    """Let a field be readonly under one more condition; one that is readonly by itself stays so, and is not sent by forms."""
    old = node.get("readonly", "1" if field.readonly else None)
    if old in ("1", "True", "true"):
        return
    node.set("readonly", f"({old}) or {condition}" if old and old not in ("0", "False", "false") else condition)
