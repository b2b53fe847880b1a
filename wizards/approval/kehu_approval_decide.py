from markupsafe import Markup
from odoo import api, fields, models

from ...models.approval.exceptions import KehuApprovalError


class KehuApprovalDecide(models.TransientModel):
    """Give an opinion and approve, reject, forward … one or more documents."""

    _name = "kehu.approval.decide"
    _description = "Decide on Documents"

    request_ids = fields.Many2many("kehu.approval.request", string="Documents", readonly=True)
    result = fields.Selection(
        [("approved", "Approve"), ("rejected", "Reject"), ("forwarded", "Forward"), ("added", "Add a Signatory")],
        required=True,
        readonly=True,
    )
    comment = fields.Text(string="Opinion", help="Kept with the decision and shown on the document.")
    earlier_ids = fields.Many2many("kehu.approval.request.step", compute="_compute_earlier_ids", string="Earlier Steps")
    step_id = fields.Many2one(
        "kehu.approval.request.step",
        string="Back To",
        domain="[('id', 'in', earlier_ids)]",
        help="Step that decides again. Empty: the document goes back to who submitted it.",
    )
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", string="Possible People")
    user_id = fields.Many2one(
        "res.users", string="Person", domain="[('id', 'in', candidate_ids)]", help="To whom it goes. They are notified at once."
    )
    done_count = fields.Integer(string="Done", readonly=True)
    report = fields.Html(readonly=True, help="What could not be done, and why.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self.env["kehu.approval.mixin"]._kehu_check_words(vals.get("comment"))
        return super().create(vals_list)

    def write(self, vals):
        self.env["kehu.approval.mixin"]._kehu_check_words(vals.get("comment"))
        return super().write(vals)

    @api.depends("request_ids", "result")
    def _compute_earlier_ids(self):
        """Only one document at a time goes back to a step."""
        for wizard in self:
            request = wizard.request_ids
            lines = self.env["kehu.approval.request.step"]
            if wizard.result == "rejected" and len(request) == 1:
                current = request._kehu_current_lines()[request]
                lines = request.step_line_ids.filtered(
                    lambda line, current=current: line.state == "approved" and (line.sequence, line.id) < (current.sequence, current.id)
                )
            wizard.earlier_ids = lines

    @api.depends("request_ids", "result")
    def _compute_candidate_ids(self):
        """People to whom all of these documents could go."""
        for wizard in self:
            candidates = None
            if wizard.result in ("forwarded", "added"):
                for documents in wizard.request_ids._kehu_documents():
                    for users in documents._kehu_possible_targets(wizard.result == "forwarded").values():
                        candidates = users if candidates is None else candidates & users
            wizard.candidate_ids = candidates

    @api.model
    def _kehu_open(self, requests, result):
        """Action that opens the dialog for the documents of some requests."""
        if not requests:
            raise KehuApprovalError(self.env._("Select the documents to decide on."))
        requests.check_access("read")
        wizard = self.create({"request_ids": [fields.Command.set(requests.ids)], "result": result})
        return wizard._kehu_show()

    def _kehu_show(self):
        return {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["result"]._description_selection(self.env))[self.result],
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_decide(self):
        """Decide. One document: what is refused is said at once. Many: what can be done is done, and the dialog shows the rest."""
        self.ensure_one()
        requests = self.request_ids
        if not requests:
            raise KehuApprovalError(self.env._("Select the documents to decide on."))
        self.env["kehu.approval.mixin"]._kehu_check_words(self.comment)
        if len(requests) == 1:
            for documents in requests._kehu_documents():
                self._kehu_decide_one(documents, requests)
            return {"type": "ir.actions.act_window_close"}
        outcome = requests.kehu_decide(self.result, self.comment, self.user_id.id)
        if not outcome["refused"]:
            return {"type": "ir.actions.act_window_close"}
        rows = Markup().join(Markup("<tr><td>%s</td><td>%s</td></tr>") % (entry["name"], entry["reason"]) for entry in outcome["refused"])
        self.write(
            {
                "done_count": len(outcome["done"]),
                "report": Markup('<table class="table table-sm"><tbody>%s</tbody></table>') % rows,
            }
        )
        return self._kehu_show()

    def _kehu_decide_one(self, document, request):
        """Decide on the one document of this dialog, as it was when the dialog was opened."""
        if self.result == "approved":
            document._kehu_approve(self.comment, request)
        elif self.result == "forwarded":
            document._kehu_forward(self.user_id.id, self.comment, request)
        elif self.result == "added":
            document._kehu_add_signatory(self.user_id.id, self.comment, request)
        elif self.step_id:
            document._kehu_approval_send_back(self.comment, self.step_id.id, request)
        else:
            document._kehu_reject(self.comment, request)

    def action_close(self):
        """Leave the report."""
        return {"type": "ir.actions.act_window_close"}
