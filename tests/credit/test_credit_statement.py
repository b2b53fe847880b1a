"""The statement of account: equal to the ledger, whole, and only for those who look after the customer."""

from datetime import date

from lxml import html
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.credit.exceptions import KehuStatementError, KehuStatementRightError
from ...models.system.exceptions import KehuEngineOnlyError
from ..receivable.common import ReceivableCommon

REPORT = "kehu_crm.print_statement"
AGES = ("due_current", "due_1_30", "due_31_60", "due_61_90", "due_over_90", "unused")


@tagged("post_install", "-at_install")
class TestCreditStatement(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"lang": "en_US", "email": "pumps@example.com"})
        cls.currency = cls.env.company.currency_id

    def _bill(self, day, amount, partner=None, move_type="out_invoice", due=None, **values):
        move = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": (partner or self.customer).id,
                "invoice_date": day,
                "date": day,
                "invoice_date_due": due or day,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"product_id": self.product.id, "quantity": 1, "price_unit": amount})],
                **values,
            }
        )
        move.action_post()
        return move

    def _pay_on(self, day, amount, invoice=None, partner=None, **values):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "journal_id": self.bank.id,
                "date": day,
                **values,
            }
        )
        payment.action_post()
        if invoice:
            lines = self._receivable_lines(payment.move_id | invoice)
            lines.filtered(lambda line: not line.reconciled).reconcile()
        return payment

    def _statement(self, first, last, partners=None, user=None, **values):
        wizard = self.env["kehu.statement"].with_user(user or self.user_seller)
        return wizard.create({"partner_ids": (partners or self.customer).ids, "date_from": first, "date_to": last, **values})

    def _sheet(self, *args, **values):
        sheet = self._statement(*args, **values)._kehu_make_sheets()
        self.assertEqual(len(sheet), 1)
        return sheet

    def _print(self, sheets, report=REPORT, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.user_seller)
        content, _kind = reports._render_qweb_html(report, sheets.ids)
        return " ".join(html.fromstring(content).text_content().split())

    def _story(self):
        """By hand: 500 before; 300 and 200 invoiced in March, 400 paid, 50 credited; 70 invoiced in April."""
        old = self._bill("2030-01-10", 500, due="2030-01-31")
        march = self._bill("2030-03-05", 300, due="2030-04-04")
        self._bill("2030-03-20", 200, due="2030-03-20")
        self._pay_on("2030-03-12", 400, old)
        credit = self._bill("2030-03-25", 50, move_type="out_refund")
        self._bill("2030-04-02", 70)
        return old, march, credit

    def test_by_hand(self):
        self._story()
        sheet = self._sheet("2030-03-01", "2030-03-31")
        self.assertEqual((sheet.opening, sheet.debit, sheet.credit, sheet.closing), (500, 500, 450, 550))
        # open at the end of March: 100 of January, 59 days; 300 not due; 200 since 11 days; a credit note of 50 not matched
        self.assertEqual([sheet[key] for key in AGES], [300, 200, 100, 0, 0, -50])
        entries = sheet._kehu_accounts()[sheet]["entries"]
        self.assertEqual([amount for *_facts, amount in entries], [300, -400, 200, -50])
        sheet = self._sheet("2030-02-01", "2030-02-28")
        self.assertEqual((sheet.opening, sheet.debit, sheet.credit, sheet.closing), (500, 0, 0, 500))
        self.assertEqual([sheet[key] for key in AGES], [0, 500, 0, 0, 0, 0])  # what was paid later was open then
        sheet = self._sheet("2030-04-01", "2030-12-31")
        self.assertEqual((sheet.opening, sheet.closing), (550, 620))

    def test_equals_the_partner_ledger(self):
        """Whatever happens: closing = sum of the customer's receivable items = sum of what is open on them = the sum of the ages."""
        shop = self._create_contact(self.customer, name="Shop", type="invoice")
        branch = self.env["res.partner"].create({"name": "Branch", "is_company": True, "parent_id": self.customer.id})
        self._story()
        self._bill("2030-03-06", 40, partner=shop)
        invoice = self._bill("2030-03-07", 60, partner=branch)
        self.assertEqual(invoice.commercial_partner_id, branch)
        self._pay_on("2030-03-08", 25, invoice, partner=branch)
        order = self._create_order(5)
        self._invoice(order, 3)
        self._receive(220, [(order, 200)])
        self._receive(15)
        family = self.env["res.partner"].search([("kehu_customer_id", "=", self.customer.id)])
        self.assertLessEqual(self.customer | shop | branch, family)
        for last in ("2030-01-31", "2030-03-09", "2030-03-31", "2031-01-01"):
            lines = self.env["account.move.line"].search(
                [
                    ("partner_id", "in", family.ids),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("date", "<=", last),
                ]
            )
            sheet = self._sheet("2026-01-01", last)
            with self.subTest(last=last):
                self.assertTrue(lines)
                self.assertEqual(sheet.closing, self.currency.round(sum(lines.mapped("balance"))))
                self.assertEqual(sheet.closing, self.currency.round(sum(sheet[key] for key in AGES)))
                self.assertEqual(sheet.closing, self.currency.round(sheet.opening + sheet.debit - sheet.credit))
        self.assertEqual(sheet.closing, self.currency.round(sum(lines.mapped("amount_residual"))))
        # the host's own figure, per partner of the family
        self.assertEqual(sheet.closing, self.currency.round(sum(family.mapped("credit"))))

    def test_other_customers_and_drafts_are_not_on_it(self):
        self._bill("2030-03-05", 300, partner=self.other_customer)
        self._bill("2030-03-05", 80)
        draft = self._bill("2030-03-06", 90)
        draft.button_draft()
        self.assertEqual(self._sheet("2030-03-01", "2030-03-31").closing, 80)

    def test_two_currencies(self):
        """An account for each; what one settles of the other stands on both, so that each is what is open on it."""
        other = self.env["res.currency"].create({"name": "KTC", "symbol": "K", "rounding": 0.01})
        self.env["res.currency.rate"].create({"currency_id": other.id, "rate": 2.0, "name": "2000-01-01"})
        self._bill("2030-03-01", 100)
        foreign = self._bill("2030-03-02", 600, currency_id=other.id)
        sheets = self._statement("2030-03-01", "2030-03-31")._kehu_make_sheets()
        self.assertEqual({sheet.currency_id: sheet.closing for sheet in sheets}, {self.currency: 100, other: 600})
        self._pay_on("2030-03-10", 150, foreign)  # 150 of ours are 300 of theirs
        self.env.invalidate_all()
        self.assertEqual(foreign.amount_residual, 300)
        self.assertEqual({sheet.currency_id: sheet.closing for sheet in sheets}, {self.currency: 100, other: 300})
        for sheet in sheets:
            self.assertEqual(sheet.closing, sum(sheet[key] for key in AGES))
        only = self._statement("2030-03-01", "2030-03-31", currency_id=other.id)._kehu_make_sheets()
        self.assertEqual((len(only), only.closing), (1, 300))
        self.assertIn("Settled with another account", self._print(only))

    def test_what_is_on_it(self):
        old, march, credit = self._story()
        order = self._create_order(5)
        order.date_order = "2030-03-09 04:00:00"
        receipt = self._receive(120, [(order, 120)], date="2030-03-11")
        sheet = self._sheet("2030-03-01", "2030-03-31")
        text = self._print(sheet)
        for part in (
            "Statement of Account",
            "Hangzhou Pumps",
            march.name,
            credit.name,
            receipt.name,
            order.name,
            "Opening Balance",
            "Orders of the period",
            "500.00",
            "430.00",  # 550 less what the receipt brought
            "Credit Not Used",
            "Authorised Signature",
        ):
            self.assertIn(part, text)
        self.assertNotIn(f" {old.name} ", text)

    def test_capitals_and_two_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        yuan = self.env.ref("base.CNY")
        yuan.active = True
        self.customer.lang = "zh_CN"
        self._bill("2030-03-05", 107000.53, currency_id=yuan.id)
        sheet = self._sheet("2030-03-01", "2030-03-31", currency_id=yuan.id)
        self.assertIn("人民币壹拾万柒仟元伍角叁分", self._print(sheet))
        self.assertIn("Closing Balance", self._print(sheet, "kehu_crm.print_statement_bilingual"))

    def test_in_the_form(self):
        self._story()
        with Form(self.env["kehu.statement"].with_user(self.user_seller)) as form:
            form.partner_ids.add(self.customer)
            form.date_from, form.date_to = date(2030, 3, 1), date(2030, 3, 31)
            self.assertEqual([(row["opening"], row["closing"]) for row in form.sheet_ids._records], [(500, 550)])
        wizard = form.record
        action = wizard.action_print()
        self.assertEqual(action["report_name"], REPORT)
        self.assertEqual(wizard.sheet_ids.closing, 550)

    def test_nonsense_is_refused(self):
        with self.assertRaises(KehuStatementError):
            self._statement("2030-03-31", "2030-03-01")
        with self.assertRaises(KehuStatementError):
            self._statement("2030-03-01", "2030-03-31", company_id=self.env["res.company"].create({"name": "Strange"}).id)

    def test_mail(self):
        self._story()
        silent = self._create_customer(self.user_seller, name="No Mail")
        contact = self._create_contact(self.customer, name="Ms Bill", type="invoice", email="bill@example.com")
        wizard = self._statement("2030-03-01", "2030-03-31", partners=self.customer | silent)
        wizard.action_send()
        self.assertIn("bill@example.com", wizard.result)
        self.assertIn("No Mail: not mailed", wizard.result)
        log = self.env["kehu.statement.letter"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((log.mailed_to, log.sent_by_id, str(log.date_to)), ("bill@example.com", self.user_seller, "2030-03-31"))
        mail = self.env["mail.mail"].search([("model", "=", log._name), ("res_id", "=", log.id)])
        self.assertEqual(mail.recipient_ids, contact)
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertIn("550.00", mail.attachment_ids.raw.decode())  # in tests a print is HTML
        self.assertFalse(self.env["kehu.statement.letter"].search([("partner_id", "=", silent.id)]))
        self.assertIn("mailed to bill@example.com", str(self.customer.message_ids[:1].body))
        with self.assertRaises(KehuEngineOnlyError), self.cr.savepoint():
            log.mailed_to = "other@example.com"

    def test_for_whom(self):
        self._story()
        for user in (self.user_seller, self.user_east_manager, self.user_director, self.user_finance, self.user_crm_admin):
            with self.subTest(user=user.name):
                self.assertEqual(self._sheet("2030-03-01", "2030-03-31", user=user).closing, 550)
        for user in (self.user_west_seller, self.user_seller2, self.user_service, self.user_order_approver, self.user_employee):
            with self.subTest(user=user.name), self.assertRaises(AccessError), self.cr.savepoint():
                with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models"):
                    self._statement("2030-03-01", "2030-03-31", user=user)

    def test_a_customer_of_the_pool_is_nobody_s(self):
        waiting = self._create_customer(name="Waits")
        with self.assertRaises(KehuStatementRightError), self.cr.savepoint():
            self._statement("2030-03-01", "2030-03-31", partners=waiting)
        self._statement("2030-03-01", "2030-03-31", partners=waiting, user=self.user_finance)

    def test_sheets_cannot_be_borrowed(self):
        """A sheet shows what the person who looks may see, whoever made it, and a forged one shows nothing."""
        self._story()
        wizard = self._statement("2030-03-01", "2030-03-31", partners=self.other_customer, user=self.user_west_seller)
        with self.assertRaises(AccessError), self.cr.savepoint(), mute_logger("odoo.addons.base.models.ir_rule"):
            sheet = self.env["kehu.statement.sheet"].with_user(self.user_west_seller)
            sheet = sheet.create({"statement_id": wizard.id, "partner_id": self.customer.id, "currency_id": self.currency.id})
            sheet.read(["closing"])

    def test_many_customers_cost_the_same_queries(self):
        def cost(count):
            customers = self.env["res.partner"]
            for number in range(count):
                customer = self._create_customer(self.user_seller, name=f"Many {count} {number}")
                self._bill("2030-03-05", 30, partner=customer)
                customers |= customer
            self.env.flush_all()
            before = self.cr.sql_log_count
            accounts = customers._kehu_account(self.env.company, date(2030, 3, 1), date(2030, 3, 31))
            self.assertEqual({account["closing"] for account in accounts.values()}, {30.0})
            return self.cr.sql_log_count - before

        cost(1)
        self.assertEqual(cost(2), cost(9))
