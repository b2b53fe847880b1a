from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kehu_other_quotes = fields.Selection(
        [("offer", "Ask the salesperson"), ("cancel", "Cancel them")],
        string="Other quotes of a won opportunity",
        default="offer",
        required=True,
        help="What becomes of the open quotes of an opportunity when one of them is confirmed.",
    )
