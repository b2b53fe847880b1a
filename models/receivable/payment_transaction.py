from odoo import models

from ..system.engine import as_engine


class PaymentTransaction(models.Model):
    """What a customer pays online for an order counts for that order from the payment on, not only from its invoice."""

    _inherit = "payment.transaction"

    def _create_payment(self, **extra_create_values):
        """Mark the open part of the payment as received for the order, where the transaction pays exactly one.

        The host does not pay several quotations or orders by one transaction.
        """
        payment = super()._create_payment(**extra_create_values)
        order = self.sale_order_ids
        if len(order) == 1 and order.kehu_customer_id and payment.payment_type == "inbound":
            lines = payment.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable" and not line.kehu_order_id)
            as_engine(lines, "receipt").write({"kehu_order_id": order.id})
            # sudo: account.move.line - whoever confirms the transaction also matches it with the invoices of its order
            order.sudo()._kehu_match_receipts()
        return payment
