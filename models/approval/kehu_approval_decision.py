from odoo import fields, models

DECISION_RESULTS = [
    ("submitted", "Submitted"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]


class KehuApprovalDecision(models.Model):
    """Who did what to a request, when, and with which opinion."""

    _name = "kehu.approval.decision"
    _description = "Approval Decision"
    _inherit = ["kehu.engine.log.mixin"]
    _kehu_engine = "approval"
    _order = "id"
    _rec_name = "result"

    request_id = fields.Many2one("kehu.approval.request", required=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="restrict", index=True)
    result = fields.Selection(DECISION_RESULTS, required=True)
    comment = fields.Text(string="Opinion")
    date = fields.Datetime(required=True)
