"""No query count grows with the number of customers."""

from odoo.tests import tagged

from .common import CallCommon


@tagged("post_install", "-at_install")
class TestCallGrowth(CallCommon):
    def queries(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_filling(self):
        callers = self.user_seller | self.user_seller2
        counts = []
        for start, number in ((0, 10), (1000, 10), (2000, 200)):
            customers = self._create_customers(number, start=start)
            call_list = self._create_list(customers[:1], callers, start=False)
            call_list.domain = repr([("id", "in", customers.ids)])
            counts.append(self.queries(call_list.action_build))
            self.assertEqual(call_list.line_count, number)
        self.assertLessEqual(counts[2], counts[1] + 2, counts)

    def test_the_next_customer(self):
        counts = []
        for start, number in ((0, 5), (1000, 5), (2000, 200)):
            call_list = self._create_list(self._create_customers(number, start=start), self.user_seller)
            counts.append(self.queries(lambda call_list=call_list: self._take(self.user_seller, call_list)))
        self.assertLessEqual(counts[2], counts[1] + 2, counts)

    def test_customers_that_change_hands(self):
        counts = []
        for start, number in ((0, 5), (1000, 5), (2000, 60)):
            customers = self._create_customers(number, start=start)
            self._create_list(customers, self.user_seller)
            lines = self.lines.search([("partner_id", "in", customers.ids)])
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE res_partner SET user_id = %s, kehu_pool_id = NULL WHERE id = ANY(%s)", [self.user_west_seller.id, customers.ids]
            )
            self.env.invalidate_all()
            counts.append(self.queries(lines._kehu_follow_owner))
            self.assertEqual(set(lines.mapped("state")), {"closed"})
        self.assertLessEqual(counts[2], counts[1] + 3, counts)
