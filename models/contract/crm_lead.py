from odoo import fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    kehu_contract_ids = fields.One2many(
        "kehu.contract", "opportunity_id", string="Contracts", help="Contracts that this opportunity has led to."
    )
    kehu_contract_count = fields.Integer(string="Contract Count", compute="_compute_kehu_contract_count")

    def _compute_kehu_contract_count(self):
        """Those that the current user may see; one query, however many opportunities."""
        contracts = self.env["kehu.contract"]
        counts = {}
        if self._origin and contracts.has_access("read"):
            rows = contracts._read_group([("opportunity_id", "in", self._origin.ids)], ["opportunity_id"], ["__count"])
            counts = {lead.id: count for lead, count in rows}
        for lead in self:
            lead.kehu_contract_count = counts.get(lead._origin.id, 0)

    def action_kehu_contracts(self):
        """Show the contracts of this opportunity, with a new one of its customer one click away."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contract_action")
        return {
            **action,
            "domain": [("opportunity_id", "=", self.id)],
            "context": {
                "default_opportunity_id": self.id,
                "default_partner_id": self.kehu_customer_id.id,
                "default_title": self.name,
                "default_amount": self.expected_revenue,
            },
        }
