"""A receipt in every kind of books: journals, currencies, discounts, roundings, closed periods, taxes on payment, kinds of invoices."""

from importlib.util import module_from_spec, spec_from_file_location

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import file_path

from ...models.receivable.exceptions import KehuInstalmentPaidError, KehuOverAllocationError, KehuReceiptError
from .test_receivable_tieout import TieOutCommon


@tagged("post_install", "-at_install")
class TestReceivablePosting(TieOutCommon):
    def _accounts(self):
        """The ways in which a bank journal books incoming money: {name: account of the payment method}."""
        outstanding = self.env["account.account"].create(
            {"name": "Outstanding (test)", "code": "199998", "account_type": "asset_current", "reconcile": True}
        )
        return {
            "chart": self.env["account.account"],
            "own outstanding account": outstanding,
            "bank account itself": self.bank.default_account_id,
        }

    # journals ---------------------------------------------------------------

    def test_journals(self):
        """Received before and after the invoice, cancelled and received again; refunds and uses come along."""
        for name, account in self._accounts().items():
            methods = self.bank.inbound_payment_method_line_ids | self.bank.outbound_payment_method_line_ids
            methods.payment_account_id = account
            with self.subTest(journal=name):
                order = self._create_order(10)
                before = self._receive(600.0, [(order, 400.0)])
                payment = before.sudo().payment_id
                liquidity = payment._seek_for_lines()[0]
                self.assertEqual(liquidity.balance, 600.0)
                if account:
                    self.assertEqual(liquidity.account_id, account)
                invoice = self._invoice(order)
                self.assertEqual(invoice.amount_residual, 600.0)
                after = self._receive(500.0, [(order, 500.0)])
                self.assertOrder(order, 1000.0, 900.0, 100.0, "partial")
                use = self._use(before, [(order, 100.0)])
                refund = self._refund(before, 100.0)
                self.assertEqual(refund.sudo().payment_id._seek_for_lines()[0].balance, -100.0)
                self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
                self.assertAdvance(before, 0.0)
                self.assertAgrees()
                after.with_user(self.user_finance).action_cancel()
                use.with_user(self.user_finance).action_cancel()
                refund.with_user(self.user_finance).action_cancel()
                self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")
                self.assertAdvance(before, 200.0)
                self.assertAgrees()
                before.with_user(self.user_finance).action_cancel()
                self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")
                self.assertAgrees()

    def test_payment_methods(self):
        """The first method of the account unless another is chosen; each is booked on its own account."""
        first = self.bank.inbound_payment_method_line_ids[:1]
        account = self._accounts()["own outstanding account"]
        second = first.copy({"name": "Bills (test)", "journal_id": self.bank.id})
        second.payment_account_id = account
        outbound, foreign = self.bank.outbound_payment_method_line_ids[:1], self.cash.inbound_payment_method_line_ids[:1]
        order = self._create_order(10)
        receipt = self._create_receipt(300.0, [(order, 300.0)])
        self.assertEqual(receipt.payment_method_line_id, first)
        for wrong in (outbound, foreign):
            with self.assertRaises(KehuReceiptError), self.cr.savepoint():
                receipt.payment_method_line_id = wrong
        receipt.payment_method_line_id = second
        receipt.payer = self._create_customer(self.user_seller, name="Payer (test)")
        self.assertEqual(receipt.payment_method_line_id, second, "what was chosen stays")
        self._approve(receipt)
        payment = receipt.sudo().payment_id
        self.assertEqual((payment.payment_method_line_id, payment._seek_for_lines()[0].account_id), (second, account))
        with self.assertRaises(UserError):
            receipt.payment_method_line_id = first
        kept = self._create_receipt(100.0, [(order, 100.0)])
        kept.journal_id = self.cash
        self.assertEqual(kept.payment_method_line_id, foreign, "the method follows the account")
        payer = receipt.payer
        payer.sudo().property_inbound_payment_method_line_id = second
        self.assertEqual(self._create_receipt(100.0, payer=payer.id).payment_method_line_id, second)

    def test_payment_method_on_paper(self):
        receipt = self._receive(100.0)
        self.assertIn(("received_in", self.bank.name), receipt._kehu_print_facts())
        other = receipt.payment_method_line_id.sudo().copy({"name": "Bills (test)", "journal_id": self.bank.id})
        receipt.invalidate_recordset()
        self.assertIn(("received_in", f"{self.bank.name} · {receipt.payment_method_line_id.name}"), receipt._kehu_print_facts())
        self.assertNotEqual(receipt.payment_method_line_id, other)

    def test_payment_methods_of_receipts_from_before(self):
        """The column is filled before the update makes it: no word of it in the discussion of the receipt."""
        first = self.bank.inbound_payment_method_line_ids[:1]
        second = first.copy({"name": "Bills (test)", "journal_id": self.bank.id})
        posted, draft = self._create_receipt(100.0), self._create_receipt(50.0)
        posted.payment_method_line_id = second
        self._approve(posted)
        self.env.flush_all()
        self.env.cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.env.cr.execute("ALTER TABLE kehu_receipt DROP COLUMN payment_method_line_id")
        spec = spec_from_file_location("pre_method", file_path("kehu_crm/migrations/19.0.1.11.0/pre-receipt_method.py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        for _time in range(2):
            module.migrate(self.env.cr, "19.0.1.10.0")
            self.env.invalidate_all()
            self.assertEqual((posted.payment_method_line_id, draft.payment_method_line_id), (second, first))

    def test_cash_journal(self):
        order = self._create_order(3)
        invoice = self._invoice(order)
        receipt = self._receive(300.0, [(order, 300.0)], journal_id=self.cash.id)
        self.assertEqual(receipt.sudo().payment_id.journal_id, self.cash)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertAgrees()

    # currencies ---------------------------------------------------------------

    def _currency(self, **rates):
        currency = self.env.ref("base.EUR") if self.env.company.currency_id.name != "EUR" else self.env.ref("base.USD")
        currency.active = True
        currency.rate_ids.unlink()
        for day, rate in rates.items():
            self.env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "name": f"2025-{day[1:3]}-{day[3:]}",
                    "rate": rate,
                    "company_id": self.env.company.id,
                }
            )
        return currency, self.env["product.pricelist"].create({"name": "Foreign (test)", "currency_id": currency.id})

    def _exchange(self):
        """Balance of everything booked as a difference in rates."""
        company = self.env.company
        accounts = company.income_currency_exchange_account_id | company.expense_currency_exchange_account_id
        lines = self.env["account.move.line"].search([("account_id", "in", accounts.ids), ("parent_state", "=", "posted")])
        return sum(lines.mapped("balance"))

    def test_exchange_difference(self):
        """1,000 invoiced at 2.0 are 500 ours; 600 received at 2.5 are 240 ours instead of 300: 60 lost. Cancelled, nothing is lost."""
        currency, pricelist = self._currency(d0101=2.0, d0301=2.5)
        order = self._create_order(10, pricelist_id=pricelist.id)
        invoice = self._invoice(order, post=False)
        invoice.invoice_date = "2025-01-15"
        invoice.action_post()
        before = self._exchange()
        receipt = self._receive(600.0, [(order, 600.0)], currency_id=currency.id, date="2025-03-10")
        self.assertEqual(invoice.amount_residual, 400.0)
        self.assertAlmostEqual(self._exchange() - before, 60.0, 2)
        self.assertOrder(order, 1000.0, 600.0, 400.0, "partial")
        self.assertAgrees()
        receipt.with_user(self.user_finance).action_cancel()
        self.assertAlmostEqual(self._exchange() - before, 0.0, 2)
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")
        self.assertAgrees()

    def test_received_before_the_foreign_invoice(self):
        currency, pricelist = self._currency(d0101=2.0, d0301=2.5)
        order = self._create_order(10, pricelist_id=pricelist.id)
        self._receive(1000.0, [(order, 1000.0)], currency_id=currency.id, date="2025-01-10")
        invoice = self._invoice(order, post=False)
        invoice.invoice_date = "2025-03-15"
        before = self._exchange()
        invoice.action_post()
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0.0, "paid"))
        # 500 came in, 400 were invoiced: 100 won
        self.assertAlmostEqual(self._exchange() - before, -100.0, 2)
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        self.assertAgrees()

    def test_invoice_in_another_currency_than_the_order(self):
        """An order of 1,000 ours is invoiced as 2,000 foreign at 2.0; 500 foreign are paid: 250 ours."""
        currency, _pricelist = self._currency(d0101=2.0)
        order = self._create_order(10)
        invoice = self._invoice(order, post=False)
        invoice.write({"currency_id": currency.id, "invoice_date": "2025-02-01"})
        invoice.invoice_line_ids.filtered("product_id").price_unit = 200.0
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 2000.0)
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")
        self._pay(invoice, 500.0)
        self.assertOrder(order, 1000.0, 250.0, 750.0, "partial")
        self.assertEqual({row[2] for row in self._differences()}, {"currency"}, "two accounts in two currencies, and it says so")
        # a rate that is corrected afterwards is found, and mended
        currency.rate_ids.rate = 4.0
        self.assertIn(("order", "received", "currency", 250.0, 125.0), self._differences())

    # periods ---------------------------------------------------------------

    def test_receipt_in_a_closed_period_is_booked_after_it(self):
        """The day the money came stays on the receipt; the entry goes where the host lets it."""
        order = self._create_order(10)
        receipt = self._create_receipt(400.0, [(order, 400.0)], date="2025-02-10")
        receipt.kehu_submit(self.user_receipt_approver.id)
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        try:
            with self.cr.savepoint():
                receipt.with_user(self.user_receipt_approver).kehu_approve()
        except UserError as error:
            self.assertTrue(str(error))
            self.assertEqual((receipt.state, receipt.sudo().payment_id.ids), ("pending", []))
            self.assertOrder(order, 0.0, 0.0, 1000.0, "none")
        else:
            move = receipt.sudo().payment_id.move_id
            self.assertGreater(move.date, fields.Date.to_date("2025-06-30"))
            self.assertOrder(order, 0.0, 400.0, 600.0, "partial")
        self.assertAgrees()

    def test_hashed_entries_are_reversed(self):
        """A sealed journal lets nothing be taken out: cancelling leaves the entry and its mirror image."""
        sealed = self.bank.copy({"name": "Sealed Bank (test)", "code": "SEAL", "restrict_mode_hash_table": True})
        order = self._create_order(10)
        receipt = self._receive(400.0, [(order, 400.0)], journal_id=sealed.id)
        move = receipt.sudo().payment_id.move_id
        if not move.inalterable_hash:
            move.button_hash()
        self.assertTrue(move.inalterable_hash)
        receipt.with_user(self.user_finance).action_cancel()
        self.assertEqual((receipt.state, move.state, len(move.reversal_move_ids)), ("cancelled", "posted", 1))
        self.assertOrder(order, 0.0, 0.0, 1000.0, "none")
        self.assertAgrees()

    def test_a_reversed_receipt_collects_nothing_when_its_match_is_taken_apart(self):
        """The mirror image stands against the same orders and the same advance, not only against the entry."""
        sealed = self.bank.copy({"name": "Sealed Bank (test)", "code": "SEAL", "restrict_mode_hash_table": True})
        order, other = self._create_order(10), self._create_order(10)
        self._invoice(order)
        receipt = self._receive(1000.0, [(order, 400.0), (other, 400.0)], journal_id=sealed.id)
        move = receipt.sudo().payment_id.move_id
        if not move.inalterable_hash:
            move.button_hash()
        receipt.with_user(self.user_finance).action_cancel()
        marks = [(line.kehu_order_id, line.kehu_advance_receipt_id) for line in self._receivable_lines(move.reversal_move_ids)]
        self.assertCountEqual(marks, [(order, receipt.browse()), (other, receipt.browse()), (order.browse(), receipt)])
        self._receivable_lines(move).remove_move_reconcile()
        for one, invoiced in ((order, 1000.0), (other, 0.0)):
            self.assertOrder(one, invoiced, 0.0, 1000.0, "none")
        self.assertAgrees()
        again = self._receive(2000.0, [(order, 1000.0), (other, 1000.0)])
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        self._invoice(other)
        self.assertOrder(other, 1000.0, 1000.0, 0.0, "settled")
        self.assertAgrees()
        again.with_user(self.user_finance).action_cancel()
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")

    # taxes ---------------------------------------------------------------

    def test_taxes_on_payment(self):
        """13 % due when paid: half of 1,130 received makes 65 of 130 due; cancelled, none."""
        self.env.company.tax_exigibility = True
        account = self.env["account.account"].create(
            {"name": "Tax Waiting (test)", "code": "299998", "account_type": "liability_current", "reconcile": True}
        )
        final = self.env["account.account"].create({"name": "Tax Due (test)", "code": "299999", "account_type": "liability_current"})
        tax = self.env["account.tax"].create(
            {
                "name": "13 % on payment (test)",
                "amount": 13.0,
                "type_tax_use": "sale",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": account.id,
                "invoice_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create({"repartition_type": "tax", "account_id": final.id}),
                ],
                "refund_repartition_line_ids": [
                    Command.create({"repartition_type": "base"}),
                    Command.create({"repartition_type": "tax", "account_id": final.id}),
                ],
            }
        )

        def tax_due():
            lines = self.env["account.move.line"].search([("account_id", "=", final.id), ("parent_state", "=", "posted")])
            return -sum(lines.mapped("balance"))

        order = self._create_order(10, confirm=False)
        order.order_line.tax_ids = tax
        order.action_confirm()
        early = self._receive(226.0, [(order, 226.0)])
        self.assertEqual(tax_due(), 0.0)
        invoice = self._invoice(order)
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (1130.0, 904.0))
        self.assertAlmostEqual(tax_due(), 26.0, 2)
        receipt = self._receive(565.0, [(order, 565.0)])
        self.assertAlmostEqual(tax_due(), 91.0, 2)
        self.assertOrder(order, 1130.0, 791.0, 339.0, "partial")
        self.assertAgrees()
        receipt.with_user(self.user_finance).action_cancel()
        self.assertAlmostEqual(tax_due(), 26.0, 2)
        early.with_user(self.user_finance).action_cancel()
        self.assertAlmostEqual(tax_due(), 0.0, 2)
        self.assertOrder(order, 1130.0, 0.0, 1130.0, "none")
        self.assertAgrees()

    # discounts and roundings ---------------------------------------------------------------

    def test_early_payment_discount_and_cash_rounding_agree(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2/10 net 30 (test)",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100.0, "nb_days": 30})],
            }
        )
        discounted = self._create_order(10, payment_term_id=term.id)
        invoice = self._invoice(discounted)
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"journal_id": self.bank.id}
        )._create_payments()
        self.assertOrder(discounted, 1000.0, 1000.0, 0.0, "settled")
        partly = self._create_order(10, payment_term_id=term.id)
        self._invoice(partly)
        self._receive(970.0, [(partly, 970.0)])
        self.assertOrder(partly, 1000.0, 970.0, 30.0, "partial")
        income = self.env["account.account"].search([("account_type", "=", "income"), ("company_ids", "=", self.env.company.id)], limit=1)
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "To 1.00 (test)",
                "rounding": 1.0,
                "strategy": "add_invoice_line",
                "rounding_method": "HALF-UP",
                "profit_account_id": income.id,
                "loss_account_id": income.id,
            }
        )
        rounded = self._create_order(1, confirm=False)
        rounded.order_line.price_unit = 333.33
        rounded.action_confirm()
        invoice = self._invoice(rounded, post=False)
        invoice.invoice_cash_rounding_id = rounding
        invoice.action_post()
        self._receive(333.0, [(rounded, 333.0)])
        self.assertOrder(rounded, 333.0, 333.0, 0.0, "settled")
        self.assertAgrees()

    # kinds of invoices ---------------------------------------------------------------

    def test_worked_example(self):
        """One order of 11,300.00 with 13 % tax, 30 % down payment, two receipts, one credit note. By hand:

        ======================== ========= ========= ========= ==========================================
        step                      invoiced  received       due  receivable account (debit − credit)
        ======================== ========= ========= ========= ==========================================
        ordered 10 × 1,000 + 13 %     0.00      0.00 11,300.00       0.00
        down payment of 30 %      3,390.00      0.00 11,300.00   3,390.00
        receipt of 3,390          3,390.00  3,390.00  7,910.00       0.00
        final invoice            11,300.00  3,390.00  7,910.00   7,910.00
        receipt of 5,000         11,300.00  8,390.00  2,910.00   2,910.00
        credit note for 1 piece  10,170.00  8,390.00  1,780.00   1,780.00
        ======================== ========= ========= ========= ==========================================
        """
        tax = self.env["account.tax"].create({"name": "13 % (test)", "amount": 13.0, "type_tax_use": "sale"})
        order = self._create_order(10, confirm=False)
        order.order_line.write({"price_unit": 1000.0, "tax_ids": [Command.set(tax.ids)]})
        order.action_confirm()

        def account():
            lines = self.env["account.move.line"].search(
                [("partner_id", "=", self.customer.id), ("account_type", "=", "asset_receivable"), ("parent_state", "=", "posted")]
            )
            return sum(lines.mapped("balance"))

        def check(invoiced, received, due, balance, state):
            self.assertOrder(order, invoiced, received, due, state)
            self.assertAlmostEqual(account(), balance, 2)
            self.assertAgrees()

        self.assertEqual(order.amount_total, 11300.0)
        check(0.0, 0.0, 11300.0, 0.0, "none")
        wizard = self.env["sale.advance.payment.inv"].create(
            {"advance_payment_method": "percentage", "amount": 30.0, "sale_order_ids": [Command.set(order.ids)]}
        )
        down = wizard._create_invoices(order)
        down.action_post()
        self.assertEqual((down.amount_untaxed, down.amount_tax, down.amount_total), (3000.0, 390.0, 3390.0))
        check(3390.0, 0.0, 11300.0, 3390.0, "none")
        first = self._receive(3390.0, [(order, 3390.0)])
        check(3390.0, 3390.0, 7910.0, 0.0, "partial")
        self.assertEqual(down.payment_state, "paid")
        final = order._create_invoices(final=True)
        final.action_post()
        self.assertEqual(final.amount_total, 7910.0)
        check(11300.0, 3390.0, 7910.0, 7910.0, "partial")
        second = self._receive(5000.0, [(order, 5000.0)])
        check(11300.0, 8390.0, 2910.0, 2910.0, "partial")
        credit = final._reverse_moves([{"invoice_date": final.invoice_date}])
        goods = credit.invoice_line_ids.filtered(lambda line: line.product_id == self.product)
        (credit.invoice_line_ids.filtered(lambda line: line.display_type == "product") - goods).unlink()
        goods.quantity = 1
        credit.action_post()
        self.assertEqual(credit.amount_total, 1130.0)
        self._receivable_lines(credit | final).filtered(lambda line: not line.reconciled).reconcile()
        check(10170.0, 8390.0, 1780.0, 1780.0, "partial")
        # and the way back: the second receipt bounced, the rest was paid at once on the invoice
        second.with_user(self.user_finance).action_cancel()
        check(10170.0, 3390.0, 6780.0, 6780.0, "partial")
        self._pay(final, 6780.0)
        check(10170.0, 10170.0, 0.0, 0.0, "settled")
        first.with_user(self.user_finance).action_cancel()
        check(10170.0, 6780.0, 3390.0, 3390.0, "partial")
        self.assertEqual(down.payment_state, "not_paid")

    # instalments ---------------------------------------------------------------

    def _plan(self, order, *amounts):
        order.write(
            {
                "kehu_instalment_ids": [
                    Command.create({"name": f"Part {number}", "date_due": f"2030-0{number}-01", "amount": amount})
                    for number, amount in enumerate(amounts, start=1)
                ]
            }
        )
        return order.kehu_instalment_ids.sorted("date_due")

    def _parts(self, parts):
        return [(part.amount_received, part.amount_due) for part in parts.sudo()]

    def test_receipt_names_the_instalment(self):
        order = self._create_order(10)
        parts = self._plan(order, 300.0, 300.0, 400.0)
        receipt = self._create_receipt(500.0)
        values = [{"order_id": order.id, "instalment_id": parts[2].id, "amount": 400.0}, {"order_id": order.id, "amount": 100.0}]
        receipt.write({"allocation_ids": [Command.create(line) for line in values]})
        self.assertEqual(self._parts(parts), [(0.0, 300.0), (0.0, 300.0), (0.0, 400.0)])
        self._approve(receipt)
        self.assertEqual(self._parts(parts), [(100.0, 200.0), (0.0, 300.0), (400.0, 0.0)])
        self.assertOrder(order, 0.0, 500.0, 500.0, "partial")
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_residual, 500.0)
        self.assertAgrees()
        receipt.with_user(self.user_finance).action_cancel()
        self.assertEqual(self._parts(parts), [(0.0, 300.0), (0.0, 300.0), (0.0, 400.0)])

    def test_instalment_on_a_receipt_says_what_is_wrong(self):
        order, other = self._create_order(10), self._create_order(10)
        parts, foreign = self._plan(order, 300.0, 700.0), self._plan(other, 1000.0)
        with self.assertRaisesRegex(KehuReceiptError, "no part of the payment plan"):
            self._create_receipt(100.0, allocation_ids=[Command.create({"order_id": order.id, "instalment_id": foreign.id, "amount": 5.0})])
        lines = [Command.create({"order_id": order.id, "instalment_id": part.id, "amount": 600.0}) for part in parts]
        with self.assertRaisesRegex(KehuOverAllocationError, "owes only"):
            self._create_receipt(1200.0, allocation_ids=lines)
        receipt = self._create_receipt(
            100.0, allocation_ids=[Command.create({"order_id": order.id, "instalment_id": parts[0].id, "amount": 5.0})]
        )
        with self.assertRaisesRegex(KehuInstalmentPaidError, "is named on receipt"):
            parts[0].unlink()
        receipt.kehu_submit(self.user_receipt_approver.id)
        with self.assertRaises(UserError), self.cr.savepoint():
            receipt.allocation_ids.instalment_id = parts[1]
        seen = receipt.with_user(self.user_receipt_approver).allocation_ids.web_read(
            {"instalment_id": {"fields": {"display_name": {}}}, "amount": {}}
        )
        self.assertEqual(seen[0]["amount"], 5.0)

    def test_form_proposes_what_is_open_of_the_instalment(self):
        order = self._create_order(10)
        parts = self._plan(order, 300.0, 700.0)
        form = Form(self.env["kehu.receipt"].with_user(self.user_seller))
        form.partner_id = self.customer
        form.amount = 1000.0
        with form.allocation_ids.new() as line:
            line.order_id = order
            line.instalment_id = parts[0]
            self.assertEqual(line.amount, 300.0)
        with form.allocation_ids.new() as line:
            line.order_id = order
            self.assertEqual(line.amount, 700.0)
            line.instalment_id = parts[1]
        receipt = form.save()
        self.assertEqual([(line.instalment_id, line.amount) for line in receipt.allocation_ids], [(parts[0], 300.0), (parts[1], 700.0)])
        self._approve(receipt)
        self.assertEqual(self._parts(parts), [(300.0, 0.0), (700.0, 0.0)])
