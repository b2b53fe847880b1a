"""Received and due of an order, figures computed by hand, whatever the route of the money."""

from importlib.util import module_from_spec, spec_from_file_location

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import file_path

from ...models.receivable.exceptions import KehuReceiptLedgerError
from ...models.system.engine import as_engine
from ...models.system.exceptions import KehuEngineOnlyError
from ...tools.apportion import apportion
from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableFigures(ReceivableCommon):
    def test_order_before_any_money(self):
        quote = self._create_order(10, confirm=False)
        self.assertEqual((quote.kehu_amount_due, quote.kehu_receipt_state), (0.0, "none"))
        quote.action_confirm()
        self.assertOrder(quote, 0.0, 0.0, 1000.0, "none")

    def test_payment_registered_on_the_invoice(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")
        payment = self._pay(invoice, 400.0)
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")
        self._pay(invoice, 600.0)
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        self._receivable_lines(payment.move_id).remove_move_reconcile()
        self.assertOrder(order, 1000.0, 600.0, 400.0, "partial")

    def test_partial_invoice(self):
        order = self._create_order(10)
        invoice = self._invoice(order, quantity=4)
        self._pay(invoice, 400.0)
        self.assertOrder(order, 400.0, 400.0, 600.0, "partial")
        self._invoice(order)
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")

    def test_an_update_writes_the_progress_again_where_it_differs(self):
        unpaid, paid, open_quote, right, approved = (self._create_order(10, confirm=number != 2) for number in range(5))
        for state in ("pending", "approved"):
            as_engine(approved, "approval").write({"kehu_approval_state": state})
        for order in (unpaid, paid):
            invoice = self._invoice(order)
            if order == paid:
                self._pay(invoice, 1000.0)
        orders = unpaid | paid | open_quote | right | approved
        expected = ["confirmed", "done", "draft", "confirmed", "approved"]
        self.assertEqual(orders.mapped("kehu_progress"), expected)
        self.env.flush_all()
        self.cr.execute("UPDATE sale_order SET kehu_progress = 'done' WHERE id = %s", [unpaid.id])
        self.cr.execute("UPDATE sale_order SET kehu_progress = NULL WHERE id = %s", [paid.id])
        self.env.invalidate_all()

        def places():
            self.cr.execute("SELECT id, ctid::text FROM sale_order WHERE id IN %s", [tuple(orders.ids)])
            return dict(self.cr.fetchall())

        before = places()
        with self.assertQueryCount(1):
            self.env["sale.order"]._kehu_refresh_progress()
        self.assertEqual(orders.mapped("kehu_progress"), expected)
        after = places()
        self.assertEqual({order for order in orders.ids if before[order] != after[order]}, {unpaid.id, paid.id})

    def test_draft_and_cancelled_invoices_count_for_nothing(self):
        order = self._create_order(10)
        invoice = self._invoice(order, post=False)
        self.assertOrder(order, 0.0, 0.0, 1000.0, "none")
        invoice.action_post()
        invoice.button_draft()
        invoice.button_cancel()
        self.assertOrder(order, 0.0, 0.0, 1000.0, "none")

    def test_down_payment(self):
        """Ordered 1,000; down payment 300 paid; final invoice 700 of which 200 paid."""
        order = self._create_order(10)
        self._pay(self._down_payment(order, 300.0), 300.0)
        self.assertOrder(order, 300.0, 300.0, 700.0, "partial")
        final = order._create_invoices(final=True)
        final.action_post()
        self.assertEqual(final.amount_total, 700.0)
        self.assertOrder(order, 1000.0, 300.0, 700.0, "partial")
        self._pay(final, 200.0)
        self.assertOrder(order, 1000.0, 500.0, 500.0, "partial")

    def test_taxes_and_odd_cents(self):
        """3 × 33.33 and 7 × 9.99 plus 13 %: 112.99 + 79.02 = 192.01; paid in thirds, down payment of a third."""
        tax = self.env["account.tax"].create({"name": "13 % (test)", "amount": 13.0, "type_tax_use": "sale"})
        order = self._create_order(3, confirm=False)
        order.order_line.write({"price_unit": 33.33, "tax_ids": [Command.set(tax.ids)]})
        order.order_line.copy({"order_id": order.id, "product_uom_qty": 7, "price_unit": 9.99})
        order.action_confirm()
        self.assertAlmostEqual(order.amount_total, 192.01, 2)
        wizard = self.env["sale.advance.payment.inv"].create(
            {"advance_payment_method": "percentage", "amount": 33.33, "sale_order_ids": [Command.set(order.ids)]}
        )
        down = wizard._create_invoices(order)
        down.action_post()
        self.assertOrder(order, down.amount_total, 0.0, order.amount_total, "none")
        self._receive(64.01, [(order, 64.01)])
        final = order._create_invoices(final=True)
        final.action_post()
        self.assertAlmostEqual(down.amount_total + final.amount_total, 192.01, 2)
        self.assertOrder(order, 192.01, 64.01, 128.0, "partial")
        self._receive(128.0, [(order, 128.0)])
        self.assertOrder(order, 192.01, 192.01, 0.0, "settled")
        self.assertEqual(set((down | final).mapped("payment_state")), {"paid"})

    def test_credit_note(self):
        """Invoiced 1,000, credited 200, paid 500, then paid the rest."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        self._credit(invoice, quantity=2)
        self.assertOrder(order, 800.0, 0.0, 800.0, "none")
        self._pay(invoice, 500.0)
        self.assertOrder(order, 800.0, 500.0, 300.0, "partial")
        self._pay(invoice, 300.0)
        self.assertOrder(order, 800.0, 800.0, 0.0, "settled")

    def test_credit_note_after_payment_is_owed_to_the_customer(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        self._pay(invoice, 1000.0)
        credit = self._credit(invoice, quantity=2, reconcile=False)
        self.assertOrder(order, 800.0, 1000.0, -200.0, "settled")
        self._pay(credit, 200.0)  # paid back
        self.assertOrder(order, 800.0, 800.0, 0.0, "settled")

    def test_everything_credited_and_invoiced_again(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        invoice._reverse_moves(cancel=True)
        self.assertOrder(order, 0.0, 0.0, 0.0, "settled")
        again = self._invoice(order)
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")
        self._pay(again, 1000.0)
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")

    def test_receipt_after_the_invoice(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._receive(400.0, [(order, 400.0)])
        self.assertEqual(invoice.amount_residual, 600.0)
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")
        self.assertEqual(receipt.sudo().payment_id.move_id.state, "posted")
        self._receive(600.0, [(order, 600.0)])
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0.0, "paid"))
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")

    def test_receipt_before_the_invoices(self):
        """500 in advance: 300 go to the down payment invoice, 200 wait for the final one."""
        order = self._create_order(10)
        self._receive(500.0, [(order, 500.0)])
        self.assertOrder(order, 0.0, 500.0, 500.0, "partial")
        down = self._down_payment(order, 300.0)
        self.assertEqual(down.amount_residual, 0.0)
        self.assertOrder(order, 300.0, 500.0, 500.0, "partial")
        final = order._create_invoices(final=True)
        final.action_post()
        self.assertEqual(final.amount_residual, 500.0)
        self.assertOrder(order, 1000.0, 500.0, 500.0, "partial")

    def test_one_receipt_for_several_orders_and_an_advance(self):
        first, second = self._create_order(3), self._create_order(7)
        invoice = self._invoice(second)
        receipt = self._receive(1250.0, [(first, 300.0), (second, 500.0)])
        self.assertEqual(receipt.advance, 450.0)
        self.assertOrder(first, 0.0, 300.0, 0.0, "settled")
        self.assertOrder(second, 700.0, 500.0, 200.0, "partial")
        self.assertEqual(invoice.amount_residual, 200.0)
        lines = self._receivable_lines(receipt.sudo().payment_id.move_id)
        self.assertEqual(sorted(lines.mapped("credit")), [300.0, 450.0, 500.0])
        self.assertEqual(lines.partner_id, self.customer)
        self.assertEqual(sorted(-line.amount_residual for line in lines), [0.0, 300.0, 450.0])

    def test_payer_other_than_the_customer(self):
        payer = self.env["res.partner"].create({"name": "Parent Holding"})
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._receive(1000.0, [(order, 1000.0)], payer=payer.id)
        payment = receipt.sudo().payment_id
        self.assertEqual(payment.partner_id, payer)
        self.assertEqual(self._receivable_lines(payment.move_id).partner_id, self.customer)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")

    def test_invoice_of_several_orders_is_apportioned_by_line_amounts(self):
        """300 + 700 on one invoice, 500 paid directly: 150 and 350."""
        first, second = self._create_order(3), self._create_order(7)
        invoice = self._invoice(first | second)
        self.assertEqual(len(invoice), 1)
        self._pay(invoice, 500.0)
        self.assertOrder(first, 300.0, 150.0, 150.0, "partial")
        self.assertOrder(second, 700.0, 350.0, 350.0, "partial")

    def test_receipt_on_a_shared_invoice_counts_for_its_order(self):
        """300 + 700 on one invoice; a receipt pays the 300; 350 paid directly fall on the second order alone."""
        first, second = self._create_order(3), self._create_order(7)
        invoice = self._invoice(first | second)
        self._receive(300.0, [(first, 300.0)])
        self.assertEqual(invoice.amount_residual, 700.0)
        self.assertOrder(first, 300.0, 300.0, 0.0, "settled")
        self.assertOrder(second, 700.0, 0.0, 700.0, "none")
        self._pay(invoice, 350.0)
        self.assertOrder(first, 300.0, 300.0, 0.0, "settled")
        self.assertOrder(second, 700.0, 350.0, 350.0, "partial")

    def test_receipt_for_the_rest_of_a_shared_invoice_paid_in_part(self):
        """1,000 + 300 on one invoice, 650 paid directly: 500 and 150. A receipt for the rest of both settles both, and the invoice."""
        first, second = self._create_order(10), self._create_order(3)
        invoice = self._invoice(first | second)
        self._pay(invoice, 650.0)
        receipt = self._receive(650.0, [(first, 500.0), (second, 150.0)])
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertOrder(first, 1000.0, 1000.0, 0.0, "settled")
        self.assertOrder(second, 300.0, 300.0, 0.0, "settled")
        receipt.with_user(self.user_receipt_approver).action_cancel()
        self.assertOrder(first, 1000.0, 500.0, 500.0, "partial")
        self.assertOrder(second, 300.0, 150.0, 150.0, "partial")

    def test_receipt_for_the_rest_of_one_order_of_a_shared_invoice(self):
        """What the second order was said to owe stays so when the first pays its rest; what is paid directly then is the second's."""
        first, second = self._create_order(10), self._create_order(3)
        invoice = self._invoice(first | second)
        self._pay(invoice, 650.0)
        self._receive(500.0, [(first, 500.0)])
        self.assertOrder(first, 1000.0, 1000.0, 0.0, "settled")
        self.assertOrder(second, 300.0, 150.0, 150.0, "partial")
        self._pay(invoice, 100.0)
        self.assertOrder(first, 1000.0, 1000.0, 0.0, "settled")
        self.assertOrder(second, 300.0, 250.0, 50.0, "partial")

    def test_figures_of_shared_invoices_from_before(self):
        """Money paid directly was shared out anew with each receipt: such orders are computed again, and no others."""
        first, second, other = self._create_order(10), self._create_order(3), self._create_order(5)
        invoice = self._invoice(first | second)
        self._pay(invoice, 650.0)
        self._receive(500.0, [(first, 500.0)])
        self._receive(100.0, [(other, 100.0)])
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET kehu_amount_due = 7 WHERE id IN %s", [(first | second | other)._ids])
        self.env.invalidate_all()
        for _time in range(2):
            self._add_up_again()
            self.assertEqual((first | second | other).mapped("kehu_amount_due"), [0.0, 150.0, 7.0])

    def test_figures_of_orders_beside_lines_of_none(self):
        """300 of an order and 700 of freight on one invoice, 350 paid directly: 105 are the order's. A receipt for the rest, 195."""
        order, other = self._create_order(3), self._create_order(5)
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids = [Command.create({"name": "Freight", "quantity": 1, "price_unit": 700.0, "tax_ids": []})]
        invoice.action_post()
        self._pay(invoice, 350.0)
        self._receive(195.0, [(order, 195.0)])
        self._receive(100.0, [(other, 100.0)])
        self.assertOrder(order, 300.0, 300.0, 0.0, "settled")
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET kehu_amount_due = 7 WHERE id IN %s", [(order | other)._ids])
        self._add_up_again()
        self.assertEqual((order | other).mapped("kehu_amount_due"), [0.0, 7.0])

    def _add_up_again(self):
        """As the update does."""
        spec = spec_from_file_location("post_shared", file_path("kehu_crm/migrations/19.0.1.12.0/post-shared_invoices.py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self.env.invalidate_all()
        module.migrate(self.env.cr, "19.0.1.11.0")
        self.env.invalidate_all()

    def test_money_of_a_receipt_displaces_money_at_large(self):
        """1,000 + 300 on one invoice, 500 paid directly: 384.62 and 115.38. An accountant matches 800 for the first by hand."""
        first, second = self._create_order(10), self._create_order(3)
        receipt = self._receive(800.0, [(first, 800.0)])
        invoice = self._invoice(first | second)
        self._receivable_lines(invoice).remove_move_reconcile()
        self._pay(invoice, 500.0)
        part = self._receivable_lines(receipt.sudo().payment_id.move_id)
        (part | self._receivable_lines(invoice)).reconcile()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertOrder(first, 1000.0, 1000.0, 0.0, "settled")
        self.assertOrder(second, 300.0, 300.0, 0.0, "settled")

    def test_advance_never_pays_another_orders_part_of_a_shared_invoice(self):
        """1,000 in advance for an order of 1,000 of which only 300 are on the shared invoice: the money waits for the rest."""
        first, second = self._create_order(10), self._create_order(7)
        self._receive(1000.0, [(first, 1000.0)])
        invoice = (first | second)._create_invoices()
        invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids.order_id == first).quantity = 3
        invoice.action_post()
        self.assertOrder(first, 300.0, 1000.0, 0.0, "settled")
        self.assertOrder(second, 700.0, 0.0, 700.0, "none")

    def test_unmatching_a_receipt_keeps_it_for_its_order(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._receive(400.0, [(order, 400.0)])
        self._receivable_lines(receipt.sudo().payment_id.move_id).remove_move_reconcile()
        self.assertEqual(invoice.amount_residual, 1000.0)
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")

    def test_cancelled_receipt(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._receive(400.0, [(order, 400.0)])
        payment = receipt.sudo().payment_id
        receipt.with_user(self.user_finance).action_cancel()
        self.assertEqual((receipt.state, payment.state, payment.move_id.state), ("cancelled", "canceled", "cancel"))
        self.assertEqual(invoice.amount_residual, 1000.0)
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")

    def test_cancelled_receipt_in_a_locked_period_is_reversed(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._receive(400.0, [(order, 400.0)], date=fields.Date.subtract(fields.Date.today(), days=40))
        self.env.company.fiscalyear_lock_date = fields.Date.subtract(fields.Date.today(), days=20)
        payment = receipt.sudo().payment_id
        receipt.with_user(self.user_finance).action_cancel()
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(payment.move_id.reversal_move_ids.state, "posted")
        self.assertEqual(sum(self._receivable_lines(payment.move_id | payment.move_id.reversal_move_ids).mapped("balance")), 0.0)
        self.assertEqual(invoice.amount_residual, 1000.0)
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")

    def test_accounting_cannot_take_back_an_approved_receipt_silently(self):
        order = self._create_order(10)
        receipt = self._receive(400.0, [(order, 400.0)])
        payment = receipt.sudo().payment_id
        for step in (
            payment.action_draft,
            payment.action_cancel,
            payment.unlink,
            payment.move_id.button_draft,
            payment.move_id.button_cancel,
            lambda: payment.write({"state": "canceled"}),
        ):
            with self.subTest(step=step), self.assertRaises(KehuReceiptLedgerError), self.cr.savepoint():
                step()
        self.assertOrder(order, 0.0, 400.0, 600.0, "partial")

    def test_other_currency(self):
        """An order in a foreign currency at 2 per unit of ours, paid at 2.5: figures stay in the order's currency."""
        currency = self._setup_currency(2.0)
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": currency.id})
        order = self._create_order(10, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        invoice = self._invoice(order)
        currency.rate_ids.rate = 2.5
        receipt = self._receive(400.0, [(order, 400.0)], currency_id=currency.id)
        self.assertEqual(invoice.amount_residual, 600.0)
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")
        move = receipt.sudo().payment_id.move_id
        self.assertEqual(sum(move.line_ids.mapped("debit")), 160.0)
        self._receive(600.0, [(order, 600.0)], currency_id=currency.id)
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0.0, "paid"))
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        receipt.with_user(self.user_finance).action_cancel()
        self.assertOrder(order, 1000.0, 600.0, 400.0, "partial")

    def test_due_date(self):
        """Terms of 30 days: by the order while nothing is invoiced, then by the invoice."""
        term = self.env["account.payment.term"].create(
            {"name": "30 days", "line_ids": [Command.create({"value": "percent", "value_amount": 100.0, "nb_days": 30})]}
        )
        order = self._create_order(10, payment_term_id=term.id)
        order.date_order = "2026-03-01 08:00:00"
        self.assertEqual(order.kehu_date_due, fields.Date.to_date("2026-03-31"))
        invoice = self._invoice(order, post=False)
        invoice.invoice_date = "2026-03-10"
        invoice.action_post()
        self.assertEqual(order.kehu_date_due, fields.Date.to_date("2026-04-09"))
        row = self.env["kehu.receivable"].browse(order.id)
        days = (fields.Date.context_today(order) - order.kehu_date_due).days
        self.assertEqual(row.days_overdue, max(days, 0))
        self._receive(1000.0, [(order, 1000.0)])
        row.invalidate_recordset()
        self.assertEqual((row.settled, row.days_overdue), (True, 0))

    def test_figures_cannot_be_typed_in(self):
        order = self._create_order(10)
        for vals in ({"kehu_amount_received": 5.0}, {"kehu_amount_due": 0.0}, {"kehu_receipt_state": "settled"}):
            with self.subTest(vals=vals), self.assertRaises(KehuEngineOnlyError):
                order.write(vals)
            with self.subTest(vals=vals), self.assertRaises(KehuEngineOnlyError):
                self.env["sale.order"].create({"partner_id": self.customer.id, **vals})
        invoice = self._invoice(order)
        with self.assertRaises(KehuEngineOnlyError):
            invoice.line_ids[:1].kehu_order_id = order

    def test_journal_without_any_account_says_what_is_missing(self):
        """No account on the payment method, none in the chart, none on the company."""
        order = self._create_order(10)
        receipt = self._create_receipt(100.0, [(order, 100.0)])
        receipt.kehu_submit(self.user_receipt_approver.id)
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        self.env.company.transfer_account_id = False
        self.env["ir.model.data"].search([("name", "=", f"{self.env.company.id}_account_journal_payment_debit_account_id")]).unlink()
        with self.assertRaisesRegex(UserError, "outstanding receipts account"), self.cr.savepoint():
            receipt.with_user(self.user_receipt_approver).kehu_approve()
        self.assertEqual((receipt.state, receipt.sudo().payment_id.ids), ("pending", []))

    def test_journal_whose_method_has_its_own_account(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        self.bank.inbound_payment_method_line_ids.payment_account_id = self.bank.default_account_id
        payment = self._receive(1000.0, [(order, 1000.0)]).sudo().payment_id
        self.assertEqual(payment.state, "paid")
        self.assertEqual(payment.move_id.line_ids.filtered("debit").account_id, self.bank.default_account_id)
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_apportion(self):
        self.assertEqual(apportion(100.0, {"a": 1, "b": 1, "c": 1}), {"a": 33.33, "b": 33.34, "c": 33.33})
        self.assertEqual(apportion(700.0, {"a": 1000.0, "b": -300.0}), {"a": 1000.0, "b": -300.0})
        self.assertEqual(apportion(5.0, {}), {})
        self.assertEqual(apportion(5.0, {"a": 0.0}), {"a": 0.0})
        self.assertEqual(apportion(1.0, {"a": 1, "b": 2}, rounding=1.0), {"a": 0.0, "b": 1.0})

    # helpers ---------------------------------------------------------------

    def _setup_currency(self, rate):
        code = "EUR" if self.env.company.currency_id.name != "EUR" else "USD"
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2020-01-01", "rate": rate, "company_id": self.env.company.id}
        )
        return currency

    def test_credit_note_on_a_shared_invoice_goes_to_the_order_it_names(self):
        """A and B 1,000 each on one invoice; A's 1,000 credited: A owes nothing, B still 1,000. The rest of the credit goes by parts."""
        first, second = self._create_order(10), self._create_order(10)
        invoice = self._invoice(first | second)
        self.assertEqual(invoice.amount_total, 2000.0)
        credit = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids.order_id == second).unlink()
        credit.action_post()
        self.assertOrder(first, 0.0, 0.0, 0.0, "settled")
        self._receivable_lines(credit | invoice).reconcile()
        self.assertOrder(first, 0.0, 0.0, 0.0, "settled")
        self.assertOrder(second, 1000.0, 0.0, 1000.0, "none")
        self._pay(invoice, 300.0)
        self.assertOrder(first, 0.0, 0.0, 0.0, "settled")
        self.assertOrder(second, 1000.0, 300.0, 700.0, "partial")

    def test_credit_note_on_a_shared_invoice_already_paid_for_the_order_it_names(self):
        """A's part was received, then credited: we owe A 1,000 back, B still owes its 1,000."""
        first, second = self._create_order(10), self._create_order(10)
        invoice = self._invoice(first | second)
        self._receive(1000.0, [(first, 1000.0)])
        credit = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids.order_id == second).unlink()
        credit.action_post()
        self._receivable_lines(credit | invoice).filtered(lambda line: not line.reconciled).reconcile()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertOrder(first, 0.0, 1000.0, -1000.0, "settled")
        self.assertOrder(second, 1000.0, 0.0, 1000.0, "none")

    def test_credit_that_names_no_order_is_apportioned(self):
        """Credit note 1,000: 600 of A, 400 of no order. A 1,000 − 600 − 400 × 400/1,400; B 1,000 − 400 × 1,000/1,400."""
        first, second = self._create_order(10), self._create_order(10)
        invoice = self._invoice(first | second)
        credit = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        credit.invoice_line_ids.filtered(lambda line: line.sale_line_ids.order_id == second).unlink()
        credit.invoice_line_ids.quantity = 6
        credit.invoice_line_ids = [Command.create({"name": "Goodwill", "quantity": 1, "price_unit": 400.0, "tax_ids": [Command.clear()]})]
        credit.action_post()
        self._receivable_lines(credit | invoice).reconcile()
        self.assertOrder(first, 400.0, 0.0, 285.71, "none")
        self.assertOrder(second, 1000.0, 0.0, 714.29, "none")

    def test_invoicing_again_below_the_total_after_a_credit_note(self):
        """Ordered 1,000. Invoiced 500, credited, invoiced 500 again: 500 open and 500 still to invoice."""
        order = self._create_order(10)
        invoice = self._invoice(order, quantity=5)
        self._credit(invoice)
        self.assertOrder(order, 0.0, 0.0, 500.0, "none")
        again = self._invoice(order, quantity=5)
        self.assertOrder(order, 500.0, 0.0, 1000.0, "none")
        self._pay(again, 500.0)
        self.assertOrder(order, 500.0, 500.0, 500.0, "partial")
        self._pay(self._invoice(order), 500.0)
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")

    def test_partial_credit_note_then_invoicing_the_other_line(self):
        """A 500 and B 500. A invoiced, 200 of it credited for good; B invoiced is no invoicing of A again: 300 + 500."""
        order = self._create_order(5, confirm=False)
        second = order.order_line.copy({"order_id": order.id})
        order.action_confirm()
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids.filtered(lambda line: line.sale_line_ids == second).unlink()
        invoice.action_post()
        self._credit(invoice, quantity=2)
        self.assertOrder(order, 300.0, 0.0, 800.0, "none")
        rest = self._invoice(order, post=False)
        rest.invoice_line_ids.filtered(lambda line: line.sale_line_ids != second).unlink()
        rest.action_post()
        self.assertOrder(order, 800.0, 0.0, 800.0, "none")
        # then the 200 of A again
        self._invoice(order)
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")

    def test_credited_down_payment_then_invoice(self):
        """Down payment 300 credited, 400 invoiced: 400 open, 600 to invoice."""
        order = self._create_order(10)
        down = self._down_payment(order, 300.0)
        self._credit(down)
        self.assertOrder(order, 0.0, 0.0, 700.0, "none")
        self._invoice(order, quantity=4)
        self.assertOrder(order, 400.0, 0.0, 1000.0, "none")

    def test_credited_final_invoice_then_again(self):
        """Down payment 300 paid, final invoice 700 credited and made again: 700 due all along, nothing while credited."""
        order = self._create_order(10)
        self._pay(self._down_payment(order, 300.0), 300.0)
        final = order._create_invoices(final=True)
        final.action_post()
        self._credit(final)
        self.assertOrder(order, 300.0, 300.0, 0.0, "settled")
        again = order._create_invoices(final=True)
        again.action_post()
        self.assertOrder(order, 1000.0, 300.0, 700.0, "partial")

    def test_cash_rounding_leaves_nothing_to_invoice(self):
        """333.33 ordered, invoiced as 333.00 by rounding to 1.00: 333.00 due, nothing after."""
        for strategy in ("add_invoice_line", "biggest_tax"):
            account = self.env["account.account"].search(
                [("account_type", "=", "expense"), ("company_ids", "=", self.env.company.id)], limit=1
            )
            income = self.env["account.account"].search(
                [("account_type", "=", "income"), ("company_ids", "=", self.env.company.id)], limit=1
            )
            rounding = self.env["account.cash.rounding"].create(
                {
                    "name": f"To 1.00 {strategy}",
                    "rounding": 1.0,
                    "strategy": strategy,
                    "rounding_method": "HALF-UP",
                    "profit_account_id": income.id,
                    "loss_account_id": account.id,
                }
            )
            tax = self.env["account.tax"].create({"name": f"13 % ({strategy})", "amount": 13.0, "type_tax_use": "sale"})
            order = self._create_order(1, confirm=False)
            order.order_line.write({"price_unit": 294.98, "tax_ids": [Command.set(tax.ids)]})
            order.action_confirm()
            self.assertAlmostEqual(order.amount_total, 333.33, 2)
            invoice = self._invoice(order, post=False)
            invoice.invoice_cash_rounding_id = rounding
            invoice.action_post()
            with self.subTest(strategy=strategy):
                self.assertEqual(invoice.amount_total, 333.0)
                self.assertOrder(order, 333.0, 0.0, 333.0, "none")
                self._receive(333.0, [(order, 333.0)])
                self.assertOrder(order, 333.0, 333.0, 0.0, "settled")

    def test_early_payment_discount(self):
        """2 % within ten days: 980 of 1,000 registered on the invoice settle it; brought by a receipt they do as well."""
        term = self.env["account.payment.term"].create(
            {
                "name": "2/10 net 30",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100.0, "nb_days": 30})],
            }
        )
        first, second = self._create_order(10, payment_term_id=term.id), self._create_order(10, payment_term_id=term.id)
        invoice = self._invoice(first)
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"journal_id": self.bank.id}
        )._create_payments()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertOrder(first, 1000.0, 1000.0, 0.0, "settled")
        self._invoice(second)
        self._receive(980.0, [(second, 980.0)])
        self.assertOrder(second, 1000.0, 1000.0, 0.0, "settled")

    def test_online_payment_counts_before_the_invoice(self):
        """400 paid online for an order of 1,000: received at once, matched when the invoice is posted, gone when it is cancelled."""
        order = self._create_order(10)
        payment = self._pay_online(order, 400.0)
        self.assertOrder(order, 0.0, 400.0, 600.0, "partial")
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_residual, 600.0)
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")
        payment.action_draft()
        payment.action_cancel()
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")

    def test_online_payment_outside_the_crm_stays_as_the_host_has_it(self):
        partner = self.env["res.partner"].create({"name": "Passer-by"})
        order = self._create_order(10, customer=partner)
        invoice = self._invoice(order)
        payment = self._pay_online(order, 400.0)
        self.assertFalse(payment.move_id.line_ids.kehu_order_id)
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("not_paid", 1000.0))

    def _pay_online(self, order, amount):
        """Return the payment that the host makes of a transaction for this order."""
        provider = self.env.ref("payment.payment_provider_transfer", raise_if_not_found=False) or self.env["payment.provider"].create(
            {"name": "Test", "code": "none"}
        )
        provider.write({"journal_id": self.bank.id, "company_id": self.env.company.id})
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"ONLINE-{order.name}",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        return transaction._create_payment(payment_method_line_id=self.bank.inbound_payment_method_line_ids[:1].id)
