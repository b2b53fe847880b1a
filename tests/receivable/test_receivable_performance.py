"""The number of queries does not grow with the number of orders."""

from odoo.tests import tagged
from odoo.tools import SQL

from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivablePerformance(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["sale.order"]
        for _number in range(30):
            cls.orders |= cls._create_order(10)
        for order in cls.orders:
            cls._invoice(order)
        receipt = cls._create_receipt(3000.0, [(order, 100.0) for order in cls.orders])
        cls._approve(receipt)
        # what the host reads of many payments takes minutes where PostgreSQL believes that there is nothing
        cls.env.flush_all()
        cls.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile, account_payment")

    def _count(self, action):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        action()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_recomputing(self):
        fields = self.env["sale.order"]._fields

        def recompute(orders):
            for name in ("kehu_amount_invoiced", "kehu_amount_received", "kehu_amount_due", "kehu_receipt_state", "kehu_date_due"):
                self.env.add_to_compute(fields[name], orders)

        few, many = self._count(lambda: recompute(self.orders[:5])), self._count(lambda: recompute(self.orders))
        self.assertLessEqual(many, few + 2)

    def _approving(self, number, invoiced):
        """:return: queries of approving so many receipts in one go"""
        receipts = self.env["kehu.receipt"]
        for _number in range(number):
            order = self._create_order(10)
            if invoiced:
                self._invoice(order)
            receipts |= self._create_receipt(100.0, [(order, 100.0)])
        receipts.kehu_submit(self.user_receipt_approver.id)
        return self._count(receipts.with_user(self.user_receipt_approver).kehu_approve)

    def _approving_one(self, allocations, invoiced):
        """:return: queries of approving one receipt for so many orders"""
        orders = self.env["sale.order"]
        for _number in range(allocations):
            order = self._create_order(10)
            if invoiced:
                self._invoice(order)
            orders |= order
        receipt = self._create_receipt(100.0 * allocations, [(order, 100.0) for order in orders])
        receipt.kehu_submit(self.user_receipt_approver.id)
        return self._count(receipt.with_user(self.user_receipt_approver).kehu_approve)

    def test_approving_a_receipt_with_many_allocations(self):
        """However many orders: a fixed number of queries, plus at most so many for each further allocation."""
        self._approving_one(2, True)
        for invoiced, each in ((False, 2), (True, 3)):
            few, many = self._approving_one(5, invoiced), self._approving_one(20, invoiced)
            with self.subTest(invoiced=invoiced, few=few, many=many):
                self.assertLessEqual((many - few) / 15, each)
                self.assertLessEqual(few - 5 * each, 200)

    def _posting(self, number):
        """:return: queries of posting so many payments as the host does, without receipts"""
        values = {"partner_id": self.customer.id, "partner_type": "customer", "payment_type": "inbound", "amount": 5.0}
        payments = self.env["account.payment"]
        return self._count(lambda: payments.create([{**values, "journal_id": self.bank.id}] * number).action_post())

    def test_approving_many_receipts(self):
        """Per receipt some 16 queries: those that the host needs for any payment, whose entries are made one by one."""
        self._approving(2, True)
        self._posting(2)
        host = (self._posting(12) - self._posting(4)) / 8
        for invoiced in (False, True):
            own = (self._approving(12, invoiced) - self._approving(4, invoiced)) / 8
            with self.subTest(invoiced=invoiced, host=host, own=own):
                self.assertLessEqual(own, host + 4)

    def test_list_of_receivables(self):
        rows = self.env["kehu.receivable"].with_user(self.user_seller)
        names = {"partner_id": {"fields": {"display_name": {}}}, "order_id": {"fields": {"display_name": {}}}, "amount_due": {}}
        rows.web_search_read([("order_id", "in", self.orders.ids)], names, limit=1)  # warm up
        few = self._count(lambda: rows.web_search_read([("order_id", "in", self.orders.ids)], names, limit=5))
        many = self._count(lambda: rows.web_search_read([("order_id", "in", self.orders.ids)], names, limit=30))
        self.assertLessEqual(many, few)

    def test_counting_looks_at_no_days(self):
        """On how many days an order owes is looked at for the columns by age only."""
        rows = self.env["kehu.receivable"]._search([("settled", "=", False)])
        rows.order = None
        for column, looks in ((SQL("COUNT(*)"), False), (SQL("SUM(amount_due)"), False), (SQL("SUM(due_1_30)"), True)):
            plan = "\n".join(line for (line,) in self.env.execute_query(SQL("EXPLAIN %s", rows.select(column))))
            self.assertEqual("Nested Loop" in plan, looks, plan)

    def test_customer_totals(self):
        customers = self.customer | self.other_customer
        for number in range(10):
            customers |= self._create_customer(self.user_seller, name=f"Customer {number}")

        def read(partners):
            return partners.with_user(self.user_director).mapped("kehu_due_total")

        read(customers)
        few, many = self._count(lambda: read(customers[:2])), self._count(lambda: read(customers))
        self.assertLessEqual(many, few)
        self.assertEqual(self.customer.with_user(self.user_seller).kehu_due_total, 30 * 900.0)
        self.assertEqual(self.customer.with_user(self.user_seller).kehu_received_total, 30 * 100.0)
