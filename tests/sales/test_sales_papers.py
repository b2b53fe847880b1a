"""What goes to a customer by mail and in the portal is the paper that our people print."""

import base64

from odoo.tests import HttpCase, tagged

from .test_sales_fulfilment import PICTURE, FulfilmentCommon

OURS = 'class="kehu_print'  # in tests the host makes HTML of a PDF


@tagged("post_install", "-at_install")
class TestSalesPapers(FulfilmentCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["sale.order"]
        partner = cls.env["res.partner"].create({"name": "No CRM customer", "email": "plain@example.com"})
        cls.customer.email = "customer@example.com"
        values = {"order_line": [(0, 0, {"product_id": cls.pump.id, "product_uom_qty": 2, "price_unit": 100.0})]}
        cls.quote = cls.orders.with_user(cls.user_seller).create({"partner_id": cls.customer.id, **values}).sudo()
        cls.foreign = cls.orders.create({"partner_id": partner.id, **values})
        cls.quote._portal_ensure_token()
        cls.foreign._portal_ensure_token()
        cls.env.flush_all()

    def _attached(self, orders):
        template = self.env.ref("sale.email_template_edi_sale").with_user(self.user_seller)
        found = template._generate_template_attachments(orders.ids, {"report_template_ids"})
        return [OURS in base64.b64decode(found[order.id]["attachments"][0][1]).decode() for order in orders]

    def test_by_mail(self):
        self.foreign.user_id = self.user_seller
        self.assertEqual(self._attached(self.quote + self.foreign), [True, False])

    def test_who_chooses_the_print_of_the_host_gets_it(self):
        report = self.env["ir.actions.report"].with_user(self.user_seller)
        content, _kind = report._render_qweb_pdf("sale.action_report_saleorder", self.quote.ids)
        self.assertNotIn(OURS, content.decode())

    def test_in_the_portal(self):
        self.authenticate(None, None)
        for order, ours in ((self.quote, True), (self.foreign, False)):
            with self.subTest(ours=ours):
                page = self.url_open(f"/my/orders/{order.id}?access_token={order.access_token}&report_type=pdf")
                self.assertEqual(page.headers["Content-Type"], "application/pdf")
                self.assertEqual(OURS in page.text, ours)
        self.assertNotIn(OURS, self.url_open(f"/my/orders/{self.quote.id}?report_type=pdf").text, "nothing without the link")

    def test_signed_in_the_portal(self):
        self.foreign.write({"state": "sent", "require_signature": True, "require_payment": False})
        self.quote.write({"state": "sent", "require_signature": True, "require_payment": False})
        self.env.flush_all()
        self.authenticate(None, None)
        for order, ours in ((self.quote, True), (self.foreign, False)):
            with self.subTest(ours=ours):
                params = {"name": "Li Si", "signature": PICTURE.decode(), "access_token": order.access_token}
                answer = self.url_open(
                    f"/my/orders/{order.id}/accept",
                    json={"jsonrpc": "2.0", "method": "call", "params": params},
                    headers={"Content-Type": "application/json"},
                ).json()["result"]
                self.assertNotIn("error", answer)
                order.invalidate_recordset()
                paper = order.message_ids.attachment_ids.filtered(lambda paper, order=order: paper.name == f"{order.name}.pdf")
                self.assertEqual(OURS in paper[:1].raw.decode(), ours)
