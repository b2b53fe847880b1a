from datetime import timedelta

from odoo import api, fields, models

from ..system.engine import as_engine
from .kehu_quota_use import ENGINE

KEPT_DAYS = 90
MOST = 10_000  # rows that are deleted in one turn


class KehuQuotaSeen(models.Model):
    """A customer whose phones or e-mails a person opened on one day; kept 90 days."""

    _name = "kehu.quota.seen"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Customer Opened"
    _order = "id desc"
    _rec_name = "partner_id"
    _kehu_engine = ENGINE

    user_id = fields.Many2one("res.users", string="Person", required=True, ondelete="cascade")
    day = fields.Date(required=True, index=True)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", ondelete="cascade", index="btree_not_null")

    _user_day_uniq = models.UniqueIndex("(user_id, day, partner_id)")

    @api.autovacuum
    def _gc_seen(self):
        """:return: how many rows went, and whether there are more: the host comes back for these"""
        before, gone = fields.Date.today() - timedelta(days=KEPT_DAYS), []
        for model in (self, self.env["kehu.quota.use"]):
            rows = model.search([("day", "<", before)], limit=MOST)
            gone.append(len(rows))
            as_engine(rows, ENGINE).unlink()
        return sum(gone), MOST in gone
