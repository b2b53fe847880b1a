from odoo import api, fields, models

from .exceptions import KehuApprovalError

REQUEST_STATES = [
    ("pending", "Pending"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]


class KehuApprovalRequest(models.Model):
    """One submission of one document, from the day it is submitted to the day it is decided or withdrawn.

    What the flow said that day is copied (step, role, own documents allowed): later changes of the set-up do not move a running
    request. Who may decide now is stored in ``decider_ids``, so that "waiting for me" is one indexed query.
    """

    _name = "kehu.approval.request"
    _description = "Approval Request"
    _inherit = ["kehu.engine.log.mixin"]
    _kehu_engine = "approval"
    _order = "id desc"

    # document
    name = fields.Char(string="Document", required=True, help="Name of the document on the day it was submitted.")
    subject = fields.Char(help="What the document is about: customer, amount.")
    res_model = fields.Char(string="Document Model", required=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", required=True)
    document_type = fields.Char(compute="_compute_document_type", string="Kind")
    company_id = fields.Many2one("res.company", index=True)

    # people
    requester_id = fields.Many2one("res.users", string="Submitted By", required=True, index=True, ondelete="restrict")
    owner_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        help="To whom the document belonged when it was submitted. Owners do not approve their own documents.",
    )
    kehu_department_id = fields.Many2one(
        "hr.department",
        string="Department",
        compute="_compute_kehu_department_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="Department of the owner, or of who submitted.",
    )
    approver_id = fields.Many2one("res.users", index=True, ondelete="restrict", help="Who was asked to decide.")
    decider_ids = fields.Many2many(
        "res.users",
        "kehu_approval_request_decider_rel",
        "request_id",
        "user_id",
        string="Waiting For",
        context={"active_test": False},
        help="Who may decide now. Empty once the request is closed.",
    )
    participant_ids = fields.Many2many(
        "res.users",
        "kehu_approval_request_participant_rel",
        "request_id",
        "user_id",
        string="Participants",
        context={"active_test": False},
        help="Everybody who was ever asked about this document. They keep reading it.",
    )

    # what the flow said
    flow_id = fields.Many2one("kehu.approval.flow", index="btree_not_null", ondelete="set null")
    step_id = fields.Many2one("kehu.approval.step", string="Step of the Flow", index="btree_not_null", ondelete="set null")
    step_name = fields.Char(string="Step", help="Name of the step when the document was submitted.")
    group_id = fields.Many2one(
        "res.groups", string="Role", ondelete="restrict", help="The approver must still be a member of this role when deciding."
    )
    allow_self = fields.Boolean(string="Own Documents Allowed")

    # life
    state = fields.Selection(REQUEST_STATES, required=True, default="pending", index=True)
    comment = fields.Text(help="What the submitter wrote to the approver.")
    date_submitted = fields.Datetime(string="Submitted On", required=True)
    date_closed = fields.Datetime(string="Closed On")
    decision_ids = fields.One2many("kehu.approval.decision", "request_id", string="Decisions")

    _document_idx = models.Index("(res_model, res_id)")

    @api.depends("res_model")
    def _compute_document_type(self):
        for request in self:
            # sudo: ir.model - name of the model only
            request.document_type = self.env["ir.model"]._get(request.res_model).sudo().name if request.res_model in self.env else False

    @api.depends("owner_id.kehu_home_department_id", "requester_id.kehu_home_department_id")
    def _compute_kehu_department_id(self):
        for request in self:
            request.kehu_department_id = (request.owner_id or request.requester_id).kehu_home_department_id

    def _kehu_documents(self):
        """The documents of these requests, by model: list of recordsets in the user's environment; deleted ones are left out."""
        documents = []
        for model_name, requests in self.grouped("res_model").items():
            if model_name in self.env and isinstance(self.env[model_name], self.env.registry["kehu.approval.mixin"]):
                documents.append(self.env[model_name].browse(requests.mapped("res_id")).exists())
        return documents

    def action_open_document(self):
        """Open the form of the document."""
        self.ensure_one()
        documents = self._kehu_documents()
        if not documents or not documents[0]:
            raise KehuApprovalError(
                self.env._("“%(document)s” does not exist any more; only its approval history is left.", document=self.name)
            )
        documents[0].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(documents[0].get_formview_id(), "form")],
            "name": self.name,
        }

    def action_approve(self):
        """Ask for an opinion, then approve the documents of these requests."""
        return self.env["kehu.approval.decide"]._kehu_open(self, "approved")

    def action_reject(self):
        """Ask for an opinion, then reject the documents of these requests."""
        return self.env["kehu.approval.decide"]._kehu_open(self, "rejected")
