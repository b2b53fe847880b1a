from odoo import api, fields, models

from ..approval.guard import FROZEN_STATES, change_openly
from ..approval.kehu_approval_mixin import ENGINE as APPROVAL_ENGINE
from ..system.engine import as_engine, is_uninstalling


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

    @api.ondelete(at_uninstall=True)
    def _unlink_except_under_contract(self):
        """What a contract says while it waits and once it is approved stays: also the opportunity that led to it.

        :raises KehuApprovalFrozenError: naming the contract
        """
        if is_uninstalling(self.env):
            return
        # sudo: kehu.contract - those of colleagues count as well
        contracts = self.env["kehu.contract"].sudo()
        contracts = contracts.search([("opportunity_id", "in", self.ids), ("kehu_approval_state", "in", FROZEN_STATES)], limit=1)
        for contract in contracts.with_env(self.env):
            contract._kehu_raise_frozen()

    def _merge_dependences(self, opportunities):
        """Contracts go with their opportunity, also those that the merging person does not see.

        Those that wait for approval stay where they are, and with them their opportunity: the merge is refused when it goes.
        """
        # sudo: kehu.contract - only where they come from changes
        contracts = self.env["kehu.contract"].sudo().search([("opportunity_id", "in", opportunities.ids)])
        if contracts and not self.partner_id:
            self.partner_id = opportunities.filtered("partner_id")[:1].partner_id  # as the host does a moment later
        customer = self.sudo().kehu_customer_id  # sudo: crm.lead - to compare only
        moving = contracts.filtered(lambda contract: contract.partner_id == customer and contract.kehu_approval_state != "pending")
        moving = change_openly(as_engine(moving, APPROVAL_ENGINE), self.env._("Opportunities were merged."))
        moving.write({"opportunity_id": self.id})
        return super()._merge_dependences(opportunities)

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
