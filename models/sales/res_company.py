from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    # Not required: the host makes companies before this add-on is loaded, as its tests at installation do.
    kehu_other_quotes = fields.Selection(
        [("offer", "Ask the salesperson"), ("cancel", "Cancel them")],
        string="Other Quotes of a Won Opportunity",
        default="offer",
        help="What becomes of the open quotes of an opportunity when one of them is confirmed.",
    )
    kehu_big_deal_amount = fields.Monetary(
        string="Big Deals From",
        currency_field="currency_id",
        help="Directors are told once of each quote, order and receipt of at least this amount, in the company's currency. 0: of none.",
    )
    kehu_sale_type_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Default Sale Type",
        domain=[("dictionary", "=", "sale_type")],
        ondelete="set null",
        help="Proposed in new quotes and orders.",
    )
    kehu_delivery_terms_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Default Delivery Terms",
        domain=[("dictionary", "=", "delivery_terms")],
        ondelete="set null",
        help="Proposed in new quotes and orders.",
    )

    _kehu_big_deal_amount_positive = models.Constraint(
        "CHECK (kehu_big_deal_amount >= 0)", "The amount of big deals is not negative. Enter 0 if there are none."
    )
