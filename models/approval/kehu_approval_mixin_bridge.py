import ast

from lxml import etree
from odoo import api, fields, models
from odoo.fields import Domain

from ..system.engine import is_engine, is_record_id
from .exceptions import KehuApprovalError, KehuApprovalGateError, KehuApprovalTransitionError
from .guard import ToleranceScope, open_reason
from .kehu_approval_flow import parse_domain
from .kehu_approval_mixin import ENGINE, ENGINE_FIELDS

GATE_KEY = "kehu_gate_scope"
COMPANIONS_AND_OURS = ("mail.thread", "mail.activity.mixin", "kehu.approval.mixin")


class KehuApprovalMixin(models.AbstractModel):
    """The gate, what approval brings about, and the blocks on forms, for documents that were added by an administrator."""

    _inherit = "kehu.approval.mixin"

    kehu_can_reopen = fields.Boolean(
        string="Can Start a New Round", compute="_compute_kehu_can_reopen", help="You may open this approved document for changes."
    )

    @api.depends("kehu_approval_state")
    @api.depends_context("uid")
    def _compute_kehu_can_reopen(self):
        possible = self._kehu_is_bridged()
        writable = self._filtered_access("write") if possible else self.browse()
        for document in self:
            document.kehu_can_reopen = document in writable and document._origin.kehu_approval_state == "approved"

    @api.model
    def _kehu_is_bridged(self):
        """Tell whether documents of this model were added by an administrator."""
        model = type(self)
        return model.__dict__.get("_kehu_bridge") is not None or (model._custom and not model._abstract)

    def _kehu_computed_columns(self, names):
        """The host writes some of its calculated columns itself; of a kind that was added, only those count that something rests on."""
        found = super()._kehu_computed_columns(names)
        return found & self._kehu_columns_relied_on() if found and self._kehu_is_bridged() else found

    def _kehu_columns_relied_on(self):
        """:return: names of the fields that are protected, or that the gate or a condition of a flow or step asks for"""
        lists = self.env["kehu.approval.document"]._kehu_lists(self._name)
        names = {*self._kehu_frozen_fields("pending"), *self._kehu_frozen_fields("approved")}
        flows = self.env["kehu.approval.flow"]
        texts = [lists.gate if lists else None]
        for flow_id, _company, condition in flows._kehu_flows_of(self._name):
            texts.append(condition)
            for step in flows._kehu_steps_of(flow_id, self.env.lang):
                texts.append(step.domain)
                names.add(step.user_field)
        for text in texts:
            names.update(condition.field_expr.split(".")[0] for condition in Domain(parse_domain(text)).iter_conditions())
        return names

    # gate

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        gate = self._kehu_gate()
        if gate is not None:
            documents._kehu_check_gate(gate, documents.browse())
        return documents

    def write(self, vals):
        gate = None if is_engine(self.env, ENGINE) and vals.keys() <= ENGINE_FIELDS else self._kehu_gate()
        if gate is None or open_reason(self.env):
            return super().write(vals)
        before = self._kehu_unapproved_inside(gate)
        result = super(KehuApprovalMixin, self.with_context(**{GATE_KEY: ToleranceScope(self)})).write(vals)
        self._kehu_check_gate(gate, before)
        return result

    @api.model
    def _kehu_gate(self):
        """The condition that only approved documents fulfil, or None.

        :rtype: Domain | None
        """
        lists = self.env["kehu.approval.document"]._kehu_lists(self._name)
        return Domain(ast.literal_eval(lists.gate)) if lists and lists.gate else None

    def _kehu_fields_into_gate(self):
        """Names of the fields by which this one approved document gets through its gate, while it is still outside.

        Amounts, days and texts of the gate stay as they were approved; what says only where a document stands may change once.
        """
        gate = self._kehu_gate()
        if gate is None or self.sudo().filtered_domain(gate):  # sudo: document - the guard holds whoever asks
            return set()
        names = {condition.field_expr.split(".")[0] for condition in gate.iter_conditions()}
        return {name for name in names if name in self._fields and self._fields[name].type in ("boolean", "selection", "many2one")}

    def _kehu_unapproved_inside(self, gate):
        """Those of these documents that fulfil a condition for approved ones, and need an approval that they do not have."""
        # sudo: document - the guard holds whoever asks
        inside = self.sudo().filtered(lambda document: document.kehu_approval_state != "approved").filtered_domain(gate)
        flows = inside._kehu_find_flows() if inside else {}
        return inside.filtered(lambda document: flows[document]).with_env(self.env)

    def _kehu_outside_scope(self):
        """Those of these documents that no write further up judges as a whole."""
        scope = self.env.context.get(GATE_KEY)
        return self.filtered(lambda document: not (isinstance(scope, ToleranceScope) and scope.covers(document)))

    def _kehu_check_gate(self, gate, before):
        """Refuse that a document gets where only approved ones may be. Those that were there before stay.

        :raises KehuApprovalGateError: naming the document
        """
        for document in self._kehu_unapproved_inside(gate) - before:
            document = document.sudo()  # sudo: document - its name and state, for the sentence
            if document.kehu_approval_state == "pending":
                text = self.env._(
                    "“%(document)s” waits for approval by %(approver)s. Until then it cannot get there.",
                    document=document.display_name,
                    approver=document._kehu_names(document.kehu_request_id.decider_ids),
                )
            else:
                text = self.env._(
                    "“%(document)s” needs approval first. Save it without this step, submit it, and go on when it is approved.",
                    document=document.display_name,
                )
            raise KehuApprovalGateError(text)

    # new round

    def kehu_reopen(self, comment=None):
        """Open approved documents for changes; they need a new round of approval. All or none.

        For documents that an administrator added: those of the program have steps of their own, such as cancelling an order.

        :param str comment: why
        :raises KehuApprovalError: when a document is where only approved ones may be
        """
        self._kehu_check_words(comment)
        documents = self._kehu_unique()
        if not self._kehu_is_bridged():
            raise KehuApprovalError(
                self.env._("Documents of this kind are not opened again here.") + " " + documents[:1]._kehu_new_round_text()
            )
        documents.check_access("write")
        documents._kehu_lock_requests()
        gate = documents._kehu_gate()
        for document in documents:
            if document.kehu_approval_state != "approved":
                raise KehuApprovalTransitionError(
                    self.env._("“%(document)s” is not approved, so there is nothing to open again.", document=document.display_name)
                )
            # sudo: document - the condition holds whoever asks
            if gate is not None and document.sudo().filtered_domain(gate):
                raise KehuApprovalGateError(
                    self.env._(
                        "“%(document)s” is where only approved documents may be. Take it out of there first, then start a new round.",
                        document=document.display_name,
                    )
                )
        documents._kehu_reset_approval(comment)
        for document in documents:
            document.sudo()._message_log(  # sudo: document - whoever may write it may say so
                body=self.env._("Opened for a new round of approval. %(comment)s", comment=(comment or "").strip())
            )
        return True

    def _kehu_new_round_text(self):
        if self._kehu_is_bridged():
            return self.env._("Use “New Round” on the document, change it and submit it again.")
        return super()._kehu_new_round_text()

    # effect

    def _kehu_on_approved(self):
        """Run what the administrator chose, for each document; what it raises undoes the approval."""
        result = super()._kehu_on_approved()
        if not self._kehu_is_bridged():
            return result
        # sudo: kehu.approval.document - what was set up, whoever approves
        row = self.env["kehu.approval.document"].sudo().search([("model_id.model", "=", self._name)], limit=1)
        for document in self:
            if row.on_approved_action_id:
                action = row.on_approved_action_id.with_context(
                    active_model=self._name, active_id=document.id, active_ids=document.ids, lang=self.env.lang
                )
                try:
                    action.run()
                except ValueError as error:  # how the host wraps what code of an action raises
                    raise KehuApprovalError(
                        self.env._(
                            "“%(document)s” was not approved: its action “%(action)s” failed. %(reason)s",
                            document=document.display_name,
                            action=action.name,
                            reason=error,
                        )
                    ) from error
            if row.on_approved_method and row.on_approved_method in row._kehu_buttons():
                getattr(document, row.on_approved_method)()
        return result

    # views

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if self._kehu_is_bridged() and not arch.xpath("//field[@name='kehu_approval_state']"):
            if view_type == "form":
                _complete_form(arch, self._kehu_view_blocks())
                self._kehu_freeze_view(arch)
            elif view_type == "list":
                state = "kehu_approval_state"
                header = arch.find("header")
                if header is None:
                    header = etree.Element("header")
                    arch.insert(0, header)
                header.append(self._kehu_view_blocks().xpath("//button[@name='action_kehu_submit']")[0])
                header[-1].attrib.pop("invisible", None)
                etree.SubElement(
                    arch,
                    "field",
                    {
                        "name": state,
                        "widget": "badge",
                        "optional": "show",
                        "decoration-info": f"{state} == 'pending'",
                        "decoration-success": f"{state} == 'approved'",
                        "decoration-danger": f"{state} == 'rejected'",
                    },
                )
            elif view_type == "search":
                for name, label in self._fields["kehu_approval_state"]._description_selection(self.env):
                    etree.SubElement(arch, "filter", name=f"kehu_{name}", string=label, domain=f"[('kehu_approval_state', '=', '{name}')]")
        return arch, view

    @api.model
    def _get_default_form_view(self):
        """The form that the host makes where nobody made one shows the fields of the document; ours have their places."""
        form = super()._get_default_form_view()
        names = {name for mixin in COMPANIONS_AND_OURS for name in self.env[mixin]._fields}
        if self._kehu_is_bridged():
            for node in form.xpath("//field"):
                if node.get("name") in names:
                    node.getparent().remove(node)
            for _level in range(2):
                for group in form.xpath("//group[not(*)]"):
                    group.getparent().remove(group)
        return form

    @api.model
    def _kehu_view_blocks(self):
        """What the form of a document with approval shows, in the language of the reader; a consultant may change the template."""
        template = self.env.ref("kehu_crm.kehu_approval_blocks").sudo()  # sudo: ir.ui.view - its text
        return etree.fromstring(template.arch)


