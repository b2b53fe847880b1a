from odoo import api, fields, models
from odoo.tools import format_amount, formatLang

KINDS = [
    ("revenue", "Annual Revenue"),
    ("headcount", "Headcount"),
]


class KehuCustomerChange(models.Model):
    """One change of a customer's annual revenue or headcount. Written with the customer, never changed afterwards.

    One model for both: they are asked for together, shown in one list, and drawn by the same chart.
    """

    _name = "kehu.customer.change"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Revenue and Headcount History"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _kehu_engine = "history"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, string="What", required=True)
    old_value = fields.Float(aggregator=None)
    new_value = fields.Float(aggregator="avg")
    currency_id = fields.Many2one(
        "res.currency",
        ondelete="restrict",
        help="Currency of the annual revenue when it was entered. Empty for a headcount.",
    )
    date = fields.Datetime(required=True, index=True)
    author_id = fields.Many2one("res.users", string="Done By", required=True, index=True, ondelete="restrict")
    old_text = fields.Char(string="From", compute="_compute_texts")
    new_text = fields.Char(string="To", compute="_compute_texts")

    @api.depends("kind", "old_value", "new_value", "currency_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        """Amounts with their currency, heads as whole numbers; nothing where nothing was known."""
        for change in self:
            change.old_text = change._kehu_format(change.old_value)
            change.new_text = change._kehu_format(change.new_value)

    def _kehu_format(self, value):
        if not value:
            return False
        if self.currency_id:
            return format_amount(self.env, value, self.currency_id)
        return formatLang(self.env, value, digits=0)
