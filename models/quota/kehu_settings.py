from odoo import fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_quota_view = fields.Integer(related="company_id.kehu_quota_view", string="Customers Opened", readonly=False)
    kehu_quota_search = fields.Integer(related="company_id.kehu_quota_search", string="Pages of Lists", readonly=False)
    kehu_quota_export = fields.Integer(related="company_id.kehu_quota_export", string="Customers Exported", readonly=False)
