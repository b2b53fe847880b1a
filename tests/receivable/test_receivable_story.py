"""How the money for two orders comes in: told step by step, each step by the person whose job it is."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableStory(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        flows = cls.env["kehu.approval.flow"].with_context(active_test=False)
        flows.search([("model_id.model", "=", "sale.order")]).active = True

    def _sell(self, quantity):
        """The seller sells ``quantity`` × 100, the order approver approves."""
        order = (
            self.env["sale.order"]
            .with_user(self.user_seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": quantity, "price_unit": 100.0})],
                }
            )
        )
        order.kehu_to_order()
        order.kehu_submit(self.user_order_approver.id)
        order.with_user(self.user_order_approver).kehu_approve("Fine")
        return order

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.addons.base.models.ir_model")
    def test_story(self):
        seller, approver, finance = self.user_seller, self.user_receipt_approver, self.user_finance

        # Two orders are approved: 1,000 and 500. The receivables of the seller show both, a colleague sees none.
        pumps, valves = self._sell(10), self._sell(5)
        self.assertEqual(pumps.state, "sale")
        mine = self.env["kehu.receivable"].with_user(seller).search([("settled", "=", False), ("partner_id", "=", self.customer.id)])
        self.assertEqual({row.order_id: row.amount_due for row in mine}, {pumps: 1000.0, valves: 500.0})
        self.assertFalse(self.env["kehu.receivable"].with_user(self.user_seller2).search([("partner_id", "=", self.customer.id)]))

        # Finance invoices the first order.
        invoice = self._invoice(pumps.sudo())

        # The customer's parent company pays 1,200. The seller presses Receive on the first row, types the amount and the payer,
        # and lets the rest go to the oldest open order.
        holding = self.env["res.partner"].create({"name": "Hangzhou Holding"})
        action = mine.filtered(lambda row: row.order_id == pumps).action_receive()
        with Form(self.env["kehu.receipt"].with_user(seller).with_context(**action["context"])) as form:
            self.assertEqual((form.partner_id, form.amount), (self.customer, 1000.0))
            form.amount = 1200.0
            form.payer = holding
            form.note = "Bank slip 88"
        receipt = form.record
        self.assertEqual(receipt.advance, 200.0)
        receipt.action_allocate()
        self.assertEqual({line.order_id: line.amount for line in receipt.allocation_ids}, {pumps: 1000.0, valves: 200.0})

        # It is submitted. Nothing has been received yet; the seller cannot approve it, nobody can change it.
        receipt.kehu_submit(approver.id, "Please check the slip")
        self.assertEqual((receipt.state, pumps.kehu_amount_received), ("pending", 0.0))
        with self.assertRaises(UserError):
            receipt.kehu_approve()
        with self.assertRaises(UserError):
            receipt.amount = 1300.0

        # The approver finds it among what waits for them and sends it back: the slip says 1,100.
        waiting = self.env["kehu.receipt"].with_user(approver).search([("kehu_request_id.decider_ids", "in", [approver.id])])
        self.assertEqual(waiting, receipt)
        waiting.kehu_reject("The slip says 1,100")
        self.assertEqual(receipt.state, "rejected")

        # Corrected and submitted again, it is approved: one payment, posted, the invoice paid, 100 waiting for the second invoice.
        receipt.allocation_ids.filtered(lambda line: line.order_id == valves).amount = 100.0
        receipt.amount = 1100.0
        receipt.kehu_submit(approver.id)
        receipt.with_user(approver).kehu_approve("Agrees with the bank")
        self.assertEqual(receipt.state, "approved")
        payment = receipt.sudo().payment_id
        self.assertEqual((payment.amount, payment.partner_id, payment.move_id.state), (1100.0, holding, "posted"))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertOrder(pumps, 1000.0, 1000.0, 0.0, "settled")
        self.assertOrder(valves, 0.0, 100.0, 400.0, "partial")
        self.assertEqual((pumps.kehu_progress, valves.kehu_progress), ("done", "approved"))

        # The second order is invoiced later: what was received in advance is matched at once.
        second = self._invoice(valves.sudo())
        self.assertEqual((second.amount_residual, second.payment_state), (400.0, "partial"))
        self.assertEqual(valves.kehu_progress, "approved", "Invoiced, but money is open")

        # The accountant registers the rest on the invoice itself; the receivable knows.
        self._pay(second, 400.0)
        self.assertOrder(valves, 500.0, 500.0, 0.0, "settled")
        self.assertEqual(valves.kehu_progress, "done")
        self.assertFalse(
            self.env["kehu.receivable"].with_user(seller).search([("settled", "=", False), ("id", "in", (pumps | valves).ids)])
        )

        # The bank takes the first payment back. The seller may not cancel the receipt, finance may: both orders owe again.
        with self.assertRaises(AccessError):
            receipt.with_user(seller).action_cancel()
        receipt.with_user(finance).action_cancel()
        self.assertEqual((receipt.state, payment.state), ("cancelled", "canceled"))
        self.assertOrder(pumps, 1000.0, 0.0, 1000.0, "none")
        self.assertOrder(valves, 500.0, 400.0, 100.0, "partial")
        self.assertEqual((pumps.kehu_progress, valves.kehu_progress), ("approved", "approved"))
