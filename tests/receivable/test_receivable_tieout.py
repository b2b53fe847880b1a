"""The figures follow the ledger whatever the route of the money; the check finds every figure that does not, and says why."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...models.receivable.exceptions import KehuReceiptRightError, KehuReceiptStateError
from ...models.system.engine import as_engine
from ...models.system.exceptions import KehuEngineOnlyError
from .test_receivable_advance import AdvanceCommon


class TieOutCommon(AdvanceCommon):
    def _differences(self, customers=None, company=None):
        """:return: rows of the comparison, as (level, figure, cause, crm, ledger)"""
        customers = customers or self.customer
        rows, _orders = self.env["kehu.ledger.check"]._kehu_compare(company or self.env.company, customers.sudo().commercial_partner_id.ids)
        return [(row["level"], row["figure"], row["cause"], row["crm_amount"], row["ledger_amount"]) for row in rows]

    def assertAgrees(self, customers=None, company=None):
        self.assertEqual(self._differences(customers, company), [])


@tagged("post_install", "-at_install")
class TestReceivableTieout(TieOutCommon):
    # routes of the money ---------------------------------------------------------------

    def test_bank_statement_matched_with_an_invoice(self):
        """The line of a statement is matched with the invoice's receivable, as a bank reconciliation does."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        statement = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "date": invoice.date, "payment_ref": "Transfer", "partner_id": self.customer.id, "amount": 400.0}
        )
        suspense = statement._seek_for_lines()[1]
        suspense.account_id = self._receivable_lines(invoice).account_id
        (suspense | self._receivable_lines(invoice)).reconcile()
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")
        self.assertAgrees()
        suspense.remove_move_reconcile()
        self.assertOrder(order, 1000.0, 0.0, 1000.0, "none")
        self.assertEqual(self._differences(), [("customer", "open", "outside", 1000.0, 600.0)])

    def test_bank_statement_matched_with_a_receipt(self):
        """The receipt stands on an outstanding account until the statement comes; nothing is counted twice."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        receipt = self._receive(400.0, [(order, 400.0)])
        outstanding = receipt.sudo().payment_id._seek_for_lines()[0]
        if not outstanding.account_id.reconcile:
            outstanding.account_id.reconcile = True
        statement = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "date": invoice.date, "payment_ref": "Transfer", "partner_id": self.customer.id, "amount": 400.0}
        )
        suspense = statement._seek_for_lines()[1]
        suspense.account_id = outstanding.account_id
        (suspense | outstanding).reconcile()
        self.assertOrder(order, 1000.0, 400.0, 600.0, "partial")
        self.assertAgrees()

    def test_write_off_by_an_entry(self):
        """An accountant writes 30 of an invoice off by a miscellaneous entry; taken apart, it is owed again."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        self._pay(invoice, 970.0)
        receivable = self._receivable_lines(invoice)
        expense = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create({"account_id": expense.id, "debit": 30.0}),
                    Command.create({"account_id": receivable.account_id.id, "partner_id": self.customer.id, "credit": 30.0}),
                ],
            }
        )
        entry.action_post()
        credit = entry.line_ids.filtered("credit")
        (credit | receivable).reconcile()
        self.assertOrder(order, 1000.0, 1000.0, 0.0, "settled")
        self.assertAgrees()
        credit.remove_move_reconcile()
        self.assertOrder(order, 1000.0, 970.0, 30.0, "partial")
        self.assertEqual(self._differences(), [("customer", "open", "outside", 30.0, 0.0)])

    def test_credit_notes_and_unmatching(self):
        order = self._create_order(10)
        invoice = self._invoice(order)
        credit = self._credit(invoice, quantity=2)
        self._receive(300.0, [(order, 300.0)])
        self.assertOrder(order, 800.0, 300.0, 500.0, "partial")
        self.assertAgrees()
        self._receivable_lines(invoice).remove_move_reconcile()
        self.assertOrder(order, 800.0, 300.0, 500.0, "partial")
        self.assertAgrees()
        credit.button_draft()
        self.assertOrder(order, 1000.0, 300.0, 700.0, "partial")
        self.assertAgrees()

    def test_everything_together_agrees(self):
        """Shared invoice, down payment, direct payment, receipt with an advance, its use and a refund of the rest."""
        first, second, third = self._create_order(3), self._create_order(7), self._create_order(5)
        shared = self._invoice(first | second)
        self._pay(shared, 333.33)
        self._down_payment(third, 150.0)
        receipt = self._receive(900.0, [(third, 100.0), (second, 200.0)])
        self._use(receipt, [(third, 300.0)])
        self._refund(receipt, 50.0)
        self.assertAdvance(receipt, 250.0)
        self.assertAgrees()

    # what the check finds ---------------------------------------------------------------

    def _spoil(self, table, record, **values):
        self.env.flush_all()
        for name, value in values.items():
            self.cr.execute(SQL("UPDATE %s SET %s = %s WHERE id = %s", SQL.identifier(table), SQL.identifier(name), value, record.id))
        self.env.invalidate_all()

    def test_figures_that_do_not_follow_are_found_and_mended(self):
        order = self._create_order(10)
        self._invoice(order, quantity=4)
        receipt = self._receive(700.0, [(order, 500.0)])
        self.assertAgrees()
        self._spoil("sale_order", order, kehu_amount_received=123.45, kehu_amount_due=1.0)
        self._spoil("kehu_receipt", receipt, advance_open=5.0)
        self.assertEqual(
            self._differences(),
            [
                ("order", "received", "stale", 123.45, 500.0),
                ("order", "due", "stale", 1.0, 500.0),
                ("customer", "advance", "advance", 5.0, 200.0),
            ],
        )
        check = self.env["kehu.ledger.check"].with_user(self.user_finance)
        run = check.browse(check.action_check_now()["res_id"])
        found = run.difference_ids.filtered(lambda difference: difference.partner_id == self.customer)
        self.assertEqual(len(found.filtered("wrong")), 3)
        self.assertGreaterEqual(run.wrong_count, 3)
        self.assertEqual(found.order_id, order)
        found.action_recompute()
        self.assertTrue(all(found.mapped("solved_on")))
        self.assertOrder(order, 400.0, 500.0, 500.0, "partial")
        self.assertAdvance(receipt, 200.0)
        self.assertAgrees()
        with self.assertRaisesRegex(KehuReceiptStateError, "Nothing here can be computed again"):
            found.action_recompute()

    def test_balance_that_the_accounting_keeps_is_not_believed(self):
        """The CRM took over a wrong balance of the invoice; the matches tell."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        self._pay(invoice, 400.0)
        self._spoil("account_move", invoice, amount_residual=900.0)
        self.env.add_to_compute(order._fields["kehu_amount_due"], order)
        self.env.flush_all()
        self.assertEqual(order.kehu_amount_due, 900.0)
        self.assertIn(("order", "due", "stale", 900.0, 600.0), self._differences())

    def test_amounts_without_an_order_are_explained(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create({"name": "Repair", "price_unit": 80.0, "tax_ids": []})],
            }
        )
        invoice.action_post()
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "partner_type": "customer",
                "payment_type": "inbound",
                "amount": 25.0,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self._receive(70.0)
        self.assertEqual(
            self._differences(),
            [("customer", "open", "no_order", -70.0, 10.0), ("customer", "open", "outside", 10.0, -15.0)],
        )

    def test_order_invoiced_to_somebody_else(self):
        agent = self._create_customer(self.user_seller, name="Agent")
        order = self._create_order(10, partner_invoice_id=agent.id)
        self._invoice(order)
        self.assertEqual(self._differences(), [("customer", "open", "other_partner", 1000.0, 0.0)])
        self.assertEqual(self._differences(agent), [("customer", "open", "other_partner", 0.0, 1000.0)])

    def test_an_unknown_amount_is_wrong(self):
        """A journal item that lost its partner in the database is on nobody's account."""
        order = self._create_order(10)
        invoice = self._invoice(order)
        self.env.flush_all()
        self.cr.execute("UPDATE account_move_line SET partner_id = NULL WHERE id = %s", [self._receivable_lines(invoice).id])
        self.env.invalidate_all()
        self.assertEqual(self._differences(), [("customer", "open", "unknown", 1000.0, 0.0)])

    # running ---------------------------------------------------------------

    def test_every_night_in_slices(self):
        checks = self.env["kehu.ledger.check"]
        as_engine(checks.search([]), "ledger_check").unlink()
        order = self._create_order(10)
        self._spoil("sale_order", order, kehu_amount_due=1.0)
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_ledger_check_ir_cron").method_direct_trigger()
        self.env.invalidate_all()
        run = checks.search([("company_id", "=", self.env.company.id)])
        self.assertEqual((len(run), run.state, bool(run.date_end)), (1, "done", True))
        self.assertIn(order, run.difference_ids.order_id)
        self.assertGreaterEqual(run.partner_count, 2)
        # a second start the same night finds its work done
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_ledger_check_ir_cron").method_direct_trigger()
        self.assertEqual(checks.search([("company_id", "=", self.env.company.id)]), run)
        # what was interrupted goes on where it stopped
        open_run = checks._kehu_open(self.env.company)
        open_run.write({"last_id": 2**31 - 1})
        self.assertEqual(checks._kehu_open(self.env.company), open_run)
        self.assertTrue(open_run._kehu_slice())
        self.assertEqual((open_run.state, open_run.partner_count), ("done", 0))
        open_run.write({"date_start": "2020-01-01 00:00:00"})
        checks._gc_checks()
        self.assertFalse(open_run.exists())
        self.assertTrue(run.exists())

    def test_who_checks(self):
        self._spoil("sale_order", self._create_order(10), kehu_amount_due=1.0)
        checks = self.env["kehu.ledger.check"]
        for user in (self.user_seller, self.user_sales_manager, self.user_director, self.user_service, self.user_receipt_approver):
            with self.subTest(user=user.name), self.assertRaises(KehuReceiptRightError):
                checks.with_user(user).action_check_now()
        for user in (self.user_finance, self.user_crm_admin):
            with self.subTest(user=user.name):
                # as the buttons call it: with the runs that are ticked or shown
                action = call_kw(checks.with_user(user), "action_check_now", [[]], {})
                run = checks.with_user(user).browse(action["res_id"])
                self.assertEqual(run.company_id, self.env.company)
                self.assertTrue(run.difference_ids)
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"), self.assertRaises(AccessError):
            run.difference_ids.with_user(self.user_seller).read(["crm_amount"])
        for operation in (
            lambda: run.sudo().write({"wrong_count": 0}),
            run.sudo().unlink,
            run.sudo().difference_ids.unlink,
            lambda: run.sudo().difference_ids.write({"cause": "outside"}),
            lambda: checks.sudo().create({"company_id": self.env.company.id, "date_start": "2026-01-01"}),
        ):
            with self.assertRaises(KehuEngineOnlyError):
                operation()

    def test_queries_do_not_grow_with_the_customers(self):
        customers = self.customer
        for number in range(12):
            customer = self._create_customer(self.user_seller, name=f"Customer {number}")
            customers |= customer
            order = self._create_order(10, customer=customer)
            invoice = self._invoice(order)
            self._pay(invoice, 400.0)
            self._receive(300.0, [(order, 200.0)], customer=customer)

        def count(partners):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertAgrees(partners)
            return self.cr.sql_log_count - before

        count(customers)
        self.assertLessEqual(count(customers), count(customers[1:3]) + 1)
