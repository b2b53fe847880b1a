from odoo import fields, models

from .kehu_pool_policy import RULES

KINDS = [("recycled", "Went Back to the Pool"), ("kept", "Could Not Go")]


class KehuPoolRunLine(models.Model):
    """What one run did with one customer, in a plain sentence."""

    _name = "kehu.pool.run.line"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Recycling Run Line"
    _order = "run_id desc, id"
    _rec_name = "partner_id"
    _kehu_engine = "recycle"

    run_id = fields.Many2one("kehu.pool.run", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, string="Outcome", required=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Owner Before", required=True, index=True, ondelete="cascade")
    pool_id = fields.Many2one("kehu.pool", required=True, index=True, ondelete="cascade")
    rule = fields.Selection(RULES, required=True)
    due_on = fields.Date(required=True)
    reason = fields.Text()
    company_id = fields.Many2one(related="run_id.company_id", store=True, index="btree_not_null")
