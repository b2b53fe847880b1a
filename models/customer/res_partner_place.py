from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools.misc import clean_context

from ...tools import address_line
from ..system.engine import is_record_id
from ..system.values import check_types
from .exceptions import KehuAddressLineError, KehuCustomerError

ADDRESS = dict.fromkeys(("country_id", "state_id", "city_id", "city", "zip", "street"), False)


class ResPartner(models.Model):
    """Addresses: a city chosen from the list, or a line pasted whole, fills in the rest at every door: form, import, RPC."""

    _inherit = "res.partner"

    kehu_address_line = fields.Char(
        string="Address Line",
        store=False,
        help="A whole address as one pastes it: it is taken apart into province, city, street, postal code, contact and phone.",
        groups="base.group_user",
    )
    kehu_region_id = fields.Many2one(compute="_compute_kehu_region_id", compute_sudo=True, store=True, readonly=False)

    @api.depends("state_id")
    def _compute_kehu_region_id(self):
        """A province names its region; where it names none, the region stays."""
        for partner in self:
            partner.kehu_region_id = partner.state_id.kehu_region_id or partner.kehu_region_id

    @api.model_create_multi
    def create(self, vals_list):
        vals_list, contacts = self._kehu_read_lines(vals_list, new=True)
        cities = self._kehu_chosen_cities(vals_list)
        partners = super().create([self._kehu_complete_city(vals, cities) for vals in vals_list] if cities else vals_list)
        for number, contact in contacts.items():
            if not partners[number].has_access("write"):
                raise KehuAddressLineError(
                    self.env._(
                        "“%(name)s” goes into the pool, where you cannot add contacts. Paste the address without “%(contact)s”, or "
                        "become the owner first.",
                        name=partners[number].name,
                        contact=contact["name"],
                    )
                )
        if contacts:  # by the door of everybody's contacts, with its guards
            # without the defaults of the screen: those of a list of customers would make a customer of each contact
            plain = self.with_env(self.env(context=clean_context(self.env.context)))
            plain.create([{**contact, "parent_id": partners[number].id} for number, contact in contacts.items()])
        return partners

    def write(self, vals):
        [vals], _contacts = self._kehu_read_lines([vals])
        cities = self._kehu_chosen_cities([vals])
        return super().write(self._kehu_complete_city(vals, cities) if cities else vals)

    @api.onchange("kehu_address_line")
    def _onchange_kehu_address_line(self):
        """The pasted line goes into the fields of the form and is gone; a contact of a company becomes a row of its contacts."""
        line = self.kehu_address_line
        if not line:
            return
        said = self._kehu_parse_line(line)
        address = self._kehu_places_of([said])[0]
        self.update(ADDRESS | address)
        self.kehu_address_line = False
        person = said.get("contact")
        self.name = self.name or said.get("company") or (not self.is_company and person) or False
        self.email = self.email or said.get("email")
        self.phone = self.phone or said.get("phone")
        if self.is_company and person:
            if person not in self.child_ids.mapped("name"):
                self.child_ids = [Command.create(self._kehu_contact_said(said))]
        else:
            self.kehu_mobile = self.kehu_mobile or said.get("mobile")

    @api.onchange("city_id")
    def _onchange_city_id(self):
        """A city without a postal code leaves the one that is there; a line that named another place is not emptied with the city."""
        there = {name: self[name] for name in ("city", "zip", "state_id")}
        result = super()._onchange_city_id()
        if self.city_id:
            self.zip = self.zip or there["zip"]
        elif there["city"] and there["city"] != self._origin.city_id.name:
            self.update(there)
        return result

    @api.model
    def _kehu_read_lines(self, vals_list, new=False):
        """Return the values with what their address lines say; what else the values say counts more.

        :param bool new: for records that are to be made: name, phone, e-mail and contact are taken from the line too
        :returns: list of values, and dict of the values of contacts of new companies by their place in the list
        """
        if not any("kehu_address_line" in vals for vals in vals_list):
            return vals_list, {}
        said = [self._kehu_parse_line(vals.get("kehu_address_line")) for vals in vals_list]
        read, contacts = [], {}
        for vals, told, place in zip(vals_list, said, self._kehu_places_of(said), strict=True):
            rest = {name: value for name, value in vals.items() if name != "kehu_address_line"}
            if told and not new:
                place = ADDRESS | place
            elif told:
                company = rest.get("is_company") or rest.get("company_type") == "company" or "company" in told
                if company and "contact" in told:
                    contacts[len(read)] = self._kehu_contact_said(told)
                people = {"phone": told.get("phone"), "email": told.get("email"), "name": told.get("company") or told.get("contact")}
                people["kehu_mobile"] = told.get("mobile") if len(read) not in contacts else False
                place = place | {name: value for name, value in people.items() if value and not rest.get(name)}
            read.append({**place, **{name: value for name, value in rest.items() if value or name not in place}})
        return read, contacts

    @api.model
    def _kehu_contact_said(self, said):
        """Return the values of the contact of a line, whose mobile number is theirs; one of the office stays with the company."""
        return {"name": said["contact"], "kehu_mobile": said.get("mobile"), "type": "contact", "is_company": False}

    @api.model
    def _kehu_parse_line(self, line):
        """Return what a line says, see :func:`address_line.parse`.

        :raises KehuAddressLineError: for a line that is too long to be an address
        """
        try:
            return address_line.parse(line, self.env.company.country_id.code or "CN") if isinstance(line, str) else {}
        except ValueError as error:
            raise KehuAddressLineError(
                self.env._(
                    "“%(start)s…” is no address line: it has more than %(limit)s characters. Paste the address alone.",
                    start=line.strip()[:20],
                    limit=address_line.MAX_LENGTH,
                )
            ) from error

    @api.model
    def _kehu_places_of(self, said_list):
        """Return values of an address for each of what lines say; provinces and cities of all of them are read in two queries.

        Of cities with equal names in one province the one that names the district counts more: “苏州市昆山市” before “苏州市”.
        """
        provinces = {said["province"] for said in said_list if "province" in said}
        states = {}
        if provinces:
            china = Domain("country_id.code", "=", "CN")
            states = {
                state.name: state
                for state in self.env["res.country.state"].search(china & Domain("name", "in", list(provinces)), limit=100)
            }
        names = {name for said in said_list for name in self._kehu_city_names(said)}
        cities = {}
        if states and names:
            inside = Domain("state_id", "in", [state.id for state in states.values()]) & Domain("name", "in", list(names))
            cities = {(city.state_id.id, city.name): city for city in self.env["res.city"].search(inside, limit=10 * len(names))}
        return [self._kehu_place_of(said, states, cities) for said in said_list]

    @api.model
    def _kehu_city_names(self, said):
        """Return the names by which the list of cities may know the place, the closest one first."""
        city, district = said.get("city", ""), said.get("district", "")
        return [name for name in (city and district and city + district, district, city) if name]

    @api.model
    def _kehu_place_of(self, said, states, cities):
        state = states.get(said.get("province"))
        city = next((cities[state.id, name] for name in self._kehu_city_names(said) if state and (state.id, name) in cities), None)
        district = said.get("district", "")
        if city and district and city.name.endswith(district):
            district = ""
        values = {
            "country_id": state and state.country_id.id,
            "state_id": state and state.id,
            "city_id": city and city.id,
            "city": city.name if city else said.get("city"),
            "zip": said.get("zip"),
            "street": (("" if state else said.get("province", "")) + district + said.get("street", "")) or None,
        }
        return {name: value for name, value in values.items() if value}

    @api.model
    def _kehu_chosen_cities(self, vals_list):
        """Return the existing cities that these values choose, by id.

        :raises KehuCustomerError: when one is no city
        """
        for vals in vals_list:
            check_types(self, vals, KehuCustomerError, {"city_id"})
        ids = {vals["city_id"] for vals in vals_list if is_record_id(vals.get("city_id"))}
        return {city.id: city for city in self.env["res.city"].browse(ids).exists()}

    @api.model
    def _kehu_complete_city(self, vals, cities):
        """Return the values with name, province, country and postal code of the city where they say nothing of these."""
        city = cities.get(vals.get("city_id"))
        if not city:
            return vals
        address = {"city": city.name, "state_id": city.state_id.id, "country_id": city.country_id.id, "zip": city.zipcode}
        return {**{name: value for name, value in address.items() if value}, **vals}
