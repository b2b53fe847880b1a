from odoo import models
from odoo.tools import ormcache


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        result = super().write(vals)
        if "currency_id" in vals:
            self.env.registry.clear_cache()
        return result

    @ormcache("self.id")
    def _kehu_digits(self):
        """Return the decimal places of the currency of this company.

        :rtype: int
        """
        self.ensure_one()
        # sudo: res.company, res.currency - a number of decimals; one field, as the first look at any reads all of them
        return self.sudo().with_context(prefetch_fields=False).currency_id.decimal_places


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def write(self, vals):
        result = super().write(vals)
        if "rounding" in vals:
            self.env.registry.clear_cache()  # what :meth:`res.company._kehu_digits` remembers
        return result
