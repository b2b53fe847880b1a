"""Who is credited with what: the owner on the booking date, as the ownership ledger says."""

from datetime import date

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged

from .common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetCredit(TargetCommon):
    def _everybody(self, month=3, **values):
        """Targets of the seller, the west seller, East, West, Sales and the company."""
        return [
            self._create_target(self.user_seller, month, **values),
            self._create_target(self.user_west_seller, month, **values),
            *(self._create_target(None, month, department_id=one.id, **values) for one in self._departments()),
            self._create_target(None, month, **values),
        ]

    def _departments(self):
        return self.department_east, self.department_west, self.department_sales

    def assertActuals(self, targets, amounts):
        for target, amount in zip(targets, amounts, strict=True):
            self.assertActual(target, amount)

    def test_a_later_transfer_moves_no_past_credit(self):
        self._order_on("2030-03-05", 10)
        targets = self._everybody()
        self.assertActuals(targets, (1000, 0, 1000, 0, 1000, 1000))
        self._transfer_on("2030-03-20", self.user_west_seller)
        self.assertEqual(self.customer.user_id, self.user_west_seller)
        self.assertActuals(targets, (1000, 0, 1000, 0, 1000, 1000))
        # what is ordered afterwards goes to the new owner, whoever wrote the order
        self._order_on("2030-03-21", 3, user=self.user_seller)
        self.assertActuals(targets, (1000, 300, 1000, 300, 1300, 1300))

    def test_the_minute_of_confirmation_counts_on_the_day_of_the_transfer(self):
        target, west = self._create_target(self.user_seller), self._create_target(self.user_west_seller)
        with freeze_time("2030-03-20 02:00:00"):
            self._create_order(1)
        self._transfer_on("2030-03-20", self.user_west_seller)
        with freeze_time("2030-03-20 06:00:00"):
            self._create_order(2)
        self.assertActual(target, 100)
        self.assertActual(west, 200)

    def test_nobody_owned_the_customer(self):
        """In the pool, and for partners outside the CRM: the salesperson of the order."""
        partner = self.env["res.partner"].create({"name": "Passing By", "is_company": True})
        target = self._create_target(self.user_seller2)
        self._order_on("2030-03-05", 4, customer=partner, user=self.user_seller2)
        self.assertActual(target, 400)
        with freeze_time("2030-03-06 04:00:00"):
            self.customer.with_user(self.user_seller).kehu_return("no need")
            order = self._create_order(1, user=self.user_seller2)
        self.assertEqual(order.state, "sale")
        self.assertActual(target, 500)

    def test_before_the_first_entry_of_the_ledger(self):
        """What came before counts for the former owner of the first entry: here nobody, so the salesperson."""
        order = self._create_order(2, user=self.user_seller2)
        order.date_order = "2029-12-05 04:00:00"
        target = self.env["kehu.target"].create(
            {"user_id": self.user_seller2.id, "metric": "ordered", "date_from": date(2029, 12, 1), "value": 100}
        )
        self.assertActual(target, 200)

    def test_days_are_those_of_the_company(self):
        with freeze_time("2030-02-28 17:00:00"):  # one o'clock on 1 March in Shanghai
            self._create_order(1)
        self.assertActual(self._create_target(self.user_seller), 100)
        self.assertActual(self._create_target(self.user_seller, 2), 0)

    def test_a_person_who_changes_department_leaves_past_credit_there(self):
        self._order_on("2030-03-05", 10)
        employee = self.user_seller.sudo().employee_id
        employee.create_version({"date_version": "2030-03-15", "department_id": self.department_west.id})
        self._order_on("2030-03-16", 1)
        self.assertActuals(self._everybody(), (1100, 0, 1000, 100, 1100, 1100))

    def test_a_person_who_left(self):
        """Customers handed over, then archived: past credit stays with person and department, and their managers still see it."""
        self._order_on("2030-03-05", 10)
        targets = self._everybody()
        own = targets[0]
        second = self._create_target(self.user_seller2)
        self._transfer_on("2030-03-20", self.user_seller2)
        self._order_on("2030-03-21", 2, user=self.user_seller2)
        seller = self.user_seller.sudo()
        seller.employee_id.active = False
        seller.active = False
        self.env.invalidate_all()
        self.assertActuals(targets, (1000, 0, 1200, 0, 1200, 1200))
        self.assertActual(second, 200)
        self.assertEqual(own.kehu_department_id, self.department_east)
        manager = self.user_east_manager
        self.assertEqual(own.with_user(manager).completion, 100.0)
        self.assertEqual((own.with_user(manager).rank, second.with_user(manager).rank), (1, 2))
        self.assertEqual(own.with_user(manager).whose, self.user_seller.name)
        self.assertTrue(own.with_user(manager).days_total)
        found = self.env["kehu.target"].with_user(manager).search([("level", "=", "person")])
        self.assertEqual(found & (own | second), own | second)
        # the levels still add up with what this person had to achieve
        east = targets[2]
        self.assertEqual(east.with_user(manager).parts_gap, 1000.0)

    def test_cancelled_orders_and_quotes_count_nothing(self):
        target = self._create_target(self.user_seller)
        order = self._order_on("2030-03-05", 10)
        self._order_on("2030-03-05", 10, confirm=False)
        self.assertActual(target, 1000)
        order._action_cancel()
        self.assertActual(target, 0)

    def test_margin(self):
        self.product.standard_price = 60.0
        self._order_on("2030-03-05", 10)
        self.assertActual(self._create_target(self.user_seller, metric="margin"), 400)

    def test_invoiced_less_credit_notes(self):
        targets = self._everybody(metric="invoiced")
        order = self._order_on("2030-03-05", 10)
        with freeze_time("2030-03-10 04:00:00"):
            invoice = self._invoice(order)
        self.assertActuals(targets, (1000, 0, 1000, 0, 1000, 1000))
        self._transfer_on("2030-03-20", self.user_west_seller)
        with freeze_time("2030-03-25 04:00:00"):
            credit = invoice._reverse_moves([{"invoice_date": date(2030, 3, 25)}])
            credit.invoice_line_ids.filtered("product_id").quantity = 2
            credit.action_post()
        self.assertActuals(targets, (1000, -200, 1000, -200, 800, 800))

    def test_received_follows_the_ledger(self):
        targets = self._everybody(metric="received")
        order = self._order_on("2030-02-05", 10)
        # by an approved receipt, in part as an advance
        with freeze_time("2030-03-04 04:00:00"):
            receipt = self._receive(700.0, [(order, 500.0)])
        self.assertActuals(targets, (700, 0, 700, 0, 700, 700))
        # by a payment that an accountant registers on the invoice, after the customer changed hands
        self._transfer_on("2030-03-11", self.user_west_seller)
        with freeze_time("2030-03-12 04:00:00"):
            invoice = self._invoice(order)
            self._pay(invoice, 200.0)
        self.assertActuals(targets, (700, 200, 700, 200, 900, 900))
        # a credit note moves no money
        with freeze_time("2030-03-13 04:00:00"):
            self._credit(invoice, 1)
        self.assertActuals(targets, (700, 200, 700, 200, 900, 900))
        # a refund does
        with freeze_time("2030-03-14 04:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "partner_type": "customer",
                    "payment_type": "outbound",
                    "partner_id": self.customer.id,
                    "amount": 50.0,
                    "journal_id": self.bank.id,
                }
            )
            payment.action_post()
        self.assertActuals(targets, (700, 150, 700, 150, 850, 850))
        # a cancelled receipt goes with its entry
        with freeze_time("2030-03-15 04:00:00"):
            receipt.with_user(self.user_finance).action_cancel()
        self.assertActuals(targets, (0, 150, 0, 150, 150, 150))

    def test_received_before_the_customer_was_entered(self):
        """Money of an earlier day goes to the salesperson, whichever way it was booked: as a receipt or as a payment on the invoice."""
        order = self._order_on("2030-03-05", 10)
        invoice = self._invoice(order)
        target = self.env["kehu.target"].create(
            {"user_id": self.user_seller.id, "metric": "received", "date_from": date(2029, 12, 1), "value": 100}
        )
        self._receive(300.0, [(order, 300.0)], date=date(2029, 12, 20))
        self.assertActual(target, 300)
        with freeze_time("2029-12-21 04:00:00"):
            self._pay(invoice, 200.0)
        self.assertActual(target, 500)

    def test_received_by_bank_statement(self):
        target = self._create_target(self.user_seller, metric="received")
        order = self._order_on("2030-03-05", 10)
        with freeze_time("2030-03-06 04:00:00"):
            self._invoice(order)
            line = self.env["account.bank.statement.line"].create(
                {"journal_id": self.bank.id, "date": date(2030, 3, 7), "amount": 1000.0, "partner_id": self.customer.id, "payment_ref": "x"}
            )
        self.assertActual(target, 0)  # on the suspense account still
        _liquidity, suspense, _other = line.with_context(skip_account_move_synchronization=True)._seek_for_lines()
        account = self.customer.property_account_receivable_id
        suspense.with_context(skip_account_move_synchronization=True).account_id = account
        self.assertActual(target, 1000)

    def test_new_customers_and_contact_records(self):
        new = self._create_target(self.user_seller, metric="new_customers", value=3)
        records = self._create_target(self.user_seller, metric="contact_records", value=5)
        company = self._create_target(None, metric="new_customers", value=3)
        with freeze_time("2030-03-05 04:00:00"):
            customers = [self._create_customer(self.user_seller, name=f"New {number}") for number in range(2)]
            self._create_customer(None, name="For the Pool")
            self.env["kehu.contact.record"].with_user(self.user_seller).create(
                [{"partner_id": customer.id, "date": date(2030, 3, 5), "content": "Called"} for customer in customers]
            )
        self.assertActual(new, 2)
        self.assertActual(company, 3)
        self.assertActual(records, 2)
        self._transfer_on("2030-03-06", self.user_seller2, customers[0])
        self.assertActual(new, 2)
        self.assertFalse(new.currency_id)

    def test_other_currency_at_the_rate_of_the_booking_date(self):
        foreign = self.env["res.currency"].create({"name": "KHT", "symbol": "K"})
        self.env["res.currency.rate"].create(
            [
                {"currency_id": foreign.id, "name": "2030-01-01", "rate": 2.0, "company_id": self.env.company.id},
                {"currency_id": foreign.id, "name": "2030-03-10", "rate": 4.0, "company_id": self.env.company.id},
            ]
        )
        pricelist = self.env["product.pricelist"].create({"name": "Foreign", "currency_id": foreign.id})
        self._order_on("2030-03-05", 10, pricelist_id=pricelist.id)
        target = self._create_target(self.user_seller)
        self.assertActual(target, 500)
        self._order_on("2030-03-11", 10, pricelist_id=pricelist.id)
        self.assertActual(target, 750)

    def test_another_company_counts_for_itself(self):
        company = self.env["res.company"].create({"name": "Sister", "currency_id": self.env.company.currency_id.id})
        self.user_seller.company_ids = [Command.link(company.id)]
        self._order_on("2030-03-05", 10)
        self.assertActual(self._create_target(self.user_seller, company_id=company.id), 0)
        self.assertActual(self._create_target(self.user_seller), 1000)

    def test_quarter_year_and_any_days(self):
        for day in ("2030-01-10", "2030-02-10", "2030-03-10", "2030-05-10"):
            self._order_on(day, 1)
        for first, last, name, amount in (
            (date(2030, 2, 1), date(2030, 2, 28), "month", 100),
            (date(2030, 1, 1), date(2030, 3, 31), "quarter", 300),
            (date(2030, 1, 1), date(2030, 12, 31), "year", 400),
            (date(2029, 4, 1), date(2030, 3, 31), "year", 300),
            (date(2030, 2, 10), date(2030, 3, 9), "other", 100),
        ):
            target = self._create_target(self.user_seller, date_from=first, date_to=last)
            self.assertEqual(target.period, name)
            self.assertActual(target, amount)

    def test_queries_do_not_grow(self):
        """One query for a metric, with 4 targets as with 40."""
        self._order_on("2030-03-05", 1)
        few = self.env["kehu.target"].browse([target.id for target in self._everybody()[:4]])
        many = few
        for month in range(4, 13):
            many |= self.env["kehu.target"].browse([target.id for target in self._everybody(month)[:4]])
        counts = []
        for targets in (few, many):
            targets.invalidate_recordset()
            self.env.flush_all()
            targets.mapped("date_from")
            targets.user_id.mapped("name")
            before = self.cr.sql_log_count
            targets._kehu_actuals()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_queries_of_figures_do_not_grow(self):
        """Nor do those for completion, pace and place of people who work, with 1,200 targets as with 100."""
        groups = [Command.set(self.env.ref("kehu_crm.group_kehu_user").ids)]
        people = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create([{"name": f"S{number}", "login": f"kehu_target_{number}", "group_ids": groups} for number in range(100)])
        )
        self.env["hr.employee"].create([{"name": person.name, "user_id": person.id} for person in people])
        targets = (
            self.env["kehu.target"]
            .with_context(tracking_disable=True)
            .create(
                [
                    {"user_id": person.id, "date_from": date(2030, month, 1), "value": 100}
                    for month in range(1, 13)
                    for person in people
                ]
            )
        )
        self.env.flush_all()
        names = ["completion", "pace_needed", "rank", "status", "parts_warning"]
        counts = []
        for count in (10, 10, 100, 1200):  # the first one fills the caches
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            targets[:count].read(names)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 1)
        self.assertLessEqual(counts[3], counts[1] + 6, "the host reads columns in slices of 1,000")
