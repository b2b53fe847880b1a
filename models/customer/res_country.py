from odoo import models

from .exceptions import KehuPlaceRightsError


class ResCountry(models.Model):
    _inherit = "res.country"

    def action_kehu_switch_cities(self):
        """Let addresses of these countries choose their city from the list, or let people type it again.

        :raises KehuPlaceRightsError: for others than administrators of the CRM
        """
        if not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuPlaceRightsError(self.env._("Only a CRM administrator decides how cities are entered. Ask one of them."))
        for country in self.sudo():  # sudo: res.country - CRM administrators maintain places without the rights of the system
            country.enforce_cities = not country.enforce_cities
        return True
