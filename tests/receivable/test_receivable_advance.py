"""What becomes of money paid in advance: used for orders later, refunded, taken back; in two currencies; by whom."""

from importlib.util import module_from_spec, spec_from_file_location

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_path

from ...models.approval.exceptions import KehuApprovalError, KehuApprovalFrozenError
from ...models.receivable.exceptions import (
    KehuAdvanceError,
    KehuOverAllocationError,
    KehuReceiptLedgerError,
    KehuReceiptRightError,
    KehuReceiptStateError,
)
from ...models.system.engine import as_engine
from ...models.system.exceptions import KehuEngineOnlyError
from .common import ReceivableCommon


class AdvanceCommon(ReceivableCommon):
    """Shorthands for uses and refunds of the seller's advances."""

    @classmethod
    def _create_use(cls, receipt, allocations=(), user=None, **values):
        return (
            cls.env["kehu.advance.use"]
            .with_user(user or cls.user_seller)
            .create(
                {
                    "receipt_id": receipt.id,
                    "line_ids": [Command.create({"order_id": order.id, "amount": amount}) for order, amount in allocations],
                    **values,
                }
            )
        )

    @classmethod
    def _use(cls, receipt, allocations, **values):
        use = cls._create_use(receipt, allocations, **values)
        use.action_post()
        return use

    @classmethod
    def _create_refund(cls, receipt, amount, **values):
        return cls._create_use(receipt, kind="refund", amount=amount, journal_id=cls.bank.id, **values)

    @classmethod
    def _refund(cls, receipt, amount, **values):
        return cls._approve(cls._create_refund(receipt, amount, **values))

    def _advance_residual(self, receipt):
        """What is open of an advance, read off the ledger alone."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT COALESCE(-SUM(l.amount_currency
                        - COALESCE((SELECT SUM(p.debit_amount_currency) FROM account_partial_reconcile p WHERE p.debit_move_id = l.id), 0)
                        + COALESCE((SELECT SUM(p.credit_amount_currency) FROM account_partial_reconcile p WHERE p.credit_move_id = l.id), 0)
                      ), 0)
                 FROM account_move_line l
                 JOIN account_payment a ON a.move_id = l.move_id
                 JOIN kehu_receipt r ON r.payment_id = a.id
                 JOIN account_account acc ON acc.id = l.account_id AND acc.account_type = 'asset_receivable'
                WHERE r.id = %s AND l.kehu_order_id IS NULL AND l.parent_state = 'posted'""",
            [receipt.id],
        )
        return float(self.env.cr.fetchone()[0])

    def assertAdvance(self, receipt, advance_open):
        receipt = receipt.sudo()
        self.assertAlmostEqual(receipt.advance_open, advance_open, 2)
        self.assertAlmostEqual(self._advance_residual(receipt), advance_open, 2)


