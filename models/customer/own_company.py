"""Several companies in one database: whether customers are seen by all of them, or by the one that enters them."""

from odoo import api, fields, models

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

    def write(self, vals):
        """A partner of nobody that is made a customer belongs to the company of whoever does it, with its contacts."""
        own = vals.get("kehu_is_customer") and "company_id" not in vals and self.env.company.kehu_own_customers
        newcomers = own and self.filtered(lambda partner: not partner.kehu_is_customer and not partner.company_id)
        result = super().write(vals)
        if newcomers:
            newcomers.write({"company_id": self.env.company.id})
        return result
