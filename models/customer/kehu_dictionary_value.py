from odoo import fields, models


class KehuDictionaryValue(models.Model):
    _inherit = "kehu.dictionary.value"

    dictionary = fields.Selection(
        selection_add=[
            ("customer_nature", "Customer Nature"),
            ("customer_region", "Customer Region"),
            ("contact_role", "Role in the Buying Decision"),
        ],
        ondelete={"customer_nature": "cascade", "customer_region": "cascade", "contact_role": "cascade"},
    )
