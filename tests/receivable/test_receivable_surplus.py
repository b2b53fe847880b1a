"""Orders that were lowered, credited or cancelled after they were collected: what is too much becomes an advance of the receipt."""

from importlib.util import module_from_spec, spec_from_file_location

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_path

from ...models.receivable.exceptions import (
    KehuAdvanceError,
    KehuOverAllocationError,
    KehuReceiptLedgerError,
    KehuReceiptStateError,
)
from ...models.system.engine import as_engine
from .test_receivable_tieout import TieOutCommon


@tagged("post_install", "-at_install")
class TestReceivableSurplus(TieOutCommon):
    def _free(self, receipt, allocations, user=None, **values):
        use = self._create_use(receipt, allocations, user=user, kind="free", **values)
        use.action_post()
        return use

    def _lower(self, order, quantity):
        order.order_line.filtered("product_id").write({"product_uom_qty": quantity, "price_unit": 100.0})

    def _open_advance(self, receipt):
        """What is open of an advance by the journal items that carry it."""
        self.env.flush_all()
        items = receipt.sudo().advance_line_ids.filtered(lambda line: line.parent_state == "posted")
        return -sum(items.mapped("amount_residual_currency"))

    def assertFreed(self, receipt, advance_open):
        self.assertAlmostEqual(receipt.sudo().advance_open, advance_open, 2)
        self.assertAlmostEqual(self._open_advance(receipt), advance_open, 2)
        self.assertAgrees()

    # the ways to get there ---------------------------------------------------------------

    def test_an_order_lowered_after_it_was_collected(self):
        """1,000 collected, lowered to 600: −400 due; freed, nothing is due, 400 are an advance of the receipt, and 600 meet the invoice."""
        order, other = self._create_order(10), self._create_order(5)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        self.assertFalse(order.kehu_surplus_text)
        self._lower(order, 6)
        self.assertOrder(order, 0.0, 1000.0, -400.0, "settled")
        seller = self.user_seller
        self.assertIn("400.00", order.with_user(seller).kehu_surplus_text)
        rows = self.env["kehu.receivable"].with_user(seller).search([("amount_due", "<", 0), ("amount_received", ">", 0)])
        self.assertIn(order, rows.order_id)
        action = rows.filtered(lambda row: row.order_id == order).action_free_surplus()
        use = Form(self.env["kehu.advance.use"].with_user(seller).with_context(**action["context"])).save()
        self.assertEqual((use.kind, use.receipt_id, use.amount, use.line_ids.order_id), ("free", receipt, 400.0, order))
        use.action_post()
        self.assertEqual((use.state, sum(use.sudo().move_id.line_ids.mapped("balance"))), ("approved", 0.0))
        self.assertOrder(order, 0.0, 600.0, 0.0, "settled")
        self.assertFreed(receipt, 400.0)
        self.assertFalse(order.with_user(seller).kehu_surplus_text)
        self.assertRegex(receipt.freed_text, f"400.00.*{use.name}")
        self.assertEqual(self.customer.with_user(seller).kehu_advance_total, 400.0)
        self.assertEqual(self.env["kehu.receipt"].search(self.customer.action_kehu_open_advances()["domain"]), receipt)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_residual, 0.0)
        self._use(receipt, [(other, 300.0)])
        self._refund(receipt, 100.0)
        self.assertOrder(other, 0.0, 300.0, 200.0, "partial")
        self.assertFreed(receipt, 0.0)

    def test_a_credit_note_after_everything_was_paid(self):
        """1,000 invoiced and paid, 400 credited: the credit note is what is open; freeing uses it up."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        credit = self._credit(invoice, quantity=4, reconcile=False)
        self.assertOrder(order, 600.0, 1000.0, -400.0, "settled")
        use = self._free(receipt, [(order, 400.0)])
        self.assertEqual(credit.amount_residual, 0.0)
        self.assertOrder(order, 600.0, 600.0, 0.0, "settled")
        self.assertFreed(receipt, 400.0)
        use.action_cancel()
        self.assertEqual(credit.amount_residual, 400.0)
        self.assertOrder(order, 600.0, 1000.0, -400.0, "settled")
        self.assertFreed(receipt, 0.0)

    def test_a_credit_note_on_one_of_two_orders(self):
        """A credit note over two orders gives each no more than its own part."""
        first, second = self._create_order(4), self._create_order(6)
        invoice = self._invoice(first | second)
        receipt = self._receive(1000.0, [(first, 400.0), (second, 600.0)])
        credit = self._credit(invoice, reconcile=False)
        self.assertOrder(first, 0.0, 400.0, -400.0, "settled")
        self._free(receipt, [(first, 400.0)])
        self.assertEqual(credit.amount_residual, 600.0)
        self.assertOrder(first, 0.0, 0.0, 0.0, "settled")
        self.assertOrder(second, 0.0, 600.0, -600.0, "settled")
        self.assertFreed(receipt, 400.0)

    def test_a_cancelled_order(self):
        order = self._create_order(10)
        receipt = self._receive(1200.0, [(order, 1000.0)])
        order._action_cancel()
        self.assertEqual(order.kehu_amount_due, -1000.0)
        self._free(receipt, [(order, 1000.0)])
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due), (0.0, 0.0))
        self.assertFreed(receipt, 1200.0)
        self._refund(receipt, 1200.0)
        self.assertFreed(receipt, 0.0)

    def test_an_advance_used_and_then_too_much(self):
        """What a use of the advance gave is freed as well; then the use stays until that is taken back: no money is an advance twice."""
        order = self._create_order(5)
        receipt = self._receive(500.0)
        used = self._use(receipt, [(order, 500.0)])
        self._lower(order, 2)
        freed = self._free(receipt, [(order, 300.0)])
        self.assertFreed(receipt, 300.0)
        with self.assertRaisesRegex(KehuReceiptStateError, "taken off it again"), self.cr.savepoint():
            used.action_cancel()
        with self.assertRaisesRegex(KehuReceiptStateError, "taken off its orders"), self.cr.savepoint():
            receipt.with_user(self.user_finance).action_cancel()
        freed.action_cancel()
        used.action_cancel()
        self.assertFreed(receipt, 500.0)
        receipt.with_user(self.user_finance).action_cancel()
        self.assertOrder(order, 0.0, 0.0, 200.0, "none")
        self.assertAgrees()

    def test_two_receipts_and_the_open_part_of_the_other(self):
        """The last receipt is proposed; each frees what it brought; taking one back leaves the other where it is."""
        order = self._create_order(10)
        first = self._receive(700.0, [(order, 700.0)])
        last = self._receive(300.0, [(order, 300.0)])
        self._invoice(order, quantity=7)  # matched with the first
        self._lower(order, 5)
        self.assertOrder(order, 700.0, 1000.0, -300.0, "settled")
        self.assertEqual(order.with_user(self.user_seller).action_kehu_free_surplus()["context"]["default_receipt_id"], last.id)
        with self.assertRaisesRegex(KehuOverAllocationError, "brought only"), self.cr.savepoint():
            self._lower_with_credit(order)
            self._free(last, [(order, 301.0)])
        freed = self._free(first, [(order, 300.0)])
        self.assertFreed(first, 300.0)
        last.with_user(self.user_finance).action_cancel()
        self.assertOrder(order, 700.0, 400.0, 300.0, "partial")
        self.assertFreed(first, 300.0)
        freed.with_user(self.user_finance).action_cancel()
        self.assertOrder(order, 700.0, 700.0, 0.0, "settled")
        self.assertFreed(first, 0.0)

    def _lower_with_credit(self, order):
        self._credit(order.invoice_ids, quantity=2, reconcile=False)

    def test_in_another_currency(self):
        """1,000 foreign came at 2.0 and are 500 ours; 400 are freed at 4.0: the advance keeps 2.0, without a difference in rates."""
        currency = self.env.ref("base.EUR") if self.env.company.currency_id.name != "EUR" else self.env.ref("base.USD")
        currency.active = True
        currency.rate_ids.unlink()
        rates = [("2025-01-01", 2.0), ("2025-03-01", 4.0)]
        self.env["res.currency.rate"].create(
            [{"currency_id": currency.id, "name": day, "rate": rate, "company_id": self.env.company.id} for day, rate in rates]
        )
        pricelist = self.env["product.pricelist"].create({"name": "Foreign (test)", "currency_id": currency.id})
        order = self._create_order(10, pricelist_id=pricelist.id)
        receipt = self._receive(1000.0, [(order, 1000.0)], currency_id=currency.id, date="2025-01-10")
        self._lower(order, 6)
        use = self._free(receipt, [(order, 400.0)], date="2025-03-10")
        self.assertEqual(sorted(use.sudo().move_id.line_ids.mapped("balance")), [-200.0, 200.0])
        self.assertOrder(order, 0.0, 600.0, 0.0, "settled")
        self.assertFreed(receipt, 400.0)
        self.assertFalse(self.env["account.move"].search([("journal_id", "=", self.env.company.currency_exchange_journal_id.id)]))

    # taking back ---------------------------------------------------------------

    def test_taken_back_in_a_locked_period(self):
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 1000.0)], date="2025-01-10")
        self._lower(order, 6)
        use = self._free(receipt, [(order, 400.0)], date="2025-01-20")
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        use.action_cancel()
        self.assertEqual((use.sudo().move_id.state, len(use.sudo().move_id.reversal_move_ids)), ("posted", 1))
        self.assertOrder(order, 0.0, 1000.0, -400.0, "settled")
        self.assertFreed(receipt, 0.0)
        use.sudo().move_id.line_ids.remove_move_reconcile()
        self.assertOrder(order, 0.0, 1000.0, -400.0, "settled")
        self.assertFreed(receipt, 0.0)

    def test_the_receipt_whose_part_was_freed_by_another_in_a_locked_period(self):
        """The freeing of the first receipt took 200 of what the last one had open. The last, cancelled by a mirror, takes all 300 back."""
        order = self._create_order(10)
        first = self._receive(700.0, [(order, 700.0)], date="2025-01-10")
        last = self._receive(300.0, [(order, 300.0)], date="2025-01-11")
        self._invoice(order, quantity=7)  # matched with the first
        self._lower(order, 8)
        freed = self._free(first, [(order, 200.0)], date="2025-01-20")
        self.assertIn(last.sudo().payment_id.move_id, freed.sudo().move_id.line_ids.matched_credit_ids.credit_move_id.move_id)
        self.assertOrder(order, 700.0, 800.0, 0.0, "settled")
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        last.with_user(self.user_finance).action_cancel()
        paid = last.sudo().payment_id.move_id
        self.assertEqual((paid.state, len(paid.reversal_move_ids), last.state), ("posted", 1, "cancelled"))
        self.assertTrue(all(self._receivable_lines(paid | paid.reversal_move_ids).mapped("reconciled")))
        self.assertOrder(order, 700.0, 500.0, 300.0, "partial")
        self.assertFreed(first, 200.0)
        self.assertFreed(last, 0.0)
        self._receivable_lines(paid).remove_move_reconcile()
        self.assertOrder(order, 700.0, 500.0, 300.0, "partial")
        freed.action_cancel()
        self.assertOrder(order, 700.0, 700.0, 100.0, "partial")
        self.assertFreed(first, 0.0)
        again = self._receive(100.0, [(order, 100.0)])
        self.assertOrder(order, 700.0, 800.0, 0.0, "settled")
        self.assertEqual(again.state, "approved")
        self.assertAgrees()

    def test_instalments_by_name(self):
        """What was freed covers no part by name any more: first what came for none, then what came for the last ones."""
        order = self._create_order(10)
        parts = [
            Command.create({"name": name, "amount": amount, "date_due": day})
            for name, amount, day in (("First", 300.0, "2025-01-31"), ("Second", 300.0, "2025-02-28"), ("Third", 400.0, "2025-03-31"))
        ]
        order.write({"kehu_instalment_ids": parts})
        first, second, third = order.kehu_instalment_ids
        lines = [
            Command.create({"order_id": order.id, "amount": 400.0, "instalment_id": third.id}),
            Command.create({"order_id": order.id, "amount": 200.0, "instalment_id": second.id}),
        ]
        receipt = self._approve(self._create_receipt(600.0, allocation_ids=lines))
        self._receive(100.0, [(order, 100.0)])
        self.assertEqual((first | second | third).mapped("amount_received"), [100.0, 200.0, 400.0])
        self._credit(self._invoice(order), quantity=9, reconcile=False)
        self.assertEqual(order.kehu_amount_due, -600.0)
        freed = self._free(receipt, [(order, 250.0)])
        self.assertEqual((first | second | third)._kehu_named_money(), {second.id: 200.0, third.id: 150.0})
        self.assertEqual((first | second | third).mapped("amount_received"), [100.0, 200.0, 150.0])
        more = self._free(receipt, [(order, 300.0)])
        self.assertEqual((first | second | third).mapped("amount_received"), [100.0, 50.0, 0.0])
        more.action_cancel()
        freed.action_cancel()
        self.assertEqual((first | second | third).mapped("amount_received"), [100.0, 200.0, 400.0])

    def test_a_duplicate(self):
        """What a freeing or a use says is looked up anew, not copied; a refund may be made once more."""
        order, other = self._create_order(10), self._create_order(1)
        receipt = self._receive(1100.0, [(order, 1000.0)])
        self._lower(order, 6)
        for use in (self._free(receipt, [(order, 100.0)]), self._use(receipt, [(other, 100.0)])):
            with self.assertRaisesRegex(KehuReceiptStateError, f"{use.name} cannot be duplicated.* from receipt {receipt.name}"):
                use.copy()
        refund = self._refund(receipt, 50.0)
        again = refund.copy()
        self.assertEqual((again.state, again.amount, again.kind), ("draft", 50.0, "refund"))

    def test_taken_back_after_more_was_ordered_and_invoiced(self):
        """400 freed, then 400 more are ordered and invoiced: taken back, they pay that invoice. Another receipt's part does the same."""
        order = self._create_order(10)
        first = self._receive(600.0, [(order, 600.0)])
        last = self._receive(400.0, [(order, 400.0)])
        self._lower(order, 6)
        freed = self._free(last, [(order, 400.0)])
        self._lower(order, 10)
        invoice = self._invoice(order)
        self.assertEqual(invoice.amount_residual, 400.0)
        freed.action_cancel()
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        self.assertEqual((invoice.amount_residual, self._open_advance(last)), (0.0, 0.0))
        self.assertAgrees()
        other = self._create_order(6)
        one = self._receive(600.0, [(other, 600.0)])
        partly = self._invoice(other)
        self._lower(other, 10)
        self._receive(400.0, [(other, 400.0)])
        self.assertEqual(partly.amount_residual, 0.0)
        one.with_user(self.user_finance).action_cancel()
        self.assertEqual(partly.amount_residual, 200.0)
        self.assertOrder(other, 600.0, 400.0, 600.0, "partial")
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        self.assertEqual(first.state, "approved")
        self.assertAgrees()

    def test_dated_ahead(self):
        """What is dated next week is in the ledger when it is posted, as receipts are: no money is between an advance and its order."""
        order, other = self._create_order(10), self._create_order(5)
        receipt = self._receive(1300.0, [(order, 1000.0)])
        self._lower(order, 6)
        ahead = fields.Date.add(fields.Date.today(), days=7)
        freed = self._free(receipt, [(order, 400.0)], date=ahead)
        self.assertEqual((freed.sudo().move_id.state, freed.sudo().move_id.date), ("posted", ahead))
        self.assertOrder(order, 0.0, 600.0, 0.0, "settled")
        self.assertFreed(receipt, 700.0)
        used = self._use(receipt, [(other, 500.0)], date=ahead)
        self.assertOrder(other, 0.0, 500.0, 0.0, "settled")
        self.assertFreed(receipt, 200.0)
        used.action_cancel()
        freed.action_cancel()
        self.assertOrder(order, 0.0, 1000.0, -400.0, "settled")
        self.assertOrder(other, 0.0, 0.0, 500.0, "none")
        self.assertFreed(receipt, 300.0)

    def test_not_while_it_is_spent(self):
        """400 freed beside an advance of 100; 450 are spent: the freed part stays. 100 spent, whichever of the two paid: it can go back."""
        order, other = self._create_order(10), self._create_order(9)
        receipt = self._receive(1100.0, [(order, 1000.0)])
        self._lower(order, 6)
        freed = self._free(receipt, [(order, 400.0)])
        used = self._use(receipt, [(other, 450.0)])
        self.assertFreed(receipt, 50.0)
        with self.assertRaisesRegex(KehuReceiptStateError, "only .*50.00 is left"), self.cr.savepoint():
            freed.action_cancel()
        used.action_cancel()
        # an accountant lets the freed part pay an invoice of the other order, and a use takes the rest
        used = self._use(receipt, [(other, 100.0)])
        used.sudo().move_id.line_ids.remove_move_reconcile()
        items = (freed | used).sudo().move_id.line_ids.filtered("kehu_advance_receipt_id")
        items.reconcile()
        self.assertFreed(receipt, 400.0)
        freed.action_cancel()
        self.assertOrder(order, 0.0, 1000.0, -400.0, "settled")
        self.assertFreed(receipt, 0.0)
        self.assertTrue(used.sudo().move_id.line_ids.filtered("kehu_advance_receipt_id").reconciled)

    def test_each_part_is_matched_with_its_own_mirror(self):
        """Taken apart by any one of its items, what was cancelled still counts for nobody: a use, and a receipt of two orders."""
        receipt = self._receive(900.0, date="2025-01-10")
        order, other = self._create_order(5), self._create_order(3)
        paid = self._receive(400.0, [(order, 100.0), (other, 300.0)], date="2025-01-10")
        paid_item = self._receivable_lines(paid.sudo().payment_id.move_id)
        self.env.company.fiscalyear_lock_date = "2025-01-15"
        paid.with_user(self.user_finance).action_cancel()
        use = self._use(receipt, [(other, 300.0), (order, 500.0)], date="2025-01-20")
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        use.action_cancel()
        for item in use.sudo().move_id.line_ids | paid_item:
            with self.subTest(item=item.name), self.cr.savepoint() as savepoint:
                item.remove_move_reconcile()
                self.assertOrder(order, 0.0, 0.0, 500.0, "none")
                self.assertOrder(other, 0.0, 0.0, 300.0, "none")
                self.assertFreed(receipt, 900.0)
                savepoint.rollback()
            self.env.invalidate_all()

    # guards ---------------------------------------------------------------

    def test_never_more_than_is_too_much(self):
        order, paid, other = self._create_order(10), self._create_order(5), self._create_order(5)
        receipt = self._receive(1500.0, [(order, 1000.0), (paid, 500.0)])
        with self.assertRaisesRegex(KehuOverAllocationError, "only .*0.00 more was collected"), self.cr.savepoint():
            self._create_use(receipt, [(order, 1.0)], kind="free")
        with self.assertRaisesRegex(KehuReceiptStateError, "nothing to free"):
            order.with_user(self.user_seller).action_kehu_free_surplus()
        self._lower(order, 6)
        with self.assertRaisesRegex(KehuOverAllocationError, "only .*400.00 more was collected"), self.cr.savepoint():
            self._create_use(receipt, [(order, 400.01)], kind="free")
        with self.assertRaisesRegex(KehuAdvanceError, "brought nothing"), self.cr.savepoint():
            self._create_use(receipt, [(other, 1.0)], kind="free")
        with self.assertRaisesRegex(KehuAdvanceError, "sum of its lines"), self.cr.savepoint():
            self._create_use(receipt, [(order, 400.0)], kind="free", amount=399.0)
        with self.assertRaisesRegex(KehuAdvanceError, "No money leaves us"), self.cr.savepoint():
            self._create_use(receipt, [(order, 400.0)], kind="free", journal_id=self.bank.id)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._create_use(receipt, kind="free").action_post()
        first, second = (self._create_use(receipt, [(order, 400.0)], kind="free") for _time in range(2))
        first.action_post()
        with self.assertRaisesRegex(KehuOverAllocationError, "only .*0.00 more was collected"), self.cr.savepoint():
            second.action_post()
        self.assertFreed(receipt, 400.0)
        for operation in (first.sudo().move_id.button_draft, lambda: first.sudo().move_id._reverse_moves([{}], cancel=True)):
            with self.assertRaises(KehuReceiptLedgerError), self.cr.savepoint():
                operation()

    def test_money_that_no_receipt_brought(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        self._pay(invoice, 1000.0)
        self._credit(invoice, quantity=4, reconcile=False)
        self.assertEqual(order.kehu_amount_due, -400.0)
        with self.assertRaisesRegex(KehuReceiptStateError, "none of your receipts brought it"):
            order.with_user(self.user_seller).action_kehu_free_surplus()

    def test_who_frees(self):
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        self._lower(order, 6)
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"):
            for user in (self.user_seller2, self.user_west_seller, self.user_service, self.user_receipt_approver, self.user_employee):
                with self.subTest(user=user.name), self.assertRaises(AccessError), self.cr.savepoint():
                    self._create_use(receipt, [(order, 100.0)], user=user, kind="free")
            with self.assertRaises(AccessError):
                order.with_user(self.user_west_seller).action_kehu_free_surplus()
        for user in (self.user_seller, self.user_east_manager, self.user_director, self.user_finance):
            with self.subTest(user=user.name):
                self.assertEqual(order.with_user(user).action_kehu_free_surplus()["context"]["default_kind"], "free")
                self._free(receipt, [(order, 100.0)], user=user)
        self.assertFreed(receipt, 400.0)
        # whoever may change the document takes back what was posted without approval
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            receipt.advance_use_ids[:1].with_user(self.user_seller2).action_cancel()

    def test_a_flow_may_ask_for_approval(self):
        self.env.ref("kehu_crm.kehu_approval_flow_advance_refund").write({"domain": '[("kind", "in", ("refund", "free"))]'})
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        self._lower(order, 6)
        use = self._create_use(receipt, [(order, 400.0)], kind="free")
        with self.assertRaisesRegex(UserError, "needs approval"):
            use.action_post()
        self._approve(use)
        self.assertFreed(receipt, 400.0)

    def test_form_proposes_what_is_too_much(self):
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        self._lower(order, 6)
        form = Form(self.env["kehu.advance.use"].with_user(self.user_seller))
        form.kind = "free"
        form.receipt_id = receipt
        with form.line_ids.new() as line:
            line.order_id = order
            self.assertEqual(line.amount, 400.0)
        self.assertEqual(form.save().amount, 400.0)

    def test_the_list_of_orders_has_a_filter(self):
        arch = self.env["sale.order"].get_view(self.env.ref("kehu_crm.sale_order_view_search_kehu").id, "search")["arch"]
        self.assertIn('name="kehu_surplus"', arch)
        self.assertIn('name="surplus"', self.env["kehu.receivable"].get_view(view_type="search")["arch"])

    def test_the_check_sees_a_freed_advance_that_does_not_follow(self):
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        self._lower(order, 6)
        self._free(receipt, [(order, 400.0)])
        self.env.flush_all()
        self.cr.execute("UPDATE kehu_receipt SET advance_open = 0 WHERE id = %s", [receipt.id])
        self.env.invalidate_all()
        self.assertEqual(self._differences(), [("customer", "advance", "advance", 0.0, 400.0)])
        check = self.env["kehu.ledger.check"].with_user(self.user_finance)
        run = check.browse(check.action_check_now()["res_id"])
        run.difference_ids.filtered(lambda row: row.partner_id == self.customer).action_recompute()
        self.assertFreed(receipt, 400.0)

    # mirrors from before ---------------------------------------------------------------

    def test_mirrors_from_before_are_marked_at_an_update(self):
        sealed = self.bank.copy({"name": "Sealed Bank (test)", "code": "SEAL", "restrict_mode_hash_table": True})
        order, other = self._create_order(10), self._create_order(10)
        self._invoice(order)
        # two parts of the same amount, for two orders
        receipt = self._receive(1000.0, [(order, 400.0), (other, 400.0)], journal_id=sealed.id)
        move = receipt.sudo().payment_id.move_id
        if not move.inalterable_hash:
            move.button_hash()
        kept = self._receive(70.0, [(other, 70.0)])
        receipt.with_user(self.user_finance).action_cancel()
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        mirror = self._receivable_lines(move.reversal_move_ids)
        before = {line: (line.kehu_order_id, line.kehu_advance_receipt_id) for line in mirror}
        as_engine(mirror, "receipt").write({"kehu_order_id": False, "kehu_advance_receipt_id": False})
        self._receivable_lines(move).remove_move_reconcile()
        self.assertEqual(order.kehu_amount_received, 400.0, "as it was wrong")
        spec = spec_from_file_location("post_receivable", file_path("kehu_crm/migrations/19.0.1.6.0/post-receivable.py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        for _time in range(2):
            module.migrate(self.env.cr, "19.0.1.5.0")
            self.env.invalidate_all()
            self.assertCountEqual(
                [(line.kehu_order_id, line.kehu_advance_receipt_id) for line in mirror], [before[line] for line in mirror]
            )
            self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")
            self.assertOrder(other, 0.0, 70.0, 930.0, "partial")
            self.assertEqual((receipt.advance_open, kept.state), (0.0, "approved"))
            self.assertAgrees()

    def test_mirrors_of_uses_from_before(self):
        receipt = self._receive(700.0, date="2025-01-10")
        order = self._create_order(5)
        use = self._use(receipt, [(order, 500.0)], date="2025-01-20")
        self.env.company.fiscalyear_lock_date = "2025-06-30"
        use.action_cancel()
        mirror = use.sudo().move_id.reversal_move_ids.line_ids
        as_engine(mirror, "receipt").write({"kehu_order_id": False, "kehu_advance_receipt_id": False})
        use.sudo().move_id.line_ids.remove_move_reconcile()
        self.assertEqual(receipt.advance_open, 200.0, "as it was wrong")
        spec = spec_from_file_location("post_receivable", file_path("kehu_crm/migrations/19.0.1.6.0/post-receivable.py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.5.0")
        self.env.invalidate_all()
        self.assertOrder(order, 0.0, 0.0, 500.0, "none")
        self.assertFreed(receipt, 700.0)
        self.assertEqual(mirror.kehu_order_id, order)
        self.assertEqual(len(self.env["kehu.advance.use"].search([("line_ids", "in", use.line_ids.ids)])), 1)

    # the sentence of a receipt that brings too much ---------------------------------------------------------------

    def test_the_warning_names_open_advances_and_adds_up(self):
        """500 owed, 200 paid ahead, 600 come in: 300 to collect, 300 too much. Who does not see all of it reads no figure."""
        self.env.company.kehu_over_receipt = "warn"
        self._receive(200.0)
        order = self._create_order(5)
        receipt = self._create_receipt(600.0, [(order, 500.0)])
        self.assertRegex(
            receipt.over_receipt,
            "brings .*600.00.* owe .*500.00.* open advances cover .*200.00.* so .*300.00 is to collect and .*300.00 is too much",
        )
        self._create_order(1, user=self.user_west_seller)
        receipt.invalidate_recordset(["over_receipt"])
        self.assertRegex(receipt.over_receipt, "more than the confirmed orders .* less what open advances cover")
        self.assertNotIn(".00", receipt.over_receipt)
        self.assertRegex(receipt.with_user(self.user_finance).over_receipt, "owe .*600.00.* cover .*200.00.* .*400.00 is to collect")
        receipt.kehu_submit(self.user_receipt_approver.id)
        told = receipt.message_ids.filtered(lambda message: "more than the confirmed orders" in (message.body or ""))
        self.assertTrue(told)
        self.assertNotIn("600.00", told.body)
