from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kehu_timezone = fields.Selection(related="company_id.kehu_timezone", readonly=False)
