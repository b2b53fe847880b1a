from odoo import api, models


class ResCountryState(models.Model):
    _inherit = "res.country.state"

    @api.depends_context("kehu_short_province", "company")
    def _compute_display_name(self):
        """Screens of the CRM name a province of one's own country without the country: 江苏省, not 江苏省 (CN)."""
        result = super()._compute_display_name()
        if self.env.context.get("kehu_short_province"):
            # sudo: res.company, res.partner - the country of the company, nothing else; the first look at another field reads all of them
            country = self.env.company.sudo().with_context(prefetch_fields=False).partner_id.country_id
            for state in self.filtered(lambda state: state.country_id == country):
                state.display_name = state.name
        return result
