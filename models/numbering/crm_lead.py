from odoo import api, fields, models

from .number_field import number_existing, without_number


class CrmLead(models.Model):
    _inherit = "crm.lead"

    kehu_number = fields.Char(
        string="Number",
        readonly=True,
        copy=False,
        index="trigram",
        help="Given by the program when the opportunity is made; it never changes.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        company_id = self.default_get(["company_id"]).get("company_id")
        numbers = self.env["kehu.numbering"]._kehu_next_numbers(
            "opportunity", [(vals.get("company_id", company_id), None) for vals in vals_list]
        )
        vals_list = [{**vals, "kehu_number": number} for vals, number in zip(vals_list, numbers, strict=True)]
        return super().create(vals_list)

    def write(self, vals):
        vals = without_number(self, vals, "kehu_number")
        return super().write(vals)

    @api.model
    def _kehu_number_existing(self):
        number_existing(self.sudo(), "opportunity", "kehu_number")  # sudo: crm.lead - numbers of all