class KehuApprovalLineMixin(models.AbstractModel):
    """A document does not get past its gate by its lines: what needed no approval there must not grow into what does."""

    _inherit = "kehu.approval.line.mixin"

    @api.model_create_multi
    def create(self, vals_list):
        if self._kehu_line_gate() is None:
            return super().create(vals_list)
        named = self._kehu_named_in(vals_list)
        documents = self._kehu_gated_documents(named)
        lines = super().create(vals_list)
        # sudo: document - the guard holds whoever asks
        reached = lines.sudo()[self._kehu_document_field].with_env(self.env).filtered(lambda document: document.id not in named)
        documents |= reached._kehu_outside_scope()  # by a calculated value: how they were before is not known any more
        documents._kehu_check_gate(documents._kehu_gate(), documents.browse())
        return lines

    def write(self, vals):
        documents = self._kehu_gated_documents(self._kehu_named_in([vals]) if self._kehu_document_field in vals else ())
        result = super().write(vals)
        if documents:
            documents._kehu_check_gate(documents._kehu_gate(), documents.browse())
        return result

    def unlink(self):
        documents = self._kehu_gated_documents()
        result = super().unlink()
        if documents:
            documents._kehu_check_gate(documents._kehu_gate(), documents.browse())
        return result

    def _kehu_gated_documents(self, others=()):
        """The documents that a change of these lines could bring past a gate; not those that lack an approval there already.

        A write on documents that reaches their lines is judged as a whole, by the document.

        :param others: ids of documents to which the lines are to belong, or nothing
        """
        documents = self.env[self._fields[self._kehu_document_field].comodel_name].browse()
        gate = self._kehu_line_gate()
        if gate is None:
            return documents
        # sudo: document - the guard holds whoever asks
        documents |= self.sudo()[self._kehu_document_field].with_env(self.env) | documents.browse(filter(is_record_id, others))
        documents = documents.exists()._kehu_outside_scope()
        return documents - documents._kehu_unapproved_inside(gate)

    def _kehu_line_gate(self):
        """The condition that only approved documents of these lines fulfil, or None where nothing is to be judged."""
        documents = self.env[self._fields[self._kehu_document_field].comodel_name]
        return None if open_reason(self.env) else documents._kehu_gate()


def _complete_form(arch, blocks):
    """Put into any form what the form of a document with approval shows."""
    header = arch.find("header")
    if header is None:
        header = etree.Element("header")
        arch.insert(0, header)
    for position, button in enumerate(list(blocks.find(".//div[@name='kehu_approval_buttons']"))):
        header.insert(position, button)
    for node in reversed(list(blocks.find(".//div[@name='kehu_approval_hints']"))):
        header.addnext(node)
    page = blocks.find(".//page")
    notebook = arch.find(".//notebook")
    sheet = arch.find(".//sheet")
    if notebook is not None and not any(parent.tag == "field" for parent in notebook.iterancestors()):
        notebook.append(page)
    else:
        holder = etree.SubElement(sheet if sheet is not None else arch, "notebook")
        holder.append(page)
    if arch.find(".//chatter") is None and sheet is not None:
        sheet.addnext(etree.Element("chatter"))
