from odoo import models

from ...tools.capital_amount import capital_amount


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _kehu_in_capitals(self, amount):
        """An amount of this one currency in Chinese capitals, for prints; "" where they mean nothing.

        Only the yuan has them: 元, 角 and 分 name its parts. E.g. 107000.53 CNY: 人民币壹拾万柒仟元伍角叁分.
        """
        self.ensure_one()
        if self.name not in ("CNY", "CNH"):
            return ""
        try:
            return capital_amount(amount)
        except ValueError:  # more than anybody writes out; the figures stand beside it
            return ""
