from odoo import api, models


class ResPartner(models.Model):
    """A city chosen from the list fills in the rest of the address, also when no form does it: import, RPC."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        cities = self._kehu_chosen_cities(vals_list)
        return super().create([self._kehu_complete_city(vals, cities) for vals in vals_list] if cities else vals_list)

    def write(self, vals):
        cities = self._kehu_chosen_cities([vals])
        return super().write(self._kehu_complete_city(vals, cities) if cities else vals)

    @api.model
    def _kehu_chosen_cities(self, vals_list):
        """Return the existing cities that these values choose, by id."""
        ids = {vals["city_id"] for vals in vals_list if isinstance(vals.get("city_id"), int) and vals["city_id"]}
        return {city.id: city for city in self.env["res.city"].browse(ids).exists()}

    @api.model
    def _kehu_complete_city(self, vals, cities):
        """Return the values with name, province, country and postal code of the city where they say nothing of these."""
        city = cities.get(vals.get("city_id"))
        if not city:
            return vals
        address = {"city": city.name, "state_id": city.state_id.id, "country_id": city.country_id.id, "zip": city.zipcode}
        return {**{name: value for name, value in address.items() if value}, **vals}
