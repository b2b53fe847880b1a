from odoo import api, fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    flow_summary = fields.Char(string="Active Flows", compute="_compute_flow_summary")

    @api.depends("company_id")
    def _compute_flow_summary(self):
        for page in self:
            flows = self.env["kehu.approval.flow"].search([("company_id", "in", [False, page.company_id.id])], limit=20)
            page.flow_summary = ", ".join(flows.mapped("name"))
