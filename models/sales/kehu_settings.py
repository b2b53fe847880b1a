from odoo import fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_other_quotes = fields.Selection(related="company_id.kehu_other_quotes", readonly=False)
