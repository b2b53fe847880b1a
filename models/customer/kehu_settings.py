from odoo import api, fields, models
from odoo.tools import format_list

from .exceptions import KehuCustomerError

# More digits than a counter ever needs.
MOST_DIGITS = 12


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    level_summary = fields.Char(compute="_compute_level_summary")
    customer_code_prefix = fields.Char(
        string="Begins With",
        compute="_compute_customer_code",
        inverse="_inverse_customer_code",
        help="What stands before the number. %(year)s, %(month)s and %(day)s become those of the day.",
    )
    customer_code_digits = fields.Integer(
        string="Digits",
        compute="_compute_customer_code",
        inverse="_inverse_customer_code",
        help="The number is filled up with zeros to so many digits.",
    )

    @api.depends("company_id")
    def _compute_level_summary(self):
        levels = self.env["kehu.customer.level"].search([], limit=20)
        parts = [self.env._("%(level)s: %(days)s days", level=level.name, days=level.reminder_days) for level in levels]
        self.level_summary = format_list(self.env, parts, style="standard-narrow")

    @api.depends("company_id")
    def _compute_customer_code(self):
        for page in self:
            sequence = page._kehu_customer_sequence()
            page.customer_code_prefix = sequence.prefix
            page.customer_code_digits = sequence.padding

    def _inverse_customer_code(self):
        for page in self:
            if not 0 < page.customer_code_digits <= MOST_DIGITS:
                raise KehuCustomerError(
                    self.env._("The number in a customer code has 1 to %(most)s digits. Type how many.", most=MOST_DIGITS)
                )
            page._kehu_check_company()
            sequence = page._kehu_customer_sequence()
            if (sequence.prefix or "", sequence.padding) != (page.customer_code_prefix or "", page.customer_code_digits):
                sequence.write({"prefix": page.customer_code_prefix, "padding": page.customer_code_digits})
                sequence.get_next_char(1)  # refuses a prefix that no number can be made of

    def _kehu_customer_sequence(self):
        """Return the number series of the company's customer codes, in superuser mode; see ``_kehu_next_codes``."""
        # sudo: ir.sequence - number series are the host's system settings; that of customer codes is the CRM's own
        sequences = self.env["ir.sequence"].sudo()
        return sequences.search(
            [("code", "=", "kehu.customer"), ("company_id", "in", [self.company_id.id, False])], order="company_id", limit=1
        )
