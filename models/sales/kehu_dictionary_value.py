from odoo import fields, models


class KehuDictionaryValue(models.Model):
    _inherit = "kehu.dictionary.value"

    dictionary = fields.Selection(
        selection_add=[("sale_type", "Sale Type"), ("delivery_terms", "Delivery Terms")],
        ondelete={"sale_type": "cascade", "delivery_terms": "cascade"},
    )
