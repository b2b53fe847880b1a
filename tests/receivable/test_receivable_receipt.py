"""A receipt: what it must satisfy at save, submission and approval, and how it lives."""

import psycopg2
from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.approval.exceptions import KehuApprovalError, KehuApprovalFrozenError, KehuApprovalTransitionError
from ...models.receivable.exceptions import (
    KehuOverAllocationError,
    KehuReceiptError,
    KehuReceiptRightError,
    KehuReceiptStateError,
)
from ...models.system.exceptions import KehuEngineOnlyError
from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableReceipt(ReceivableCommon):
    # at save ---------------------------------------------------------------

    def test_amounts_are_positive(self):
        order = self._create_order(10)
        for amount, part in ((0.0, 0.0), (-5.0, 0.0), (0.001, 0.0), (100.0, -1.0), (100.0, 0.001)):
            with self.subTest(amount=amount, part=part), self.assertRaisesRegex(KehuReceiptError, "greater than zero"):
                self._create_receipt(amount, [(order, part)] if part else [])
        receipt = self._create_receipt(100.0, [(order, 100.0)])
        with self.assertRaisesRegex(KehuReceiptError, "greater than zero"):
            receipt.amount = 0.0
        with self.assertRaisesRegex(KehuReceiptError, "greater than zero"):
            receipt.allocation_ids.amount = 0.0

    def test_allocation_within_receipt_and_order(self):
        order = self._create_order(10)
        with self.assertRaises(KehuOverAllocationError):
            self._create_receipt(100.0, [(order, 100.01)])
        with self.assertRaises(KehuOverAllocationError):
            self._create_receipt(2000.0, [(order, 1000.01)])
        receipt = self._create_receipt(2000.0, [(order, 1000.0)])
        self.assertEqual((receipt.amount_allocated, receipt.advance), (1000.0, 1000.0))
        with self.assertRaises(KehuOverAllocationError):
            receipt.allocation_ids.amount = 1000.01
        with self.assertRaises(KehuOverAllocationError):
            receipt.amount = 999.0
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.cr.savepoint():
            receipt.write({"allocation_ids": [Command.create({"order_id": order.id, "amount": 1.0})]})

    def test_only_confirmed_orders_of_that_customer_in_that_currency(self):
        quote = self._create_order(10, confirm=False)
        with self.assertRaisesRegex(KehuReceiptError, "not confirmed"):
            self._create_receipt(100.0, [(quote, 100.0)])
        foreign = self._create_order(10, customer=self.other_customer, user=self.user_seller)
        with self.assertRaisesRegex(KehuReceiptError, "belongs to"):
            self._create_receipt(100.0, [(foreign, 100.0)])
        order = self._create_order(10)
        other = self.env.ref("base.EUR") if self.env.company.currency_id.name != "EUR" else self.env.ref("base.USD")
        other.active = True
        with self.assertRaisesRegex(KehuReceiptError, "Make a receipt in"):
            self._create_receipt(100.0, [(order, 100.0)], currency_id=other.id)
        self.bank.currency_id = other
        with self.assertRaisesRegex(KehuReceiptError, "holds"):
            self._create_receipt(100.0, currency_id=self.env.company.currency_id.id)

    def test_only_customers_and_money_journals(self):
        vendor = self.env["res.partner"].create({"name": "A vendor"})
        with self.assertRaisesRegex(KehuReceiptError, "not a customer"):
            self._create_receipt(100.0, customer=vendor)
        sales_journal = self.env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", self.env.company.id)], limit=1)
        with self.assertRaisesRegex(KehuReceiptError, "bank or cash"):
            self._create_receipt(100.0, journal_id=sales_journal.id)

    def test_order_of_a_contact_belongs_to_the_customer(self):
        contact = self._create_contact(self.customer)
        order = self._create_order(10, customer=contact, user=self.user_seller)
        invoice = self._invoice(order)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        self.assertEqual(receipt.state, "approved")
        self.assertEqual(invoice.amount_residual, 0.0)

    # filling in ---------------------------------------------------------------

    def test_number_bears_the_month_of_the_money(self):
        self.assertRegex(self._create_receipt(10.0, date="2025-03-31").name, r"^SK202503\d{4}$")
        self.assertRegex(self._create_receipt(10.0).name, rf"^SK{fields.Date.context_today(self.customer):%Y%m}\d{{4}}$")

    def test_form_of_the_seller(self):
        order = self._create_order(10)
        with Form(self.env["kehu.receipt"].with_user(self.user_seller)) as form:
            form.partner_id = self.customer
            self.assertEqual(form.payer, self.customer)
            form.amount = 300.0
            with form.allocation_ids.new() as line:
                line.order_id = order
                self.assertEqual(line.amount, 300.0)
        receipt = form.record
        self.assertRegex(receipt.name, r"^SK\d{10}$")
        self.assertEqual((receipt.user_id, receipt.kehu_department_id), (self.user_seller, self.department_east))
        self.assertEqual((receipt.state, receipt.advance, receipt.currency_id), ("draft", 0.0, self.env.company.currency_id))

    def test_allocate_to_open_orders_takes_the_oldest_first(self):
        young, old, settled = self._create_order(5), self._create_order(4), self._create_order(1)
        young.date_order, old.date_order, settled.date_order = "2026-03-02", "2026-03-01", "2026-02-01"
        self._receive(100.0, [(settled, 100.0)])
        receipt = self._create_receipt(600.0)
        receipt.action_allocate()
        self.assertEqual({line.order_id: line.amount for line in receipt.allocation_ids}, {old: 400.0, young: 200.0})
        with self.assertRaisesRegex(KehuReceiptStateError, "Nothing to allocate"):
            receipt.action_allocate()

    def test_receive_button_opens_a_filled_receipt(self):
        first, second = self._create_order(3), self._create_order(7)
        self._receive(100.0, [(first, 100.0)])
        action = self.env["kehu.receivable"].with_user(self.user_seller).browse((first | second).ids).action_receive()
        receipt = self.env["kehu.receipt"].with_user(self.user_seller).with_context(**action["context"]).create({})
        self.assertEqual(receipt.partner_id, self.customer)
        self.assertEqual({line.order_id: line.amount for line in receipt.allocation_ids}, {first: 200.0, second: 700.0})
        self.assertEqual((receipt.amount, receipt.advance), (900.0, 0.0))
        foreign = self._create_order(1, customer=self.other_customer)
        with self.assertRaisesRegex(KehuReceiptError, "one customer"):
            (first | foreign).action_kehu_receive()
        self._approve(receipt)
        with self.assertRaisesRegex(KehuReceiptError, "Nothing to receive"):
            first.with_user(self.user_seller).action_kehu_receive()

    # at submission and approval ---------------------------------------------------------------

    def test_two_drafts_never_collect_more_than_the_order_owes(self):
        order = self._create_order(10)
        first = self._create_receipt(700.0, [(order, 700.0)])
        second = self._create_receipt(700.0, [(order, 700.0)])
        third = self._create_receipt(700.0, [(order, 700.0)])
        second.kehu_submit(self.user_receipt_approver.id)
        self.assertEqual(first.allocation_ids.order_waiting, 700.0)
        self._approve(first)
        with self.assertRaises(KehuApprovalError):
            third.kehu_submit(self.user_receipt_approver.id)
        with self.assertRaises(KehuOverAllocationError):
            second.with_user(self.user_receipt_approver).kehu_approve()
        self.assertEqual((second.state, second.payment_id.ids), ("pending", []))
        self.assertOrder(order, 0.0, 700.0, 300.0, "partial")
        # corrected, it goes through
        second.with_user(self.user_receipt_approver).kehu_reject("700 came already, only 300 are left")
        second.allocation_ids.amount = 300.0
        self._approve(second)
        self.assertOrder(order, 0.0, 1000.0, 0.0, "settled")

    def test_two_receipts_approved_in_one_go(self):
        order = self._create_order(10)
        receipts = self._create_receipt(700.0, [(order, 700.0)]) | self._create_receipt(700.0, [(order, 700.0)])
        receipts.kehu_submit(self.user_receipt_approver.id)
        with self.assertRaises(KehuOverAllocationError):
            receipts.with_user(self.user_receipt_approver).kehu_approve()
        self.assertEqual(set(receipts.mapped("state")), {"pending"})
        self.assertOrder(order, 0.0, 0.0, 1000.0, "none")

    def test_payment_outside_the_crm_counts_at_approval(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._create_receipt(700.0, [(order, 700.0)])
        receipt.kehu_submit(self.user_receipt_approver.id)
        self._pay(invoice, 400.0)
        with self.assertRaisesRegex(KehuOverAllocationError, "owes only"):
            receipt.with_user(self.user_receipt_approver).kehu_approve()

    def test_cancelled_order_cannot_be_paid(self):
        order = self._create_order(10)
        receipt = self._create_receipt(700.0, [(order, 700.0)])
        order.action_unlock()
        order._action_cancel()
        with self.assertRaisesRegex(KehuApprovalError, "not confirmed"):
            receipt.kehu_submit(self.user_receipt_approver.id)

    # life ---------------------------------------------------------------

    def test_submitted_and_approved_receipts_stand(self):
        order = self._create_order(10)
        receipt = self._create_receipt(500.0, [(order, 500.0)])
        agent = self._create_contact(self.customer)
        receipt.kehu_submit(self.user_receipt_approver.id)
        for _step in ("pending", "approved"):
            for vals in (
                {"amount": 400.0},
                {"payer": agent.id},
                {"date": "2020-01-01"},
                {"journal_id": self.cash.id},
                {"allocation_ids": [Command.clear()]},
                {"allocation_ids": [Command.update(receipt.allocation_ids.id, {"amount": 1.0})]},
            ):
                with self.subTest(state=receipt.state, vals=vals), self.assertRaises(KehuApprovalFrozenError), self.cr.savepoint():
                    receipt.write(vals)
            with self.assertRaises(KehuApprovalFrozenError):
                receipt.sudo().allocation_ids.amount = 1.0
            with self.assertRaises(KehuApprovalFrozenError), self.cr.savepoint():
                receipt.sudo().allocation_ids.unlink()
            with self.assertRaises(UserError), self.cr.savepoint():
                receipt.sudo().unlink()
            if receipt.state == "pending":
                receipt.with_user(self.user_receipt_approver).kehu_approve()

    def test_who_deletes_what(self):
        draft = self._create_receipt(500.0)
        rejected = self._create_receipt(500.0)
        rejected.kehu_submit(self.user_receipt_approver.id)
        rejected.with_user(self.user_receipt_approver).kehu_reject("Not on the statement")
        (draft | rejected).unlink()
        cancelled = self._receive(500.0)
        cancelled.with_user(self.user_finance).action_cancel()
        with self.assertRaises(UserError), self.cr.savepoint():
            cancelled.unlink()
        with self.assertRaises(UserError), self.cr.savepoint():
            cancelled.with_context(_force_unlink=True).unlink()

    def test_who_cancels(self):
        receipt = self._receive(500.0)
        for user in (self.user_seller, self.user_east_manager, self.user_director):
            with self.subTest(user=user.name), self.assertRaises(KehuReceiptRightError):
                receipt.with_user(user).action_cancel()
        receipt.with_user(self.user_receipt_approver).action_cancel()
        self.assertEqual(receipt.state, "cancelled")
        with self.assertRaisesRegex(KehuReceiptStateError, "only an approved"):
            receipt.with_user(self.user_receipt_approver).action_cancel()
        with self.assertRaises(KehuApprovalTransitionError):
            receipt.kehu_submit(self.user_receipt_approver.id)
        draft = self._create_receipt(500.0)
        with self.assertRaises(KehuReceiptStateError):
            draft.with_user(self.user_finance).action_cancel()

    def test_system_fields_are_not_typed_in(self):
        receipt = self._create_receipt(500.0)
        payment = self._receive(10.0).sudo().payment_id
        for vals in ({"state": "approved"}, {"payment_id": payment.id}, {"cancelled_on": "2026-01-01"}, {"name": "SK1"}):
            with self.subTest(vals=vals), self.assertRaises(KehuEngineOnlyError):
                receipt.write(vals)
            with self.subTest(vals=vals), self.assertRaises(KehuEngineOnlyError):
                self._create_receipt(5.0, **vals)
        with self.assertRaises(KehuEngineOnlyError):
            receipt.with_context(kehu_engine_receipt=True).write({"state": "approved"})

    def test_copy_is_a_fresh_draft(self):
        order = self._create_order(10)
        receipt = self._receive(500.0, [(order, 500.0)])
        copy = receipt.copy()
        self.assertEqual((copy.state, copy.payment_id.ids, copy.allocation_ids.ids), ("draft", [], []))
        self.assertNotEqual(copy.name, receipt.name)

    def test_reassigning(self):
        receipt = self._create_receipt(500.0)
        with self.assertRaises(KehuReceiptRightError):
            receipt.user_id = self.user_seller2
        receipt.with_user(self.user_east_manager).user_id = self.user_seller2
        self.assertEqual(receipt.sudo().user_id, self.user_seller2)

    def test_another_is_asked_while_it_waits(self):
        """Handed over, given to another salesperson, signed by two: whom a receipt or a refund waits for changes on its way."""
        approver, finance = self.user_receipt_approver, self.user_finance
        finance.group_ids += self.env.ref("kehu_crm.group_kehu_receipt_approver")
        receipt = self._receive(500.0)
        refund = self.env["kehu.advance.use"].with_user(self.user_seller)
        refund = refund.create({"receipt_id": receipt.id, "kind": "refund", "amount": 100.0, "journal_id": self.bank.id})
        for document in (self._create_receipt(500.0), refund):
            with self.subTest(document=document._name):
                document.kehu_submit(approver.id)
                document.with_user(approver).kehu_forward(finance.id)
                document.with_user(finance).kehu_add_signatory(approver.id)
                document.with_user(finance).kehu_approve()
                self.assertEqual(document.sudo().state, "pending")
                document.with_user(approver).kehu_approve()
                self.assertEqual(document.sudo().state, "approved")
        receipt = self._create_receipt(500.0)
        receipt.kehu_submit(approver.id)
        receipt.with_user(self.user_east_manager).user_id = self.user_seller2
        self.assertEqual(receipt.sudo().kehu_request_id.decider_ids, approver)

    def test_customer_card(self):
        """Numbers above the fold and the tab, as each role meets them."""
        order = self._create_order(10)
        self._receive(400.0, [(order, 400.0)])
        card = self.env.ref("kehu_crm.res_partner_view_form_kehu")
        for user in (self.user_seller, self.user_director, self.user_finance, self.user_receipt_approver):
            partner = self.customer.with_user(user)
            view = partner.get_view(card.id, "form")
            names = [name for name in ("kehu_order_total", "kehu_received_total", "kehu_due_total") if f'name="{name}"' in view["arch"]]
            figures = [partner[name] for name in names]
            self.assertIn('model="kehu.receipt"', view["arch"])
            with self.subTest(user=user.name):
                if user == self.user_receipt_approver:
                    self.assertEqual(names, [])
                else:
                    self.assertEqual(figures, [1000.0, 400.0, 600.0])
        self.assertNotIn("kehu.receipt", self.customer.with_user(self.user_service).get_view(card.id, "form")["arch"])
        action = self.customer.with_user(self.user_seller).action_kehu_open_receivables()
        self.assertEqual(self.env["kehu.receivable"].with_user(self.user_seller).search(action["domain"]).order_id, order)
        action = self.customer.with_user(self.user_seller).action_kehu_receive()
        form = Form(self.env["kehu.receipt"].with_user(self.user_seller).with_context(**action["context"]))
        form.amount = 5.0
        self.assertEqual(form.save().partner_id, self.customer)
