import csv

from odoo.tests import tagged
from odoo.tools.misc import file_open

from .common import StoryCommon


@tagged("post_install", "-at_install")
class TestDemo(StoryCommon):
    """The demo company loads on an ordinary database, once, and tells the main job in its data."""

    def test_load(self):
        if self.env.ref("kehu_demo.user_zhangwei", raise_if_not_found=False):
            self.skipTest("this database has the demo company already")
        mails = self.env["mail.mail"].search_count([])
        self.assertTrue(self.env["kehu.demo"]._load())
        customers = self.env["res.partner"].search_count([("kehu_is_customer", "=", True)])
        self.assertFalse(self.env["kehu.demo"]._load(), "a second time loads nothing")
        self.assertEqual(self.env["res.partner"].search_count([("kehu_is_customer", "=", True)]), customers)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails, "the demo sends no mail")

        with file_open("kehu_crm/demo/logins.csv") as file:
            for row in csv.DictReader(file):
                user = self.env.ref(f"kehu_demo.user_{row['login']}")
                self.assertTrue(user.has_group(f"kehu_crm.{row['group']}"))
                self.assertEqual(user.kehu_home_department_id.name, row["department"])

        order = self.env.ref("kehu_demo.order_main")
        self.assertEqual((order.kehu_approval_state, order.state, order.kehu_receipt_state), ("approved", "sale", "settled"))
        self.assertEqual(order.invoice_ids.amount_residual, 0.0)
        orders = self.env["sale.order"].search(
            [("user_id", "in", [self.env.ref(f"kehu_demo.user_{n}").id for n in ("zhangwei", "lina", "zhaolei")])]
        )
        self.assertEqual(set(orders.mapped("kehu_approval_state")), {"draft", "pending", "approved", "rejected"})
        self.assertEqual(set(orders.mapped("kehu_receipt_state")), {"none", "partial", "settled"})
        batch = self.env["kehu.import.batch"].search([("user_id", "=", self.env.ref("kehu_demo.user_wangfang").id)])
        self.assertEqual((batch.done_count, batch.problem_count), (4, 2))
        returned = self.env.ref("kehu_demo.customer_yzsx").kehu_assignment_ids
        self.assertEqual(returned.sorted("id").mapped("kind"), ["create", "assign", "return"])
