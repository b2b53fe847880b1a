from odoo import fields, models


class KehuDictionaryValue(models.Model):
    _inherit = "kehu.dictionary.value"

    dictionary = fields.Selection(
        selection_add=[("contract_type", "Contract Type")],
        ondelete={"contract_type": "cascade"},
    )
