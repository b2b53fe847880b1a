"""Down payments on approved orders come from the host's invoicing, and from nowhere else.

What a down-payment line says is taken off the final invoice. Written by hand on an approved order, it would be a discount that nobody
approved: order 200, line of 150 that nobody invoiced, final invoice 50.
"""

from odoo import models

from ..system.engine import as_engine, leave_engine

ENGINE = "down_payment"


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """The lines that the host adds to the orders stand for the invoice that it makes here."""
        invoices = super(SaleAdvancePaymentInv, as_engine(self, ENGINE))._create_invoices(as_engine(sale_orders, ENGINE))
        return leave_engine(invoices, ENGINE)


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_post(self):
        """The host writes text, price and taxes of a posted down payment into its order; below, its text."""
        return super(AccountMove, as_engine(self, ENGINE)).action_post()

    def button_draft(self):
        return super(AccountMove, as_engine(self, ENGINE)).button_draft()

    def button_cancel(self):
        return super(AccountMove, as_engine(self, ENGINE)).button_cancel()

    def unlink(self):
        """The host takes the lines of a deleted down payment off its order."""
        return super(AccountMove, as_engine(self, ENGINE)).unlink()
