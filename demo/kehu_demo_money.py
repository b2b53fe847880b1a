from odoo import models
from odoo.fields import Command

# what may be owed at most: one customer is above it already, the other far below
CREDIT_LIMITS = {"wxth": 40000, "nbhg": 300000}


class KehuDemo(models.AbstractModel):
    """Money beyond orders and money that is missing: an advance and its use, credit limits, a dunning letter that waits to be sent."""

    _inherit = "kehu.demo"

    def _load_money(self):
        finance = self._ref("user_wujing")
        for key, limit in CREDIT_LIMITS.items():
            self._customer(key).with_user(finance).kehu_set_credit_limit(limit)
        self._load_advance()
        self._as("wujing", "kehu.dunning.letter").action_make()

    def _load_advance(self):
        """深圳前海 pays its second order with more than it owes; a part of the rest goes on its third."""
        approver = self._ref("user_sunli")
        orders = self.env["sale.order"]
        for days, lines in ((-9, [("gateway", 3)]), (-5, [("transmitter", 20)])):
            order = self._quote("szqh", days, lines)
            order.kehu_to_order()
            order.kehu_submit(approver_id=approver.id, comment="年度框架下的订单")
            order.with_user(approver).kehu_approve("同意")
            self._happened(days, 14)
            orders |= order
        paid, open_order = orders
        receipt = self._receipt(paid, -4, paid.amount_total, "approved", advance=20000)
        use = self.env["kehu.advance.use"].with_user(receipt.user_id)
        use = use.create(
            {
                "receipt_id": receipt.id,
                "date": self._day(-2),
                "line_ids": [Command.create({"order_id": open_order.id, "amount": 12000})],
                "note": "客户同意用预收款冲抵",
            }
        )
        use.action_post()
        self._happened(-2, 10)
