from odoo import fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_import_keep_days = fields.Integer(related="company_id.kehu_import_keep_days", readonly=False)
