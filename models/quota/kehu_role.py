from odoo import fields, models


class KehuRole(models.Model):
    _inherit = "kehu.role"

    quota_view = fields.Integer(
        string="Customers Opened a Day", help="Whose phones or e-mails are shown, each once a day. 0: as the settings of the company say."
    )
    quota_search = fields.Integer(
        string="Pages of Lists a Day",
        help="Lists of customers and opportunities, a page of 80 rows each. 0: as the settings of the company say.",
    )
    quota_export = fields.Integer(
        string="Customers Exported a Day",
        help="Rows of customers, contacts and opportunities in workbooks. 0: as the settings of the company say.",
    )

    _kehu_quota_numbers = models.Constraint(
        "CHECK (COALESCE(quota_view, 0) >= 0 AND COALESCE(quota_search, 0) >= 0 AND COALESCE(quota_export, 0) >= 0)",
        "Daily limits are not negative; 0 is what the settings of the company say.",
    )
