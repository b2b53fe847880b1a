from markupsafe import Markup
from odoo import api, fields, models


class KehuApprovalDecide(models.TransientModel):
    _inherit = "kehu.approval.decide"

    changes = fields.Html(
        string="Changes Since the Last Approval",
        compute="_compute_changes",
        sanitize=False,
        help="What differs from the state of these documents that was approved last, as far as you may see it.",
    )

    @api.depends("request_ids")
    @api.depends_context("uid", "lang", "tz")
    def _compute_changes(self):
        for wizard in self:
            blocks = [
                Markup("<p class='fw-bold mb-0'>%s</p>%s") % (request.name, request.changes)
                for request in wizard.request_ids
                if request.changes
            ]
            wizard.changes = Markup("").join(blocks) or False
