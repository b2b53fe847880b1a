"""A receipt that brings just what an invoice asks for with its early payment discount settles it, as the host's dialog does."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_receivable_tieout import TieOutCommon


@tagged("post_install", "-at_install")
class TestReceivableEarlyDiscount(TieOutCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.tax = cls.env["account.tax"].create({"name": "13 % (test)", "amount": 13.0, "type_tax_use": "sale"})
        cls.terms = {kind: cls._term(kind) for kind in ("excluded", "included", "mixed")}

    @classmethod
    def _term(cls, kind):
        return cls.env["account.payment.term"].create(
            {
                "name": f"2/10 net 30 {kind} (test)",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": kind,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100.0, "nb_days": 30})],
            }
        )

    def _order(self, kind="excluded", quantity=10, tax=False, **values):
        order = self._create_order(quantity, confirm=False, payment_term_id=self.terms[kind].id, **values)
        order.order_line.tax_ids = self.tax if tax else self.tax.browse()
        order.action_confirm()
        return order

    def _asked(self, invoice):
        return self._receivable_lines(invoice).discount_amount_currency

    def _by_the_host(self, invoice):
        """Register the payment as an accountant does; the host fills in the discounted amount."""
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        return wizard.create({"journal_id": self.bank.id})._create_payments()

    def _items(self, payment):
        """What an entry says, without what only ours has: names and the division of the receivable."""
        items = payment.sudo().move_id.line_ids.filtered(lambda line: line.balance or line.amount_currency)
        return sorted(
            (line.account_id.id, line.currency_id.id, round(line.amount_currency, 2), round(line.balance, 2), line.tax_line_id.id)
            + (tuple(line.tax_ids.ids), tuple(line.tax_tag_ids.ids))
            for line in items
        )

    # as the host --------------------------------------------------------------------

    def test_as_the_host_in_every_mode(self):
        """Each way to tax a discount: the entry of the receipt is that of the host, item by item, and the invoice is paid."""
        for kind in self.terms:
            with self.subTest(kind=kind):
                theirs, ours = self._invoice(self._order(kind, tax=True)), self._invoice(self._order(kind, tax=True))
                order = ours.line_ids.sale_line_ids.order_id
                asked = self._asked(ours)
                self.assertLess(asked, ours.amount_total)
                payment = self._by_the_host(theirs)
                receipt = self._receive(asked, [(order, asked)])
                self.assertEqual(self._items(receipt.sudo().payment_id), self._items(payment))
                self.assertEqual((ours.amount_residual, ours.payment_state), (0.0, theirs.payment_state))
                self.assertOrder(order, ours.amount_total, ours.amount_total, 0.0, "settled")
                self.assertAlmostEqual(receipt.allocation_ids.discount, ours.amount_total - asked, 2)
                self.assertAgrees()
                receipt.with_user(self.user_finance).action_cancel()
                self.assertEqual(ours.amount_residual, ours.amount_total)
                self.assertOrder(order, ours.amount_total, 0.0, ours.amount_total, "none")
                self.assertAgrees()

    def test_another_currency_at_another_rate(self):
        """Invoiced at 2 to 1, paid at 4 to 1: the difference of the rates is booked as the host books it."""
        currency = self.env["res.currency"].create({"name": "KTD", "symbol": "K", "rounding": 0.01})
        rate = {"currency_id": currency.id, "company_id": self.env.company.id}
        day = self.today - timedelta(days=5)
        self.env["res.currency.rate"].create([{**rate, "rate": 2.0, "name": "2000-01-01"}, {**rate, "rate": 4.0, "name": self.today}])
        pricelist = self.env["product.pricelist"].create({"name": "KTD", "currency_id": currency.id})
        for kind in self.terms:
            with self.subTest(kind=kind):
                invoices = []
                for _number in range(2):
                    order = self._order(kind, tax=True, pricelist_id=pricelist.id)
                    invoice = self._invoice(order, post=False)
                    invoice.invoice_date = day
                    invoice.action_post()
                    invoices.append(invoice)
                asked = self._asked(invoices[1])
                payment = self._by_the_host(invoices[0])
                receipt = self._receive(asked, [(order, asked)])
                self.assertEqual(receipt.currency_id, currency)
                self.assertEqual(self._items(receipt.sudo().payment_id), self._items(payment))
                self.assertEqual(invoices[1].amount_residual, 0.0)
                self.assertOrder(order, invoice.amount_total, invoice.amount_total, 0.0, "settled")
                self.assertAgrees()

    # when ----------------------------------------------------------------------------

    def test_which_amounts_take_it(self):
        """1,000 ordered, 600 invoiced at 2 %: 588 settle the invoice, 988 the order; 600 and 587.99 take nothing."""
        for amount, discount, residual, due in ((588.0, 12.0, 0.0, 400.0), (988.0, 12.0, 0.0, 0.0), (600.0, 0.0, 0.0, 400.0)):
            with self.subTest(amount=amount):
                order = self._order()
                invoice = self._invoice(order, 6)
                receipt = self._receive(amount, [(order, amount)])
                self.assertEqual(receipt.allocation_ids.discount, discount)
                self.assertEqual((invoice.amount_residual, order.kehu_amount_due), (residual, due))
        order = self._order()
        invoice = self._invoice(order, 6)
        self._receive(587.99, [(order, 587.99)])
        self.assertEqual(invoice.amount_residual, 12.01)
        self.assertAgrees()

    def test_too_late_or_partly_paid(self):
        late, partly = self._order(), self._order()
        invoice = self._invoice(late, post=False)
        invoice.invoice_date = self.today - timedelta(days=11)
        invoice.action_post()
        receipt = self._create_receipt(980.0, [(late, 980.0)])
        self.assertFalse(receipt.has_discount)
        self._approve(receipt)
        self.assertEqual(invoice.amount_residual, 20.0)
        # the money came in time, whenever it is entered
        early = self._order()
        invoice = self._invoice(early, post=False)
        invoice.invoice_date = self.today - timedelta(days=11)
        invoice.action_post()
        self._receive(980.0, [(early, 980.0)], date=self.today - timedelta(days=2))
        self.assertEqual(invoice.amount_residual, 0.0)
        # the host grants it for one payment alone
        invoice = self._invoice(partly)
        self._receive(100.0, [(partly, 100.0)])
        self._receive(880.0, [(partly, 880.0)])
        self.assertEqual(invoice.amount_residual, 20.0)
        self.assertAgrees()

    def test_two_invoices_and_two_orders_on_one(self):
        order = self._order()
        first, second = self._invoice(order, 6), self._invoice(order)
        self._receive(980.0, [(order, 980.0)])
        self.assertEqual((first | second).mapped("amount_residual"), [0.0, 0.0])
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        pair = self._order() | self._order()
        shared = self._invoice(pair)
        receipt = self._receive(1960.0, [(pair[0], 980.0), (pair[1], 980.0)])
        self.assertFalse(receipt.has_discount)
        self.assertEqual(shared.amount_residual, 40.0)
        self.assertAgrees()

    def test_instalments_share_it(self):
        """Two lines of one order: together they are enough, and both parts are paid."""
        order = self._order()
        parts = [{"name": name, "amount": 500.0, "date_due": self.today} for name in ("First", "Second")]
        order.kehu_instalment_ids = [Command.create(part) for part in parts]
        invoice = self._invoice(order)
        lines = [
            Command.create({"order_id": order.id, "instalment_id": part.id, "amount": amount})
            for part, amount in zip(order.kehu_instalment_ids, (500.0, 480.0), strict=True)
        ]
        receipt = self._approve(self._create_receipt(980.0, allocation_ids=lines))
        self.assertEqual(receipt.allocation_ids.mapped("discount"), [0.0, 20.0])
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(order.kehu_instalment_ids.mapped("state"), ["paid", "paid"])

    # on the form -----------------------------------------------------------------------

    def test_told_while_typing(self):
        order = self._order()
        self._invoice(order)
        action = order.with_user(self.user_seller).action_kehu_receive()
        with Form(self.env["kehu.receipt"].with_user(self.user_seller).with_context(**action["context"])) as form:
            self.assertEqual(form.amount, 1000.0)
            self.assertIn("980.00", form.discount_hint)
            self.assertIn("20.00", form.discount_hint)
            form.amount = 980.0
            self.assertTrue(form.has_discount)
            self.assertFalse(form.discount_hint)
            with form.allocation_ids.edit(0) as line:
                self.assertEqual((line.amount, line.discount), (980.0, 20.0))
        receipt = form.record
        self.assertEqual((receipt.amount, receipt.advance), (980.0, 0.0))
        receipt.kehu_submit(self.user_receipt_approver.id)
        for user in (self.user_receipt_approver, self.user_finance):
            self.assertEqual(receipt.with_user(user).allocation_ids.discount, 20.0)
