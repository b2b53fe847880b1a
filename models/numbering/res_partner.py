from odoo import api, fields, models
from odoo.tools import SQL

from ..system.engine import is_record_id
from ..system.values import those_there
from .number_field import fill_in, number_existing, without_number

PLACE = {"parent_id", "type", "is_company", "kehu_is_customer"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_contact_number = fields.Char(
        string="Contact Number",
        readonly=True,
        copy=False,
        index="trigram",
        help="Number of a contact of a customer. It stays when the person moves to another customer.",
        groups="base.group_user",
    )

    @api.model
    def _kehu_number_existing_contacts(self):
        """Give contacts that were there before there were numbers theirs; archived ones too."""
        contacts = SQL(
            """
            one.type = 'contact' AND one.is_company IS NOT TRUE AND one.kehu_is_customer IS NOT TRUE
            AND EXISTS (SELECT FROM res_partner above WHERE above.id = one.parent_id AND above.kehu_customer_id IS NOT NULL)
            """
        )
        # sudo: res.partner - numbers of all
        number_existing(self.sudo(), "contact", "kehu_contact_number", only=contacts)

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["parent_id", "type", "is_company", "kehu_is_customer"])
        parent_ids = {parent_id for vals in vals_list if is_record_id(parent_id := vals.get("parent_id", defaults.get("parent_id")))}
        # sudo: res.partner - whether the parents belong to customers; the rights are looked at when the contact is made
        customers = those_there(self.sudo().browse(parent_ids)).filtered("kehu_customer_id")
        contacts = []
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            vals.pop("kehu_contact_number", None)
            given = {**defaults, **vals}
            if (
                is_record_id(given.get("parent_id"))
                and given["parent_id"] in customers._ids
                and given.get("type", "contact") == "contact"
                and not given.get("is_company")
                and not given.get("kehu_is_customer")
                and given.get("company_type") != "company"
            ):
                contacts.append(vals)
        numbers = self.env["kehu.numbering"]._kehu_next_numbers("contact", [(vals.get("company_id"), None) for vals in contacts])
        for vals, number in zip(contacts, numbers, strict=True):
            vals["kehu_contact_number"] = number
        return super().create(vals_list)

    def write(self, vals):
        vals = without_number(self, vals, "kehu_contact_number")
        result = super().write(vals)
        if not PLACE.isdisjoint(vals):
            # sudo: res.partner - who has become a contact of a customer gets a number, whoever moved them
            newcomers = self.sudo().filtered(
                lambda one: (
                    one.parent_id.kehu_customer_id
                    and one.type == "contact"
                    and not (one.is_company or one.kehu_is_customer or one.kehu_contact_number)
                )
            )
            if newcomers:
                numbers = self.env["kehu.numbering"]._kehu_next_numbers("contact", [(one.company_id.id, None) for one in newcomers])
                fill_in(newcomers, "kehu_contact_number", numbers)
        return result
