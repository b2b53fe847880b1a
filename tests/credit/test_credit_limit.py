"""What a customer may owe: the figures by hand beside the ledger, what happens above the limit at every door, and who sees it."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.credit.exceptions import KehuCreditLimitError, KehuCreditRightError, KehuCreditValueError
from ..receivable.common import ReceivableCommon

REFUSALS = "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models"


@tagged("post_install", "-at_install")
class TestCreditLimit(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.account_use_credit_limit = False

    def _limit(self, limit, action="tell", customer=None):
        self.company.kehu_credit_action = action
        (customer or self.customer).with_user(self.user_finance).kehu_set_credit_limit(limit)

    def assertCredit(self, limit, used, left, customer=None):
        customer = (customer or self.customer).with_user(self.user_finance)
        customer.invalidate_recordset()
        self.assertEqual(customer._kehu_credit_figures(self.company), {customer.id: (limit, used)})
        shown = (limit, used, left) if limit else (0, 0, 0)  # what nobody limits is not reckoned
        self.assertEqual((customer.kehu_credit_limit, customer.kehu_credit_used, customer.kehu_credit_left), shown)

    # figures ----------------------------------------------------------------------

    def test_used_follows_the_ledger(self):
        """1,000 ordered; 600 invoiced; 200 paid; 100 credited; 50 in advance; each step by hand."""
        self._limit(2000)
        self.assertCredit(2000, 0, 2000)
        order = self._create_order(10)
        self.assertCredit(2000, 1000, 1000)
        invoice = self._invoice(order, 6)
        self.assertCredit(2000, 1000, 1000)  # 400 to invoice + 600 open
        self._pay(invoice, 200)
        self.assertCredit(2000, 800, 1200)
        self._credit(invoice, 1)
        self.assertCredit(2000, 700, 1300)  # 400 to invoice + 300 open; what is credited is not ordered any more
        self._receive(50)
        self.assertCredit(2000, 650, 1350)
        receipt = self._receive(250, [(order, 250)])
        self.assertCredit(2000, 400, 1600)
        receipt.with_user(self.user_finance).action_cancel()
        self.assertCredit(2000, 650, 1350)

    def test_used_is_due_less_advances(self):
        """Without other entries: what the receivables say is due, less advances."""
        orders = self._create_order(10) | self._create_order(7)
        self._down_payment(orders[0], 300)
        self._invoice(orders[1], 3)
        self._receive(120, [(orders[1], 100)])
        due = sum(orders.mapped("kehu_amount_due"))
        self.assertCredit(0, due - 20, 0)

    def test_quotes_and_cancelled_orders_do_not_count(self):
        self._create_order(10, confirm=False)
        self._create_order(10)._action_cancel()
        self.assertCredit(0, 0, 0)

    def test_invoices_without_an_order_and_to_contacts(self):
        shop = self._create_contact(self.customer, name="Shop 2", type="invoice")
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": shop.id,
                "invoice_line_ids": [Command.create({"product_id": self.product.id, "quantity": 3, "price_unit": 100.0})],
            }
        )
        move.action_post()
        self._create_order(2, partner_invoice_id=shop.id)
        self.assertCredit(0, 500, 0)

    def test_who_gets_the_invoice_uses_the_credit(self):
        self._create_order(4, partner_invoice_id=self.other_customer.id)
        self.assertCredit(0, 0, 0)
        self.assertCredit(0, 400, 0, customer=self.other_customer)
        bank = self.env["res.partner"].create({"name": "Leasing Bank", "is_company": True})
        self._create_order(5, partner_invoice_id=bank.id)
        self.assertCredit(0, 500, 0)  # nobody of the CRM gets that invoice: it is the customer's order

    def test_two_currencies(self):
        """What is not invoiced counts at today's rate, what is in the ledger as it was booked. 1 = 2 of the other currency."""
        currency = self.env["res.currency"].create({"name": "KTC", "symbol": "K", "rounding": 0.01})
        self.env["res.currency.rate"].create({"currency_id": currency.id, "rate": 2.0, "name": "2000-01-01", "company_id": self.company.id})
        pricelist = self.env["product.pricelist"].create({"name": "KTC", "currency_id": currency.id})
        order = self._create_order(10, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        self.assertCredit(0, 500, 0)
        invoice = self._invoice(order, 4)
        self.assertCredit(0, 500, 0)
        rate = {"currency_id": currency.id, "rate": 4.0, "name": fields.Date.today(), "company_id": self.company.id}
        self.env["res.currency.rate"].create(rate)
        self.assertEqual(invoice.amount_residual_signed, 200)
        self.assertCredit(0, 350, 0)  # 600 at 4 to 1, and the 200 that were booked

    def test_each_company_has_its_own(self):
        other = self.env["res.company"].create({"name": "Second", "currency_id": self.company.currency_id.id})
        self._limit(1000)
        self._create_order(3)
        customer = self.customer.with_company(other)
        self.assertEqual((customer.kehu_credit_limit, customer.kehu_credit_used), (0, 0))
        self.user_finance.company_ids |= other
        customer.with_user(self.user_finance).with_company(other).kehu_set_credit_limit(70)
        self.assertCredit(1000, 300, 700)

    def test_many_customers_cost_the_same_queries(self):
        def cost(count):
            customers = self.env["res.partner"]
            for number in range(count):
                customer = self._create_customer(self.user_seller, name=f"Many {count} {number}")
                self._limit(1000, customer=customer)
                self._invoice(self._create_order(3, customer=customer), 1)
                customers |= customer
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(set(customers.mapped("kehu_credit_used")), {300.0})
            return self.cr.sql_log_count - before

        cost(1)
        self.assertLess(cost(13) - cost(3), 3, "ten more customers cost no query each")

    # the host's limit ---------------------------------------------------------------

    def test_the_limit_is_the_host_s(self):
        self._limit(800)
        self.assertEqual(self.customer.with_user(self.user_finance).credit_limit, 800)
        self.customer.credit_limit = 900
        self.assertCredit(900, 0, 900)
        self.assertIn(self.customer, self.env["res.partner"].search([("kehu_credit_limit", ">", 850)]))
        self.assertNotIn(self.customer, self.env["res.partner"].search([("kehu_credit_limit", ">", 900)]))

    def test_the_host_s_default(self):
        """A default for all customers counts while the company uses limits."""
        self.env["ir.default"].set("res.partner", "credit_limit", 500.0, company_id=self.company.id)
        self.assertCredit(0, 0, 0)
        self.company.account_use_credit_limit = True
        self.assertCredit(500, 0, 500)
        order = self._create_order(6, confirm=False)
        self.assertFalse(order.partner_credit_warning, "one banner, not two")
        self.assertEqual(order.kehu_credit_alert, "tell")

    # what happens above -------------------------------------------------------------

    def test_tell(self):
        self._limit(1000)
        self._create_order(7)
        order = self._create_order(4, confirm=False)
        self.assertEqual(order.kehu_credit_alert, "tell")
        text = order.with_user(self.user_seller).kehu_credit_text
        for part in (order.name, "1,000.00", "700.00", "400.00", "100.00"):
            self.assertIn(part, text)
        order.order_line.product_uom_qty = 3
        self.assertEqual(order.kehu_credit_alert, "none")
        self.assertFalse(order.kehu_credit_text)
        order.order_line.product_uom_qty = 4
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.kehu_credit_alert, "none", "decided")

    def test_while_typing(self):
        self._limit(250)
        with Form(self.env["sale.order"].with_user(self.user_seller)) as form:
            form.partner_id = self.customer
            self.assertEqual(form.kehu_credit_alert, "none")
            with form.order_line.new() as line:
                line.product_id = self.product
                line.product_uom_qty = 3
            self.assertEqual(form.kehu_credit_alert, "tell")
            self.assertEqual(form.kehu_credit_left, 250)

    def test_block_at_every_door(self):
        self._limit(1000, "block")
        order = self._create_order(11, confirm=False)
        mine = order.with_user(self.user_seller)
        doors = {
            "confirm": mine.action_confirm,
            "write": lambda: mine.write({"state": "sale"}),
            "superuser": lambda: order.write({"state": "sale"}),
            "create": lambda: self._create_order(11, confirm=False, state="sale"),
        }
        for name, door in doors.items():
            with self.subTest(door=name), self.assertRaisesRegex(Exception, "credit limit") as caught:
                with self.cr.savepoint():
                    door()
            self.assertEqual(caught.exception.__class__.__module__.partition(".")[0], "odoo")
        self.assertEqual(order.state, "draft")
        order.order_line.product_uom_qty = 10
        mine.action_confirm()
        with self.assertRaises(KehuCreditLimitError), self.cr.savepoint():
            order.order_line.product_uom_qty = 11
        with self.assertRaises(KehuCreditLimitError), self.cr.savepoint():
            order.order_line = [Command.create({"product_id": self.product.id, "product_uom_qty": 1})]
        order.order_line.product_uom_qty = 9
        order.note = "Text may change"
        self.assertEqual(order.amount_total, 900)

    def test_two_at_once_are_one_too_many(self):
        self._limit(1000, "block")
        orders = self._create_order(6, confirm=False) | self._create_order(6, confirm=False)
        with self.assertRaises(KehuCreditLimitError), self.cr.savepoint():
            orders.action_confirm()
        orders[0].action_confirm()
        with self.assertRaisesRegex(Exception, "credit limit"), self.cr.savepoint():
            orders[1].action_confirm()

    def test_moved_to_a_customer_without_credit(self):
        self._limit(100, "block", customer=self.other_customer)
        order = self._create_order(6)
        with self.assertRaises(KehuCreditLimitError), self.cr.savepoint():
            order.partner_invoice_id = self.other_customer

    def test_submitting_is_refused_too(self):
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = True
        self._limit(1000, "block")
        order = self._create_order(11, confirm=False).with_user(self.user_seller)
        with self.assertRaisesRegex(Exception, "credit limit"), self.cr.savepoint():
            order.kehu_submit(self.user_order_approver.id)
        self._limit(1100, "block")
        order.kehu_submit(self.user_order_approver.id)
        self._limit(1000, "block")
        with self.assertRaisesRegex(Exception, "credit limit"), self.cr.savepoint():
            order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(order.kehu_approval_state, "pending")

    def test_a_payment_makes_room(self):
        self._limit(1000, "block")
        invoice = self._invoice(self._create_order(9))
        order = self._create_order(5, confirm=False)
        self.assertEqual(order.kehu_credit_alert, "block")
        self._pay(invoice, 400)
        order.invalidate_recordset()
        self.assertEqual(order.kehu_credit_alert, "none")
        order.action_confirm()

    def test_approval_by_finance(self):
        for name in ("order", "credit"):
            self.env.ref(f"kehu_crm.kehu_approval_flow_{name}").active = True
        self._limit(1000, "approve")
        small, large = self._create_order(10, confirm=False), self._create_order(11, confirm=False)
        self.assertEqual((small | large).mapped("kehu_credit_alert"), ["none", "approve"])
        large, small = large.with_user(self.user_seller), small.with_user(self.user_seller)
        large.kehu_submit(self.user_order_approver.id)
        small.kehu_submit(self.user_order_approver.id)
        large.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual((large.state, large.kehu_approval_state), ("draft", "pending"))
        large.with_user(self.user_finance).kehu_approve()
        self.assertEqual((large.state, large.kehu_approval_state), ("sale", "approved"))
        self.env.invalidate_all()
        self.assertEqual(small.kehu_credit_alert, "approve", "the large one has used it up")
        with self.assertRaises(KehuCreditLimitError), self.cr.savepoint():
            small.with_user(self.user_order_approver).kehu_approve()
        small.kehu_withdraw()
        small.kehu_submit(self.user_order_approver.id)
        small.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(small.kehu_approval_state, "pending")
        small.with_user(self.user_finance).kehu_approve()
        self.assertEqual(small.state, "sale")

    def test_approval_without_a_flow(self):
        """Where no flow takes it, it is not confirmed either."""
        self._limit(1000, "approve")
        order = self._create_order(11, confirm=False)
        for door in (order.action_confirm, lambda: order.write({"state": "sale"})):
            with self.assertRaisesRegex(Exception, "approval"), self.cr.savepoint():
                door()
        order.order_line.product_uom_qty = 10
        order.action_confirm()
        with self.assertRaises(KehuCreditLimitError), self.cr.savepoint():
            order.order_line.product_uom_qty = 11

    def test_on_the_portal(self):
        """The customer signs; the salesperson goes on, and no figure is told."""
        self._limit(1000, "block")
        order = self._create_order(11, confirm=False)
        order._validate_order()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.activity_ids.user_id, self.user_seller)

    def test_searching(self):
        self._limit(1000)
        above, below = self._create_order(11, confirm=False), self._create_order(9, confirm=False)
        orders = self.env["sale.order"].with_user(self.user_seller)
        mine = [("id", "in", (above | below).ids)]
        self.assertEqual(orders.search([*mine, ("kehu_credit_alert", "=", "tell")]), above)
        self.assertEqual(orders.search([*mine, ("kehu_credit_alert", "!=", "none")]), above)
        self.assertEqual(orders.search([*mine, ("kehu_credit_alert", "=", "none")]), below)
        self._create_order(12)
        customers = self.env["res.partner"].with_user(self.user_seller)
        self.assertIn(self.customer, customers.search([("kehu_credit_exceeded", "=", True)]))
        self._limit(5000)
        self.assertNotIn(self.customer, customers.search([("kehu_credit_exceeded", "=", True)]))

    # who ------------------------------------------------------------------------------

    def test_only_finance_and_administrators_set_it(self):
        for user in (self.user_seller, self.user_east_manager, self.user_director, self.user_order_approver, self.user_employee):
            with self.subTest(user=user.name):
                customer = self.customer.with_user(user)
                for door in (
                    lambda customer=customer: customer.kehu_set_credit_limit(5),
                    lambda customer=customer: customer.write({"kehu_credit_limit": 5}),
                    lambda customer=customer: customer.write({"credit_limit": 5}),
                    lambda customer=customer: customer.action_kehu_set_credit_limit(),
                ):
                    with self.assertRaises(AccessError), self.cr.savepoint(), mute_logger(*REFUSALS):
                        door()
        self.user_seller.group_ids |= self.env.ref("account.group_account_invoice")
        with self.assertRaises(KehuCreditRightError), self.cr.savepoint():
            self.customer.with_user(self.user_seller).credit_limit = 5
        with self.assertRaises(KehuCreditRightError), self.cr.savepoint():
            self._create_customer(self.user_seller).with_user(self.user_seller).create(
                {"name": "Newcomer", "kehu_is_customer": True, "credit_limit": 5}
            )
        partners = self.env["res.partner"].with_user(self.user_seller)
        for context, vals in (
            ({"default_credit_limit": 1e9}, {"name": "Newcomer", "kehu_is_customer": True}),
            ({"default_credit_limit": 1e9, "default_kehu_is_customer": True}, {"name": "Newcomer"}),
            ({"kehu_new_customer": "any"}, {"name": "Newcomer", "credit_limit": 1e9}),
        ):
            with self.assertRaises(KehuCreditRightError), self.cr.savepoint():
                partners.with_context(**context).create(vals)
        self.env["ir.default"].set("res.partner", "credit_limit", 7e8, user_id=self.user_seller.id)
        with self.assertRaises(KehuCreditRightError), self.cr.savepoint():
            partners.create({"name": "Newcomer", "kehu_is_customer": True})
        self.env["ir.default"].search([("user_id", "=", self.user_seller.id)]).unlink()
        self.assertTrue(partners.create({"name": "Newcomer", "kehu_is_customer": True, "credit_limit": 0.0}).kehu_is_customer)
        wizard = self.env["kehu.credit.limit"].with_user(self.user_crm_admin).create({"partner_ids": self.customer.ids, "limit": 60})
        wizard.action_apply()
        self.assertCredit(60, 0, 60)
        note = self.customer.message_ids[:1]
        self.assertEqual(note.tracking_value_ids.new_value_float, 60)  # shown to those who see the limit: see the tests of privacy
        self.assertEqual(note.author_id, self.user_crm_admin.partner_id)

    def test_what_is_no_limit(self):
        for value in (-1, "much", None, float("nan"), float("inf"), 1e15):
            with self.subTest(value=value), self.assertRaises(KehuCreditValueError):
                self.customer.with_user(self.user_finance).kehu_set_credit_limit(value)
        contact = self._create_contact(self.customer)
        with self.assertRaises(KehuCreditValueError):
            contact.with_user(self.user_finance).kehu_set_credit_limit(5)

    def test_figures_only_of_customers_one_sees(self):
        self._limit(1000, "block")
        for user in (self.user_west_seller, self.user_employee, self.user_receipt_approver):
            with self.subTest(user=user.name), self.assertRaises(AccessError), mute_logger(*REFUSALS):
                self.customer.with_user(user).read(["kehu_credit_used"])
        self.assertEqual(self.customer.with_user(self.user_seller).read(["kehu_credit_limit"])[0]["kehu_credit_limit"], 1000)
        found = self.env["res.partner"].with_user(self.user_west_seller).search([("kehu_credit_limit", ">", 1)])
        self.assertNotIn(self.customer, found)
        order = self._create_order(11, confirm=False)
        order.user_id = self.user_west_seller  # a colleague's order for a customer that is not theirs
        mine = order.with_user(self.user_west_seller)
        self.assertEqual((mine.kehu_credit_left, mine.kehu_has_credit_limit), (0, False))
        self.assertEqual(mine.kehu_credit_alert, "block")
        self.assertNotIn("1,000", mine.kehu_credit_text)
        confirmed = mine.sudo()  # as an approval confirms it, for whoever decides
        self.assertNotIn("1,000", confirmed._kehu_credit_sentence(confirmed._kehu_credit()[confirmed]))
        with self.assertRaises(Exception) as caught, self.cr.savepoint():
            mine.action_confirm()
        self.assertNotIn("1,000", str(caught.exception))
        self.assertNotIn(self.customer.name, str(caught.exception))
