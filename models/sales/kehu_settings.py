from odoo import fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    currency_id = fields.Many2one(related="company_id.currency_id")
    kehu_other_quotes = fields.Selection(related="company_id.kehu_other_quotes", readonly=False)
    kehu_big_deal_amount = fields.Monetary(related="company_id.kehu_big_deal_amount", readonly=False)
    kehu_sale_type_id = fields.Many2one(related="company_id.kehu_sale_type_id", readonly=False)
    kehu_delivery_terms_id = fields.Many2one(related="company_id.kehu_delivery_terms_id", readonly=False)
