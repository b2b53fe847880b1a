"""Whatever people do in whatever order, the CRM and the ledger agree after every step."""

import random

from odoo.tests import tagged

from .common import ReceivableCommon

STEPS = 45


@tagged("post_install", "-at_install")
class TestReceivableRandom(ReceivableCommon):
    """Three customers' orders, invoiced, paid, credited, received, unmatched and cancelled at random, always the same way per seed."""

    def setUp(self):
        super().setUp()
        self.orders = self.env["sale.order"]
        self.receipts = self.env["kehu.receipt"]
        self.payments = self.env["account.payment"]
        self.done = {}

    # what may happen; each returns False when there is nothing to do it to ---------------------------------------------------------------

    def _invoices(self, open_only=True):
        moves = self.orders.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_invoice")
        return moves.filtered(lambda move: move.amount_residual > 0) if open_only else moves

    def _do_order(self, rng):
        self.orders |= self._create_order(rng.randint(1, 12), customer=self.customer)

    def _do_invoice(self, rng):
        order = self._choose(rng, self.orders.filtered(lambda order: order.invoice_status == "to invoice"))
        if not order:
            return False
        quantity = order.order_line.filtered("product_id")[:1].qty_to_invoice
        return self._invoice(order, quantity=rng.randint(1, int(quantity)) if quantity >= 1 and rng.random() < 0.6 else None)

    def _do_invoice_together(self, rng):
        orders = self.orders.filtered(lambda order: order.invoice_status == "to invoice" and not order.invoice_ids)
        return len(orders) > 1 and self._invoice(orders[:2])

    def _do_down_payment(self, rng):
        order = self._choose(rng, self.orders.filtered(lambda order: not order.invoice_ids))
        return order and self._down_payment(order, round(order.amount_total * rng.choice((0.1, 0.3, 0.333)), 2))

    def _do_final_invoice(self, rng):
        order = self._choose(
            rng, self.orders.filtered(lambda order: order.order_line.filtered("is_downpayment") and order.invoice_status == "to invoice")
        )
        if not order:
            return False
        move = order._create_invoices(final=True)
        move.action_post()
        return move

    def _do_pay(self, rng):
        invoice = self._choose(rng, self._invoices())
        if not invoice:
            return False
        payment = self._pay(invoice, round(invoice.amount_residual * rng.choice((0.25, 0.333, 1.0)), 2))
        self.payments |= payment
        return payment

    def _do_credit(self, rng):
        invoice = self._choose(rng, self._invoices(open_only=False).filtered(lambda move: not move.reversal_move_ids))
        return invoice and self._credit(invoice, reconcile=rng.random() < 0.5)

    def _do_credit_one_of_several(self, rng):
        """A credit note for one order on an invoice of several, matched with that invoice."""
        invoices = self._invoices().filtered(lambda move: not move.reversal_move_ids and len(move.line_ids.sale_line_ids.order_id) > 1)
        invoice = self._choose(rng, invoices)
        if not invoice:
            return False
        credit = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        order = self._choose(rng, credit.invoice_line_ids.sale_line_ids.order_id)
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids.order_id != order).unlink()
        if credit.amount_total <= 0:
            credit.unlink()
            return False
        credit.action_post()
        self._receivable_lines(credit | invoice).filtered(lambda line: not line.reconciled).reconcile()
        return credit

    def _do_receive(self, rng):
        orders = self.orders.filtered(lambda order: order.kehu_amount_due > 0)
        orders = orders.browse(rng.sample(orders.ids, min(len(orders), rng.randint(1, 3))))
        allocations = [(order, round(order.kehu_amount_due * rng.choice((0.2, 0.5, 1.0)), 2)) for order in orders]
        advance = rng.choice((0.0, 0.0, 55.55))
        amount = sum(part for _order, part in allocations) + advance
        if not amount:
            return False
        self.receipts |= self._receive(round(amount, 2), allocations).sudo()

    def _do_cancel_receipt(self, rng):
        receipt = self._choose(rng, self.receipts.filtered(lambda receipt: receipt.state == "approved"))
        return receipt and receipt.with_user(self.user_finance).action_cancel()

    def _do_cancel_payment(self, rng):
        payment = self._choose(rng, self.payments.filtered(lambda payment: payment.state in ("in_process", "paid")))
        if not payment:
            return False
        payment.action_draft()
        payment.action_cancel()

    def _do_unmatch(self, rng):
        payments = self.payments | self.receipts.payment_id
        lines = self._receivable_lines(payments.move_id).filtered(lambda line: line.matched_debit_ids or line.matched_credit_ids)
        line = self._choose(rng, lines)
        return line and line.remove_move_reconcile()

    def _choose(self, rng, records):
        return records.browse(rng.choice(records.ids)) if records else records

    # what must hold ---------------------------------------------------------------

    def _check(self, step):
        """Sums of all orders against the receivable account of the customer, which knows nothing of orders."""
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", self.customer.id), ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")]
        )
        money = lines.filtered(lambda line: line.move_id.move_type == "entry")
        advances = -sum(money.filtered(lambda line: not line.kehu_order_id).mapped("amount_residual"))
        received = -sum(money.mapped("balance")) - advances
        uninvoiced = sum(max(order.amount_total - self._invoiced_once(order), 0.0) for order in self.orders)
        rows = self.env["kehu.receivable"].browse(self.orders.ids)
        self.assertAlmostEqual(sum(rows.mapped("amount_received")), received, 2, f"received after {step}")
        self.assertAlmostEqual(sum(rows.mapped("amount_due")), sum(lines.mapped("balance")) + uninvoiced + advances, 2, f"due after {step}")
        for row, order in zip(rows, self.orders, strict=True):
            self.assertEqual(row.settled, order.kehu_amount_due <= 0.004, f"settled of {order.name} after {step}")

    def _invoiced_once(self, order):
        """What was invoiced, without what only replaces something credited before; by order, where the CRM goes line by line."""
        once = credited = 0.0
        lines = order.order_line.invoice_lines.filtered(lambda line: line.parent_state == "posted")
        for move in lines.move_id.sorted("id"):
            amount = sum((lines & move.invoice_line_ids).mapped("price_total"))
            if move.move_type == "out_refund":
                credited += amount
            else:
                again = min(credited, amount)
                credited -= again
                once += amount - again
        return once

    def _play(self, seed):
        rng = random.Random(seed)
        steps = [name for name in sorted(dir(self)) if name.startswith("_do_")]
        weights = [3 if name in ("_do_order", "_do_receive", "_do_invoice") else 1 for name in steps]
        for number in range(STEPS):
            name = rng.choices(steps, weights)[0] if number else "_do_order"
            if getattr(self, name)(rng) is not False:
                self.done[name] = self.done.get(name, 0) + 1
            self._check(f"step {number} {name} of seed {seed}")

    def test_seed_1(self):
        self._play(1)
        self.assertGreater(len(self.done), 7, "most kinds of steps were taken")

    def test_seed_2(self):
        self._play(2)

    def test_seed_3(self):
        self._play(3)
