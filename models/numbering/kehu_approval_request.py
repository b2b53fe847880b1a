from odoo import api, fields, models

from .number_field import number_existing


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    number = fields.Char(readonly=True, copy=False, index="trigram", help="Number of the request; it never changes.")

    @api.model_create_multi
    def create(self, vals_list):
        numbers = self.env["kehu.numbering"]._kehu_next_numbers("request", [(vals.get("company_id"), None) for vals in vals_list])
        return super().create([{**vals, "number": number} for vals, number in zip(vals_list, numbers, strict=True)])

    @api.model
    def _kehu_number_existing(self):
        number_existing(self.sudo(), "request", "number")  # sudo: kehu.approval.request - numbers of all
