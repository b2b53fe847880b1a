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

    def _kehu_customer_candidates(self, told=True):
        """Return the customers that this lead may be, the best first, as ``res.partner.kehu_find_duplicates`` gives them.

        :param bool told: whether the current user is told of those out of sight: phone and e-mail then count as typed
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
        specs = self.env["kehu.duplicate.rule"]._kehu_specs()
        names = {spec.field for spec in specs if spec.field in matching.CONTACT_FIELDS}
        keys = partners._kehu_typed_reach(probe, names, ()) if partners._kehu_typing_counts() else set()
        candidates = partners._kehu_search_candidates([probe], specs).get(0, [])
        if not told or not keys or keys == partners._kehu_count_typed(keys):
            return candidates
        # the day's numbers are used up: customers out of sight are found by the others alone
        others = [spec for spec in specs if spec.field not in names]
        seen = [candidate for candidate in candidates if candidate["readable"]]
        return seen + [candidate for candidate in partners._kehu_search_candidates([probe], others).get(0, []) if not candidate["readable"]]

    def _find_matching_partner(self):
        """Propose a customer that is surely the same, where the host finds nobody by e-mail, and where this person may work on it."""
        partner = super()._find_matching_partner()
        if partner:
            return partner
        candidates = self._kehu_customer_candidates(told=False)
        sure = [candidate["id"] for candidate in candidates if candidate["readable"] and candidate["score"] >= SURE]
        return partner.browse(sure)._filtered_access("write")[:1]
