from odoo import api, models


class ResCountryState(models.Model):
    _inherit = "res.country.state"

    @api.depends_context("kehu_short_province", "company")
    def _compute_display_name(self):
        """Screens of the CRM name a province of one's own country without the country: 江苏省, not 江苏省 (CN)."""
        result = super()._compute_display_name()
        if self.env.context.get("kehu_short_province"):
            for state in self.filtered(lambda state: state.country_id == self.env.company.country_id):
                state.display_name = state.name
        return result
