from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kehu_log_days = fields.Integer(
        string="Days That Logs Are Kept",
        default=730,
        help="Logins and operations older than this are deleted by a job of the night. 0: they are kept for good.",
    )

    _kehu_log_days_check = models.Constraint("CHECK(kehu_log_days >= 0)", "Logs are kept for 0 days (for good) or more.")
