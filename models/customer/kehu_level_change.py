from odoo import fields, models

CAUSES = [
    ("manual", "Manual"),
    ("contact", "Contact Record"),
    ("scoring", "Scoring"),
    ("merge", "Merge"),
]


class KehuLevelChange(models.Model):
    """One change of level of one customer, its first level included. Written with the customer, never changed afterwards."""

    _name = "kehu.level.change"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Level History"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _kehu_engine = "history"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    old_level_id = fields.Many2one("kehu.customer.level", string="From", index="btree_not_null", ondelete="restrict")
    level_id = fields.Many2one(
        "kehu.customer.level", string="To", index="btree_not_null", ondelete="restrict", help="Empty when the level was taken away."
    )
    level_color = fields.Integer(related="level_id.color", export_string_translation=False)
    date = fields.Datetime(required=True, index=True)
    cause = fields.Selection(
        CAUSES,
        string="Why",
        required=True,
        help="By hand (form, import or another program), by a contact record, by scoring, or because two customers were merged.",
    )
    author_id = fields.Many2one("res.users", string="Done By", required=True, index=True, ondelete="restrict")
