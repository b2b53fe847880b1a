import base64
from contextlib import ExitStack, contextmanager
from datetime import date

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser

from ..importer.test_importer_workbook import real_file, xlsx
from .common import StoryCommon

FAULTY = (
    ("客户名称", "客户编码", "客户等级"),
    ("苏州合格客户有限公司", "KH09001", "一般客户"),
    ("苏州错级客户有限公司", "KH09002", "至尊客户"),  # no such level: row 3
)

# a form is on the screen, the messages have come, and for a second nothing else
AT_REST = """!!document.querySelector('.o_form_view .o_form_sheet') && (() => {
    const entries = performance.getEntriesByType('resource');
    return entries.some((entry) => entry.name.endsWith('/mail/data'))
        && performance.now() - Math.max(...entries.map((entry) => entry.responseEnd)) > 1000;
})()"""


@tagged("post_install", "-at_install")
class TestStoryTours(StoryCommon, HttpCase):
    """The main job in the browser, in Chinese: one story on the same records, one tour per person and step.

    Everything is done on screens; between two tours the database is only read. At each step the wrong person is refused on the screen:
    the entry or button is not there, or the sentence comes.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (
            cls.user_seller,
            cls.user_seller2,
            cls.user_east_manager,
            cls.user_order_approver,
            cls.user_receipt_approver,
            cls.user_finance,
        ):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        workbooks = {
            "customers_a.xls": real_file("customers_a.xls"),
            "customers_b.xlsx": real_file("customers_b.xlsx"),
            "faulty.xlsx": xlsx(*FAULTY),
        }
        for name, content in workbooks.items():  # where the browser takes the file from that a person has on the disk
            attachment = cls.env["ir.attachment"].create({"name": name, "datas": base64.b64encode(content), "public": True})
            cls.env["ir.model.data"].create(
                {"module": "kehu_crm", "name": f"story_{name.split('.')[0]}", "model": attachment._name, "res_id": attachment.id}
            )

    def tour(self, path, name, user):
        self.start_tour(path, f"kehu_story_{name}", login=user.login, timeout=300)
        self.env.invalidate_all()

    def not_mine(self, path, *users):
        for user in users:
            self.tour(path, "not_mine", user)

    @contextmanager
    def open_screen(self, path, user, tour):
        """Open a screen for one person, let others work, and then start the tour on what the screen still shows."""
        name = f"kehu_story_{tour}"
        browser = ChromeBrowser(self, success_signal="tour succeeded")
        with ExitStack() as stack:
            stack.callback(browser.stop)
            with self.allow_requests(browser=browser):
                self.authenticate(user.login, user.login, browser=browser)
                session, self.session = self.session, None
                browser.navigate_to(f"{self.base_url()}{path}")
                self.assertTrue(browser._wait_ready(f"odoo.isTourReady('{name}') && {AT_REST}"))
                self._wait_remaining_requests()
            browser._websocket_request("Debugger.enable")
            browser._websocket_request("Debugger.pause")  # nobody looks at it: it asks for nothing, and shows what it showed
            yield
            with self.allow_requests(browser=browser):
                self.session = session
                browser._websocket_request("Debugger.disable")  # goes on
                browser._wait_code_ok(f"odoo.startTour('{name}', {{}})", 60)
                self._wait_remaining_requests()
        self.env.invalidate_all()

    def test_main_job(self):
        self.customers_come_in()
        customer = self.customers_find_owners()
        self.contact_record_moves_the_next_contact(customer)
        order = self.opportunity_becomes_an_order(customer)
        self.order_is_rejected_corrected_approved(order)
        invoice = self.order_is_invoiced(order)
        self.money_comes_in_two_parts(order, invoice)

    # -- 1: the workbooks -------------------------------------------------------------------------------------------------------------

    def customers_come_in(self):
        self.tour("/odoo/kehu-pool", "no_import", self.user_seller)
        self.tour("/odoo/kehu-imports", "no_entry", self.user_seller)
        self.tour("/odoo/kehu-imports", "import", self.user_east_manager)
        batches = self.env["kehu.import.batch"].search([("user_id", "=", self.user_east_manager.id)], order="id")
        self.assertEqual(
            [(batch.filename, batch.state, batch.row_count, batch.done_count, batch.problem_count) for batch in batches],
            [("customers_a.xls", "done", 180, 180, 0), ("customers_b.xlsx", "done", 180, 180, 0), ("faulty.xlsx", "done", 2, 1, 1)],
        )
        customers = self.env["res.partner"].search([("kehu_import_batch_id", "in", batches.ids)])
        self.assertEqual(len(customers), 361)
        self.assertFalse(customers.user_id)
        self.assertTrue(customers.kehu_pool_id.is_default)
        self.assertFalse(self.env["res.partner"].search([("ref", "=", "KH09002")]))

    # -- 2: from the pool to an owner -------------------------------------------------------------------------------------------------

    def customers_find_owners(self):
        customers = self.env["res.partner"].search([("ref", "in", ["KH00001", "KH00188"])], order="ref")
        claimed, assigned = customers
        self.tour("/odoo/kehu-pool", "assign_refused", self.user_seller)
        self.assertFalse(assigned.user_id)
        self.tour("/odoo/kehu-pool", "assign", self.user_east_manager)
        self.assertEqual((assigned.user_id, assigned.child_ids.user_id), (self.user_seller, self.user_seller))
        with self.open_screen(f"/odoo/kehu-pool/{claimed.id}", self.user_seller, "claim_too_late"):
            self.tour("/odoo/kehu-pool", "claim", self.user_seller2)
            self.assertEqual(claimed.user_id, self.user_seller2)
        self.assertEqual(claimed.user_id, self.user_seller2)
        self.tour(f"/odoo/kehu-customers/{claimed.id}", "claimed_not_mine", self.user_seller)
        self.assertEqual(
            [(line.kind, line.author_id) for line in self.env["kehu.assignment"].search([("partner_id", "in", customers.ids)], order="id")],
            [
                ("create", self.user_east_manager),
                ("create", self.user_east_manager),
                ("assign", self.user_east_manager),
                ("claim", self.user_seller2),
            ],
        )
        return assigned

    # -- 3: the contact record --------------------------------------------------------------------------------------------------------

    def contact_record_moves_the_next_contact(self, customer):
        self.not_mine(f"/odoo/kehu-customers/{customer.id}", self.user_seller2)
        self.tour("/odoo/kehu-customers", "contact", self.user_seller)
        record = self.env["kehu.contact.record"].search([("partner_id", "=", customer.id)])
        self.assertEqual((record.user_id, record.level_id, record.plan), (self.user_seller, self.level, "带去报价"))
        self.assertEqual((record.date, record.next_contact), (date(2025, 8, 31), date(2025, 9, 3)))
        self.assertEqual((customer.kehu_last_contact, customer.kehu_next_contact), (record.date, record.next_contact))
        self.assertEqual((customer.kehu_level_id, record.event_ids.user_id), (self.level, self.user_seller))

    # -- 4: opportunity, quote, order -------------------------------------------------------------------------------------------------

    def opportunity_becomes_an_order(self, customer):
        self.tour(f"/odoo/kehu-customers/{customer.id}", "quote", self.user_seller)
        order = self.env["sale.order"].search([("partner_id", "=", customer.id)])
        self.assertEqual((order.kehu_document, order.amount_total, len(order.order_line)), ("quote", 30200.0, 2))
        self.assertEqual((order.opportunity_id.name, order.opportunity_id.user_id), ("泵房改造", self.user_seller))
        self.not_mine(f"/odoo/kehu-quotes/{order.id}", self.user_seller2)
        return order

    # -- 5: approval ------------------------------------------------------------------------------------------------------------------

    def order_is_rejected_corrected_approved(self, order):
        approver = self.user_order_approver
        self.tour(f"/odoo/kehu-quotes/{order.id}", "order_submit", self.user_seller)
        self.assertEqual((order.kehu_document, order.kehu_approval_state), ("order", "pending"))
        self.assertEqual(order.kehu_request_id.decider_ids, approver)

        self.tour("/odoo/kehu-to-approve", "nothing_waits", self.user_receipt_approver)
        self.not_mine(f"/odoo/kehu-orders/{order.id}", self.user_receipt_approver)
        self.tour("/odoo/kehu-to-approve", "order_reject", approver)
        self.assertEqual((order.kehu_approval_state, order.state), ("rejected", "draft"))

        self.tour(f"/odoo/kehu-orders/{order.id}", "order_correct", self.user_seller)
        self.assertEqual((order.kehu_approval_state, order.amount_total), ("pending", 34800.0))

        self.tour("/odoo/kehu-to-approve", "order_approve", approver)
        self.assertEqual((order.kehu_approval_state, order.state), ("approved", "sale"))
        decisions = self.env["kehu.approval.decision"].search(
            [("request_id.res_model", "=", "sale.order"), ("request_id.res_id", "=", order.id)], order="id"
        )
        self.assertEqual(
            [(decision.result, decision.user_id) for decision in decisions],
            [("submitted", self.user_seller), ("rejected", approver), ("submitted", self.user_seller), ("approved", approver)],
        )

    # -- 6: the invoice ---------------------------------------------------------------------------------------------------------------

    def order_is_invoiced(self, order):
        self.tour("/odoo/kehu-orders", "invoice", self.user_finance)
        invoice = order.invoice_ids
        self.assertEqual((len(invoice), invoice.state, invoice.amount_total), (1, "draft", 34800.0))
        self.tour(f"/odoo/kehu-orders/{order.id}", "invoice_not_posted", self.user_seller)
        self.tour(f"/odoo/kehu-orders/{order.id}", "invoice_post", self.user_finance)
        self.assertEqual((invoice.state, invoice.amount_residual, invoice.payment_state), ("posted", 34800.0, "not_paid"))
        return invoice

    # -- 7: the money -----------------------------------------------------------------------------------------------------------------

    def money_comes_in_two_parts(self, order, invoice):
        self.tour("/odoo/kehu-receivables", "receive_part", self.user_seller)
        first = self.env["kehu.receipt"].search([("partner_id", "=", order.partner_id.id)])
        self.assertEqual((first.amount, first.state, first.user_id), (14800.0, "pending", self.user_seller))
        self.tour("/odoo/kehu-to-approve", "nothing_waits", self.user_order_approver)
        self.not_mine(f"/odoo/kehu-receipts/{first.id}", self.user_order_approver, self.user_seller2)
        self.tour("/odoo/kehu-receipts-to-approve", "receipt_approve", self.user_receipt_approver)
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("partial", 20000.0))
        self.tour(f"/odoo/kehu-orders/{order.id}", "invoice_partly_paid", self.user_finance)

        self.tour("/odoo/kehu-receivables", "receive_rest", self.user_seller)
        self.tour("/odoo/kehu-receipts-to-approve", "receipt_approve", self.user_receipt_approver)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual((order.kehu_receipt_state, order.kehu_amount_due), ("settled", 0.0))
        receipts = self.env["kehu.receipt"].search([("partner_id", "=", order.partner_id.id)], order="id")
        self.assertEqual(receipts.mapped("amount"), [14800.0, 20000.0])
        self.assertEqual(set(receipts.payment_id.move_id.mapped("state")), {"posted"})
        self.tour(f"/odoo/kehu-orders/{order.id}", "invoice_paid", self.user_finance)
        self.tour("/odoo/kehu-receivables", "settled", self.user_seller)
        self.tour("/odoo/kehu-receivables", "settled_not_mine", self.user_seller2)
