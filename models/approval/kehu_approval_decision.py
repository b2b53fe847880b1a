from odoo import api, fields, models

DECISION_RESULTS = [
    ("submitted", "Submitted"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("returned", "Sent Back"),
    ("withdrawn", "Withdrawn"),
    ("forwarded", "Forwarded"),
    ("added", "Signatory Added"),
    ("escalated", "Escalated"),
    ("skipped", "Skipped"),
]


class KehuApprovalDecision(models.Model):
    """Who did what to a request, when, on whose behalf, and with which opinion."""

    _name = "kehu.approval.decision"
    _description = "Approval Decision"
    _inherit = ["kehu.engine.log.mixin"]
    _kehu_engine = "approval"
    _order = "id"
    _rec_name = "result"

    request_id = fields.Many2one("kehu.approval.request", required=True, ondelete="cascade", index=True)
    step_line_id = fields.Many2one(
        "kehu.approval.request.step",
        string="Step of the Request",
        ondelete="set null",
        index="btree_not_null",
        help="The step that this was about.",
    )
    step_name = fields.Char(string="Step", help="Name of the step on that day.")
    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="restrict", index=True)
    on_behalf_id = fields.Many2one(
        "res.users",
        string="On Behalf Of",
        ondelete="restrict",
        index="btree_not_null",
        help="Whose deputy decided. Empty: for themselves.",
    )
    target_user_id = fields.Many2one(
        "res.users",
        string="To",
        ondelete="restrict",
        index="btree_not_null",
        help="To whom it was forwarded or escalated, who was added as a signatory, or whose earlier approval counted.",
    )
    result = fields.Selection(DECISION_RESULTS, required=True)
    comment = fields.Text(string="Opinion")
    date = fields.Datetime(required=True)

    @api.model_create_multi
    def create(self, vals_list):
        """A decision stands in the log of operations too, at the document it was about."""
        rows = super().create(vals_list)
        for row in rows:
            request = row.request_id
            if request.res_model in self.env and request.res_id:
                result = dict(row._fields["result"]._description_selection(self.env))[row.result]
                detail = f"{result}: {row.comment}"[:500] if row.comment else result
                self.env["kehu.operation.log"]._kehu_note("approve", self.env[request.res_model].browse(request.res_id), detail=detail)
        return rows
