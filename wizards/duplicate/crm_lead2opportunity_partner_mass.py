from odoo import models


class CrmLead2opportunityPartnerMass(models.TransientModel):
    """The customer for many leads at once is one whom the person may read, and so is a lead that brings one along."""

    _name = "crm.lead2opportunity.partner.mass"
    _inherit = ["crm.lead2opportunity.partner.mass", "kehu.seen.links.mixin"]
    _kehu_seen_links = ("partner_id", "commercial_partner_id", "lead_id")
