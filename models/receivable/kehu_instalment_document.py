"""Orders and contracts that are paid in parts."""

from odoo import api, fields, models

GROUPS = "kehu_crm.group_kehu_user,kehu_crm.group_kehu_finance,kehu_crm.group_kehu_order_approver"


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "kehu.instalment.mixin"]

    kehu_instalment_ids = fields.One2many(
        "kehu.instalment",
        "order_id",
        string="Instalments",
        copy=False,
        groups=GROUPS,
        help="Parts in which this order is paid; they add up to it. Without any, its payment terms say when it is due.",
    )

    kehu_plan_difference = fields.Monetary(
        string="Not Planned",
        compute="_compute_kehu_plan_difference",
        compute_sudo=True,
        help="The order less its instalments. Negative: the instalments add up to more.",
    )

    def _kehu_plan_total(self):
        return self.amount_total

    def _kehu_plan_in_force(self):
        return self.state == "sale"

    def _kehu_plan_is_void(self):
        return self.state == "cancel"

    def _kehu_plan_money(self, parts):
        """What of the parts neither came nor is due was credited."""
        received = self.kehu_amount_received
        planned = sum(parts.mapped("amount"))
        credited = planned - min(max(received, 0.0), planned) - max(self.kehu_amount_due, 0.0) if self.state == "sale" else 0.0
        return received, credited

    def _kehu_plan_base_days(self):
        ordered = fields.Date.context_today(self, self.date_order) if self.date_order else fields.Date.context_today(self)
        delivery = fields.Date.context_today(self, self.commitment_date) if self.commitment_date else ordered
        return {"document": ordered, "delivery": delivery}

    @api.depends("amount_total", "kehu_instalment_ids.amount")
    def _compute_kehu_plan_difference(self):
        return super()._compute_kehu_plan_difference()

    @api.depends("state", "kehu_approval_state")
    def _compute_kehu_plan_frozen(self):
        return super()._compute_kehu_plan_frozen()

    def _confirmation_error_message(self):
        """An order is not confirmed with a plan that does not add up to it."""
        return super()._confirmation_error_message() or self._kehu_plan_error()

    def _kehu_ahead_fields(self):
        return super()._kehu_ahead_fields() | {"kehu_instalment_ids"}


class KehuContract(models.Model):
    _name = "kehu.contract"
    _inherit = ["kehu.contract", "kehu.instalment.mixin"]

    kehu_instalment_ids = fields.One2many(
        "kehu.instalment",
        "contract_id",
        string="Instalments",
        copy=False,
        groups=GROUPS,
        help="Parts in which the contract is paid; they add up to its amount. Money of its orders covers them, the oldest first.",
    )

    kehu_plan_difference = fields.Monetary(
        string="Not Planned",
        compute="_compute_kehu_plan_difference",
        compute_sudo=True,
        help="The contract less its instalments. Negative: the instalments add up to more.",
    )

    def _kehu_plan_total(self):
        return self.amount

    def _kehu_plan_in_force(self):
        return self.state in ("approved", "expired")

    def _kehu_plan_is_void(self):
        return self.state == "terminated"

    def _kehu_plan_money(self, parts):
        """What came and was credited on the confirmed orders of the contract, at the rate of the day of each order."""
        received = credited = 0.0
        for order in self.order_ids:
            money = order.kehu_amount_received
            credit = max(order.amount_total - money - order.kehu_amount_due, 0.0) if order.state == "sale" else 0.0
            if order.currency_id != self.currency_id:
                day = order.date_order or fields.Datetime.now()
                money, credit = (
                    order.currency_id._convert(amount, self.currency_id, self.company_id, day.date()) for amount in (money, credit)
                )
            received += money
            credited += credit
        return received, credited

    def _kehu_plan_base_days(self):
        signed = self.sign_date or self.date_from or fields.Date.context_today(self)
        return {"document": signed, "delivery": self.date_to or signed}

    @api.depends("amount", "kehu_instalment_ids.amount")
    def _compute_kehu_plan_difference(self):
        return super()._compute_kehu_plan_difference()

    @api.depends("state", "kehu_approval_state")
    def _compute_kehu_plan_frozen(self):
        return super()._compute_kehu_plan_frozen()

    def _kehu_submit_error(self):
        return self._kehu_plan_error() or super()._kehu_submit_error()
