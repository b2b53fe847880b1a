from odoo import api, fields, models

from ...models.approval.exceptions import KehuApprovalError


class KehuApprovalDecide(models.TransientModel):
    """Give an opinion and approve or reject one or more documents."""

    _name = "kehu.approval.decide"
    _description = "Decide on Documents"

    request_ids = fields.Many2many("kehu.approval.request", string="Documents", readonly=True)
    result = fields.Selection([("approved", "Approve"), ("rejected", "Reject")], required=True, readonly=True)
    comment = fields.Text(string="Opinion", help="Kept with the decision and shown on the document.")

    @api.model
    def _kehu_open(self, requests, result):
        """Action that opens the dialog for the documents of some requests."""
        if not requests:
            raise KehuApprovalError(self.env._("Select the documents to decide on."))
        requests.check_access("read")
        wizard = self.create({"request_ids": [fields.Command.set(requests.ids)], "result": result})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve") if result == "approved" else self.env._("Reject"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_decide(self):
        """Decide on all documents or, when one of them is refused, on none."""
        self.ensure_one()
        for documents in self.request_ids._kehu_documents():
            if self.result == "approved":
                documents._kehu_unique()._kehu_approve(self.comment, self.request_ids)
            else:
                documents._kehu_unique()._kehu_reject(self.comment, self.request_ids)
        return {"type": "ir.actions.act_window_close"}
