"""The number of queries does not grow with the number of orders."""

from odoo.tests import tagged

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

    def test_list_of_receivables(self):
        rows = self.env["kehu.receivable"].with_user(self.user_seller)
        names = {"partner_id": {"fields": {"display_name": {}}}, "order_id": {"fields": {"display_name": {}}}, "amount_due": {}}
        rows.web_search_read([("order_id", "in", self.orders.ids)], names, limit=1)  # warm up
        few = self._count(lambda: rows.web_search_read([("order_id", "in", self.orders.ids)], names, limit=5))
        many = self._count(lambda: rows.web_search_read([("order_id", "in", self.orders.ids)], names, limit=30))
        self.assertLessEqual(many, few)

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
