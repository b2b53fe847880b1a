"""What a person types into a receipt, and what a client may send instead."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.receivable.exceptions import KehuReceiptError, KehuReceiptStateError, KehuReceiptUnclaimedError
from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableTyping(ReceivableCommon):
    def _form(self, record=None, user=None, **context):
        records = (record if record is not None else self.env["kehu.receipt"]).with_user(user or self.user_seller)
        return Form(records.with_context(**context))

    def _foreign_currency(self):
        code = "EUR" if self.env.company.currency_id.name != "EUR" else "USD"
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        currency.active = True
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": currency.id})
        return currency, pricelist

    # one line follows the amount ---------------------------------------------------------------

    def test_only_line_follows_the_amount(self):
        order = self._create_order(10)
        form = self._form(**order.with_user(self.user_seller).action_kehu_receive()["context"])
        self.assertEqual(form.amount, 1000.0)
        for amount, line, advance in ((600.0, 600.0, 0.0), (1200.0, 1000.0, 200.0), (1100.0, 1000.0, 100.0), (300.0, 300.0, 0.0)):
            form.amount = amount
            with self.subTest(amount=amount):
                self.assertEqual((form.allocation_ids.edit(0).amount, form.advance), (line, advance))
        receipt = form.save()
        self.assertEqual((receipt.amount, receipt.allocation_ids.amount, receipt.advance), (300.0, 300.0, 0.0))
        # and on a saved one
        form = self._form(receipt)
        form.amount = 450.0
        self.assertEqual(form.save().allocation_ids.amount, 450.0)

    def test_advance_kept_on_purpose_stays(self):
        """400 of 1,000 for an order that owes 1,000: more money is more advance, less money never less than nothing."""
        receipt = self._create_receipt(1000.0, [(self._create_order(10), 400.0)])
        form = self._form(receipt)
        form.amount = 1200.0
        self.assertEqual((form.allocation_ids.edit(0).amount, form.advance), (400.0, 800.0))
        form.amount = 350.0
        self.assertEqual((form.allocation_ids.edit(0).amount, form.advance), (350.0, 0.0))

    def test_several_lines_stay_as_typed(self):
        receipt = self._create_receipt(500.0, [(self._create_order(3), 300.0), (self._create_order(2), 200.0)])
        form = self._form(receipt)
        form.amount = 700.0
        self.assertEqual([form.allocation_ids.edit(index).amount for index in (0, 1)], [300.0, 200.0])

    def test_first_order_fills_an_empty_amount(self):
        order = self._create_order(10)
        form = self._form()
        form.partner_id = self.customer
        with form.allocation_ids.new() as line:
            line.order_id = order
        self.assertEqual(form.amount, 1000.0)
        # what came in is not changed by how it is used
        with form.allocation_ids.edit(0) as line:
            line.amount = 700.0
        self.assertEqual((form.amount, form.advance), (1000.0, 300.0))

    def test_pending_and_approved_receipts_are_not_moved(self):
        receipt = self._create_receipt(500.0, [(self._create_order(10), 500.0)])
        receipt.kehu_submit(self.user_receipt_approver.id)
        spec = {"amount": {}, "allocation_ids": {"fields": {"amount": {}}}}
        for _state in ("pending", "approved"):
            value = receipt.sudo().onchange({"amount": 300.0}, ["amount"], spec)["value"]
            with self.subTest(state=receipt.state):
                self.assertFalse(value.get("allocation_ids"))
                self.assertEqual(receipt.allocation_ids.amount, 500.0)
            if receipt.state == "pending":
                receipt.with_user(self.user_receipt_approver).kehu_approve()

    # currency ---------------------------------------------------------------

    def test_currency_follows_the_first_order(self):
        currency, pricelist = self._foreign_currency()
        order = self._create_order(10, pricelist_id=pricelist.id)
        form = self._form()
        form.partner_id = self.customer
        with form.allocation_ids.new() as line:
            line.order_id = order
        self.assertEqual((form.currency_id, form.amount), (currency, 1000.0))
        self.assertEqual(form.save().currency_id, currency)
        created = self._create_receipt(100.0, [(order, 100.0)])
        self.assertEqual(created.currency_id, currency)
        opened = self._form(**order.with_user(self.user_seller).action_kehu_receive()["context"])
        self.assertEqual(opened.save().currency_id, currency)

    def test_stored_receipt_keeps_its_currency(self):
        """An amount once entered is never read in another currency; mixing is refused."""
        _currency, pricelist = self._foreign_currency()
        receipt = self._create_receipt(500.0)
        own = receipt.currency_id
        order, home = self._create_order(10, pricelist_id=pricelist.id), self._create_order(10)
        with self.assertRaisesRegex(KehuReceiptError, "Make a receipt in"), self.cr.savepoint():
            receipt.write({"allocation_ids": [Command.create({"order_id": order.id, "amount": 100.0})]})
        self.assertEqual(receipt.currency_id, own)
        with self.assertRaisesRegex(KehuReceiptError, "Make a receipt in"), self.cr.savepoint():
            self._create_receipt(500.0, [(home, 100.0), (order, 100.0)])

    def test_journal_that_holds_the_currency_is_proposed(self):
        currency, pricelist = self._foreign_currency()
        journal = self.bank.copy({"name": "Foreign Bank", "code": "FBNK", "currency_id": currency.id, "sequence": 99})
        order = self._create_order(10, pricelist_id=pricelist.id)
        form = self._form(**order.with_user(self.user_seller).action_kehu_receive()["context"])
        self.assertEqual((form.journal_id, form.currency_id), (journal, currency))
        self.assertEqual(form.order_currency_id, currency)
        # a journal of its own currency in first place does not spoil receipts in ours
        journal.sequence = -1
        form = self._form(**self._create_order(10).with_user(self.user_seller).action_kehu_receive()["context"])
        self.assertNotEqual(form.journal_id, journal)
        self.assertTrue(form.save())

    # the pool ---------------------------------------------------------------

    def test_customer_of_the_pool_is_claimed_first(self):
        waiting = self._create_customer(name="Waiting in the Pool")
        for user in (self.user_seller, self.user_east_manager, self.user_director):
            with self.subTest(user=user.name):
                with self.assertRaisesRegex(KehuReceiptUnclaimedError, "Claim it first"), self.cr.savepoint():
                    self._create_receipt(100.0, customer=waiting, user=user)
                with self.assertRaisesRegex(KehuReceiptUnclaimedError, "Claim it first"):
                    waiting.with_user(user).action_kehu_receive()
        with self.assertRaises(KehuReceiptUnclaimedError), self.cr.savepoint():
            self._create_receipt(100.0).partner_id = waiting
        with self.assertRaises(KehuReceiptUnclaimedError), self.cr.savepoint():
            self.env["kehu.receipt"].with_user(self.user_seller).with_context(default_partner_id=waiting.id).create({"amount": 5.0})
        self.assertTrue(self._create_receipt(100.0, customer=waiting, user=self.user_finance))
        waiting.with_user(self.user_seller).kehu_claim()
        self.assertTrue(self._create_receipt(100.0, customer=waiting))

    def test_order_that_stayed_with_its_seller_is_still_collected(self):
        order = self._create_order(10)
        self.customer.with_user(self.user_seller).kehu_return("no use for us")
        self.assertFalse(self.customer.user_id)
        action = order.with_user(self.user_seller).action_kehu_receive()
        receipt = self.env["kehu.receipt"].with_user(self.user_seller).with_context(**action["context"]).create({})
        self.assertEqual(receipt.allocation_ids.order_id, order)

    # what a client may send ---------------------------------------------------------------

    def test_amounts_that_are_none(self):
        order = self._create_order(10)
        receipt = self._create_receipt(100.0, [(order, 100.0)])
        for amount in (float("nan"), float("inf"), 1e15, -1e15, 0.0, -5.0, "abc", [5.0], {"a": 1}, None, "NaN"):
            tries = (
                lambda amount=amount: self._create_receipt(amount),
                lambda amount=amount: self._create_receipt(100.0, [(order, amount)]),
                lambda amount=amount: receipt.write({"amount": amount}),
                lambda amount=amount: receipt.allocation_ids.write({"amount": amount}),
                lambda amount=amount: receipt.write({"allocation_ids": [Command.update(receipt.allocation_ids.id, {"amount": amount})]}),
            )
            for number, operation in enumerate(tries):
                with self.subTest(amount=amount, number=number), self.assertRaises(KehuReceiptError), self.cr.savepoint():
                    operation()
        self.assertEqual((receipt.amount, receipt.allocation_ids.amount), (100.0, 100.0))

    def test_largest_amount_is_posted_to_the_cent(self):
        receipt = self._receive(999_999_999_999.99)
        self.assertEqual(receipt.sudo().payment_id.move_id.line_ids.mapped("balance"), [999_999_999_999.99, -999_999_999_999.99])
        with self.assertRaisesRegex(KehuReceiptError, "not an amount of money"):
            self._create_receipt(1e12)

    def test_amounts_in_an_import(self):
        names = ["partner_id/.id", "journal_id/.id", "amount"]
        receipts = self.env["kehu.receipt"].with_user(self.user_seller)
        for amount in ("nan", "1e15", "-3", "0", "abc", "inf"):
            with mute_logger("odoo.sql_db"):
                result = receipts.load(names, [[str(self.customer.id), str(self.bank.id), amount]])
            with self.subTest(amount=amount):
                self.assertFalse(result["ids"])
                self.assertTrue(result["messages"])
        result = receipts.load(names, [[str(self.customer.id), str(self.bank.id), "12.5"]])
        self.assertEqual(receipts.browse(result["ids"]).amount, 12.5)

    def test_values_of_the_wrong_kind(self):
        order = self._create_order(10)
        receipt = self._create_receipt(100.0, [(order, 50.0)])
        count = self.env["kehu.receipt"].search_count([])
        values = {"partner_id": self.customer.id, "amount": 100.0, "journal_id": self.bank.id}
        wrong = [
            *(
                {name: value}
                for name in ("partner_id", "journal_id", "currency_id", "payer")
                for value in ("x", [1], {"id": 1}, -1, 1.5, 2**40)
            ),
            *({"allocation_ids": value} for value in ("x", 5, [5], ["x"], [[]], [[0]], [[0, 0, "x"]], [[1, "x"]], [[9, 0, 0]], [[6, 0]])),
            {"allocation_ids": [[0, 0, {"order_id": "x", "amount": 1.0}]]},
            {"allocation_ids": [[0, 0, {"order_id": [order.id], "amount": 1.0}]]},
            {"partner_id": 2**31 - 1},
            {"journal_id": 2**31 - 1},
            {"currency_id": 2**31 - 1},
            {"company_id": 2**31 - 1},
            {"user_id": 2**31 - 1},
            {"allocation_ids": [[0, 0, {"order_id": 2**31 - 1, "amount": 1.0}]]},
            {"allocation_ids": [[4, 2**31 - 1, 0]]},
        ]
        seller = self.env["kehu.receipt"].with_user(self.user_seller)
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models", "odoo.sql_db"):
            for vals in wrong:
                with self.subTest(vals=vals, step="create"), self.assertRaises(UserError), self.cr.savepoint():
                    call_kw(seller, "create", [[{**values, **vals}]], {})
                with self.subTest(vals=vals, step="write"), self.assertRaises(UserError), self.cr.savepoint():
                    call_kw(seller, "write", [receipt.ids, vals], {})
        self.env.invalidate_all()
        self.assertEqual(self.env["kehu.receipt"].search_count([]), count)
        self.assertEqual((receipt.amount, receipt.allocation_ids.amount, receipt.partner_id), (100.0, 50.0, self.customer))

    def test_what_cannot_be_empty(self):
        order = self._create_order(10)
        receipt = self._create_receipt(100.0, [(order, 50.0)])
        lines = self.env["kehu.receipt.allocation"].with_user(self.user_seller)
        tries = [
            *(
                lambda name=name: receipt.with_user(self.user_finance).write({name: False})
                for name in ("partner_id", "payer", "user_id", "date", "journal_id", "currency_id", "company_id")
            ),
            lambda: receipt.write({"date": "tomorrow"}),
            lambda: receipt.write({"date": [2026, 1, 1]}),
            lambda: receipt.allocation_ids.write({"order_id": False}),
            lambda: receipt.allocation_ids.write({"receipt_id": False}),
            lambda: lines.create({"receipt_id": receipt.id, "amount": 1.0}),
            lambda: lines.create({"order_id": order.id, "amount": 1.0}),
        ]
        for number, operation in enumerate(tries):
            with self.subTest(number=number), self.assertRaises(KehuReceiptError), self.cr.savepoint():
                operation()

    def test_who_looks_after_a_receipt_works_here(self):
        receipt = self._create_receipt(100.0).with_user(self.user_finance)
        outsider = new_test_user(self.env, "kehu_outsider", groups="base.group_portal")
        left = new_test_user(self.env, "kehu_left", groups="kehu_crm.group_kehu_user")
        left.active = False
        for user in (outsider, left):
            with self.subTest(user=user.name), self.assertRaisesRegex(KehuReceiptError, "does not work here"), self.cr.savepoint():
                receipt.user_id = user

    def test_journal_of_the_receipts_own_company(self):
        other = self.env["res.company"].create({"name": "Second Company", "currency_id": self.env.company.currency_id.id})
        self.env["account.chart.template"].try_loading("generic_coa", other, install_demo=False)
        self.user_seller.company_ids = [Command.link(other.id)]
        receipts = self.env["kehu.receipt"].with_user(self.user_seller).with_context(allowed_company_ids=[self.env.company.id, other.id])
        created = receipts.create({"partner_id": self.customer.id, "amount": 5.0, "company_id": other.id})
        self.assertEqual((created.company_id, created.journal_id.company_id), (other, other))
        changed = receipts.onchange({"company_id": other.id, "journal_id": self.bank.id}, ["company_id"], {"journal_id": {}})["value"]
        self.assertEqual(self.env["account.journal"].browse(changed["journal_id"]).company_id, other)

    def test_actions_on_none_and_on_many(self):
        orders = self._create_order(1) | self._create_order(2)
        rows = self.env["kehu.receivable"].with_user(self.user_seller).browse(orders.ids)
        self.assertEqual(rows.action_open_order()["domain"], [("id", "in", orders.ids)])
        self.assertEqual(rows[0].action_open_order()["res_id"], orders[0].id)
        customers = (self.customer | self._create_customer(self.user_seller, name="Another")).with_user(self.user_seller)
        for partners in (customers, customers.browse()):
            for name in ("action_kehu_receive", "action_kehu_open_receivables"):
                with self.subTest(name=name), self.assertRaisesRegex(KehuReceiptStateError, "Choose one customer"):
                    getattr(partners, name)()

    def test_methods_with_wrong_arguments(self):
        receipt = self._create_receipt(100.0)
        gone = self._create_receipt(5.0)
        gone.unlink()
        finance = self.env["kehu.receipt"].with_user(self.user_finance)
        names = ("action_cancel", "action_allocate", "kehu_submit", "kehu_withdraw", "kehu_approve", "action_open_payment")
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models"):
            for name in names:
                for ids in (gone.ids, [], receipt.ids + gone.ids):
                    with self.subTest(name=name, ids=ids), self.cr.savepoint():
                        try:
                            call_kw(finance, name, [ids], {})
                        except UserError as error:
                            self.assertTrue(str(error))
                        else:
                            self.assertFalse(ids, "nothing to do")
        self.assertEqual(receipt.state, "draft")
