"""Several companies in one database: whether customers are seen by all of them, or by the one that enters them."""

from odoo import api, fields, models
from odoo.tools.misc import partition

from ..system.engine import is_record_id


class ResCompany(models.Model):
    _inherit = "res.company"

    kehu_own_customers = fields.Boolean(
        string="Customers of Its Own",
        help="Customers that people of this company enter belong to it: others do not see them. The field Company of a customer says whose "
        "it is; empty: seen by all companies.",
    )


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_own_customers = fields.Boolean(related="company_id.kehu_own_customers", readonly=False)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def default_get(self, fields):
        """A form of a new customer shows whose it will be."""
        defaults = super().default_get(fields)
        if "company_id" in fields and self.env.context.get("default_kehu_is_customer") and self.env.company.kehu_own_customers:
            defaults.setdefault("company_id", self.env.company.id)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        """Customers entered without a company belong to that of whoever enters them where it has customers of its own; contacts to that of
        their customer."""
        if self.env.company.kehu_own_customers:
            mark = self.env.context.get("default_kehu_is_customer")
            vals_list = [dict(vals) for vals in vals_list]
            for vals in vals_list:
                if "company_id" in vals:
                    continue
                if vals.get("kehu_is_customer", mark):
                    vals["company_id"] = self.env.company.id
                elif is_record_id(vals.get("parent_id")):
                    # sudo: res.partner - whose the contact is; the right to hang it there is looked at by what follows
                    parent = self.sudo().browse(vals["parent_id"]).exists()
                    vals["company_id"] = parent.kehu_customer_id.company_id.id or parent.company_id.id
        return super().create(vals_list)

    def _check_company(self, fnames=None):
        """Look once at each company and at each record that these partners name; the host looks at them for every partner, and tells what
        is wrong."""
        if len(self) > 1 and self._kehu_companies_fit(fnames):
            return None
        return super()._check_company(fnames)

    def _kehu_companies_fit(self, fnames):
        """Tell whether all that these partners name may be used in their companies: the host's rule, for many partners at once.

        :param fnames: names of the fields to look at, None: all
        """
        if fnames is None or {"company_id", "company_ids"}.intersection(fnames):
            fnames = self._fields
        checked = [field for field in map(self._fields.get, fnames) if field.relational and field.check_company]
        of_user, of_record = partition(lambda field: field.company_dependent, checked)
        groups = [(self.env.company, self, of_user)]
        if of_record:
            groups += [(company, partners, of_record) for company, partners in self.grouped("company_id").items()]
        for company, partners, group_fields in groups:
            for field in group_fields:
                # sudo: res.partner - as the host does, what they name, to compare companies only
                named = partners.sudo().mapped(field.name)
                domain = named and named._check_company_domain(company)
                if domain and named != named.with_context(active_test=False).filtered_domain(domain):
                    return False
        return True

    def write(self, vals):
        """A partner of nobody that is made a customer belongs to the company of whoever does it, with its contacts."""
        own = vals.get("kehu_is_customer") and "company_id" not in vals and self.env.company.kehu_own_customers
        newcomers = own and self.filtered(lambda partner: not partner.kehu_is_customer and not partner.company_id)
        result = super().write(vals)
        if newcomers:
            newcomers.write({"company_id": self.env.company.id})
        return result
