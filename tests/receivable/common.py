"""Orders, invoices, payments and receipts for the tests of the room receivable."""

from odoo.fields import Command

from ..common import KehuCommon


class ReceivableCommon(KehuCommon):
    """A customer of the seller, a product of 100 without taxes, and shorthands for what happens to money.

    Orders are confirmed without approval here; the stories of the room sales and of the whole product go the long way.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            cls.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        cls.bank = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
        cls.cash = cls.env["account.journal"].search([("type", "=", "cash"), ("company_id", "=", company.id)], limit=1)
        cls.env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")]).active = False
        cls.product = cls._create_product(100.0)
        cls.customer = cls._create_customer(cls.user_seller, name="Hangzhou Pumps")
        cls.other_customer = cls._create_customer(cls.user_west_seller, name="Ningbo Valves")

    # what happens ---------------------------------------------------------------

    @classmethod
    def _create_order(cls, quantity=10, customer=None, user=None, confirm=True, **values):
        """An order of ``quantity`` × 100."""
        customer = customer or cls.customer
        order = cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": (user or customer.user_id).id,
                "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": quantity, "price_unit": 100.0})],
                **values,
            }
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _invoice(cls, orders, quantity=None, post=True):
        """Invoice all, or ``quantity`` × 100, of the orders."""
        move = orders._create_invoices()
        if quantity is not None:
            move.invoice_line_ids.filtered("product_id").quantity = quantity
        if post:
            move.action_post()
        return move

    @classmethod
    def _down_payment(cls, order, amount):
        wizard = cls.env["sale.advance.payment.inv"].create(
            {"advance_payment_method": "fixed", "fixed_amount": amount, "sale_order_ids": [Command.set(order.ids)]}
        )
        move = wizard._create_invoices(order)
        move.action_post()
        return move

    @classmethod
    def _pay(cls, invoice, amount):
        """Register a payment on the invoice, as an accountant does."""
        return (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": amount, "journal_id": cls.bank.id})
            ._create_payments()
        )

    @classmethod
    def _credit(cls, invoice, quantity=None, reconcile=True):
        """A credit note of ``quantity`` × 100 on the invoice, or of all of it."""
        move = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        if quantity is not None:
            move.invoice_line_ids.filtered("product_id").quantity = quantity
        move.action_post()
        if reconcile:
            cls._receivable_lines(move | invoice).filtered(lambda line: not line.reconciled).reconcile()
        return move

    @classmethod
    def _receivable_lines(cls, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    @classmethod
    def _create_receipt(cls, amount, allocations=(), customer=None, user=None, **values):
        """A draft receipt of the seller; ``allocations``: pairs of order and amount."""
        customer = customer or cls.customer
        return (
            cls.env["kehu.receipt"]
            .with_user(user or cls.user_seller)
            .create(
                {
                    "partner_id": customer.id,
                    "amount": amount,
                    "journal_id": cls.bank.id,
                    "allocation_ids": [Command.create({"order_id": order.id, "amount": part}) for order, part in allocations],
                    **values,
                }
            )
        )

    @classmethod
    def _approve(cls, receipt):
        receipt.kehu_submit(cls.user_receipt_approver.id)
        receipt.with_user(cls.user_receipt_approver).kehu_approve()
        return receipt

    @classmethod
    def _receive(cls, amount, allocations=(), **values):
        return cls._approve(cls._create_receipt(amount, allocations, **values))

    # what must hold -------------------------------------------------------------

    def assertOrder(self, order, invoiced, received, due, state):
        """Compare hand-computed figures with those of the order and with those of its row among the receivables."""
        order = order.sudo()
        self.assertEqual(
            (order.kehu_amount_invoiced, order.kehu_amount_received, order.kehu_amount_due, order.kehu_receipt_state),
            (invoiced, received, due, state),
        )
        row = self.env["kehu.receivable"].browse(order.id)
        row.invalidate_recordset()
        self.assertEqual(
            (row.amount_invoiced, row.amount_received, row.amount_due, row.settled), (invoiced, received, due, state == "settled")
        )
