from odoo import models
from odoo.fields import Domain

from ...tools import address_line
from .exceptions import KehuPlaceRightsError


class ResCity(models.Model):
    _inherit = "res.city"

    def action_kehu_fill_cities(self):
        """Add the cities of China that are missing: all of the level of a prefecture, the municipalities, cities right under a province.

        Provinces and cities that somebody renamed keep their names; no city is changed or deleted.

        :returns: a notice for the screen with the number of added cities
        :raises KehuPlaceRightsError: for others than administrators of the CRM
        """
        if not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuPlaceRightsError(self.env._("Only a CRM administrator fills in the list of cities. Ask one of them."))
        china = Domain("country_id.code", "=", "CN")
        states = {state.name: state for state in self.env["res.country.state"].search(china, limit=200)}
        there = {(city.state_id.id, city.name) for city in self.search(china & Domain("state_id", "!=", False), limit=10_000)}
        new = [
            {"name": city, "state_id": states[province].id, "country_id": states[province].country_id.id}
            for province, city in address_line.cities_of_china()
            if province in states and (states[province].id, city) not in there
        ]
        self.create(new)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(count)s cities were added.", count=len(new))
                if new
                else self.env._("All cities are there already."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
