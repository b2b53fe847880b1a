from odoo import fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_credit_action = fields.Selection(related="company_id.kehu_credit_action", readonly=False)