@tagged("post_install", "-at_install")
class TestReceivableAdvance(AdvanceCommon):
    # using ---------------------------------------------------------------

    def test_advance_is_open_once_the_receipt_is_approved(self):
        order = self._create_order(3)
        receipt = self._create_receipt(1000.0, [(order, 300.0)])
        self.assertEqual((receipt.advance, receipt.advance_open), (700.0, 0.0))
        self._approve(receipt)
        self.assertAdvance(receipt, 700.0)
        self.assertEqual(self.customer.with_user(self.user_seller).kehu_advance_total, 700.0)
        receipt.with_user(self.user_finance).action_cancel()
        self.assertEqual((receipt.advance, receipt.advance_open), (700.0, 0.0))

    def test_use_before_the_invoice(self):
        """Advance 700: 500 for an order of 500, matched when it is invoiced; 200 stay."""
        receipt = self._receive(700.0)
        order = self._create_order(5)
        use = self._use(receipt, [(order, 500.0)])
        self.assertEqual((use.state, use.amount, use.partner_id), ("approved", 500.0, self.customer))
        self.assertAdvance(receipt, 200.0)
        self.assertOrder(order, 0.0, 500.0, 0.0, "settled")
        invoice = self._invoice(order)
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0.0, "paid"))
        self.assertOrder(order, 500.0, 500.0, 0.0, "settled")
        self.assertAdvance(receipt, 200.0)

    def test_use_after_the_invoice(self):
        receipt = self._receive(700.0)
        first, second = self._create_order(5), self._create_order(4)
        invoice = self._invoice(first)
        use = self._use(receipt, [(first, 300.0), (second, 400.0)])
        self.assertEqual(invoice.amount_residual, 200.0)
        self.assertAdvance(receipt, 0.0)
        self.assertOrder(first, 500.0, 300.0, 200.0, "partial")
        self.assertOrder(second, 0.0, 400.0, 0.0, "settled")
        move = use.sudo().move_id
        self.assertEqual(sum(move.line_ids.mapped("balance")), 0.0)
        self.assertEqual(move.line_ids.kehu_order_id, first | second)

    def test_cancelled_use_gives_the_advance_back(self):
        receipt = self._receive(700.0)
        order = self._create_order(5)
        invoice = self._invoice(order)
        use = self._use(receipt, [(order, 500.0)])
        self.assertEqual(invoice.amount_residual, 0.0)
        with self.assertRaisesRegex(KehuReceiptStateError, "Cancel that first"):
            receipt.with_user(self.user_finance).action_cancel()
        use.action_cancel()
        self.assertEqual((use.state, use.sudo().move_id.state), ("cancelled", "cancel"))
        self.assertEqual(invoice.amount_residual, 500.0)
        self.assertAdvance(receipt, 700.0)
        self.assertOrder(order, 500.0, 0.0, 500.0, "none")
        with self.assertRaisesRegex(KehuReceiptStateError, "only what is posted"):
            use.action_cancel()
        receipt.with_user(self.user_finance).action_cancel()
        self.assertEqual(receipt.state, "cancelled")

    def test_cancelled_use_in_a_locked_period_is_reversed(self):
        receipt = self._receive(700.0, date="2025-01-10")
        order = self._create_order(5)
        use = self._use(receipt, [(order, 500.0)], date="2025-01-20")
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        use.action_cancel()
        move = use.sudo().move_id
        self.assertEqual((move.state, len(move.reversal_move_ids)), ("posted", 1))
        self.assertEqual(move.reversal_move_ids.date, fields.Date.context_today(use))
        self.assertEqual(sum((move | move.reversal_move_ids).line_ids.mapped("balance")), 0.0)
        self.assertAdvance(receipt, 700.0)
        self.assertOrder(order, 0.0, 0.0, 500.0, "none")

    def test_locked_period_takes_no_new_use(self):
        receipt = self._receive(700.0, date="2025-01-10")
        order = self._create_order(5)
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        use = self._create_use(receipt, [(order, 500.0)], date="2025-02-01")
        use.action_post()
        # the host moves an entry out of a locked period, or refuses it; nothing is ever added to the closed months
        self.assertGreater(use.sudo().move_id.date, fields.Date.to_date("2025-06-30"))
        self.assertAdvance(receipt, 200.0)

    def test_never_more_than_is_open_or_owed(self):
        receipt = self._receive(700.0)
        order, small = self._create_order(10), self._create_order(1)
        with self.assertRaisesRegex(KehuAdvanceError, "only .*700.00 of the advance"):
            self._create_use(receipt, [(order, 700.01)])
        with self.assertRaises(KehuOverAllocationError):
            self._create_use(receipt, [(small, 100.01)])
        for amount in (0.0, -1.0, float("nan"), "abc", 1e15):
            with self.subTest(amount=amount), self.assertRaises(UserError), self.cr.savepoint():
                self._create_use(receipt, [(order, amount)])
        first, second = self._create_use(receipt, [(order, 500.0)]), self._create_use(receipt, [(order, 500.0)])
        first.action_post()
        with self.assertRaisesRegex(KehuAdvanceError, "only .*200.00 of the advance"):
            second.action_post()
        self.assertEqual((second.state, second.sudo().move_id.ids), ("draft", []))
        second.line_ids.amount = 200.0
        second.action_post()
        self.assertAdvance(receipt, 0.0)
        self.assertOrder(order, 0.0, 700.0, 300.0, "partial")

    def test_an_id_that_a_client_sends_twice_counts_once(self):
        receipt = self._receive(700.0, date="2025-01-10")
        order = self._create_order(5)
        use = self._create_use(receipt, [(order, 300.0)], date="2025-01-20")
        call_kw(use.with_env(self.env(user=self.user_seller)), "action_post", [[use.id, use.id]], {})
        self.assertAdvance(receipt, 400.0)
        self.assertOrder(order, 0.0, 300.0, 200.0, "partial")
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        finance = self.env(user=self.user_finance)
        call_kw(finance["kehu.advance.use"], "action_cancel", [[use.id, use.id]], {})
        self.assertEqual(len(use.sudo().move_id.reversal_move_ids), 1)
        self.assertAdvance(receipt, 700.0)
        self.assertOrder(order, 0.0, 0.0, 500.0, "none")
        call_kw(finance["kehu.receipt"], "action_cancel", [[receipt.id, receipt.id]], {})
        self.assertEqual(len(receipt.sudo().payment_id.move_id.reversal_move_ids), 1)
        self.assertEqual(self.customer.credit, 0.0)

    def test_only_confirmed_orders_of_that_customer_in_that_currency(self):
        receipt = self._receive(700.0)
        quote = self._create_order(5, confirm=False)
        with self.assertRaisesRegex(KehuAdvanceError, "not confirmed"):
            self._create_use(receipt, [(quote, 10.0)])
        foreign = self._create_order(5, customer=self.other_customer, user=self.user_seller)
        with self.assertRaisesRegex(KehuAdvanceError, "is not of"):
            self._create_use(receipt, [(foreign, 10.0)])
        _currency, pricelist = self._other_currency()
        dollars = self._create_order(5, pricelist_id=pricelist.id)
        with self.assertRaisesRegex(KehuAdvanceError, "same currency"):
            self._create_use(receipt, [(dollars, 10.0)])
        draft = self._create_receipt(50.0)
        with self.assertRaisesRegex(KehuAdvanceError, "not approved"):
            self._create_use(draft, [(self._create_order(5), 10.0)])
        with self.assertRaisesRegex(KehuAdvanceError, "dated before"):
            self._create_use(receipt, [(self._create_order(5), 10.0)], date="2020-01-01")

    def _other_currency(self, rate=2.0):
        currency = self.env.ref("base.EUR") if self.env.company.currency_id.name != "EUR" else self.env.ref("base.USD")
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2025-01-01", "rate": rate, "company_id": self.env.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Foreign (test)", "currency_id": currency.id})
        return currency, pricelist

    def test_two_currencies(self):
        """Advance of 700 at 2.0, used for an invoice at 4.0: 500 foreign are 250 ours on the advance, and 125 on the invoice."""
        currency, pricelist = self._other_currency()
        receipt = self._receive(700.0, currency_id=currency.id, date="2025-01-10")
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2025-03-01", "rate": 4.0, "company_id": self.env.company.id}
        )
        order = self._create_order(5, pricelist_id=pricelist.id)
        invoice = order._create_invoices()
        invoice.invoice_date = "2025-03-10"
        invoice.action_post()
        use = self._use(receipt, [(order, 500.0)], date="2025-03-15")
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertAdvance(receipt, 200.0)
        self.assertOrder(order, 500.0, 500.0, 0.0, "settled")
        tagged = use.sudo().move_id.line_ids.filtered("kehu_order_id")
        self.assertEqual((tagged.balance, tagged.amount_currency), (-250.0, -500.0))
        line = self._receivable_lines(invoice)
        self.assertEqual((line.balance, line.amount_residual), (125.0, 0.0))
        # the difference in rates went where the host books it, and the customer's account is what is left of the advance: 200 at 2.0
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", self.customer.id), ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")]
        )
        self.assertAlmostEqual(sum(lines.mapped("amount_currency")), -200.0, 2)
        self.assertAlmostEqual(sum(lines.mapped("balance")), -100.0, 2)
        use.action_cancel()
        self.assertAdvance(receipt, 700.0)
        self.assertOrder(order, 500.0, 0.0, 500.0, "none")
        self.assertAlmostEqual(
            sum(self.env["account.move.line"].search([("id", "in", lines.ids)]).mapped("amount_residual_currency")), -200.0, 2
        )

    def test_accountant_matches_the_advance_with_an_invoice(self):
        """Whatever was done in accounting counts, and what is left is what can be used."""
        receipt = self._receive(700.0)
        order, other = self._create_order(5), self._create_order(5)
        invoice = self._invoice(order)
        lines = receipt.sudo().advance_line_ids | self._receivable_lines(invoice)
        lines.reconcile()
        self.assertAdvance(receipt, 200.0)
        self.assertOrder(order, 500.0, 500.0, 0.0, "settled")
        with self.assertRaises(KehuAdvanceError):
            self._use(receipt, [(other, 200.01)])
        self._use(receipt, [(other, 200.0)])
        self.assertAdvance(receipt, 0.0)
        self._receivable_lines(invoice).remove_move_reconcile()
        self.assertAdvance(receipt, 500.0)

    def test_what_is_used_is_not_open_when_the_match_is_taken_apart(self):
        """The entry of the use still pays the order, so the advance cannot be spent again, whatever is matched."""
        receipt = self._receive(1000.0)
        order, other = self._create_order(6), self._create_order(9)
        self._use(receipt, [(order, 600.0)])
        receipt.sudo().advance_line_ids.remove_move_reconcile()
        self.assertEqual(receipt.advance_open, 400.0)
        self.assertOrder(order, 0.0, 600.0, 0.0, "settled")
        self.assertEqual(self.env["kehu.ledger.check"]._kehu_compare(self.env.company, self.customer.ids)[0], [])
        with self.assertRaises(KehuAdvanceError):
            self._use(receipt, [(other, 400.01)])
        with self.assertRaises(KehuAdvanceError):
            self._create_refund(receipt, 400.01)
        refund = self._refund(receipt, 400.0)
        self.assertEqual(receipt.advance_open, 0.0)
        refund.sudo().payment_id.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(receipt.advance_open, 0.0)
        refund.with_user(self.user_finance).action_cancel()
        self.assertEqual(receipt.advance_open, 400.0)
        receipt.sudo().advance_use_ids.filtered(lambda use: use.state == "approved").with_user(self.user_finance).action_cancel()
        self.assertAdvance(receipt, 1000.0)
        self.assertOrder(order, 0.0, 0.0, 600.0, "none")
        self._use(receipt, [(other, 900.0)])
        self.assertAdvance(receipt, 100.0)
        self.assertOrder(other, 0.0, 900.0, 0.0, "settled")

    def test_advance_is_filled_on_the_oldest_orders(self):
        receipt = self._receive(700.0)
        young, old = self._create_order(5), self._create_order(4)
        young.date_order, old.date_order = "2026-03-02", "2026-03-01"
        action = receipt.action_use_advance()
        form = Form(self.env["kehu.advance.use"].with_user(self.user_seller).with_context(**action["context"]))
        use = form.save()
        self.assertEqual({line.order_id: line.amount for line in use.line_ids}, {old: 400.0, young: 300.0})
        self.assertEqual((use.amount, use.kind), (700.0, "use"))
        use.line_ids[0].unlink()
        use.action_allocate()
        self.assertEqual({line.order_id: line.amount for line in use.line_ids}, {old: 400.0, young: 300.0})
        use.action_post()
        self.assertAdvance(receipt, 0.0)
        with self.assertRaisesRegex(KehuReceiptStateError, "Nothing is left"):
            receipt.action_use_advance()
        with self.assertRaisesRegex(KehuReceiptStateError, "Nothing is left"):
            receipt.action_refund_advance()

    def test_form_proposes_what_the_order_owes(self):
        receipt = self._receive(700.0)
        order = self._create_order(5)
        form = Form(self.env["kehu.advance.use"].with_user(self.user_seller))
        form.receipt_id = receipt
        with form.line_ids.new() as line:
            line.order_id = order
            self.assertEqual(line.amount, 500.0)
        use = form.save()
        self.assertRegex(use.name, r"^YS\d{10}$")
        self.assertEqual(use.amount, 500.0)

    # refunding ---------------------------------------------------------------

    def test_refund_needs_approval(self):
        receipt = self._receive(700.0)
        refund = self._create_refund(receipt, 300.0)
        with self.assertRaisesRegex(KehuApprovalError, "needs approval"):
            refund.action_post()
        refund.kehu_submit(self.user_receipt_approver.id)
        self.assertEqual(refund.state, "pending")
        with self.assertRaises(KehuApprovalFrozenError), self.cr.savepoint():
            refund.amount = 10.0
        self.assertAdvance(receipt, 700.0)
        refund.with_user(self.user_receipt_approver).kehu_approve()
        payment = refund.sudo().payment_id
        self.assertEqual((refund.state, payment.payment_type, payment.amount), ("approved", "outbound", 300.0))
        self.assertEqual(payment.partner_id, self.customer)
        self.assertAdvance(receipt, 400.0)
        with self.assertRaisesRegex(KehuReceiptStateError, "Cancel that first"):
            receipt.with_user(self.user_finance).action_cancel()
        refund.with_user(self.user_finance).action_cancel()
        self.assertEqual(refund.state, "cancelled")
        self.assertAdvance(receipt, 700.0)

    def test_refund_without_a_flow_goes_nowhere(self):
        receipt = self._receive(700.0)
        refund = self._create_refund(receipt, 300.0)
        self.env.ref("kehu_crm.kehu_approval_flow_advance_refund").active = False
        with self.assertRaisesRegex(KehuApprovalError, "no active approval flow"):
            refund.kehu_submit(self.user_receipt_approver.id)
        with self.assertRaises(KehuApprovalError):
            refund.action_post()

    def test_use_is_approved_where_a_flow_asks_for_it(self):
        self.env.ref("kehu_crm.kehu_approval_flow_advance_refund").write({"domain": "[]"})
        receipt = self._receive(700.0)
        order = self._create_order(5)
        use = self._create_use(receipt, [(order, 500.0)])
        with self.assertRaisesRegex(KehuApprovalError, "needs approval"):
            use.action_post()
        self._approve(use)
        self.assertEqual((use.state, use.without_approval), ("approved", False))
        self.assertAdvance(receipt, 200.0)
        for user in (self.user_seller, self.user_east_manager):
            with self.assertRaises(KehuReceiptRightError):
                use.with_user(user).action_cancel()
        use.with_user(self.user_receipt_approver).action_cancel()
        self.assertAdvance(receipt, 700.0)

    def test_two_refunds_never_pay_back_more_than_is_open(self):
        receipt = self._receive(700.0)
        first, second = self._create_refund(receipt, 400.0), self._create_refund(receipt, 400.0)
        uses = first | second
        uses.kehu_submit(self.user_receipt_approver.id)
        with self.assertRaises(KehuAdvanceError), self.cr.savepoint():
            uses.with_user(self.user_receipt_approver).kehu_approve()
        self.assertAdvance(receipt, 700.0)
        first.with_user(self.user_receipt_approver).kehu_approve()
        with self.assertRaises(KehuAdvanceError), self.cr.savepoint():
            second.with_user(self.user_receipt_approver).kehu_approve()
        self.assertAdvance(receipt, 300.0)

    def test_refund_in_another_currency_at_another_rate(self):
        currency, _pricelist = self._other_currency()
        receipt = self._receive(700.0, currency_id=currency.id, date="2025-01-10")
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2025-03-01", "rate": 4.0, "company_id": self.env.company.id}
        )
        refund = self._refund(receipt, 700.0, date="2025-03-15")
        self.assertAdvance(receipt, 0.0)
        lines = self.env["account.move.line"].search(
            [("partner_id", "=", self.customer.id), ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")]
        )
        # 350 came in, 175 went out; the host booked the difference
        self.assertAlmostEqual(sum(lines.mapped("balance")), 0.0, 2)
        self.assertEqual(refund.sudo().payment_id.amount, 700.0)

    def test_refund_says_what_it_needs(self):
        receipt = self._receive(700.0)
        with self.assertRaisesRegex(KehuAdvanceError, "bank account or cash box"):
            self._create_use(receipt, kind="refund", amount=100.0)
        with self.assertRaisesRegex(KehuAdvanceError, "Take the orders off"):
            self._create_use(receipt, [(self._create_order(1), 100.0)], kind="refund", amount=100.0, journal_id=self.bank.id)
        with self.assertRaisesRegex(KehuAdvanceError, "sum of its lines"):
            self._create_use(receipt, [(self._create_order(1), 100.0)], amount=50.0)
        with self.assertRaisesRegex(KehuAdvanceError, "No money leaves us"):
            self._create_use(receipt, [(self._create_order(1), 100.0)], journal_id=self.bank.id)
        currency, _pricelist = self._other_currency()
        foreign = self.bank.copy({"name": "Foreign Bank", "code": "FBNK", "currency_id": currency.id})
        with self.assertRaisesRegex(KehuAdvanceError, "Choose another journal"):
            self._create_use(receipt, kind="refund", amount=100.0, journal_id=foreign.id)
        form = Form(self.env["kehu.advance.use"].with_user(self.user_seller).with_context(**receipt.action_refund_advance()["context"]))
        self.assertEqual((form.amount, form.journal_id), (700.0, self.bank))

    # guards ---------------------------------------------------------------

    def test_what_is_posted_stands(self):
        receipt = self._receive(700.0)
        order = self._create_order(5)
        use = self._use(receipt, [(order, 400.0)])
        refund = self._refund(receipt, 100.0)
        for vals in (
            {"date": "2026-01-01"},
            {"kind": "refund"},
            {"amount": 1.0},
            {"line_ids": [Command.clear()]},
            {"line_ids": [Command.update(use.line_ids.id, {"amount": 1.0})]},
            {"line_ids": [Command.create({"order_id": self._create_order(1).id, "amount": 1.0})]},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError), self.cr.savepoint():
                use.write(vals)
        for operation in (
            use.unlink,
            lambda: use.line_ids.write({"amount": 1.0}),
            use.line_ids.unlink,
            refund.sudo().unlink,
            lambda: refund.sudo().write({"amount": 1.0}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                operation()
        for vals in ({"state": "approved"}, {"posted_on": "2026-01-01"}, {"move_id": use.sudo().move_id.id}, {"without_approval": True}):
            with self.subTest(vals=vals), self.assertRaises(KehuEngineOnlyError), self.cr.savepoint():
                use.write(vals)
        with self.assertRaises(KehuEngineOnlyError):
            receipt.write({"advance_open": 5.0})

    def test_accounting_cannot_take_a_use_back_silently(self):
        receipt = self._receive(700.0)
        use = self._use(receipt, [(self._create_order(5), 400.0)])
        refund = self._refund(receipt, 100.0)
        move, payment = use.sudo().move_id, refund.sudo().payment_id
        for operation in (
            move.button_draft,
            move.button_cancel,
            lambda: move._reverse_moves([{}], cancel=True),
            payment.action_draft,
            payment.action_cancel,
            lambda: payment.move_id._reverse_moves([{}], cancel=True),
            payment.unlink,
            lambda: payment.write({"amount": 5.0}),
        ):
            with self.assertRaises(KehuReceiptLedgerError), self.cr.savepoint():
                operation()
        with self.assertRaises(KehuEngineOnlyError), self.cr.savepoint():
            receipt.sudo().advance_line_ids.kehu_advance_receipt_id = False
        # what no use posted is as free as ever
        entry = self.env["account.move"].create({"move_type": "entry", "line_ids": []})
        entry.button_cancel()
        self.assertEqual(entry.state, "cancel")

    def test_who_uses_and_who_refunds(self):
        receipt = self._receive(700.0)
        order = self._create_order(5)
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"):
            for user in (self.user_seller2, self.user_west_seller, self.user_service, self.user_receipt_approver, self.user_employee):
                with self.subTest(user=user.name), self.assertRaises(AccessError), self.cr.savepoint():
                    self._create_use(receipt, [(order, 100.0)], user=user)
        for user in (self.user_seller, self.user_east_manager, self.user_director, self.user_finance):
            with self.subTest(user=user.name):
                use = self._create_use(receipt, [(order, 10.0)], user=user)
                use.action_post()
                self.assertEqual(use.state, "approved")
        refund = self._create_refund(receipt, 100.0)
        approver = self.user_receipt_approver
        self.assertFalse(refund.with_user(approver).has_access("read"))
        other = self._create_receipt(70.0)
        other.kehu_submit(self.user_finance.id if self.user_finance.has_group("kehu_crm.group_kehu_receipt_approver") else approver.id)
        refund.kehu_submit(approver.id)
        self.assertEqual(refund.with_user(approver).receipt_id.name, receipt.name)
        self.assertEqual(refund.with_user(approver).partner_id.name, self.customer.name)
        with self.assertRaises(UserError), self.cr.savepoint():
            refund.kehu_approve()
        refund.with_user(approver).kehu_approve()
        for user in (self.user_seller2, self.user_west_seller):
            self.assertFalse(self.env["kehu.advance.use"].with_user(user).search([("receipt_id", "=", receipt.id)]))
        self.assertEqual(self.env["kehu.advance.use"].with_user(self.user_seller).search_count([("receipt_id", "=", receipt.id)]), 5)

    def test_nothing_is_told_of_an_order_out_of_sight(self):
        receipt = self._receive(700.0)
        hidden = self._create_order(5, user=self.user_west_seller)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self._create_use(receipt, [(hidden, 100.0)])
        spec = {"line_ids": {"fields": {"order_name": {}, "order_due": {}, "amount": {}}}}
        with mute_logger("odoo.addons.base.models.ir_rule"):
            value = (
                self.env["kehu.advance.use"]
                .with_user(self.user_seller)
                .onchange({"receipt_id": receipt.id, "line_ids": [[0, "virtual_1", {"order_id": hidden.id}]]}, ["line_ids"], spec)
            )
        self.assertNotIn(hidden.name, str(value))
        self.assertNotIn("500", str(value))

    def test_receipts_from_before_are_marked_at_an_update(self):
        receipt = self._receive(700.0, [(self._create_order(2), 200.0)])
        line = receipt.sudo().advance_line_ids
        as_engine(line, "receipt").kehu_advance_receipt_id = False
        self.assertEqual(receipt.advance_open, 0.0)
        self.env["kehu.receipt"]._kehu_mark_advances()
        self.env.invalidate_all()
        self.assertEqual(receipt.sudo().advance_line_ids, line)
        self.assertAdvance(receipt, 500.0)
        use, refund = self._use(receipt, [(self._create_order(2), 150.0)]), self._refund(receipt, 100.0)
        marked = receipt.sudo().advance_line_ids
        self.assertEqual(len(marked), 3)
        as_engine(marked - line, "receipt").kehu_advance_receipt_id = False
        self.env["kehu.receipt"]._kehu_mark_advances()
        self.env.invalidate_all()
        self.assertEqual(receipt.sudo().advance_line_ids, marked)
        self.assertEqual(marked - line, self._receivable_lines(use.sudo().move_id | refund.sudo().payment_id.move_id) & marked)
        self.assertAdvance(receipt, 250.0)
        with self.assertQueryCount(2):
            self.env["kehu.receipt"]._kehu_mark_advances()

    # more than is owed ---------------------------------------------------------------

    def test_over_receipt_setting(self):
        company = self.env.company
        self.assertEqual(company.default_get(["kehu_over_receipt"])["kehu_over_receipt"], "advance")
        company.kehu_over_receipt = "advance"
        order = self._create_order(5)
        plain = self._create_receipt(600.0, [(order, 500.0)])
        self.assertFalse(plain.over_receipt)
        company.kehu_over_receipt = "warn"
        self.assertRegex(plain.over_receipt, "more than the confirmed orders")
        self.assertFalse(self._create_receipt(500.0, [(order, 400.0)]).over_receipt, "an advance kept on purpose is not too much")
        plain.kehu_submit(self.user_receipt_approver.id)
        self.assertTrue(plain.message_ids.filtered(lambda message: "more than the confirmed orders" in (message.body or "")))
        company.kehu_over_receipt = "block"
        with self.assertRaisesRegex(KehuOverAllocationError, "takes no advances"):
            plain.with_user(self.user_receipt_approver).kehu_approve()
        for amount, allocations in ((600.0, [(order, 500.0)]), (501.0, [])):
            with self.subTest(amount=amount), self.assertRaisesRegex(KehuOverAllocationError, "takes no advances"), self.cr.savepoint():
                self._create_receipt(amount, allocations)
        self._receive(500.0, [(order, 400.0)])
        company.kehu_over_receipt = "advance"
        plain.kehu_withdraw()
        plain.allocation_ids.amount = 100.0
        self._approve(plain)
        self.assertAdvance(plain, 500.0)

    def test_no_second_receipt_for_what_an_advance_covers(self):
        """Where no advances are taken, what came without an order counts against what is owed: also for two approved at once."""
        self.env.company.kehu_over_receipt = "block"
        order = self._create_order(10)
        first, second = self._create_receipt(1000.0), self._create_receipt(1000.0)
        both = (first | second).sudo()
        both.with_user(self.user_seller).kehu_submit(self.user_receipt_approver.id)
        with self.assertRaisesRegex(KehuOverAllocationError, "takes no advances"), self.cr.savepoint():
            both.with_user(self.user_receipt_approver).kehu_approve()
        first.with_user(self.user_receipt_approver).kehu_approve()
        with self.assertRaisesRegex(KehuOverAllocationError, "takes no advances"), self.cr.savepoint():
            second.with_user(self.user_receipt_approver).kehu_approve()
        with self.assertRaisesRegex(KehuOverAllocationError, "takes no advances"), self.cr.savepoint():
            self._create_receipt(1.0)
        self._use(first, [(order, 400.0)])
        with self.assertRaisesRegex(KehuOverAllocationError, "takes no advances"), self.cr.savepoint():
            self._create_receipt(1.0)
        self._create_order(2)
        self._create_receipt(200.0)

    def test_over_receipt_on_the_settings_page(self):
        page = self.env["kehu.settings"].with_user(self.user_crm_admin).create({"kehu_over_receipt": "block"})
        self.assertEqual(self.env.company.kehu_over_receipt, "block")
        with self.assertRaises(AccessError):
            page.with_user(self.user_finance).write({"kehu_over_receipt": "warn"})

    def test_an_update_ships_the_approval_of_refunds_once(self):
        flow = self.env.ref("kehu_crm.kehu_approval_flow_advance_refund")
        self.env["ir.model.data"].search([("name", "like", "kehu_approval_%_advance_refund")]).unlink()
        flow.active = False
        spec = spec_from_file_location("post_receivable", file_path("kehu_crm/migrations/19.0.1.4.0/post-receivable.py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        for _time in range(2):
            module.migrate(self.env.cr, "19.0.1.3.0")
        shipped = self.env.ref("kehu_crm.kehu_approval_flow_advance_refund")
        self.assertNotEqual(shipped, flow)
        self.assertEqual(self.env.ref("kehu_crm.kehu_approval_step_advance_refund"), shipped.step_ids)
        self.assertEqual(self._refund(self._receive(70.0), 50.0).state, "approved")

    def test_screens_open_for_whoever_works_there(self):
        """Lists, cards and forms of advances, with their buttons, as each role meets them."""
        receipt = self._receive(700.0)
        action = self.customer.with_user(self.user_seller).action_kehu_open_advances()
        self.assertEqual(self.env["kehu.receipt"].with_user(self.user_seller).search(action["domain"]), receipt)
        views = [
            (view.id, view.type) for view in self.env["ir.ui.view"].search([("model", "=", "kehu.receipt"), ("name", "like", "advance")])
        ]
        for user in (self.user_seller, self.user_finance, self.user_receipt_approver):
            with self.subTest(user=user.name):
                for view_id, view_type in views:
                    self.assertTrue(self.env["kehu.receipt"].with_user(user).get_view(view_id, view_type)["arch"])
                for view_type in ("list", "kanban", "form"):
                    self.assertTrue(self.env["kehu.advance.use"].with_user(user).get_view(view_type=view_type)["arch"])
        use = self._use(receipt, [(self._create_order(2), 200.0)])
        opened = receipt.action_open_advance_uses()
        self.assertEqual(self.env["kehu.advance.use"].with_user(self.user_seller).search(opened["domain"]), use)
        self.assertEqual(receipt.advance_use_count, 1)
        self.assertEqual(use.action_open_entry()["res_model"], "account.move")
        self.assertEqual(self._refund(receipt, 10.0).action_open_entry()["res_model"], "account.payment")
        with self.assertRaisesRegex(KehuReceiptStateError, "Choose one receipt"):
            (receipt | self._receive(5.0)).action_use_advance()
