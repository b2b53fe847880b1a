from odoo import api, fields, models


class CrmLead2opportunityPartner(models.TransientModel):
    """Says, before a lead becomes a customer, which customers it may be."""

    _inherit = "crm.lead2opportunity.partner"

    kehu_duplicate_notice = fields.Html(
        string="Known Already?",
        compute="_compute_kehu_duplicate_notice",
        sanitize=False,
        help="Customers that the lead may be, by the duplicate rules.",
    )
    kehu_duplicate_blocked = fields.Boolean(string="Blocked as Duplicate", compute="_compute_kehu_duplicate_notice")

    @api.depends("lead_id", "action")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_kehu_duplicate_notice(self):
        partners = self.env["res.partner"]
        for convert in self:
            asked = convert.action == "create" and convert.lead_id and not convert.lead_id.partner_id
            candidates = convert.lead_id._kehu_customer_candidates() if asked else []
            convert.kehu_duplicate_blocked = any(candidate["action"] == "block" for candidate in candidates)
            convert.kehu_duplicate_notice = partners._kehu_duplicate_banner(candidates) if candidates else False
