"""What nobody may do to receipts and receivables behind their back: by RPC, by the context, by the buttons of the accounting."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.approval.exceptions import KehuApprovalError
from ...models.customer.exceptions import KehuCustomerError
from ...models.receivable.exceptions import KehuReceiptInUseError, KehuReceiptLedgerError, KehuReceiptStateError
from ...models.system.exceptions import KehuEngineOnlyError
from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableGuards(ReceivableCommon):
    # columns that are computed ---------------------------------------------------------------

    def test_computed_columns_are_not_typed_in(self):
        order = self._create_order(10)
        receipt = self._create_receipt(1000.0, [(order, 400.0)])
        values = ({"advance": 50000.0}, {"amount_allocated": 0.0}, {"kehu_department_id": self.department_west.id})
        for state in ("draft", "pending", "approved"):
            self.assertEqual(receipt.state, state)
            for vals in values:
                with self.subTest(state=state, vals=vals), self.assertRaises(KehuEngineOnlyError), self.cr.savepoint():
                    receipt.write(vals)
            if state == "draft":
                receipt.kehu_submit(self.user_receipt_approver.id)
            elif state == "pending":
                receipt.with_user(self.user_receipt_approver).kehu_approve()
        for vals in values:
            if any(vals.values()):
                with self.subTest(vals=vals), self.assertRaises(KehuEngineOnlyError), self.cr.savepoint():
                    self._create_receipt(5.0, **vals)
        # an empty value, as a form may send it, is not taken for the sum
        created = self._create_receipt(5.0, advance=0.0)
        self.assertEqual((created.advance, created.amount_allocated, created.kehu_department_id), (5.0, 0.0, self.department_east))

    def test_parts_of_the_payment_follow_the_allocations(self):
        """Also where a wrong sum has come into the columns, past the guard: 1,000 with 400 for the order leave 600 in advance."""
        order = self._create_order(10)
        receipt = self._create_receipt(1000.0, [(order, 400.0)])
        receipt.kehu_submit(self.user_receipt_approver.id)
        self.env.flush_all()
        self.cr.execute("UPDATE kehu_receipt SET advance = 50000, amount_allocated = -49000 WHERE id = %s", [receipt.id])
        receipt.invalidate_recordset()
        receipt.with_user(self.user_receipt_approver).kehu_approve()
        lines = receipt.sudo().payment_id.move_id.line_ids.sorted("amount_currency")
        self.assertEqual(lines.mapped("amount_currency"), [-600.0, -400.0, 1000.0])

    def test_defaults_of_context_and_user_do_not_reach_the_system_fields(self):
        payment = self._receive(10.0).sudo().payment_id
        journal = {"default_payment_id": payment.id, "default_cancelled_on": "2026-01-01 00:00:00", "default_advance": 7.0}
        seller = self.env["kehu.receipt"].with_user(self.user_seller)
        values = {"partner_id": self.customer.id, "amount": 5.0, "journal_id": self.bank.id}
        by_context = seller.with_context(**journal, default_state="approved", default_name="SK1").create(values)
        self.env["ir.default"].set("kehu.receipt", "payment_id", payment.id, user_id=self.user_seller.id)
        self.env["ir.default"].set("kehu.receipt", "cancelled_on", "2026-01-01 00:00:00", user_id=self.user_seller.id)
        by_user = seller.create(values)
        for receipt in by_context | by_user:
            self.assertEqual(
                (receipt.sudo().payment_id.ids, receipt.cancelled_on, receipt.state, receipt.advance), ([], False, "draft", 5.0)
            )
            self.assertRegex(receipt.name, r"^SK\d{10}$")

    # what a person may not see ---------------------------------------------------------------

    def test_onchange_tells_nothing_of_an_order_out_of_sight(self):
        foreign = self._create_order(10, customer=self.other_customer)
        names = ("order_name", "order_date", "order_total", "order_due", "order_waiting", "amount")
        pending = self._create_receipt(70.0, [(foreign, 70.0)], customer=self.other_customer, user=self.user_west_seller)
        pending.kehu_submit(self.user_receipt_approver.id)
        for user, sees in ((self.user_seller, False), (self.user_west_seller, True)):
            allocations = self.env["kehu.receipt.allocation"].with_user(user)
            value = allocations.onchange({"order_id": foreign.id}, ["order_id"], {name: {} for name in names})["value"]
            with self.subTest(user=user.name):
                self.assertEqual([name for name in names if value.get(name)], list(names) if sees else [])
        # nor when the line is of a receipt of one's own
        own = self._create_receipt(100.0, [(self._create_order(10), 100.0)]).allocation_ids
        value = own.onchange({"order_id": foreign.id}, ["order_id"], {name: {} for name in names})["value"]
        self.assertFalse([name for name in names if name != "amount" and value.get(name)])

    def test_whoever_sees_the_receipt_sees_the_figures_of_its_orders(self):
        order = self._create_order(10)
        receipt = self._create_receipt(100.0, [(order, 100.0)])
        order.user_id = self.user_west_seller
        line = receipt.allocation_ids
        line.invalidate_recordset()
        self.assertFalse(order.with_user(self.user_seller).has_access("read"))
        self.assertEqual((line.order_name, line.order_total, line.order_due), (order.name, 1000.0, 1000.0))

    def test_refusals_tell_nothing_of_an_order_or_customer_out_of_sight(self):
        foreign = self._create_order(10, customer=self.other_customer)
        mine = self._create_order(10)
        receipt = self._create_receipt(100.0, [(mine, 100.0)])
        hidden = self._create_contact(self.other_customer, name="Li Si")
        self.assertFalse(hidden.with_user(self.user_seller).has_access("read"))
        names = {name: {"fields": {"display_name": {}}} for name in ("partner_id", "payer")}
        plain = {"partner_id": self.customer.id, "amount": 100.0, "journal_id": self.bank.id}
        tries = {
            "create with order": lambda: self._create_receipt(100.0, [(foreign, 100.0)]),
            "create with customer": lambda: self._create_receipt(100.0, customer=hidden),
            "create with payer": lambda: self._create_receipt(100.0, payer=hidden.id),
            "payer by default": lambda: (
                self.env["kehu.receipt"].with_user(self.user_seller).with_context(default_payer=hidden.id).create(plain)
            ),
            "form with payer": lambda: (
                self.env["kehu.receipt"].with_user(self.user_seller).with_context(default_payer=hidden.id).onchange({}, [], names)
            ),
            "form with customer": lambda: (
                self.env["kehu.receipt"].with_user(self.user_seller).with_context(default_partner_id=hidden.id).onchange({}, [], names)
            ),
            "typed payer": lambda: self.env["kehu.receipt"].with_user(self.user_seller).onchange({"payer": hidden.id}, ["payer"], names),
            "typed customer": lambda: (
                self.env["kehu.receipt"].with_user(self.user_seller).onchange({"partner_id": hidden.id}, ["partner_id"], names)
            ),
            "customer typed into a saved one": lambda: receipt.onchange({"partner_id": hidden.id}, ["partner_id"], names),
            "add an order": lambda: receipt.write({"allocation_ids": [Command.create({"order_id": foreign.id, "amount": 1.0})]}),
            "another order": lambda: receipt.allocation_ids.write({"order_id": foreign.id}),
            "another customer": lambda: receipt.write({"partner_id": hidden.id, "allocation_ids": [Command.clear()]}),
            "order by default": lambda: (
                self.env["kehu.receipt.allocation"]
                .with_user(self.user_seller)
                .with_context(default_order_id=foreign.id)
                .create({"receipt_id": receipt.id, "amount": 99999.0})
            ),
        }
        for name, operation in tries.items():
            with (
                self.subTest(name),
                mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"),
                self.assertRaises(AccessError),
                self.cr.savepoint(),
            ):
                operation()

    def test_hint_of_an_unsaved_form_tells_nothing(self):
        foreign = self._create_order(10, customer=self.other_customer)
        values = {
            "partner_id": self.customer.id,
            "amount": 100.0,
            "journal_id": self.bank.id,
            "allocation_ids": [Command.create({"order_id": foreign.id, "amount": 50.0})],
        }
        names = {"kehu_approval_hint": {}, "allocation_ids": {"fields": {"order_id": {}, "amount": {}}}}
        for receipt in (self.env["kehu.receipt"].with_user(self.user_seller), self._create_receipt(100.0)):
            for changed in ({}, {"kehu_approval_state": "draft", "kehu_request_id": False}):
                value = receipt.onchange({**values, **changed}, [*changed, "allocation_ids"], names)["value"]
                self.assertNotIn(foreign.name, value.get("kehu_approval_hint") or "")

    # the accounting ---------------------------------------------------------------

    def test_payment_of_a_receipt_is_not_reversed_behind_its_back(self):
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        move = receipt.sudo().payment_id.move_id
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=move.ids)
        with self.assertRaisesRegex(KehuReceiptLedgerError, receipt.name), self.cr.savepoint():
            wizard.create({"journal_id": move.journal_id.id}).refund_moves()
        with self.assertRaisesRegex(KehuReceiptLedgerError, receipt.name), self.cr.savepoint():
            move._reverse_moves(cancel=True)
        receipt.with_user(self.user_finance).action_cancel()
        self.assertOrder(order, 0.0, 0.0, 1000.0, "none")

    def test_entry_of_a_receipt_is_not_cut_off_from_its_payment(self):
        receipt = self._receive(1000.0)
        payment = receipt.sudo().payment_id
        for record, vals in ((payment.move_id, {"origin_payment_id": False}), (payment, {"move_id": False})):
            with self.subTest(vals=vals), self.assertRaisesRegex(KehuReceiptLedgerError, receipt.name), self.cr.savepoint():
                record.write(vals)
        payment.move_id.write({"origin_payment_id": payment.id})  # says what is there
        self.assertTrue(payment.move_id)

    def test_days_far_from_any_business(self):
        """A year typed too short ended in an error of the numbering."""
        order = self._create_order(10)
        receipt = self._create_receipt(10.0)
        plan = {"order_id": order.id, "amount": order.amount_total}
        for day in ("0026-03-01", "0001-01-01", "9999-12-31"):
            for attempt in (
                lambda day=day: self._create_receipt(10.0, date=day),
                lambda day=day: receipt.write({"date": day}),
                lambda day=day: self.env["kehu.instalment"].create({**plan, "date_due": day}),
            ):
                with self.subTest(day=day), self.assertRaisesRegex(UserError, "too far away"), self.cr.savepoint():
                    attempt()

    def test_entry_of_a_receipt_is_not_deleted(self):
        """The host deletes what is posted for whoever says so in the context, which any client may send."""
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 600.0)])
        lines = [Command.create({"order_id": self._create_order(5).id, "amount": 100.0})]
        use = self.env["kehu.advance.use"].with_user(self.user_seller).create({"receipt_id": receipt.id, "line_ids": lines})
        use.action_post()
        accountant = new_test_user(self.env, "kehu_accountant", groups="account.group_account_manager")
        for move in (receipt.sudo().payment_id.move_id, use.sudo().move_id):
            move = move.with_user(accountant).with_context(force_delete=True, dynamic_unlink=True, check_move_validity=False)
            for operation in (move.unlink, move.line_ids.unlink, move.line_ids[:1].unlink):
                with self.assertRaisesRegex(KehuReceiptLedgerError, receipt.name), self.cr.savepoint():
                    operation()
        self.assertTrue(receipt.sudo().payment_id.move_id.line_ids)

    def test_receivable_of_a_receipt_is_not_moved_to_somebody_else(self):
        """Neither to another partner nor to another account, with or without an order."""
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 400.0)])
        lines = self._receivable_lines(receipt.sudo().payment_id.move_id)
        self.assertEqual(len(lines), 2)
        account = lines.account_id.copy({"code": "112299"})
        for line in lines:
            for vals in ({"partner_id": self.other_customer.id}, {"account_id": account.id}):
                with self.subTest(vals=vals), self.assertRaisesRegex(KehuReceiptLedgerError, receipt.name), self.cr.savepoint():
                    line.write(vals)
            line.write({"partner_id": line.partner_id.id, "account_id": line.account_id.id, "name": "Bank slip 7"})
        receipt.with_user(self.user_finance).action_cancel()
        self.assertOrder(order, 0.0, 0.0, 1000.0, "none")

    def test_only_an_approved_receipt_freezes_its_payment(self):
        """A payment that a draft merely names stays the accountant's."""
        receipt = self._create_receipt(10.0)
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": 5.0,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        payment.action_draft()
        self.env.flush_all()
        self.cr.execute("UPDATE kehu_receipt SET payment_id = %s WHERE id = %s", [payment.id, receipt.id])
        self.env.invalidate_all()
        payment.amount = 6.0
        self.assertEqual(payment.amount, 6.0)

    # orders and customers that go ---------------------------------------------------------------

    def test_cancelled_order_stays_among_the_receivables_while_money_hangs_on_it(self):
        invoiced, paid, bare = self._create_order(10), self._create_order(10), self._create_order(10)
        self._invoice(invoiced)
        receipt = self._receive(400.0, [(paid, 400.0)])
        for order in invoiced | paid | bare:
            order.action_unlock()
            order._action_cancel()
            if order == invoiced:  # the host cancels drafts only, the posted invoice stays
                self.assertEqual(order.invoice_ids.state, "posted")
        rows = self.env["kehu.receivable"].search([("order_id", "in", (invoiced | paid | bare).ids)])
        self.assertEqual({row.order_id: row.amount_due for row in rows}, {invoiced: 1000.0, paid: -400.0})
        self.assertEqual(self.customer.with_user(self.user_seller).kehu_due_total, 600.0)
        receipt.with_user(self.user_finance).action_cancel()
        self.assertFalse(self.env["kehu.receivable"].search([("order_id", "=", paid.id)]))
        quote = self._create_order(10, confirm=False)
        self.assertFalse(self.env["kehu.receivable"].search([("order_id", "=", quote.id)]))

    def test_customer_who_owes_stays_in_the_crm(self):
        order = self._create_order(10)
        with self.assertRaisesRegex(KehuCustomerError, order.name), self.cr.savepoint():
            self.customer.with_user(self.user_crm_admin).kehu_is_customer = False
        self._receive(1000.0, [(order, 1000.0)])
        draft = self._create_receipt(5.0)
        with self.assertRaisesRegex(KehuCustomerError, draft.name), self.cr.savepoint():
            self.customer.with_user(self.user_crm_admin).kehu_is_customer = False
        draft.unlink()
        self.customer.with_user(self.user_crm_admin).kehu_is_customer = False
        self.assertFalse(self.customer.kehu_is_customer)

    def test_order_on_a_receipt_is_not_deleted(self):
        order = self._create_order(10)
        receipt = self._create_receipt(100.0, [(order, 100.0)])
        order.action_unlock()
        order._action_cancel()
        with self.assertRaisesRegex(UserError, receipt.name) as caught, self.cr.savepoint():
            order.unlink()
        self.assertIsInstance(caught.exception, KehuReceiptStateError)
        receipt.unlink()
        self.assertTrue(order.unlink())

    def test_what_a_receipt_stands_on_is_not_deleted(self):
        """A sentence with the receipt's number, not the database's refusal."""
        payer = self.env["res.partner"].create({"name": "Parent Holding"})
        lonely = self._create_customer(self.user_seller, name="Lonely")
        journal = self.bank.copy({"name": "Second Bank", "code": "SBNK"})
        receipt = self._create_receipt(100.0, customer=lonely, payer=payer.id, journal_id=journal.id)
        gone = self._receive(100.0)
        gone.with_user(self.user_finance).action_cancel()
        for record, number in (
            (payer, receipt.name),
            (lonely, receipt.name),
            (journal, receipt.name),
            (self.user_seller, r"SK\d"),
            (gone.sudo().payment_id, gone.name),
        ):
            with self.subTest(record=record), self.assertRaisesRegex(UserError, number) as caught, self.cr.savepoint():
                record.unlink()
            self.assertIsInstance(caught.exception, (KehuReceiptInUseError, KehuReceiptLedgerError))
        receipt.unlink()
        self.assertTrue(journal.unlink())
        self.assertTrue((payer | lonely).unlink())

    # no flow ---------------------------------------------------------------

    def test_without_a_receipt_flow_the_receipt_says_what_is_missing(self):
        receipt = self._create_receipt(100.0)
        self.assertIn("submit", receipt.kehu_approval_hint)
        self.env["kehu.approval.flow"].search([("model_id.model", "=", "kehu.receipt")]).active = False
        receipt.invalidate_recordset()
        self.assertFalse(receipt.kehu_can_submit)
        self.assertIn("no active approval flow", receipt.kehu_approval_hint)
        for step in (receipt.action_kehu_submit, lambda: receipt.kehu_submit(self.user_receipt_approver.id)):
            with self.assertRaisesRegex(KehuApprovalError, "no active approval flow"):
                step()

    # write-offs ---------------------------------------------------------------

    def test_write_off_settles_as_money_does(self):
        """Paid 990 of 1,000 with the difference written off: nothing is due, so all of it counts as received."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        account = self.env["account.account"].search([("account_type", "=", "expense"), ("company_ids", "=", self.env.company.id)], limit=1)
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {
                "amount": 990.0,
                "journal_id": self.bank.id,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": account.id,
            }
        )._create_payments()
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
