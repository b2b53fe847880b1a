"""The lists of receivables: per order, per customer, by age."""

from datetime import date

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import tagged

from ...models.receivable.exceptions import KehuReceiptError
from ...models.system.exceptions import KehuEngineOnlyError
from .test_receivable_instalment import InstalmentCommon

AGES = ("due_current", "due_1_30", "due_31_60", "due_61_90", "due_over_90")


class ListCommon(InstalmentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # by default orders are due on their own day
        cls.env["ir.default"].search([("field_id.name", "=", "property_payment_term_id")]).unlink()

    def _order_of(self, day, quantity=10, **values):
        """An order of a day, due on it."""
        order = self._create_order(quantity, payment_term_id=False, **values)
        order.date_order = f"{day} 04:00:00"
        return order

    def assertAges(self, record, *expected):
        record.invalidate_recordset()
        self.assertEqual([round(record[name], 2) for name in AGES], list(expected))
        self.assertAlmostEqual(sum(expected), record.amount_due, 2)


@tagged("post_install", "-at_install")
@freeze_time("2030-04-15 08:00:00")
class TestReceivableListDays(ListCommon):
    """When what is owed falls due."""

    def _days(self, order):
        order.invalidate_recordset()
        if order.kehu_due_parts:
            self.assertAlmostEqual(sum(order.kehu_due_parts.values()), order.kehu_amount_due, 2)
            self.assertEqual(str(order.kehu_date_due), min(order.kehu_due_parts))
            return order.kehu_due_parts
        return {str(order.kehu_date_due): order.kehu_amount_due}

    def test_one_day(self):
        order = self._order_of("2030-03-01")
        self.assertEqual(self._days(order), {"2030-03-01": 1000.0})
        self.assertFalse(order.kehu_due_parts)

    def test_plan_without_invoice(self):
        order = self._order_of("2030-01-01")
        self._plan(order, 300.0, 300.0, 400.0)
        self.assertEqual(self._days(order), {"2030-01-01": 300.0, "2030-02-01": 300.0, "2030-03-01": 400.0})
        self._receive(450.0, [(order, 450.0)])
        self.assertEqual(self._days(order), {"2030-02-01": 150.0, "2030-03-01": 400.0})
        self._receive(550.0, [(order, 550.0)])
        self.assertEqual(self._days(order), {"2030-03-01": 0.0})

    def test_plan_and_invoice(self):
        """Invoiced is due as the invoice says; the rest as the last parts say."""
        order = self._order_of("2030-01-01")
        self._plan(order, 300.0, 300.0, 400.0)
        invoice = self._invoice(order, 3, post=False)
        invoice.write({"invoice_date": date(2030, 1, 20), "invoice_date_due": date(2030, 1, 20), "invoice_payment_term_id": False})
        invoice.action_post()
        self.assertEqual(self._days(order), {"2030-01-20": 300.0, "2030-02-01": 300.0, "2030-03-01": 400.0})
        self._pay(invoice, 100.0)
        self.assertEqual(self._days(order), {"2030-01-20": 200.0, "2030-02-01": 300.0, "2030-03-01": 400.0})

    def test_invoice_and_terms(self):
        order = self._order_of("2030-01-01")
        invoice = self._invoice(order, 4, post=False)
        invoice.write({"invoice_date": date(2030, 2, 20), "invoice_date_due": date(2030, 2, 20), "invoice_payment_term_id": False})
        invoice.action_post()
        self.assertEqual(self._days(order), {"2030-01-01": 600.0, "2030-02-20": 400.0})

    def test_plan_moves(self):
        order = self._order_of("2030-01-01")
        first = self._plan(order, 300.0, 700.0)[0]
        first.date_due = date(2030, 1, 9)
        self.assertEqual(self._days(order), {"2030-01-09": 300.0, "2030-02-01": 700.0})
        order.kehu_instalment_ids.unlink()
        self.assertEqual(self._days(order), {"2030-01-01": 1000.0})

    def test_plan_of_the_contract(self):
        contract = self.env["kehu.contract"].create(
            {"title": "Pumps", "partner_id": self.customer.id, "user_id": self.user_seller.id, "amount": 2000.0}
        )
        self._plan(contract, 500.0, 1500.0)
        order = self._order_of("2029-12-01", kehu_contract_id=contract.id)
        self.assertEqual(self._days(order), {"2030-01-01": 250.0, "2030-02-01": 750.0})

    def test_last_receipt_on_an_invoice_of_two_orders(self):
        """Money for one of them is no receipt of the other; money for nobody in particular is one of both."""
        first, second = self._create_order(6), self._create_order(4)
        self._receive(600.0, [(first, 600.0)], date="2030-02-03")
        self._receive(300.0, [(second, 300.0)], date="2030-03-04")
        invoice = self._invoice(first | second)
        self.assertEqual((first.kehu_last_receipt_date, second.kehu_last_receipt_date), (date(2030, 2, 3), date(2030, 3, 4)))
        payment = self._pay(invoice, 50)
        self.assertEqual((first | second).mapped("kehu_last_receipt_date")[-1], payment.date)

    def test_last_receipt(self):
        order = self._order_of("2030-01-01")
        self.assertFalse(order.kehu_last_receipt_date)
        self._receive(100.0, [(order, 100.0)], date=date(2030, 2, 3))
        self.assertEqual(order.kehu_last_receipt_date, date(2030, 2, 3))
        invoice = self._invoice(order)
        payment = self._pay(invoice, 200.0)
        self.assertEqual(order.kehu_last_receipt_date, payment.date)
        payment.action_draft()
        payment.action_cancel()
        self.assertEqual(order.kehu_last_receipt_date, date(2030, 2, 3))
        self._credit(invoice, 1)
        self.assertEqual(order.kehu_last_receipt_date, date(2030, 2, 3))

    def test_nobody_types_it_in(self):
        order = self._order_of("2030-01-01")
        for vals in ({"kehu_due_parts": {"2040-01-01": 1000}}, {"kehu_last_receipt_date": "2030-01-01"}, {"kehu_date_due": "2040-01-01"}):
            with self.subTest(vals=vals), self.assertRaises(KehuEngineOnlyError), self.cr.savepoint():
                order.with_user(self.user_seller).write(vals)


@tagged("post_install", "-at_install")
@freeze_time("2030-04-15 08:00:00")
class TestReceivableListAges(ListCommon):
    def test_edges(self):
        """Seen on 15 April: due that day is not late, 14 April is one day, 16 March 30 days, 15 March 31, 14 February 60, 13 February 61,
        15 January 90, 14 January 91."""
        cases = [
            ("2030-04-16", 0),
            ("2030-04-15", 0),
            ("2030-04-14", 1),
            ("2030-03-16", 1),
            ("2030-03-15", 2),
            ("2030-02-14", 2),
            ("2030-02-13", 3),
            ("2030-01-15", 3),
            ("2030-01-14", 4),
            ("2028-01-14", 4),
        ]
        for day, column in cases:
            with self.subTest(day=day):
                row = self.env["kehu.receivable"].browse(self._order_of(day).id)
                self.assertAges(row, *(1000.0 if index == column else 0.0 for index in range(5)))
                self.assertEqual(row.days_overdue > 0, column > 0)

    def test_parts(self):
        order = self._order_of("2030-01-01")
        self._plan(order, 100.0, 200.0, 300.0, 400.0)  # 1 January (104 days), February (73), March (45), April (14)
        row = self.env["kehu.receivable"].browse(order.id)
        self.assertAges(row, 0.0, 400.0, 300.0, 200.0, 100.0)
        self.assertEqual(row.date_due, date(2030, 1, 1))
        self._receive(150.0, [(order, 150.0)], date=date(2030, 4, 2))
        self.assertAges(row, 0.0, 400.0, 300.0, 150.0, 0.0)
        self.assertEqual(row.last_receipt_date, date(2030, 4, 2))

    def test_settled_and_owed(self):
        order = self._order_of("2030-01-01")
        self._receive(1000.0, [(order, 1000.0)])
        row = self.env["kehu.receivable"].browse(order.id)
        self.assertAges(row, 0.0, 0.0, 0.0, 0.0, 0.0)
        self._credit(self._invoice(order), 1, reconcile=False)
        self.assertLess(order.kehu_amount_due, 0.0)
        self.assertAges(row, order.kehu_amount_due, 0.0, 0.0, 0.0, 0.0)

    def test_totals(self):
        self._order_of("2030-01-01")
        self._plan(self._order_of("2030-01-01", 20), 500.0, 700.0, 800.0)
        rows = self.env["kehu.receivable"].with_user(self.user_seller)
        group = rows.formatted_read_group(
            [("partner_id", "=", self.customer.id)], ["partner_id"], ["amount_due:sum", *(f"{name}:sum" for name in AGES)]
        )[0]
        self.assertEqual([group[f"{name}:sum"] for name in AGES], [0.0, 0.0, 800.0, 700.0, 1500.0])
        self.assertEqual(group["amount_due:sum"], 3000.0)


@tagged("post_install", "-at_install")
@freeze_time("2030-04-15 08:00:00")
class TestReceivableListCustomer(ListCommon):
    def _row(self, user, customer=None):
        rows = self.env["kehu.receivable.customer"].with_user(user)
        rows.invalidate_model()
        return rows.search([("partner_id", "=", (customer or self.customer).id)])

    def test_sums(self):
        first = self._order_of("2030-01-01")
        second = self._order_of("2030-04-01", 5)
        self._invoice(first, 4)
        self._receive(500.0, [(second, 500.0)], date=date(2030, 4, 3))
        row = self._row(self.user_director)
        self.assertEqual(
            (row.amount_total, row.amount_invoiced, row.amount_received, row.amount_due, row.order_count, row.open_count),
            (1500.0, 400.0, 500.0, 1000.0, 2, 1),
        )
        self.assertEqual((row.date_due, row.last_receipt_date, row.settled), (first.kehu_date_due, date(2030, 4, 3), False))
        self.assertEqual(row.user_id, self.user_seller)
        self.assertAlmostEqual(sum(row[name] for name in AGES), 1000.0, 2)
        self._receive(1000.0, [(first, 1000.0)])
        row = self._row(self.user_director)
        self.assertEqual((row.amount_due, row.open_count, row.settled, row.days_overdue), (0.0, 0, True, 0))

    def test_only_what_one_may_see(self):
        """A colleague's order of the same customer is in no sum of mine."""
        mine = self._order_of("2030-01-01", user=self.user_seller)
        self._order_of("2030-01-01", 7, user=self.user_west_seller)
        for role, expected in (
            ("seller", 1000.0),
            ("west_seller", 700.0),
            ("east_manager", 1000.0),
            ("director", 1700.0),
            ("finance", 1700.0),
        ):
            with self.subTest(role=role):
                row = self._row(getattr(self, f"user_{role}"))
                self.assertEqual(row.amount_due, expected)
                rows = row.with_user(getattr(self, f"user_{role}"))
                domain = [("partner_id", "=", self.customer.id)]
                self.assertEqual(rows._read_group(domain, [], ["amount_due:sum"])[0][0], expected)
                self.assertEqual(rows.export_data(["amount_due"])["datas"] if role == "director" else [[expected]], [[expected]])
        self.assertFalse(self._row(self.user_seller2))
        action = self._row(self.user_seller).action_receive()
        self.assertEqual([command[2]["order_id"] for command in action["context"]["default_allocation_ids"]], [mine.id])
        domain = self._row(self.user_seller).action_open_orders()["domain"]
        self.assertEqual(self.env["kehu.receivable"].with_user(self.user_seller).search(domain).order_id, mine)

    def test_two_currencies(self):
        """20 in a currency of which 2 are worth 1: 10 in the company's."""
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
        currency.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2029-01-01", "rate": 2.0, "company_id": self.env.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": currency.id})
        self._order_of("2030-01-01")
        order = self._order_of("2030-01-01", pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        row = self._row(self.user_director)
        self.assertAlmostEqual(row.amount_due, 1500.0, 2)
        self.assertEqual(row.currency_id, self.env.company.currency_id)
        receivable = self.env["kehu.receivable"].browse(order.id)
        self.assertAlmostEqual(receivable.amount_due_company, 500.0, 2)
        self.assertEqual(receivable.company_currency_id, self.env.company.currency_id)
        action = self._row(self.user_seller).action_receive()
        self.assertEqual(len(action["context"]["default_allocation_ids"]), 1)

    def test_one_customer_at_a_time(self):
        self._order_of("2030-01-01")
        self._order_of("2030-01-01", customer=self.other_customer)
        rows = self._row(self.user_director) | self._row(self.user_director, self.other_customer)
        self.assertEqual(len(rows), 2)
        with self.assertRaises(KehuReceiptError):
            rows.action_receive()

    def test_unflushed(self):
        """Changes of this transaction are in the sums."""
        order = self._order_of("2030-01-01")
        self.assertEqual(self._row(self.user_director).amount_due, 1000.0)
        order.write({"order_line": [Command.update(order.order_line.id, {"product_uom_qty": 12})]})
        self.assertEqual(self._row(self.user_director).amount_due, 1200.0)

    def test_export(self):
        """Rows of an SQL view have no day of change; the log keeps their export all the same."""
        order = self._create_order()
        self.env.flush_all()
        row = self.env["kehu.receivable"].with_user(self.user_director).browse(order.id)
        self.assertEqual(row.export_data(["order_id/name", "amount_due"])["datas"], [[order.name, 1000.0]])
        self.env.cr.flush()  # the log is written here
        self.assertTrue(
            self.env["kehu.operation.log"].search(
                [("operation", "=", "export"), ("model", "=", row._name), ("res_id", "=", order.id)], limit=1
            )
        )
