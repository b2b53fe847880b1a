from odoo import api, models

from ..system.engine import as_engine, is_engine, is_record_id
from .hidden import hidden_customers, sent_link

# what fills a new contact with the address, the owner and the customer of somebody else
PARENTS = ("parent_id", "kehu_customer_id")


class ResPartner(models.Model):
    """A form fills a new contact from its company before anything is saved; it does so from none that one may not read."""

    _inherit = "res.partner"

    @api.depends("vat", "company_id", "company_registry", "country_id")
    @api.depends_context("uid")
    def _compute_same_vat_partner_id(self):
        """The host names whoever has the same number; who may be told of customers out of sight is said by the rules for duplicates."""
        result = super()._compute_same_vat_partner_id()
        hidden = hidden_customers(self.same_vat_partner_id | self.same_company_registry_partner_id)
        for partner in self if hidden else ():
            for name in ("same_vat_partner_id", "same_company_registry_partner_id"):
                if partner[name] in hidden:
                    partner[name] = False
        return result

    def onchange(self, values, field_names, fields_spec):
        """The first look at a form, defaults included, and each change in it.

        :raises KehuHiddenParentError: below a customer that one may not read
        """
        default = {} if self else {"parent_id": self.env.context.get("default_parent_id")}
        self._kehu_check_sent_parents({**default, **values})
        return super().onchange(values, field_names, fields_spec)

    def _update_cache(self, values, validate=True):
        """A contact nested in the form of another record."""
        self._kehu_check_sent_parents(values)
        return super()._update_cache(values, validate=validate)

    def update(self, values):
        """A changed line of a form comes in here."""
        for partner in self:
            partner._kehu_check_sent_parents(values)
        return super().update(values)

    def _add_precomputed_values(self, vals_list):
        """The host looks at each new record before it is born; its parent has been looked at already, for all of them at once."""
        return super(ResPartner, as_engine(self, "birth"))._add_precomputed_values(vals_list)

    def _kehu_check_sent_parents(self, values):
        """Check the parents in values that a form sends; what the saved record has already may stay.

        :param dict values: of this partner, or of a new one
        :raises KehuHiddenParentError: otherwise
        """
        if self.env.su or is_engine(self.env, "birth"):
            return
        parents = {name: sent_link(values[name]) for name in PARENTS if name in values}
        # sudo: res.partner - what the record itself names already, to compare only
        strange = {value for name, value in parents.items() if is_record_id(value) and value != self._origin.sudo()[name].id}
        if strange:
            self._kehu_check_seen_parents(strange)
