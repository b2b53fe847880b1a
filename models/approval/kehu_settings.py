from odoo import api, fields, models
from odoo.tools import format_list


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    flow_summary = fields.Char(string="Active Flows", compute="_compute_flow_summary")

    @api.depends("company_id")
    def _compute_flow_summary(self):
        for page in self:
            flows = self.env["kehu.approval.flow"].search([("company_id", "in", [False, page.company_id.id])], limit=20)
            page.flow_summary = format_list(self.env, flows.mapped("name"), style="standard-narrow")
