from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["kehu.numbering"]._kehu_make_rows(companies)
        # the contracts of a new company are numbered without gaps, by a series of its own
        # sudo: ir.sequence - the series just made
        self.env["ir.sequence"].sudo().search([("company_id", "in", companies.ids), ("code", "=like", "kehu.%")]).write(
            {"kehu_reset": "never"}
        )
        return companies
