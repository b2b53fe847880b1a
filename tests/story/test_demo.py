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

        self.env.cr.execute("SELECT lead_id, kind, stage_id, since, date FROM kehu_stage_event WHERE since > date")
        self.assertEqual(self.env.cr.fetchall(), [], "nobody leaves a stage before having come to it")

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
        self.check_knowledge()
        self.check_duplicates()
        self.check_calls()
        self.check_schedule()
        self.check_pool()
        self.check_money()
        self.check_targets()
        self.check_past()

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

    def check_knowledge(self):
        """What is known of 苏州科技园: its people and where they sit, level and figures as they changed, what it may buy."""
        zhangwei, wangfang = (self.env.ref(f"kehu_demo.user_{name}") for name in ("zhangwei", "wangfang"))
        customer, next_customer = self.env.ref("kehu_demo.customer_szkjy"), self.env.ref("kehu_demo.customer_hzyq")
        self.assertEqual(customer.kehu_nature_id, self.env.ref("kehu_crm.kehu_customer_nature_state"))
        self.assertEqual(customer.kehu_region_id, self.env.ref("kehu_crm.kehu_customer_region_east"))
        departments = self.env["kehu.customer.department"].search([("partner_id", "=", customer.id)])
        self.assertEqual(
            {department.complete_name: department.manager_id.name for department in departments},
            {"工程部": "沈晓燕", "采购部": "戴国梁", "采购部 / 原料采购科": False},
        )
        self.assertEqual(
            set(customer.kehu_contact_ids.filtered("kehu_customer_department_id").mapped("name")), {"沈晓燕", "戴国梁", "陈悦"}
        )
        self.assertEqual(len(customer.kehu_contact_ids.kehu_decision_role_id), 4)
        contacts = self.env["res.partner"].with_user(zhangwei).with_context(tz="Asia/Shanghai")
        born = contacts.search([("kehu_customer_id", "=", customer.id), ("kehu_birthday_soon", "in", ["week"])])
        self.assertEqual(born.mapped("name"), ["沈晓燕"])
        self.assertTrue(born.kehu_wechat and born.kehu_other_phones)

        moved = self.env.ref("kehu_demo.contact_luchen")
        self.assertEqual((moved.kehu_customer_id, next_customer.user_id), (next_customer, customer.user_id))
        job = moved.kehu_employment_ids
        self.assertEqual((job.partner_id, job.job_title), (customer, "能源管理工程师"))
        today = self.env["kehu.demo"].with_context(tz="Asia/Shanghai")._day(0)
        self.assertLess(job.date_from, job.date_to)
        self.assertEqual(job.date_to, today - timedelta(days=11))

        levels = self.env["kehu.level.change"].search([("partner_id", "=", customer.id)], order="date")
        self.assertEqual(levels.mapped("cause"), ["manual", "manual", "contact"])
        self.assertEqual(levels.mapped("author_id"), wangfang | zhangwei)
        figures = self.env["kehu.customer.change"].search([("partner_id", "=", customer.id), ("kind", "=", "revenue")], order="date")
        self.assertEqual(figures[-1].new_value, customer.kehu_annual_revenue)
        self.assertEqual(len(set(figures.mapped("date"))), 3)
        self.assertLess(figures[-1].date.date(), today)
        interests = self.env["kehu.product.interest"].search([("id", "!=", 0)])
        self.assertEqual(len(interests.filtered("product_id")), 2)
        self.assertEqual(len(interests.filtered("category_id")), 1)
        self.assertTrue(all(interest.contact_record_id.date == interest.date for interest in interests))
        folder = self.env.ref("kehu_demo.folder_fair").with_user(zhangwei)
        self.assertEqual((folder.user_id, folder.partner_count), (zhangwei, 6))

    def check_duplicates(self):
        """Three customers that may be one, of two owners and in the pool, a finished search that found them, and a lead of the first."""
        known, other, pooled = (self.env.ref(f"kehu_demo.customer_{key}") for key in ("hqkj", "hqsz", "hqxx"))
        self.assertTrue(known.user_id and other.user_id and known.user_id != other.user_id)
        self.assertFalse(pooled.user_id)
        self.assertEqual(known.phone, pooled.phone)
        director = self.env.ref("kehu_demo.user_chenzhiqiang")
        found = known.with_user(director).kehu_find_duplicates({"name": known.name, "phone": known.phone})
        self.assertLessEqual({other.id, pooled.id}, {candidate["id"] for candidate in found})
        self.assertEqual(self.env["kehu.duplicate.search"].search([("user_id", "=", director.id)]).state, "done")
        groups = self.env["kehu.duplicate.group"].search([("search_id.user_id", "=", director.id)])
        self.assertLessEqual(known | other | pooled, groups.member_ids.partner_id)
        lead = self.env.ref("kehu_demo.lead_website")
        self.assertEqual((lead.type, lead.user_id), ("lead", self.env.ref("kehu_demo.user_lina")))

    def check_calls(self):
        """A list that runs, with what came of three calls, and one that waits to be filled."""
        call_list, draft = self.env.ref("kehu_demo.call_list_fair"), self.env.ref("kehu_demo.call_list_care")
        zhangwei, lina, wangfang = (self.env.ref(f"kehu_demo.user_{name}") for name in ("zhangwei", "lina", "wangfang"))
        self.assertEqual((call_list.state, call_list.user_id, call_list.caller_ids), ("running", wangfang, zhangwei | lina))
        self.assertTrue(call_list.script)
        self.assertIn(len(call_list.line_ids), range(12, 15))
        self.assertEqual(call_list.line_ids.user_id, zhangwei | lina)
        self.assertEqual((draft.state, draft.line_count), ("draft", 0))
        calls = {call.outcome: call for call in self.env["kehu.phone.call"].search([("list_id", "=", call_list.id)])}
        self.assertEqual(set(calls), {"interested", "no_answer", "callback"})
        self.assertEqual(calls["interested"].duration, 4.5)
        self.assertEqual(calls["interested"].contact_record_id.content, calls["interested"].note)
        self.assertFalse(calls["no_answer"].contact_record_id)
        tomorrow = self.env["kehu.demo"].with_context(tz="Asia/Shanghai")._day(1)
        self.assertTrue(calls["callback"].is_callback_open)
        self.assertEqual(calls["callback"].callback_on.date(), tomorrow)
        taken = self.env["kehu.call.line"].with_user(zhangwei).kehu_take_next()
        line = self.env["kehu.call.line"].browse(taken["line_id"])
        self.assertEqual(line.partner_id, self.env.ref("kehu_demo.customer_szkjy"), "who lies on the screen comes first")

    def check_schedule(self):
        """Something done, something for today that is announced by e-mail, something overdue."""
        zhangwei = self.env.ref("kehu_demo.user_zhangwei")
        today = self.env["kehu.demo"].with_context(tz="Asia/Shanghai")._day(0)
        done = self.env.ref("kehu_demo.event_survey")
        self.assertEqual((done.kehu_done_by, done.kehu_done_on.date()), (zhangwei, today - timedelta(days=3)))
        self.assertTrue(done.kehu_outcome)
        self.assertEqual(done.kehu_customer_id, self.env.ref("kehu_demo.customer_szkjy"))
        self.assertFalse(done.kehu_customer_id.activity_ids, "nothing of it is left to be done")
        plans = self.env["calendar.event"].with_user(zhangwei)
        plans = plans.search([("user_id", "=", zhangwei.id), ("kehu_done_on", "=", False), ("kehu_contact_record_id", "!=", False)])
        announced = plans.filtered(lambda event: "email" in event.alarm_ids.mapped("alarm_type"))
        self.assertEqual(announced.mapped(lambda event: event.start.date()), [today])
        self.assertTrue(plans.filtered(lambda event: event.start.date() < today))

    def check_pool(self):
        """The default pool has rules: some customers fall soon, their owners know, one is locked, and nobody fell tonight."""
        pool = self.env.ref("kehu_crm.kehu_pool_default")
        self.assertEqual(
            (pool.idle_days, pool.no_opportunity_days, pool.warn_days, pool.max_locked, pool.lock_days),
            (30, 60, 3, 5, 90),
        )
        partners = self.env["res.partner"]
        owned = partners.search([("id", "in", self.demo_ids("res.partner")), ("kehu_is_customer", "=", True), ("user_id", "!=", False)])
        falling = owned.filtered(lambda customer: customer.kehu_fall_on and customer.kehu_days_left <= 14)
        self.assertIn(len(falling), range(4, len(owned) // 2))
        self.assertGreaterEqual(len(set(falling.mapped("kehu_days_left"))), 4)
        warnings = self.env["kehu.pool.warning"].search([("partner_id", "in", owned.ids)])
        self.assertEqual(warnings.mapped("state"), ["delivered"] * len(warnings))
        self.assertIn(self.env.ref("kehu_demo.customer_sxkq"), warnings.partner_id)
        self.assertFalse(self.env["kehu.pool.run.line"].search([("partner_id", "in", owned.ids)]), "nobody fell")
        locked = owned.filtered("kehu_locked")
        self.assertEqual(locked, self.env.ref("kehu_demo.customer_jxnh"))
        self.assertTrue(locked.kehu_locked_until)
        north = self.env.ref("kehu_demo.customer_bjzg").kehu_pool_id
        self.assertEqual((north.name, len(north.member_ids), north.customer_count), ("华北客户池", 2, 2))

    def check_money(self):
        """An advance of which a part is used, a customer above its credit, and a dunning letter that waits."""
        paying, late = self.env.ref("kehu_demo.customer_szqh"), self.env.ref("kehu_demo.customer_wxth")
        receipt = self.env["kehu.receipt"].search([("partner_id", "=", paying.id), ("advance", ">", 0)])
        self.assertEqual((receipt.state, receipt.advance, receipt.advance_open), ("approved", 20000.0, 8000.0))
        self.assertEqual(receipt.advance_use_ids.state, "approved")
        self.assertTrue(late.kehu_credit_exceeded)
        self.assertFalse(self.env.ref("kehu_demo.customer_nbhg").kehu_credit_exceeded)
        letter = self.env["kehu.dunning.letter"].search([("partner_id", "=", late.id)])
        self.assertEqual((letter.state, letter.level_id), ("draft", self.env.ref("kehu_crm.kehu_dunning_level_first")))
        self.assertGreaterEqual(min(letter.line_ids.mapped("days")), 7)

    def check_targets(self):
        """The targets of the year are split, add up, and are partly achieved; the department has a budget, last month its commissions."""
        zhangwei = self.env.ref("kehu_demo.user_zhangwei")
        targets = self.env["kehu.target"].search([("user_id", "=", zhangwei.id), ("metric", "=", "ordered")])
        self.assertEqual(targets.grouped("period").keys(), {"month", "quarter", "year"})
        year = targets.filtered(lambda target: target.period == "year")
        self.assertAlmostEqual(sum(targets.filtered(lambda target: target.period == "month").mapped("value")), year.value, 2)
        self.assertEqual(set(self.env["kehu.budget"].search([("id", "!=", 0)]).mapped("kind")), {"expenses", "sales", "receipts"})
        self.assertTrue(self.env.ref("kehu_demo.commission_rule_received").percent)
        self.assertTrue(self.env["kehu.commission.run"].search_count([("date_to", "<", year.date_to)]))

    def check_past(self):
        """The year before is there to compare with: orders in each quarter, all of them paid, by customers of other provinces."""
        today = self.env["kehu.demo"].with_context(tz="Asia/Shanghai")._day(0)
        orders = self.env["sale.order"].search([("id", "!=", 0), ("state", "=", "sale"), ("date_order", "<", today - timedelta(days=62))])
        self.assertEqual(set(orders.mapped("kehu_receipt_state")), {"settled"})
        self.assertGreaterEqual({(today - order.date_order.date()).days // 92 for order in orders}, {0, 1, 2, 3, 4})
        self.assertGreater(len(orders.partner_id.state_id), 5)
        self.assertFalse(orders.partner_id.filtered(lambda customer: customer.kehu_next_contact < today), "nobody is forgotten")
