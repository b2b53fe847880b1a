"""Dunning: once per item and level, by the days from the due date, not those who are held or have paid; and what could not be sent."""

from datetime import date

from freezegun import freeze_time
from lxml import html
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.credit import kehu_dunning_run
from ...models.credit.exceptions import KehuDunningError, KehuDunningInUseError, KehuDunningRightError
from ...models.system.engine import as_engine
from ...models.system.exceptions import KehuEngineOnlyError
from ..receivable.common import ReceivableCommon

REFUSALS = "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models"


@tagged("post_install", "-at_install")
class TestCreditDunning(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.kehu_timezone = "Asia/Shanghai"
        levels = cls.env["kehu.dunning.level"]
        levels.search([]).active = False
        cls.env.flush_all()
        cls.template = cls.env.ref("kehu_crm.kehu_dunning_mail_template")
        cls.before, cls.first, cls.second = levels.create(
            [
                {"name": "Soon", "days": -3, "mail_template_id": cls.template.id, "text": "<p>due in days</p>"},
                {"name": "First", "days": 7, "mail_template_id": cls.template.id, "text": "<p>please pay</p>"},
                {"name": "Second", "days": 30, "mail_template_id": cls.template.id, "make_activity": True, "to_print": True},
            ]
        )
        (cls.customer | cls.other_customer).write({"lang": "en_US", "email": "pay@example.com"})
        cls.letters = cls.env["kehu.dunning.letter"]

    def _bill(self, due, amount=100, customer=None, **values):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (customer or self.customer).id,
                "invoice_date": "2030-01-01",
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"product_id": self.product.id, "quantity": 1, "price_unit": amount})],
                **values,
            }
        )
        move.action_post()
        return move

    def _night(self, day):
        """The night's run on a day; the drafts and letters there are afterwards."""
        with freeze_time(f"{day} 04:00:00"), self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_dunning_cron").sudo().method_direct_trigger()
        self.env.invalidate_all()
        mine = self.letters.search([("partner_id", "in", (self.customer | self.other_customer).ids)], order="id")
        return mine

    def _send(self, letters, day, user=None):
        with freeze_time(f"{day} 04:00:00"):
            action = letters.with_user(user or self.user_finance).action_send()
        return self.env["kehu.dunning.report"].browse(action["res_id"])

    def _facts(self, letters):
        return [
            (letter.partner_id.name, letter.level_id.name, letter.amount, sorted(letter.line_ids.mapped("name")), letter.state)
            for letter in letters.sorted("id")
        ]

    # who and when -------------------------------------------------------------------

    def test_levels_by_days(self):
        """Due on 20 January: nothing on the 16th, told on the 17th, not told when overdue, first on the 27th, second on 19 February."""
        move = self._bill("2030-01-20")
        name = self.customer.name
        self.assertFalse(self._night("2030-01-16"))
        soon = (name, "Soon", 100, [move.name], "draft")
        self.assertEqual(self._facts(self._night("2030-01-17")), [soon])
        self.assertEqual(self._facts(self._night("2030-01-26")), [soon], "once")
        letters = self._night("2030-01-27")
        self.assertEqual([letter.state for letter in letters], ["cancelled", "draft"], "not sent in time: the next level takes it")
        self._send(letters[1], "2030-01-28")
        letters = self._night("2030-02-18")
        self.assertEqual(len(letters), 2)
        letters = self._night("2030-02-19")
        self.assertEqual([(letter.level_id.name, letter.state) for letter in letters[1:]], [("First", "sent"), ("Second", "draft")])
        self.assertEqual(letters[2].line_ids.days, 30)
        self.assertEqual(len(self._night("2031-01-01")), 3)

    def test_seen_late(self):
        """What is overdue when it is first seen gets no letter of a level before the due date, but the one it has reached."""
        self._bill("2030-01-20")
        self.assertFalse(self._night("2030-01-21"))
        self._bill("2030-01-20", 60, customer=self.other_customer)
        letters = self._night("2030-03-30")
        self.assertEqual(letters.mapped("level_id.name"), ["Second"])
        self.assertEqual(sorted(letters.mapped("amount")), [60, 100])

    def test_one_letter_for_all_of_a_level(self):
        first, second = self._bill("2030-01-02"), self._bill("2030-01-03", 50)
        late = self._bill("2030-01-20", 30)
        letters = self._night("2030-01-12")
        self.assertEqual(self._facts(letters), [(self.customer.name, "First", 150, sorted([first.name, second.name]), "draft")])
        letters = self._night("2030-01-30")
        self.assertEqual(self._facts(letters)[0][2:4], (180, sorted([first.name, second.name, late.name])), "a draft takes more")

    def test_parts_of_an_invoice(self):
        """Each part falls due by itself."""
        terms = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        self._bill(False, invoice_payment_term_id=terms.id)
        letters = self._night("2030-01-10")
        self.assertEqual((letters.amount, letters.line_ids.date_due), (50, date(2030, 1, 1)))

    def test_paid_and_partly_paid(self):
        paid, part = self._bill("2030-01-02"), self._bill("2030-01-02", 80)
        self._pay(paid, 100)
        self._pay(part, 30)
        letters = self._night("2030-01-12")
        self.assertEqual(self._facts(letters), [(self.customer.name, "First", 50, [part.name], "draft")])

    def test_money_not_matched_yet(self):
        """It lowers what the letter asks for; what else is due uses it first; where it covers all there is no letter."""
        self._bill("2030-01-02")
        with freeze_time("2030-01-05"):
            self._receive(30)
        letter = self._night("2030-01-12")
        self.assertEqual((letter.amount, letter.credit, letter.amount_to_pay), (100, 30, 70))
        self._bill("2030-01-02", 40, customer=self.other_customer)
        with freeze_time("2030-01-05"):
            self._receive(40, customer=self.other_customer, user=self.user_west_seller)
        self.assertEqual(self._night("2030-01-13"), letter)
        self._send(letter, "2030-01-13")
        self._bill("2030-01-06", 20)
        letters = self._night("2030-01-14")
        self.assertEqual((letters[1].amount, letters[1].credit), (20, 0), "the older one has used the 30")

    def test_two_currencies_and_companies(self):
        currency = self.env["res.currency"].create({"name": "KTC", "symbol": "K", "rounding": 0.01})
        self.env["res.currency.rate"].create({"currency_id": currency.id, "rate": 2.0, "name": "2000-01-01"})
        self._bill("2030-01-02")
        self._bill("2030-01-02", 600, currency_id=currency.id)
        letters = self._night("2030-01-12")
        self.assertEqual({letter.currency_id: letter.amount for letter in letters}, {self.env.company.currency_id: 100, currency: 600})
        other = self.env["res.company"].create({"name": "Second Ltd"})
        self.first.company_id = other
        self._bill("2030-01-03", 10, customer=self.other_customer)
        self.assertEqual(self._night("2030-01-13"), letters, "a level of another company")

    def test_orders_are_named(self):
        order = self._create_order(3)
        move = self._invoice(order, post=False)
        move.write({"invoice_date": "2030-01-01", "invoice_payment_term_id": False, "invoice_date_due": "2030-01-02"})
        move.action_post()
        self.assertEqual(self._night("2030-01-12").line_ids.order_names, order.name)

    def test_in_slices(self):
        for number in range(5):
            self._bill("2030-01-02", 10 + number, customer=self._create_customer(self.user_seller, name=f"Slice {number}"))
        make, slices = type(self.letters)._kehu_make, []

        def counting(model, company, customers):
            slices.append(len(customers))
            return make(model, company, customers)

        self.patch(type(self.letters), "_kehu_make", counting)
        self.patch(kehu_dunning_run, "BATCH", 2)
        self._night("2030-01-12")
        self.assertEqual(self.letters.search_count([("partner_id.name", "like", "Slice ")]), 5)
        self.assertGreaterEqual(len(slices), 3)
        self.assertLessEqual(max(slices), 2)

    def test_many_customers_cost_few_queries_to_find(self):
        def cost(count):
            for number in range(count):
                self._bill("2030-01-02", customer=self._create_customer(self.user_seller, name=f"Many {count} {number}"))
            self.env.flush_all()
            with freeze_time("2030-01-12 04:00:00"):
                before = self.cr.sql_log_count
                self.letters._kehu_due_customers(self.env.company)
                return self.cr.sql_log_count - before

        self.assertEqual(cost(1), cost(6))

    # holds --------------------------------------------------------------------------

    def test_hold_of_a_customer(self):
        self._bill("2030-01-02")
        self.customer.with_user(self.user_finance).kehu_hold_dunning("2030-01-15", "Repair is late")
        self.assertIn("Repair is late", self.customer.message_ids[:1].body)
        self.assertFalse(self._night("2030-01-15"))
        letter = self._night("2030-01-16")
        self.assertEqual(letter.state, "draft")
        self.customer.with_user(self.user_seller).kehu_hold_dunning("2030-02-15", "Again")
        report = self._send(letter, "2030-01-17")
        self.assertEqual((report.sent_count, report.problem_count), (0, 1))
        self.assertIn("Again", report.line_ids.reason)
        self.assertEqual(letter.state, "draft")
        self.customer.with_user(self.user_finance).kehu_hold_dunning(False)
        self.assertEqual(self._send(letter, "2030-01-17").sent_count, 1)

    def test_hold_of_an_order(self):
        order = self._create_order(3)
        move = self._invoice(order, post=False)
        move.write({"invoice_date": "2030-01-01", "invoice_payment_term_id": False, "invoice_date_due": "2030-01-02"})
        move.action_post()
        wizard = self.env["kehu.dunning.hold"].with_user(self.user_seller)
        wizard = wizard.create({"order_ids": order.ids, "until": "2030-01-20", "reason": "Wrong colour"})
        wizard.action_hold()
        other = self._bill("2030-01-02", 70)
        self.assertEqual(self._facts(self._night("2030-01-12"))[0][3], [other.name])
        wizard.action_release()
        self.assertEqual(set(self._night("2030-01-13").line_ids.mapped("name")), {move.name, other.name})

    def test_hold_of_an_order_after_its_letter_was_made(self):
        """Its invoice is taken off the letter, the others are sent; it comes again when the hold is over."""
        order = self._create_order(3)
        move = self._invoice(order, post=False)
        move.write({"invoice_date": "2030-01-01", "invoice_payment_term_id": False, "invoice_date_due": "2030-01-02"})
        move.action_post()
        other = self._bill("2030-01-02", 70)
        letter = self._night("2030-01-10")
        self.assertEqual(set(letter.line_ids.mapped("name")), {move.name, other.name})
        order.with_user(self.user_seller).kehu_hold_dunning("2030-01-20", "Wrong colour")
        self.assertEqual(self._send(letter, "2030-01-11").sent_count, 1)
        self.assertEqual((letter.state, letter.line_ids.mapped("name"), letter.amount), ("sent", [other.name], 70.0))
        self.assertEqual(self._night("2030-01-20"), letter)
        later = self._night("2030-01-21") - letter
        self.assertEqual(later.line_ids.mapped("name"), [move.name])
        order.with_user(self.user_seller).kehu_hold_dunning("2030-01-25", "Still")
        report = self._send(later, "2030-01-22")
        self.assertEqual((report.sent_count, later.state), (0, "draft"))
        self.assertIn("Still", report.line_ids.reason)

    def test_a_hold_says_why(self):
        with self.assertRaises(KehuDunningError), self.cr.savepoint():
            self.customer.with_user(self.user_finance).kehu_hold_dunning("2030-01-15", " ")
        with self.assertRaises(KehuDunningError), self.cr.savepoint():
            self.customer.kehu_dunning_hold_until = "2030-01-15"
        with self.assertRaises(KehuDunningError), self.cr.savepoint():
            self.customer.with_user(self.user_finance).kehu_hold_dunning("some day", "Why not")
        order = self._create_order(1)
        for user in (self.user_west_seller, self.user_service, self.user_employee):
            with self.subTest(user=user.name), mute_logger(*REFUSALS):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self.customer.with_user(user).kehu_hold_dunning("2030-01-15", "Mine")
                with self.assertRaises(AccessError), self.cr.savepoint():
                    order.with_user(user).kehu_hold_dunning("2030-01-15", "Mine")

    def test_who_invoices_holds_nothing(self):
        """Accountants may write on orders; a hold is for those who may hold, by whichever door it comes."""
        order = self._create_order(1)
        accountant = new_test_user(self.env, "kehu_accountant", groups="account.group_account_invoice", lang="en_US")
        values = {"kehu_dunning_hold_until": "2030-01-15", "kehu_dunning_hold_reason": "Mine"}
        theirs = order.with_user(accountant)
        self.assertTrue(theirs.has_access("write"))
        for attempt in (
            lambda: theirs.write(values),
            lambda: theirs.web_save(values, {}),
            lambda: theirs.kehu_hold_dunning("2030-01-15", "Mine"),
        ):
            with self.assertRaises(KehuDunningRightError), self.cr.savepoint():
                attempt()
        told = theirs.load([".id", *values], [[str(order.id), *values.values()]])["messages"]
        self.assertIn("put on hold by finance", told[0]["message"])
        theirs.write({"client_order_ref": "A 7"})
        order.with_user(self.user_seller).write(values)
        self.assertTrue(order.kehu_dunning_hold_until)
        order.with_user(self.user_finance).write(dict.fromkeys(values, False))
        self.assertFalse(order.kehu_dunning_hold_until)

    # sending ------------------------------------------------------------------------

    def test_send_to_selected(self):
        """One is mailed, one has no address, one has paid meanwhile; each is told."""
        self._bill("2030-01-02")
        self._bill("2030-01-02", 60, customer=self.other_customer)
        silent = self._create_customer(self.user_seller, name="No Mail")
        self._bill("2030-01-02", 40, customer=silent)
        self._night("2030-01-12")
        letters = self.letters.search([("partner_id", "in", (self.customer | self.other_customer | silent).ids)], order="partner_id")
        self.assertEqual(len(letters), 3)
        with freeze_time("2030-01-13"):
            self._pay(self.letters.search([("partner_id", "=", self.other_customer.id)]).line_ids.move_line_id.move_id, 60)
        report = self._send(letters, "2030-01-14")
        states = {letter.partner_id.name: letter.state for letter in letters}
        self.assertEqual(states, {"Hangzhou Pumps": "sent", "Ningbo Valves": "cancelled", "No Mail": "draft"})
        reasons = {line.partner_id.name: line.reason for line in report.line_ids}
        self.assertIn("e-mail", reasons["No Mail"])
        self.assertIn("Paid meanwhile", reasons["Ningbo Valves"])
        self.assertEqual((report.sent_count, report.problem_count), (1, 2))
        sent = letters.filtered(lambda letter: letter.state == "sent")
        mail = self.env["mail.mail"].search([("model", "=", "kehu.dunning.letter"), ("res_id", "in", letters.ids)])
        self.assertEqual((mail.res_id, mail.recipient_ids), (sent.id, self.customer))
        self.assertIn("please pay", mail.body_html)
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertEqual((sent.sent_by_id, sent.mailed_to), (self.user_finance, "pay@example.com"))
        report = self._send(letters, "2030-01-14")
        self.assertEqual((report.sent_count, report.problem_count), (0, 3), "nothing twice")

    def test_amounts_are_of_the_day_it_is_sent(self):
        move, other = self._bill("2030-01-02"), self._bill("2030-01-02", 50)
        letter = self._night("2030-01-12")
        with freeze_time("2030-01-13"):
            self._pay(move, 30)
            self._pay(other, 50)
        self._send(letter, "2030-01-15")
        self.assertEqual((letter.amount, letter.line_ids.mapped("amount"), letter.line_ids.days), (70, [70], 13))

    def test_print_and_activity(self):
        self._bill("2030-01-02")
        letter = self._night("2030-02-10")
        self.assertEqual(letter.level_id, self.second)
        report = self._send(letter, "2030-02-10")
        self.assertEqual((report.print_count, letter.to_print), (1, True))
        activity = self.customer.activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline), (self.user_seller, date(2030, 2, 10)))
        action = report.with_user(self.user_finance).action_print()
        self.assertEqual(action["report_name"], "kehu_crm.print_dunning")
        self.assertFalse(letter.to_print)
        self.assertTrue(letter.printed_on)

    def test_by_post_without_an_address(self):
        """A level that is printed is sent also to those without e-mail."""
        self.customer.email = False
        self._bill("2030-01-02")
        letter = self._night("2030-02-10")
        self.assertEqual(self._send(letter, "2030-02-10").sent_count, 1)
        self.assertFalse(letter.mailed_to)

    def test_automatic_levels(self):
        self.first.automatic = True
        self._bill("2030-01-02")
        self._bill("2030-01-02", customer=self.other_customer)
        self.other_customer.email = False
        letters = self._night("2030-01-12")
        self.assertEqual({letter.partner_id.name: letter.state for letter in letters}, {"Hangzhou Pumps": "sent", "Ningbo Valves": "draft"})
        self.assertIn("e-mail", letters.filtered("problem").problem)
        self.other_customer.email = "valves@example.com"
        with freeze_time("2030-01-12"):
            self.env.cr.execute("UPDATE kehu_dunning_letter SET write_date = '2030-01-12' WHERE problem IS NOT NULL")
        self.assertEqual(set(self._night("2030-01-13").mapped("state")), {"sent"})

    def test_cancelled_it_does_not_count(self):
        self._bill("2030-01-02")
        letter = self._night("2030-01-12")
        letter.with_user(self.user_finance).action_cancel("Called them")
        self.assertEqual((letter.state, letter.reason), ("cancelled", "Called them"))
        letters = self._night("2030-01-13")
        self.assertEqual(letters.mapped("state"), ["cancelled", "draft"])
        with self.assertRaises(KehuDunningError):
            letter.with_user(self.user_finance).action_cancel()

    def test_an_invoice_that_goes_away(self):
        move = self._bill("2030-01-02")
        letter = self._night("2030-01-12")
        move.button_draft()
        report = self._send(letter, "2030-01-13")
        self.assertEqual((report.sent_count, letter.state), (0, "cancelled"))

    def test_made_at_once(self):
        self._bill("2030-01-02")
        with freeze_time("2030-01-12 04:00:00"):
            self.letters.with_user(self.user_finance).action_make()
            # as the button of the list calls it: with the letters that are ticked
            call_kw(self.letters.with_user(self.user_finance), "action_make", [[]], {})
        letter = self.letters.search([("partner_id", "=", self.customer.id)])
        self.assertEqual((len(letter), letter.state), (1, "draft"))
        with self.assertRaises(KehuDunningRightError):
            self.letters.with_user(self.user_seller).action_make()

    # guards -------------------------------------------------------------------------

    def test_nobody_writes_the_log(self):
        self._bill("2030-01-02")
        letter = self._night("2030-01-12")
        values = {"name": "X", "partner_id": self.customer.id, "level_id": self.first.id, "company_id": self.env.company.id}
        values |= {"currency_id": letter.currency_id.id, "date": fields.Date.today()}
        for user in (self.user_finance, self.user_crm_admin, self.env.user):
            mine = letter.with_user(user)
            for door in (
                lambda mine=mine: mine.write({"state": "sent"}),
                lambda mine=mine: mine.write({"amount": 1}),
                lambda mine=mine: mine.create(values),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.line_ids.write({"amount": 1}),
                lambda mine=mine: mine.line_ids.unlink(),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint(), mute_logger(*REFUSALS):
                    door()
        with self.assertRaises(KehuEngineOnlyError):
            letter.with_context(kehu_engine_dunning=True).write({"state": "sent"})
        letter.with_user(self.user_finance).text = "<p>Dear friends</p>"
        with self.assertRaises(AccessError), self.cr.savepoint(), mute_logger(*REFUSALS):
            letter.with_user(self.user_seller).text = "<p>Mine</p>"
        self._send(letter, "2030-01-13")
        with self.assertRaises(KehuDunningError):
            letter.with_user(self.user_finance).text = "<p>Later</p>"

    def test_one_item_once_per_level(self):
        self._bill("2030-01-02")
        letter = self._night("2030-01-12")
        line = letter.line_ids
        with self.assertRaisesRegex(Exception, "kehu_dunning_line_once"), mute_logger("odoo.sql_db"), self.cr.savepoint():
            as_engine(line, "dunning").create(
                {"letter_id": letter.id, "move_line_id": line.move_line_id.id, "name": "X", "date_due": "2030-01-02"}
            )

    def test_levels(self):
        levels = self.env["kehu.dunning.level"].with_user(self.user_finance)
        for values in (
            {"days": 5000, "to_print": True},
            {"days": 9},
            {"days": "soon", "to_print": True},
            {"days": 9, "mail_template_id": self.env.ref("kehu_crm.kehu_statement_mail_template").id},
        ):
            with self.subTest(values=values), self.assertRaises(KehuDunningError), self.cr.savepoint():
                levels.create({"name": "Odd", **values})
        with self.assertRaisesRegex(Exception, "days_uniq"), mute_logger("odoo.sql_db"), self.cr.savepoint():
            levels.create({"name": "Twice", "days": 7, "to_print": True})
        self._bill("2030-01-02")
        self._night("2030-01-12")
        with self.assertRaises(KehuDunningInUseError):
            self.first.with_user(self.user_finance).unlink()
        self.before.with_user(self.user_finance).unlink()

    def test_who_sees_and_sends(self):
        self._bill("2030-01-02")
        letter = self._night("2030-01-12")
        seeing = (
            self.user_seller,
            self.user_east_manager,
            self.user_sales_manager,
            self.user_director,
            self.user_crm_admin,
            self.user_finance,
        )
        for user in seeing:
            with self.subTest(user=user.name):
                self.assertEqual(self.letters.with_user(user).search([("id", "=", letter.id)]), letter)
                self.assertEqual(letter.with_user(user).line_ids.with_user(user).mapped("amount"), [100])
        for user in (self.user_west_seller, self.user_seller2):
            with self.subTest(user=user.name):
                self.assertFalse(self.letters.with_user(user).search([("id", "=", letter.id)]))
                with self.assertRaises(AccessError), self.cr.savepoint(), mute_logger(*REFUSALS):
                    letter.with_user(user).action_send()
        for user in (self.user_service, self.user_order_approver, self.user_receipt_approver, self.user_employee):
            with self.subTest(user=user.name), mute_logger(*REFUSALS):
                for door in (letter.with_user(user).action_send, letter.with_user(user).action_cancel, letter.with_user(user).action_print):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        door()
        self.assertEqual(self._send(letter, "2030-01-13", user=self.user_seller).sent_count, 1)
        self.customer.user_id = self.user_west_seller
        self.env.flush_all()
        self.assertTrue(self.letters.with_user(self.user_west_seller).search([("id", "=", letter.id)]), "the letters go with the customer")

    # the print ------------------------------------------------------------------------

    def test_nobody_makes_a_report_to_read_letters(self):
        """A report names the customers of its letters, so only sending makes one."""
        self.other_customer.name = "Wzzt Works"
        self._bill("2030-01-20", customer=self.other_customer)
        letter = self._night("2030-01-27")
        spec = {"partner_id": {"fields": {"display_name": {}}}}
        for user in (self.user_seller, self.user_finance):
            reports = self.env["kehu.dunning.report"].with_user(user)
            lines = self.env["kehu.dunning.report.line"].with_user(user)
            doors = {
                "report": lambda r=reports: r.create({"line_ids": [Command.create({"letter_id": letter.id, "reason": "x"})]}),
                "sent": lambda r=reports: r.create({"sent_ids": letter.ids}),
                "line": lambda ls=lines: ls.create({"letter_id": letter.id, "reason": "x"}),
                "form": lambda ls=lines: ls.onchange({"letter_id": letter.id}, ["letter_id"], spec),
            }
            for door, act in doors.items():
                with (
                    self.subTest(door, user=user.name),
                    mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access"),
                    self.assertRaises(AccessError) as caught,
                ):
                    act()
                self.assertNotIn("Wzzt", str(caught.exception))
        report = self._send(letter, "2030-01-28")
        self.assertEqual(report.with_user(self.user_finance).sent_count + report.problem_count, 1)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            report.with_user(self.user_director).read(["sent_count"])

    def test_what_is_on_it(self):
        bank = self.env["res.bank"].create({"name": "ICBC"})
        partner = self.env.company.partner_id
        self.env["res.partner.bank"].create({"acc_number": "6222 0001", "partner_id": partner.id, "bank_id": bank.id, "sequence": -5})
        move = self._bill("2030-01-02")
        with freeze_time("2030-01-05"):
            self._receive(30)
        letter = self._night("2030-01-12")
        for user in (self.user_seller, self.user_finance):
            reports = self.env["ir.actions.report"].with_user(user)
            for report in ("kehu_crm.print_dunning", "kehu_crm.print_dunning_bilingual"):
                content, _kind = reports._render_qweb_html(report, letter.ids)
                text = " ".join(html.fromstring(content).text_content().split())
                for part in (
                    "First",
                    "Hangzhou Pumps",
                    "please pay",
                    move.name,
                    "100.00",
                    "30.00",
                    "70.00",
                    "6222 0001",
                    "ICBC",
                ):
                    self.assertIn(part, text)
        content, _kind = self.env["ir.actions.report"]._render_qweb_html("kehu_crm.print_dunning", letter.ids)
        self.assertIn("01/02/2030", html.fromstring(content).text_content())
        with self.assertRaises(AccessError), mute_logger(*REFUSALS):
            self.env["ir.actions.report"].with_user(self.user_west_seller)._render_qweb_html("kehu_crm.print_dunning", letter.ids)


@tagged("post_install", "-at_install")
class TestCreditReceiptPrint(ReceivableCommon):
    def _print(self, receipt, user, report="kehu_crm.print_receipt"):
        content, _kind = self.env["ir.actions.report"].with_user(user)._render_qweb_html(report, receipt.ids)
        return " ".join(html.fromstring(content).text_content().split())

    def test_receipt(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "en_US"
        order = self._create_order(10)
        payer = self._create_contact(self.customer, name="Mother Ltd")
        receipt = self._create_receipt(350, [(order, 300)], payer=payer.id, note="October")
        text = self._print(receipt, self.user_seller)
        for part in (receipt.name, "draft, not posted", "Mother Ltd", "Hangzhou Pumps", "October", order.name, "300.00", "50.00", "350.00"):
            self.assertIn(part, text)
        self._approve(receipt)
        text = self._print(receipt, self.user_receipt_approver)
        self.assertNotIn("draft, not posted", text)
        self.assertIn(order.name, text)
        receipt.with_user(self.user_finance).action_cancel()
        self.assertIn("(cancelled)", self._print(receipt, self.user_finance))
        self.assertIn("Paid in advance", self._print(receipt, self.user_finance, "kehu_crm.print_receipt_bilingual"))
        with self.assertRaises(AccessError), mute_logger(*REFUSALS):
            self._print(receipt, self.user_west_seller)

    def test_capitals(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        yuan = self.env.ref("base.CNY")
        yuan.active = True
        self.customer.lang = "zh_CN"
        receipt = self._create_receipt(107000.53, currency_id=yuan.id)
        self.assertIn("人民币壹拾万柒仟元伍角叁分", self._print(receipt, self.user_seller))
