"""Receipts in a second company with journals and a currency of its own, by people who have both companies on, or the wrong one."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.receivable.exceptions import KehuReceiptError, KehuReceiptRightError
from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableCompany(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.env.company
        cls.money = cls.env.ref("base.EUR") if cls.home.currency_id.name != "EUR" else cls.env.ref("base.USD")
        cls.money.active = True
        cls.other = cls.env["res.company"].create({"name": "Second Company (test)", "currency_id": cls.money.id})
        cls.env["account.chart.template"].try_loading("generic_coa", cls.other, install_demo=False)
        cls.other.currency_id = cls.money
        for user in (cls.env.user, cls.user_seller, cls.user_receipt_approver, cls.user_finance):
            user.company_ids = [Command.link(cls.other.id)]
        cls.other_bank = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.other.id)], limit=1)
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Other (test)", "currency_id": cls.money.id, "company_id": cls.other.id}
        )
        cls.order = cls._order_of(cls.other, pricelist_id=cls.pricelist.id)

    @classmethod
    def _order_of(cls, company, quantity=10, **values):
        order = cls.env["sale.order"].with_company(company)
        order = order.create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.user_seller.id,
                "company_id": company.id,
                "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": quantity, "price_unit": 100.0})],
                **values,
            }
        )
        order.action_confirm()
        return order.with_env(cls.env)

    def _as(self, user, *companies, record=None):
        """Somebody who has these companies on, the first of them as the main one."""
        record = self.env["kehu.receipt"] if record is None else record
        return record.with_user(user).with_context(allowed_company_ids=[company.id for company in companies])

    def _draft(self, receipts, company, order, amount=400.0, **values):
        return receipts.create(
            {
                "partner_id": self.customer.id,
                "company_id": company.id,
                "amount": amount,
                "allocation_ids": [Command.create({"order_id": order.id, "amount": amount})],
                **values,
            }
        )

    def assertPosted(self, receipt):
        """In the company of the receipt, on its journal and its accounts, in its currency; the order has it and the tie-out agrees."""
        payment = receipt.sudo().payment_id
        self.assertEqual((payment.company_id, payment.journal_id, payment.currency_id), (self.other, self.other_bank, self.money))
        entry = payment.move_id
        self.assertEqual((entry.state, entry.company_id, entry.journal_id), ("posted", self.other, self.other_bank))
        self.assertEqual(entry.line_ids.company_id, self.other)
        self.assertTrue(all(self.other in line.account_id.company_ids for line in entry.line_ids))
        for line in entry.line_ids:  # the currency of the company: nothing to convert
            self.assertEqual((line.currency_id, line.balance), (self.money, line.amount_currency))

    def test_both_on_the_other_as_the_main_one(self):
        """The order of the second company is the only one; it is collected with the home company as the main one, too."""
        self.assertEqual((self.order.company_id, self.order.currency_id), (self.other, self.money))
        for companies, due in (((self.other, self.home), 600.0), ((self.home, self.other), 200.0)):
            with self.subTest(companies=companies):
                receipt = self._draft(self._as(self.user_seller, *companies), self.other, self.order)
                self.assertEqual((receipt.journal_id, receipt.currency_id), (self.other_bank, self.money))
                receipt.kehu_submit(self.user_receipt_approver.id)
                self._as(self.user_receipt_approver, *companies, record=receipt).kehu_approve()
                self.assertPosted(receipt)
                self.assertOrder(self.order, 0.0, 1000.0 - due, due, "partial")
        invoice = self._invoice(self.order.with_company(self.other))
        self.assertEqual((invoice.company_id, invoice.amount_residual), (self.other, 200.0))
        receipt = receipt.sudo(False)
        self._as(self.user_finance, self.home, self.other, record=receipt).action_cancel()
        self.assertEqual(invoice.amount_residual, 600.0)
        self.assertOrder(self.order, 1000.0, 400.0, 600.0, "partial")

    def test_the_form_of_the_other_company(self):
        """Whoever presses Receive on an order of the second company, with the home company as the main one, gets its journal."""
        order = self._as(self.user_seller, self.home, self.other, record=self.order)
        action = order.action_kehu_receive()
        form = Form(self._as(self.user_seller, self.home, self.other).with_context(**action["context"]))
        self.assertEqual((form.company_id, form.journal_id, form.currency_id), (self.other, self.other_bank, self.money))
        receipt = form.save()
        self.assertEqual((receipt.company_id, receipt.amount), (self.other, 1000.0))

    def test_the_wrong_one_on(self):
        """With the home company alone the order, its receipts and receivables are out of sight, and nothing is posted."""
        draft = self._draft(self._as(self.user_seller, self.other), self.other, self.order)
        draft.kehu_submit(self.user_receipt_approver.id)
        with mute_logger("odoo.addons.base.models.ir_rule"):
            with self.assertRaises(UserError):
                self._draft(self._as(self.user_seller, self.home), self.home, self.order)
            for values in ({}, {"journal_id": self.other_bank.id}):
                with self.assertRaisesRegex(KehuReceiptRightError, "switched on"):
                    self._draft(self._as(self.user_seller, self.home), self.other, self.order, **values)
            with self.assertRaises(AccessError):
                self._as(self.user_receipt_approver, self.home, record=draft).kehu_approve()
            with self.assertRaises(AccessError):
                self._as(self.user_seller, self.home, record=self.order).action_kehu_receive()
        self.assertFalse(self._as(self.user_seller, self.home).search([("id", "=", draft.id)]))
        self.assertFalse(self._as(self.user_seller, self.home, record=self.env["kehu.receivable"]).search([("id", "=", self.order.id)]))
        self.assertEqual((draft.state, draft.sudo().payment_id.id), ("pending", False))
        self._as(self.user_receipt_approver, self.other, record=draft).kehu_approve()
        self.assertPosted(draft)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self._as(self.user_finance, self.home, record=draft).action_cancel()
        self.assertEqual(draft.state, "approved")

    def test_companies_are_not_mixed(self):
        """One receipt pays orders of its own company, into a journal of it."""
        receipts = self._as(self.user_seller, self.home, self.other)
        with self.assertRaises(KehuReceiptError):
            self._draft(receipts, self.home, self.order)
        with self.assertRaises(UserError):
            self._draft(receipts, self.other, self.order, journal_id=self.bank.id)
        receipt = self._draft(receipts, self.other, self.order)
        with self.assertRaises(UserError):
            receipt.company_id = self.home
        with self.assertRaises(UserError):
            receipt.journal_id = self.bank

    def test_an_advance_of_one_company_is_not_used_in_the_other(self):
        home_order = self._order_of(self.home)
        receipt = self._as(self.user_seller, self.home, self.other).create(
            {"partner_id": self.customer.id, "company_id": self.other.id, "amount": 300.0}
        )
        receipt.kehu_submit(self.user_receipt_approver.id)
        self._as(self.user_receipt_approver, self.home, self.other, record=receipt).kehu_approve()
        self.assertPosted(receipt)
        uses = self._as(self.user_seller, self.home, self.other, record=self.env["kehu.advance.use"])
        with self.assertRaises(UserError):
            uses.create({"receipt_id": receipt.id, "line_ids": [Command.create({"order_id": home_order.id, "amount": 100.0})]})
        use = uses.create({"receipt_id": receipt.id, "line_ids": [Command.create({"order_id": self.order.id, "amount": 100.0})]})
        use.action_post()
        self.assertEqual((use.sudo().move_id.company_id, receipt.advance_open), (self.other, 200.0))
        self.assertOrder(self.order, 0.0, 100.0, 900.0, "partial")
