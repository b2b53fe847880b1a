from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kehu_log_days = fields.Integer(
        string="Days That Logs Are Kept",
        default=730,
        help="Logins and operations older than this are deleted by a job of the night. 0: they are kept for good.",
    )

    kehu_login_failures = fields.Integer(
        string="Failed Logins Before a Lock",
        default=10,
        help="After so many failures a login is locked for a while at the place where it failed. 0: never.",
    )
    kehu_login_lock_minutes = fields.Integer(
        string="Minutes of a Lock", default=15, help="How long a lock lasts, from the last failure on."
    )
    kehu_password_length = fields.Integer(string="Least Length of a Password", default=0, help="Characters of new passwords. 0: any.")
    kehu_password_mixed = fields.Boolean(string="Letters and Digits", help="New passwords need a letter and a digit or another sign.")

    kehu_login_picture = fields.Selection(
        [("never", "Never"), ("failures", "After Three Failures"), ("always", "Always")],
        string="Picture Code",
        default="never",
        help="Whether the page of the login shows, or says, digits that must be typed, which programs that guess cannot do.",
    )
    _kehu_login_failures_check = models.Constraint(
        "CHECK(kehu_login_failures >= 0 AND kehu_login_failures <= 30)", "A login is locked after 1 to 30 failures, or never (0)."
    )
    _kehu_login_lock_minutes_check = models.Constraint(
        "CHECK(kehu_login_lock_minutes > 0 AND kehu_login_lock_minutes <= 1440)", "A lock lasts from one minute to a day (1,440 minutes)."
    )
    _kehu_password_length_check = models.Constraint(
        "CHECK(kehu_password_length >= 0 AND kehu_password_length <= 64)", "Passwords need 0 (any) to 64 characters."
    )
    _kehu_log_days_check = models.Constraint("CHECK(kehu_log_days >= 0)", "Logs are kept for 0 days (for good) or more.")
