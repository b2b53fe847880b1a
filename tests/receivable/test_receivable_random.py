"""Whatever people do in whatever order, the CRM and the ledger agree after every step.

Longer runs: ``KEHU_RANDOM_SEEDS=1-50 KEHU_RANDOM_STEPS=200``; a failure names its seed and step, which play the same again.
"""

import os
import random

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...models.receivable.exceptions import KehuReceiptStateError
from .test_receivable_tieout import TieOutCommon

STEPS = int(os.environ.get("KEHU_RANDOM_STEPS", "30"))


def seeds():
    """:return: the seeds to play: a list such as ``4,7`` or a range such as ``1-50`` from the environment"""
    first, _dash, last = os.environ.get("KEHU_RANDOM_SEEDS", "1-3").partition("-")
    return range(int(first), int(last) + 1) if last else [int(seed) for seed in first.split(",")]


@tagged("post_install", "-at_install")
class TestReceivableRandom(TieOutCommon):
    """A customer's orders in two companies and two currencies: invoiced, paid, credited, received, advances used and refunded, unmatched
    and cancelled at random, while rates change; always the same way per seed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        home = cls.env.company
        other = cls.env["res.company"].create({"name": "Second Company (test)", "currency_id": home.currency_id.id})
        cls.env["account.chart.template"].try_loading("generic_coa", other, install_demo=False)
        for user in (cls.env.user, cls.user_seller, cls.user_receipt_approver, cls.user_finance):
            user.company_ids = [Command.link(other.id)]
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=[home.id, other.id]))
        cls.foreign = cls.env.ref("base.EUR") if home.currency_id.name != "EUR" else cls.env.ref("base.USD")
        cls.foreign.active = True
        cls.foreign.rate_ids.unlink()
        for company in (home, other):
            cls.env["res.currency.rate"].create(
                {"currency_id": cls.foreign.id, "name": "2020-01-01", "rate": 2.0, "company_id": company.id}
            )
        pricelist = cls.env["product.pricelist"].create({"name": "Foreign (test)", "currency_id": cls.foreign.id})
        other_bank = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", other.id)], limit=1)
        # company, currency, values of an order, journal
        cls.places = [
            (home, home.currency_id, {}, cls.bank),
            (home, cls.foreign, {"pricelist_id": pricelist.id}, cls.bank),
            (other, home.currency_id, {"company_id": other.id}, other_bank),
        ]

    def setUp(self):
        super().setUp()
        self._forget()

    def _forget(self):
        self.orders = self.env["sale.order"]
        self.receipts = self.env["kehu.receipt"]
        self.payments = self.env["account.payment"]
        self.uses = self.env["kehu.advance.use"]
        self.done = {}

    def _place_of(self, record):
        return next(place for place in self.places if (place[0], place[1]) == (record.company_id, record.currency_id))

    # what may happen; each returns False when there is nothing to do it to ---------------------------------------------------------------

    def _invoices(self, open_only=True):
        moves = self.orders.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_invoice")
        return moves.filtered(lambda move: move.amount_residual > 0) if open_only else moves

    def _do_order(self, rng):
        company, _currency, values, _journal = rng.choices(self.places, (3, 2, 1))[0]
        order = (
            self.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": self.customer.id,
                    "user_id": self.user_seller.id,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "product_uom_qty": rng.randint(1, 12), "price_unit": 100.0})
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        self.orders |= order.with_env(self.env)

    def _do_invoice(self, rng):
        order = self._choose(rng, self.orders.filtered(lambda order: order.invoice_status == "to invoice"))
        if not order:
            return False
        quantity = order.order_line.filtered("product_id")[:1].qty_to_invoice
        return self._invoice(
            order.with_company(order.company_id), quantity=rng.randint(1, int(quantity)) if quantity >= 1 and rng.random() < 0.6 else None
        )

    def _do_invoice_together(self, rng):
        orders = self.orders.filtered(lambda order: order.invoice_status == "to invoice" and not order.invoice_ids)
        together = next(iter(orders.grouped(lambda order: (order.company_id, order.currency_id)).values()), orders)
        return len(together) > 1 and self._invoice(together[:2].with_company(together.company_id))

    def _do_down_payment(self, rng):
        order = self._choose(rng, self.orders.filtered(lambda order: not order.invoice_ids))
        if not order:
            return False
        amount = round(order.amount_total * rng.choice((0.1, 0.3, 0.333)), 2)
        wizard = self.env["sale.advance.payment.inv"].with_company(order.company_id)
        move = wizard.create(
            {"advance_payment_method": "fixed", "fixed_amount": amount, "sale_order_ids": [Command.set(order.ids)]}
        )._create_invoices(order.with_company(order.company_id))
        move.action_post()
        return move

    def _do_final_invoice(self, rng):
        order = self._choose(
            rng, self.orders.filtered(lambda order: order.order_line.filtered("is_downpayment") and order.invoice_status == "to invoice")
        )
        if not order:
            return False
        move = order.with_company(order.company_id)._create_invoices(final=True)
        move.action_post()
        return move

    def _do_pay(self, rng):
        invoice = self._choose(rng, self._invoices())
        if not invoice:
            return False
        wizard = self.env["account.payment.register"].with_company(invoice.company_id)
        payment = (
            wizard.with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "amount": round(invoice.amount_residual * rng.choice((0.25, 0.333, 1.0)), 2),
                    "currency_id": invoice.currency_id.id,
                    "journal_id": self._place_of(invoice)[3].id,
                }
            )
            ._create_payments()
        )
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
        # one that was given up may owe for what was invoiced, which is paid there
        orders = self.orders.filtered(lambda order: order.kehu_amount_due > 0 and order.state == "sale")
        place = self._place_of(self._choose(rng, orders)) if orders else self.places[0]
        orders = orders.filtered(lambda order: (order.company_id, order.currency_id) == place[:2])
        orders = orders.browse(rng.sample(orders.ids, min(len(orders), rng.randint(1, 3))))
        allocations = [(order, round(order.kehu_amount_due * rng.choice((0.2, 0.5, 1.0)), 2)) for order in orders]
        advance = rng.choice((0.0, 55.55, 240.0))
        amount = sum(part for _order, part in allocations) + advance
        if not amount:
            return False
        values = {"company_id": place[0].id, "currency_id": place[1].id, "journal_id": place[3].id}
        self.receipts |= self._receive(round(amount, 2), allocations, **values).sudo()

    def _do_use(self, rng):
        """A part of an open advance for the oldest open order in its company and currency."""
        receipt = self._choose(rng, self.receipts.filtered(lambda receipt: receipt.advance_open > 0))
        orders = self.orders.filtered(
            lambda order: (
                order.kehu_amount_due > 0
                and order.state == "sale"
                and (order.company_id, order.currency_id) == (receipt.company_id, receipt.currency_id)
            )
        )
        order = self._choose(rng, orders)
        if not order:
            return False
        amount = round(min(receipt.advance_open, order.kehu_amount_due) * rng.choice((0.333, 1.0)), 2)
        self.uses |= self._use(receipt, [(order, amount)]).sudo()

    def _do_refund(self, rng):
        receipt = self._choose(rng, self.receipts.filtered(lambda receipt: receipt.advance_open > 0))
        if not receipt:
            return False
        use = self._create_use(
            receipt, kind="refund", amount=round(receipt.advance_open * rng.choice((0.5, 1.0)), 2), journal_id=receipt.journal_id.id
        )
        self.uses |= self._approve(use).sudo()

    def _do_lower(self, rng):
        """An order gets smaller after it was collected or invoiced, or is given up where nothing is invoiced."""
        order = self._choose(rng, self.orders.filtered(lambda order: order.state == "sale"))
        line = order.order_line.filtered("product_id")[:1]
        least = max(int(line.qty_invoiced), 1)
        if order and not order.invoice_ids and rng.random() < 0.3:
            return order._action_cancel()
        if line.product_uom_qty <= least:
            return False
        line.write({"product_uom_qty": rng.randint(least, int(line.product_uom_qty) - 1), "price_unit": 100.0})

    def _do_free(self, rng):
        """What an order has too much becomes an advance of one of the receipts that brought it."""
        order = self._choose(rng, self.orders.filtered(lambda order: order._kehu_surplus() > 0))
        receipts = self.receipts.search(order._kehu_givers_domain()) if order else self.receipts.browse()
        receipt = self._choose(rng, receipts.filtered(lambda receipt: receipt._kehu_given().get(order, 0.0) > 0))
        if not receipt:
            return False
        most = min(order._kehu_surplus(), receipt._kehu_given()[order])
        self.uses |= self._use(receipt, [(order, round(most * rng.choice((0.5, 1.0)), 2))], kind="free").sudo()

    def _do_cancel_use(self, rng):
        """One that was spent, or freed again, stays; in a locked period its entry is reversed."""
        use = self._choose(rng, self.uses.filtered(lambda use: use.state == "approved"))
        if not use:
            return False
        try:
            with self.cr.savepoint():
                return self._locked(rng, use.company_id, use.with_user(self.user_finance).action_cancel)
        except KehuReceiptStateError:
            return False

    def _locked(self, rng, company, action):
        """Do something, at times while all that is posted is in a locked period."""
        if rng.random() < 0.4:
            company.fiscalyear_lock_date = fields.Date.add(fields.Date.today(), days=2)
        try:
            return action()
        finally:
            company.fiscalyear_lock_date = False

    def _do_change_rate(self, rng):
        """From today on; what was posted keeps its rate."""
        for company in {place[0] for place in self.places}:
            self.env["res.currency.rate"].search([("currency_id", "=", self.foreign.id), ("company_id", "=", company.id)]).rate = round(
                rng.uniform(1.2, 3.5), 4
            )

    def _do_cancel_receipt(self, rng):
        used = self.uses.filtered(lambda use: use.state == "approved").receipt_id
        receipt = self._choose(rng, self.receipts.filtered(lambda receipt: receipt.state == "approved") - used)
        return receipt and self._locked(rng, receipt.company_id, receipt.with_user(self.user_finance).action_cancel)

    def _do_cancel_payment(self, rng):
        payment = self._choose(rng, self.payments.filtered(lambda payment: payment.state in ("in_process", "paid")))
        if not payment:
            return False
        payment.action_draft()
        payment.action_cancel()

    def _do_unmatch(self, rng):
        payments = self.payments | self.receipts.payment_id | self.uses.payment_id
        moves = payments.move_id | self.uses.move_id
        lines = self._receivable_lines(moves | moves.reversal_move_ids).filtered(
            lambda line: line.matched_debit_ids or line.matched_credit_ids
        )
        line = self._choose(rng, lines)
        return line and line.remove_move_reconcile()

    def _choose(self, rng, records):
        return records.browse(rng.choice(records.ids)) if records else records

    # what must hold ---------------------------------------------------------------

    def _check(self, step):
        """Sums of all orders against the receivable accounts of the customer, which know nothing of orders; then order by order."""
        self.env.flush_all()
        self.env.invalidate_all()
        for company, currency, _values, _journal in self.places:
            lines = self.env["account.move.line"].search(
                [
                    ("partner_id", "=", self.customer.id),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("company_id", "=", company.id),
                    ("currency_id", "=", currency.id),
                ]
            )
            orders = self.orders.filtered(lambda order, place=(company, currency): (order.company_id, order.currency_id) == place)
            money = lines.filtered(lambda line: line.move_id.move_type == "entry")
            advances = -sum(money.filtered(lambda line: not line.kehu_order_id).mapped("amount_residual_currency"))
            received = -sum(money.mapped("amount_currency")) - advances
            uninvoiced = sum(
                max(order.amount_total - self._invoiced_once(order), 0.0) for order in orders.filtered(lambda order: order.state == "sale")
            )
            # what was given up before any money or invoice is not in the list
            nothing = orders.filtered(
                lambda order: self._is_nothing(order) and not any((order.kehu_amount_received, order.kehu_amount_due))
            )
            rows = self.env["kehu.receivable"].browse((orders - nothing).ids)
            where = f"{currency.name} in {company.name} after {step}"
            self.assertAlmostEqual(sum(rows.mapped("amount_received")), received, 2, f"received {where}")
            due = sum(lines.mapped("amount_currency")) + uninvoiced + advances
            self.assertAlmostEqual(sum(rows.mapped("amount_due")), due, 2, f"due {where}")
            for row, order in zip(rows, orders - nothing, strict=True):
                settled = order.kehu_receipt_state == "settled"
                self.assertEqual((row.settled, settled), (settled, order.kehu_amount_due <= 0.004 and not self._is_nothing(order)), where)
            differences = [row for row in self._differences(company=company) if row[2] != "outside"]
            self.assertEqual(differences, [], where)
        for receipt in self.receipts:
            given = receipt._kehu_given() if receipt.state == "approved" else {}
            self.assertGreaterEqual(min(given.values(), default=0.0), -0.004, f"{receipt.name} freed more than it brought, {where}")
            self.assertGreaterEqual(receipt.advance_open, -0.004, f"{receipt.name} has less than nothing open, {where}")

    def _is_nothing(self, order):
        """Given up before anything was invoiced: neither open nor settled."""
        return order.state == "cancel" and not order.invoice_ids.filtered(lambda move: move.state == "posted")

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
        self._forget()
        rng = random.Random(seed)
        steps = [name for name in sorted(dir(self)) if name.startswith("_do_")]
        weights = [3 if name in ("_do_order", "_do_receive", "_do_invoice", "_do_use") else 1 for name in steps]
        for number in range(STEPS):
            name = rng.choices(steps, weights)[0] if number else "_do_order"
            where = f"step {number} {name} of seed {seed} (KEHU_RANDOM_SEEDS={seed} KEHU_RANDOM_STEPS={STEPS})"
            try:
                done = getattr(self, name)(rng)
            except Exception as error:
                error.add_note(where)
                raise
            if done is not False:
                self.done[name] = self.done.get(name, 0) + 1
            self._check(where)

    def test_seeds(self):
        kinds = set()
        for seed in seeds():
            with self.subTest(seed=seed), self.cr.savepoint() as savepoint:
                self._play(seed)
                kinds |= self.done.keys()
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertGreater(len(kinds), 9, "most kinds of steps were taken")
