from odoo import models


class KehuReceipt(models.Model):
    """Directors are told of big receipts once they are approved."""

    _inherit = "kehu.receipt"

    def _kehu_on_approved(self):
        result = super()._kehu_on_approved()
        deals = self.env["kehu.big.deal"]
        if deals._kehu_is_watched(self.company_id):
            deals._kehu_tell("receipt", [receipt._kehu_big_deal() for receipt in self])
        return result

    def _kehu_big_deal(self):
        """What the directors are told of this one receipt, see ``kehu.big.deal._kehu_tell``."""
        self.ensure_one()
        return {
            "document": self,
            "name": self.name,
            "partner": self.partner_id,
            "user": self.user_id,
            "company": self.company_id,
            "amount": self.currency_id._convert(self.amount, self.company_id.currency_id, self.company_id, self.date),
        }
