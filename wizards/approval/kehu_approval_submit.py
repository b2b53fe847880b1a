from odoo import api, fields, models

from ...models.approval.exceptions import KehuApprovalError


class KehuApprovalSubmit(models.TransientModel):
    """Choose who shall approve one or more documents, and submit them."""

    _name = "kehu.approval.submit"
    _description = "Submit for Approval"

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_ids = fields.Json(string="Document IDs", readonly=True)
    summary = fields.Char(compute="_compute_summary")
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", string="Possible Approvers")
    approver_id = fields.Many2one(
        "res.users",
        compute="_compute_approver_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', candidate_ids)]",
        help="Only they can decide. They are notified at once.",
    )
    comment = fields.Text(string="Message", help="What the approver should know.")

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
            candidates = None
            for users in wizard._kehu_documents()._kehu_candidates().values():
                candidates = users if candidates is None else candidates & users
            wizard.candidate_ids = candidates

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
        candidates = documents._kehu_candidates()
        for document, flow in documents._kehu_find_flows().items():
            if not flow:
                raise KehuApprovalError(self.env._("“%(document)s” needs no approval.", document=document.display_name))
            if not candidates[document]:
                document._kehu_pick_approver(flow.step_ids[:1], candidates[document], None)
        wizard = self.create({"res_model": documents._name, "res_ids": documents.ids})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Submit for Approval"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_submit(self):
        self._kehu_documents().kehu_submit(self.approver_id.id or None, self.comment)
        return {"type": "ir.actions.act_window_close"}
