from odoo import api, fields, models


class CrmQuotationPartner(models.TransientModel):
    """Says, before the first quote makes a customer out of an opportunity, which customers it may be."""

    _inherit = "crm.quotation.partner"

    kehu_duplicate_notice = fields.Html(
        string="Known Already?",
        compute="_compute_kehu_duplicate_notice",
        sanitize=False,
        help="Customers that the opportunity may be, by the duplicate rules.",
    )
    kehu_duplicate_blocked = fields.Boolean(string="Blocked as Duplicate", compute="_compute_kehu_duplicate_notice")

    @api.depends("lead_id", "action")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_kehu_duplicate_notice(self):
        partners = self.env["res.partner"]
        for asked in self:
            lead = asked.lead_id
            candidates = lead._kehu_customer_candidates() if asked.action == "create" and lead and not lead.partner_id else []
            asked.kehu_duplicate_blocked = any(candidate["action"] == "block" for candidate in candidates)
            asked.kehu_duplicate_notice = partners._kehu_duplicate_banner(candidates) if candidates else False
