import base64
from datetime import timedelta

from odoo.tests import HttpCase, tagged

from ..importer.test_importer_workbook import real_file
from .common import StoryCommon


@tagged("post_install", "-at_install")
class TestStoryTours(StoryCommon, HttpCase):
    """The main job in the browser: one tour per person and step, the result of each read from the database afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        for user in (
            cls.user_seller,
            cls.user_seller2,
            cls.user_east_manager,
            cls.user_order_approver,
            cls.user_receipt_approver,
            cls.user_finance,
        ):
            user.write({"password": user.login, "lang": "en_US"})

    def tour(self, path, name, user):
        self.start_tour(path, name, login=user.login)
        self.env.invalidate_all()

    def test_import(self):
        attachment = self.env["ir.attachment"].create(
            {"name": "customers_a.xls", "datas": base64.b64encode(real_file("customers_a.xls")), "public": True}
        )
        self.env["ir.model.data"].create(
            {"module": "kehu_crm", "name": "story_workbook", "model": "ir.attachment", "res_id": attachment.id}
        )
        self.tour("/odoo/kehu-imports", "kehu_story_import", self.user_east_manager)
        batch = self.env["kehu.import.batch"].search([("filename", "=", "customers_a.xls")], order="id desc", limit=1)
        self.assertEqual((batch.state, batch.user_id), ("done", self.user_east_manager))
        self.assertEqual((batch.row_count, batch.done_count), (180, 180))
        self.assertEqual(self.env["res.partner"].search_count([("kehu_import_batch_id", "=", batch.id)]), 180)

    def test_main_job(self):
        customer = self._create_customer(name="Story Pump House Ltd.")
        other = self._create_customer(name="Story Depot Ltd.")
        self.tour("/odoo/kehu-pool", "kehu_story_assign", self.user_east_manager)
        self.assertEqual(customer.user_id, self.user_seller)
        self.tour("/odoo/kehu-pool", "kehu_story_claim", self.user_seller2)
        self.assertEqual(other.user_id, self.user_seller2)

        self.tour("/odoo/kehu-customers", "kehu_story_contact", self.user_seller)
        record = self.env["kehu.contact.record"].search([("partner_id", "=", customer.id)])
        self.assertEqual((record.user_id, record.level_id, record.plan), (self.user_seller, self.level, "Bring the offer"))
        self.assertEqual(record.next_contact, record.date + timedelta(days=3))
        self.assertEqual((customer.kehu_next_contact, customer.kehu_level_id), (record.next_contact, self.level))
        self.assertEqual(self.env["calendar.event"].search_count([("kehu_contact_record_id", "=", record.id)]), 1)

        lead = (
            self.env["crm.lead"]
            .with_user(self.user_seller)
            .create({"type": "opportunity", "name": "Pump house", "partner_id": customer.id, "user_id": self.user_seller.id})
        )
        self.tour(f"/odoo/crm/{lead.id}", "kehu_story_quote", self.user_seller)
        order = self.env["sale.order"].search([("opportunity_id", "=", lead.id)])
        self.assertEqual((order.partner_id, order.kehu_document, order.amount_total), (customer, "quote", 30200.0))

        self.tour(f"/odoo/kehu-quotes/{order.id}", "kehu_story_order_submit", self.user_seller)
        self.assertEqual((order.kehu_document, order.kehu_approval_state), ("order", "pending"))
        self.assertEqual(order.kehu_request_id.decider_ids, self.user_order_approver)

        self.tour("/odoo/kehu-to-approve", "kehu_story_order_reject", self.user_order_approver)
        self.assertEqual((order.kehu_approval_state, order.state), ("rejected", "draft"))

        self.tour(f"/odoo/kehu-orders/{order.id}", "kehu_story_order_correct", self.user_seller)
        self.assertEqual((order.kehu_approval_state, order.amount_total), ("pending", 34800.0))

        self.tour("/odoo/kehu-to-approve", "kehu_story_order_approve", self.user_order_approver)
        self.assertEqual((order.kehu_approval_state, order.state), ("approved", "sale"))

        # invoicing is the host's own screen, with tours of its own
        invoice = order.with_user(self.user_finance)._create_invoices()
        invoice.action_post()

        self.tour("/odoo/kehu-receivables", "kehu_story_receive_part", self.user_seller)
        self.tour("/odoo/kehu-receipts-to-approve", "kehu_story_receipt_approve", self.user_receipt_approver)
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("partial", 20000.0))

        self.tour("/odoo/kehu-receivables", "kehu_story_receive_rest", self.user_seller)
        self.tour("/odoo/kehu-receipts-to-approve", "kehu_story_receipt_approve", self.user_receipt_approver)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual((order.kehu_receipt_state, order.kehu_amount_due), ("settled", 0.0))
        receipts = self.env["kehu.receipt"].search([("partner_id", "=", customer.id)], order="id")
        self.assertEqual(receipts.mapped("amount"), [14800.0, 20000.0])
        self.assertEqual(receipts.user_id, self.user_seller)
