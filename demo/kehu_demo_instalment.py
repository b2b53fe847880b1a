from odoo import models
from odoo.fields import Command

# customer: parts as (days from today, name, per cent), of its latest confirmed order that still owes money
ORDER_PLANS = {
    "gzby": [(-10, "首付款", 30), (4, "到货款", 60), (200, "质保金", 10)],
    "wxth": [(-8, "首付款", 50), (22, "验收款", 50)],
}
# customer: the same, of its contract in force
CONTRACT_PLANS = {
    "nbhg": [(-30, "合同款", 30), (6, "交货款", 40), (60, "验收款", 20), (700, "质保金", 10)],
    "wxth": [(-20, "一季度服务费", 25), (70, "二季度服务费", 25), (160, "三季度服务费", 25), (250, "四季度服务费", 25)],
}


class KehuDemo(models.AbstractModel):
    """Payment plans of the demo company: paid, late and coming parts, of orders and of contracts."""

    _inherit = "kehu.demo"

    def _load_instalments(self):
        # sudo: sale.order, kehu.contract - found for the person who plans them
        orders, contracts = self.env["sale.order"].sudo(), self.env["kehu.contract"].sudo()
        owing = orders.search([("kehu_amount_due", ">", 0), ("state", "=", "sale")], order="date_order desc, id")
        for key, plan in ORDER_PLANS.items():
            self._plan_payment(owing.filtered(lambda order, key=key: order.kehu_customer_id == self._customer(key))[:1], plan)
        for key, plan in CONTRACT_PLANS.items():
            contract = contracts.search([("partner_id", "=", self._customer(key).id), ("state", "=", "approved")], limit=1)
            self._plan_payment(contract.filtered("amount"), plan)

    def _plan_payment(self, document, plan):
        for record in document.with_user(document.user_id):
            record.write(
                {
                    "kehu_instalment_ids": [
                        Command.create({"sequence": number, "name": name, "percent": percent, "date_due": self._day(days)})
                        for number, (days, name, percent) in enumerate(plan, start=1)
                    ]
                }
            )
