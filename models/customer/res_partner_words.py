from odoo import api, models

from .exceptions import KehuCustomerError

# field: the dictionary its words come from
DICTIONARIES = {
    "kehu_source_id": "customer_source",
    "kehu_nature_id": "customer_nature",
    "kehu_region_id": "customer_region",
    "kehu_decision_role_id": "contact_role",
}


class ResPartner(models.Model):
    """Words of a customer come from their own dictionary, whoever sends them."""

    _inherit = "res.partner"

    @api.constrains(*DICTIONARIES)
    def _check_kehu_words(self):
        for name, dictionary in DICTIONARIES.items():
            for partner in self:
                word = partner[name]
                if word and word.dictionary != dictionary:
                    raise KehuCustomerError(
                        self.env._(
                            "“%(word)s” is no “%(field)s” for “%(name)s”: it is a choice of another drop-down. Choose one from the list.",
                            word=word.name,
                            field=partner._fields[name].get_description(self.env, ["string"])["string"],
                            name=partner.name or partner.complete_name,
                        )
                    )
