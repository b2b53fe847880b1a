from markupsafe import Markup
from odoo import models
from odoo.tools import format_date

from ..prints.kehu_print import ENGLISH


class KehuDunningLetter(models.Model):
    """What the print asks the letter for."""

    _inherit = "kehu.dunning.letter"

    def _kehu_print_name(self):
        """Name of the printed file."""
        self.ensure_one()
        return f"{self.level_id.name} - {self.name}"

    def _kehu_print_day(self, day):
        """A day in the language of the paper, which need not be that of who prints it."""
        return format_date(self.env, day)

    def _kehu_print_title(self, kehu_print):
        """The level of this one letter, in both languages where both are printed; ``kehu_print``: see there."""
        level = self.level_id
        if not kehu_print.bilingual:
            return level.name
        return Markup('%s <span class="kehu_en">%s</span>') % (level.name, level.with_context(lang=ENGLISH).name)

    def _kehu_print_account(self):
        """The bank account that we ask to pay into, as [(key of a word, text)]; nothing where the company has none."""
        # sudo: res.partner.bank - our own account, on a letter that asks to pay into it
        account = self.company_id.sudo().partner_id.bank_ids[:1]
        if not account:
            return []
        facts = [
            ("account_holder", account.acc_holder_name or self.company_id.name),
            ("bank", account.bank_id.name),
            ("account", account.acc_number),
        ]
        return [(key, text) for key, text in facts if text]
