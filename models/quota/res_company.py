from odoo import fields, models

from ..approval.caches import forget

LIMITS = {"kehu_quota_view", "kehu_quota_search", "kehu_quota_export"}


class ResCompany(models.Model):
    _inherit = "res.company"

    kehu_quota_view = fields.Integer(
        string="Customers Opened per Person and Day",
        help="Whose phones or e-mails are shown, each once a day. A role may name another number. 0: no limit.",
    )
    kehu_quota_search = fields.Integer(
        string="Pages of Customers Listed per Person and Day",
        help="Lists of customers and opportunities, a page of 80 rows each. A role may name another number. 0: no limit.",
    )
    kehu_quota_export = fields.Integer(
        string="Customers Exported per Person and Day",
        help="Rows of customers, contacts and opportunities in workbooks. A role may name another number. 0: no limit.",
    )

    _kehu_quota_numbers = models.Constraint(
        "CHECK (COALESCE(kehu_quota_view, 0) >= 0 AND COALESCE(kehu_quota_search, 0) >= 0 AND COALESCE(kehu_quota_export, 0) >= 0)",
        "Daily limits are not negative; 0 is no limit.",
    )

    def write(self, vals):
        result = super().write(vals)
        if not LIMITS.isdisjoint(vals):
            forget(self.env)
        return result
