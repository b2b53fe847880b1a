from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    # Not required: the host makes companies before this add-on is loaded, as its tests at installation do.
    kehu_over_receipt = fields.Selection(
        [("advance", "Keep it as an advance"), ("warn", "Keep it as an advance, and warn"), ("block", "Refuse the receipt")],
        string="Receipts Beyond What Is Owed",
        default="advance",
        help="What happens when a receipt brings more than the confirmed orders of its customer owe.",
    )
