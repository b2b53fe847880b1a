from odoo import fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_over_receipt = fields.Selection(related="company_id.kehu_over_receipt", readonly=False)
