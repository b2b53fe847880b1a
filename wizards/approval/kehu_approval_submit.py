from odoo import api, fields, models

from ...models.approval.exceptions import KehuApprovalError


class KehuApprovalSubmit(models.TransientModel):
    """Choose who shall approve one or more documents, and submit them."""

    _name = "kehu.approval.submit"
    _description = "Submit for Approval"

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_ids = fields.Json(string="Document IDs", readonly=True)
    summary = fields.Char(compute="_compute_summary")
    needs_choice = fields.Boolean(compute="_compute_candidate_ids", help="The submitter picks who decides.")
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", string="Possible Approvers")
    approver_id = fields.Many2one(
        "res.users",
        compute="_compute_approver_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', candidate_ids)]",
        help="Only they can decide. They are notified at once.",
    )
    choice_ids = fields.One2many("kehu.approval.submit.choice", "wizard_id", string="Further Approvers")
    comment = fields.Text(string="Message", help="What the approver should know.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self.env["kehu.approval.mixin"]._kehu_check_words(vals.get("comment"))
        return super().create(vals_list)

    def write(self, vals):
        self.env["kehu.approval.mixin"]._kehu_check_words(vals.get("comment"))
        return super().write(vals)

    @api.depends("res_model", "res_ids")
    def _compute_summary(self):
        for wizard in self:
            documents = wizard._kehu_documents()
            wizard.summary = wizard.env._(
                "%(names)s: cannot be changed until somebody has decided. You can withdraw until then.",
                names=documents[:5].mapped("display_name") + (["…"] if len(documents) > 5 else []),
            )

    @api.depends("res_model", "res_ids")
    def _compute_candidate_ids(self):
        for wizard in self:
            first = next(iter(wizard._kehu_documents()._kehu_common_choices().items()), None)
            wizard.needs_choice = bool(first)
            wizard.candidate_ids = first[1] if first else False

    @api.depends("candidate_ids")
    def _compute_approver_id(self):
        """The only one, where there is only one."""
        for wizard in self:
            wizard.approver_id = wizard.candidate_ids if len(wizard.candidate_ids) == 1 else False

    def _kehu_documents(self):
        """The documents; the model must be one that can be approved, whatever a client wrote into ``res_model``."""
        self.ensure_one()
        if self.res_model not in self.env["kehu.approval.flow"]._kehu_document_models():
            raise KehuApprovalError(self.env._("Documents of this kind cannot be approved."))
        return self.env[self.res_model].browse(self.res_ids or [])

    @api.model
    def _kehu_open(self, documents):
        """Action that opens the dialog for documents; refuses at once what could not be submitted anyway."""
        documents.check_access("write")
        for document in documents:
            document._kehu_check_transition("pending", "submit")
            reason = document._kehu_submit_error()
            if reason:
                raise KehuApprovalError(
                    self.env._("“%(document)s” cannot be submitted. %(reason)s", document=document.display_name, reason=reason)
                )
        known = {}
        for document, flow in documents._kehu_find_flows().items():
            if not flow:
                raise KehuApprovalError(self.env._("“%(document)s” needs no approval.", document=document.display_name))
            # anybody who could be chosen: what is left to refuse are steps for which nobody qualifies
            anybody = {step.id: users[:1].id for step, users in document._kehu_approval_choices(flow, known).items()}
            document._kehu_approval_plan(flow, anybody, known)
        further = list(documents._kehu_common_choices().items())[1:]
        wizard = self.create(
            {
                "res_model": documents._name,
                "res_ids": documents.ids,
                "choice_ids": [
                    fields.Command.create({"step_id": step.id, "approver_id": users.id if len(users) == 1 else False})
                    for step, users in further
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Submit for Approval"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_submit(self):
        """Submit all documents, or, when one is refused, none."""
        self.ensure_one()
        documents = self._kehu_documents()
        choice = self.approver_id.id or None
        if self.choice_ids:
            first = next(iter(documents._kehu_common_choices()), None)
            choice = {line.step_id.id: line.approver_id.id for line in self.choice_ids}
            if first:
                choice[first.id] = self.approver_id.id
        documents.kehu_submit(choice, self.comment)
        return {"type": "ir.actions.act_window_close"}


class KehuApprovalSubmitChoice(models.TransientModel):
    """Who shall decide in a further step in which the submitter chooses."""

    _name = "kehu.approval.submit.choice"
    _description = "Further Approver"

    wizard_id = fields.Many2one("kehu.approval.submit", required=True, ondelete="cascade", index=True)
    step_id = fields.Many2one("kehu.approval.step", required=True, readonly=True, ondelete="cascade", index=True)
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", string="Possible Approvers")
    approver_id = fields.Many2one(
        "res.users", ondelete="cascade", index=True, domain="[('id', 'in', candidate_ids)]", help="Who decides in this step."
    )

    @api.depends("wizard_id", "step_id")
    def _compute_candidate_ids(self):
        for line in self:
            choices = line.wizard_id._kehu_documents()._kehu_common_choices()
            line.candidate_ids = next((users for step, users in choices.items() if step.id == line.step_id.id), False)
