from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kehu_import_keep_days = fields.Integer(
        string="Keep Import Files (days)",
        default=730,
        help="Files of imports, and their rows that were not imported, are deleted so many days after the last work on the import. "
        "What was imported stays and can be undone all the same. 0: they are kept for ever.",
    )

    _kehu_import_keep_days_not_negative = models.Constraint(
        "CHECK (kehu_import_keep_days >= 0)", "Files of imports are kept for a number of days. Enter 0 to keep them for ever."
    )
