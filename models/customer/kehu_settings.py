import re

from odoo import api, fields, models
from odoo.tools import format_list

from .exceptions import KehuCustomerError

# More digits than a counter ever needs.
MOST_DIGITS = 12
LONGEST_PREFIX = 20  # characters; a code is read out on the phone
# what the host puts into a number series
PLACEHOLDER = re.compile(r"%\((range_|current_)?(year|month|day|y|doy|woy|weekday|h24|h12|min|sec|isoyear|isoy|isoweek)\)s")
# what was meant as one: a percent sign that opens nothing, or the word in another kind of brackets
MISTYPED = re.compile(r"%\S*|[({\[](year|month|day|y)[)}\]]s?", re.IGNORECASE)


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
            page._kehu_check_prefix(page.customer_code_prefix or "")
            sequence = page._kehu_customer_sequence()
            if (sequence.prefix or "", sequence.padding) != (page.customer_code_prefix or "", page.customer_code_digits):
                sequence.write({"prefix": page.customer_code_prefix, "padding": page.customer_code_digits})
                sequence.get_next_char(1)  # refuses a prefix that no number can be made of

    def _kehu_check_prefix(self, prefix):
        """Refuse what makes no code that people can read.

        :raises KehuCustomerError: for a prefix that is too long, or in which a placeholder is mistyped
        """
        if len(prefix) > LONGEST_PREFIX + sum(len(found.group()) for found in PLACEHOLDER.finditer(prefix)):
            raise KehuCustomerError(
                self.env._("A customer code begins with at most %(most)s characters before its number. Shorten it.", most=LONGEST_PREFIX)
            )
        rest = PLACEHOLDER.sub("", prefix)
        mistyped = MISTYPED.search(rest)
        if mistyped or not prefix.isprintable():
            raise KehuCustomerError(
                self.env._(
                    "“%(part)s” cannot stand in a customer code. Type plain text, or %(year)s, %(month)s or %(day)s for those of the day.",
                    part=mistyped.group() if mistyped else repr(prefix),
                    year="%(year)s",
                    month="%(month)s",
                    day="%(day)s",
                )
            )

    def _kehu_customer_sequence(self):
        """Return the number series of the company's customer codes, in superuser mode; see ``_kehu_next_codes``."""
        # sudo: ir.sequence - number series are the host's system settings; that of customer codes is the CRM's own
        sequences = self.env["ir.sequence"].sudo()
        return sequences.search(
            [("code", "=", "kehu.customer"), ("company_id", "in", [self.company_id.id, False])], order="company_id", limit=1
        )
