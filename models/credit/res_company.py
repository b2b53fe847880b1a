from odoo import fields, models

CREDIT_ACTIONS = [
    ("tell", "Tell on the order"),
    ("approve", "Ask for approval"),
    ("block", "Refuse the order"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    # Not required: the host makes companies before this add-on is loaded, as its tests at installation do.
    kehu_credit_action = fields.Selection(
        CREDIT_ACTIONS,
        string="Above the Credit Limit",
        default="tell",
        help="What happens to an order that takes its customer above the credit limit.",
    )
