from odoo import api, models

from . import matching

# From that score on a known customer is proposed instead of a new one: the same name, the same tax number, or several weaker signs.
SURE = 0.95


class CrmLead(models.Model):
    """A lead is looked up among the customers before it becomes one."""

    _inherit = "crm.lead"

    @api.depends_context("uid")
    def _compute_potential_lead_duplicates(self):
        """The host tells of similar leads of everybody; nobody learns by trying numbers and addresses who is worked on by others."""
        result = super()._compute_potential_lead_duplicates()
        similar = self.duplicate_lead_ids._origin
        hidden = set((similar - similar.sudo(False)._filtered_access("read").sudo())._ids)  # sudo: crm.lead - in the mode of the others
        for lead in self if hidden else ():
            lead.duplicate_lead_ids = lead.duplicate_lead_ids.filtered(lambda other: other._origin.id not in hidden)
            lead.duplicate_lead_count = len(lead.duplicate_lead_ids - lead)
        return result

    def _kehu_customer_candidates(self):
        """Return the customers that this lead may be, the best first, as ``res.partner.kehu_find_duplicates`` gives them.

        :rtype: list[dict]
        """
        self.ensure_one()
        partners = self.env["res.partner"]
        if not partners._kehu_may_check_duplicates():
            return []
        values = self._prepare_customer_values(self.partner_name or self.contact_name, is_company=bool(self.partner_name))
        probe = partners._kehu_probe_of_values(
            {name: values.get(name) for name in (*matching.STANDARD_FIELDS, "country_id")} | {"company_id": self.company_id.id}
        )
        return partners._kehu_search_candidates([probe]).get(0, [])

    def _find_matching_partner(self):
        """Propose a customer that is surely the same, where the host finds nobody by e-mail, and where this person may work on it."""
        partner = super()._find_matching_partner()
        if partner:
            return partner
        sure = [candidate["id"] for candidate in self._kehu_customer_candidates() if candidate["readable"] and candidate["score"] >= SURE]
        return partner.browse(sure)._filtered_access("write")[:1]
