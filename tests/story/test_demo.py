import csv
from datetime import timedelta

from odoo import fields
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
        returned = self.env.ref("kehu_demo.customer_yzsx").kehu_assignment_ids
        self.assertEqual(returned.sorted("id").mapped("kind"), ["create", "assign", "return"])
        self.check_main_job()
        self.check_dates()
        self.check_people()

    def check_main_job(self):
        """Every sentence of the main job is in the data of 苏州科技园."""
        zhangwei, wangfang, sunli, zhoumin = (self.env.ref(f"kehu_demo.user_{n}") for n in ("zhangwei", "wangfang", "sunli", "zhoumin"))
        customer, claimed = self.env.ref("kehu_demo.customer_szkjy"), self.env.ref("kehu_demo.customer_wxth")
        batches = self.env["kehu.import.batch"].search([("user_id", "=", wangfang.id)], order="id")
        self.assertEqual(
            batches.mapped(lambda batch: (batch.state, batch.done_count, batch.problem_count)), [("done", 4, 2), ("done", 4, 1)]
        )
        self.assertEqual((customer.kehu_import_batch_id, claimed.kehu_import_batch_id), (batches[0], batches[0]))
        self.assertTrue(all(batches.problem_ids.mapped("reason")))
        self.assertEqual(
            customer.kehu_assignment_ids.sorted("id").mapped(lambda row: (row.kind, row.author_id, row.user_id)),
            [("create", wangfang, self.env["res.users"]), ("assign", wangfang, zhangwei)],
        )
        self.assertEqual(claimed.kehu_assignment_ids.sorted("id")[1:].mapped(lambda row: (row.kind, row.user_id)), [("claim", zhangwei)])
        key = self.env.ref("kehu_crm.kehu_customer_level_key")
        first = customer.kehu_contact_record_ids.sorted("date")[0]
        self.assertEqual((first.level_id, customer.kehu_level_id), (key, key))
        self.assertEqual(first.next_contact, first.date + timedelta(days=3))
        newest = customer.kehu_contact_record_ids.sorted("date")[-1]
        self.assertEqual(newest.event_ids.user_id, zhangwei)

        order = self.env.ref("kehu_demo.order_main")
        self.assertEqual((order.opportunity_id.won_status, order.user_id), ("won", zhangwei))
        decisions = self.requests_of(order).mapped(
            lambda request: (request.state, request.approver_id, bool(request.decision_ids[-1:].comment))
        )
        self.assertEqual(decisions, [("rejected", sunli, True), ("approved", sunli, True)])
        self.assertEqual(len(order.order_line), 3, "two products, and the installation that the approver missed")
        self.assertEqual(order.invoice_ids.state, "posted")
        receipts = self.env["kehu.receipt"].search([("partner_id", "=", customer.id)])
        results = receipts.mapped(lambda receipt: (receipt.kehu_approval_state, receipt.kehu_request_id.approver_id))
        self.assertEqual(results, [("approved", zhoumin)] * 2)
        self.assertEqual(sum(receipts.mapped("amount")), order.amount_total)

    def check_dates(self):
        """The history lies in the past, in its order, and agrees with the contact records."""
        recent = fields.Datetime.subtract(self.env.cr.now().replace(microsecond=0), days=1)
        customers = self.env["res.partner"].search([("kehu_is_customer", "=", True), ("id", "in", self.demo_ids("res.partner"))])
        self.assertGreater(len(customers), 25)
        for customer in customers:
            with self.subTest(customer=customer.name):
                history = customer.kehu_assignment_ids.sorted("id")
                self.assertEqual(history.mapped("date"), sorted(history.mapped("date")))
                self.assertEqual(customer.create_date, history[0].date)
                self.assertLess(history[-1].date, recent + timedelta(days=1))
                if customer.user_id:
                    self.assertEqual(customer.kehu_assigned_on, history[-1].date)
                    for record in customer.kehu_contact_record_ids:
                        self.assertGreaterEqual(record.date, customer.kehu_assigned_on.date())
                for order in customer.sale_order_ids:
                    self.assertGreaterEqual(order.date_order, customer.kehu_assigned_on)
        order = self.env.ref("kehu_demo.order_main")
        moments = [order.create_date]
        for request in self.requests_of(order):
            moments += [request.date_submitted, request.date_closed]
        moments += [order.date_order]
        self.assertEqual(moments, sorted(moments))
        self.assertLess(moments[-1], recent - timedelta(days=30))

    def requests_of(self, order):
        return self.env["kehu.approval.request"].search([("res_model", "=", order._name), ("res_id", "=", order.id)], order="id")

    def demo_ids(self, model):
        return self.env["ir.model.data"].search([("module", "=", "kehu_demo"), ("model", "=", model)]).mapped("res_id")

    def check_people(self):
        """Nobody is greeted by the host's bot, and whoever keeps customers has something to do."""
        today = self.env["kehu.demo"].with_context(tz="Asia/Shanghai")._day(0)
        for name in ("zhangwei", "lina", "zhaolei", "wangfang", "liuyang", "chenzhiqiang"):
            user = self.env.ref(f"kehu_demo.user_{name}")
            plan = self.env["res.partner"].with_user(user).search([("kehu_is_customer", "=", True), ("user_id", "=", user.id)])
            self.assertTrue(plan.filtered(lambda customer: customer.kehu_next_contact and customer.kehu_next_contact <= today), name)
        users = self.env["res.users"].browse(self.demo_ids("res.users"))
        if "odoobot_state" in users._fields:
            self.assertEqual(set(users.mapped("odoobot_state")), {"disabled"})
