"""From an opportunity to a confirmed order, as the people of the company live it."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ...models.approval.exceptions import (
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalFrozenError,
    KehuApprovalOpinionError,
    KehuApprovalTransitionError,
)
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestSalesStory(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("kehu_crm.group_kehu_order_approver").user_ids = cls.user_order_approver  # the only one

    def test_opportunity_to_confirmed_order(self):
        park = self._create_customer(self.user_seller, name="Suzhou Science Park")
        pump, hose = self._create_product(100.0, name="Pump"), self._create_product(20.0, name="Hose")

        # The seller has an opportunity with the customer and makes a quote with two products from it.
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "New wing", "type": "opportunity", "partner_id": park.id})
        self.assertEqual(lead.user_id, self.user_seller)
        self.assertEqual(lead.kehu_department_id, self.department_east)
        action = lead.action_new_quotation()
        with Form(self.env["sale.order"].with_user(self.user_seller).with_context(**action["context"])) as form:
            self.assertEqual(form.partner_id, park)
            with form.order_line.new() as line:
                line.product_id = pump
                line.product_uom_qty = 2
            with form.order_line.new() as line:
                line.product_id = hose
        quote = form.save()
        self.assertEqual((quote.kehu_document, quote.amount_total), ("quote", 220.0))
        self.assertEqual((quote.opportunity_id, quote.user_id, quote.kehu_customer_id), (lead, self.user_seller, park))

        # A quote of a CRM customer is not confirmed by a button; the form says what comes first.
        with self.assertRaisesRegex(UserError, "Convert it to an order and submit it"):
            quote.action_confirm()
        self.assertIn("still a quote", quote.kehu_approval_hint)

        # It becomes an order; there is one approver, so nobody has to be chosen.
        quote.kehu_to_order()
        order = quote
        self.assertTrue(order.kehu_can_submit)
        wizard = self._open_wizard(order.action_kehu_submit(), self.user_seller)
        self.assertEqual(wizard.approver_id, self.user_order_approver)
        wizard.comment = "Needed this week"
        wizard.action_submit()
        self.assertEqual((order.kehu_approval_state, order.kehu_progress, order.state), ("pending", "pending", "draft"))

        # While it waits, nobody changes it, and the seller does not decide on it.
        with self.assertRaises(KehuApprovalFrozenError):
            order.order_line[0].product_uom_qty = 1
        with self.assertRaises(KehuApprovalDeciderError):
            order.kehu_approve()
        with self.assertRaisesRegex(UserError, "waits for approval by Order Approver"):
            order.action_confirm()

        # The approver finds it in the list and in the activities, and rejects it with an opinion.
        waiting = (
            self.env["kehu.approval.request"]
            .with_user(self.user_order_approver)
            .search([("decider_ids", "in", self.user_order_approver.ids)])
        )
        self.assertEqual(waiting.mapped("name"), [order.name])
        self.assertIn("Suzhou Science Park", waiting.subject)
        self.assertEqual(order.activity_ids.user_id, self.user_order_approver)
        asked = self.as_user(order, self.user_order_approver)
        self.assertTrue(asked.kehu_can_decide)
        with self.assertRaises(KehuApprovalOpinionError):
            asked.kehu_reject(" ")
        wizard = self._open_wizard(waiting.action_reject(), self.user_order_approver)
        wizard.comment = "Two pumps are too many"
        wizard.action_decide()
        self.assertEqual((order.kehu_approval_state, order.kehu_progress), ("rejected", "rejected"))
        self.assertIn("Two pumps are too many", order.kehu_approval_hint)
        self.assertFalse(order.activity_ids)
        self.assertFalse(waiting.decider_ids)

        # The seller corrects it and submits it again; the approver approves, which confirms it.
        order.order_line[0].product_uom_qty = 1
        order.kehu_submit(self.user_order_approver.id, "One pump")
        asked.kehu_approve("Fine")
        self.assertEqual((order.kehu_approval_state, order.state, order.kehu_progress), ("approved", "sale", "approved"))
        self.assertEqual(order.amount_total, 120.0)
        self.assertEqual(lead.sale_order_count, 1)
        timeline = str(order.kehu_approval_timeline)
        for text in ("One pump", "Fine", "Two pumps are too many", "Needed this week"):
            self.assertIn(text, timeline)

        # It is decided: neither again, nor changed afterwards.
        with self.assertRaises(KehuApprovalTransitionError):
            asked.kehu_approve()
        with self.assertRaises(KehuApprovalFrozenError):
            order.order_line[0].price_unit = 1.0

    def test_portal_signature_waits_for_approval(self):
        """The customer signs online: the order is not confirmed, the salesperson is told to submit it."""
        order = self._create_order(self._create_customer(self.user_seller))
        order.action_quotation_sent()
        order.sudo()._validate_order()
        self.assertEqual(order.state, "sent")
        self.assertEqual(order.activity_ids.user_id, self.user_seller)
        order.kehu_to_order()
        order.with_user(self.user_seller).kehu_submit()
        order.sudo()._validate_order()
        self.assertEqual(order.state, "sent")
        order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(order.state, "sale")

    def test_other_partners_stay_as_the_host_has_them(self):
        partner = self.env["res.partner"].create({"name": "No CRM customer"})
        order = self._create_order(partner)
        self.assertFalse(order.kehu_approval_required)
        order.with_user(self.user_seller).action_confirm()
        self.assertEqual((order.state, order.kehu_approval_state, order.kehu_document), ("sale", "draft", "order"))
        order.order_line.product_uom_qty = 5
        self.assertEqual(order.amount_total, 500.0)
        with self.assertRaisesRegex(KehuApprovalError, "confirmed or cancelled|needs no approval"):
            order.with_user(self.user_seller).kehu_submit()

    def _create_order(self, partner, **values):
        return (
            self.env["sale.order"]
            .with_user(self.user_seller)
            .create({"partner_id": partner.id, "order_line": [(0, 0, {"product_id": self._create_product().id})], **values})
        )

    def _open_wizard(self, action, user):
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])
