from datetime import date

import pytz
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.approval.exceptions import KehuApprovalDeciderError, KehuApprovalFrozenError, KehuApprovalOpinionError
from ...models.pool.exceptions import KehuOwnershipRightsError, KehuOwnershipStateError
from ...models.receivable.exceptions import KehuOverAllocationError, KehuReceiptRightError
from .common import StoryCommon


@tagged("post_install", "-at_install")
class TestMainJob(StoryCommon):
    """The main job from the workbook to the settled receivable, each step by the right person, the wrong one refused.

    manager imports → manager assigns, salesperson claims → contact record → opportunity and quote → order rejected, corrected, approved
    → invoice → receipt for a part → second receipt → settled
    """

    def refused(self, error, call, *args, **kwargs):
        with self.assertRaises(error), self.env.cr.savepoint():
            call(*args, **kwargs)

    def test_main_job(self):
        customers = self.customers_come_in()
        customer, claimed = self.customers_find_owners(customers)
        self.contact_record_moves_the_next_contact(customer)
        order = self.opportunity_becomes_an_order(customer)
        self.order_is_rejected_corrected_approved(order)
        invoice = self.order_is_invoiced(order)
        self.money_comes_in_two_parts(order, invoice)
        self.assertEqual(claimed.user_id, self.user_seller2, "nobody else was touched")

    # -- 1: the workbooks -------------------------------------------------------------------------------------------------------------

    def customers_come_in(self):
        self.refused(AccessError, self._import, "customers_a.xls", self.user_seller)
        for filename in ("customers_a.xls", "customers_b.xlsx"):
            batch = self._import(filename, self.user_east_manager)
            self.assertEqual((batch.row_count, batch.done_count, batch.problem_count), (180, 180, 0))
        customers = self.env["res.partner"].search([("ref", "in", ["KH00001", "KH00181"])], order="ref")
        self.assertEqual(len(customers), 2)
        for customer in customers:
            self.assertFalse(customer.user_id)
            self.assertTrue(customer.kehu_pool_id.is_default)
        again = self._import("customers_a.xls", self.user_east_manager)
        self.assertEqual((again.done_count, again.problem_count), (0, 180), "nothing comes in twice")
        self.assertTrue(all(problem.row and problem.reason for problem in again.problem_ids))
        return customers

    # -- 2: from the pool to an owner -------------------------------------------------------------------------------------------------

    def customers_find_owners(self, customers):
        first, second = customers
        seller, colleague, manager = self.user_seller, self.user_seller2, self.user_east_manager
        self.refused(KehuOwnershipRightsError, first.with_user(seller).kehu_assign, seller.id)
        self.refused(KehuOwnershipRightsError, first.with_user(manager).kehu_assign, self.user_west_seller.id)
        first.with_user(manager).kehu_assign(seller.id, reason="Knows the park")
        self.assertEqual((first.user_id, first.child_ids.user_id), (seller, seller), "the contact follows")
        self.assertFalse(first.kehu_pool_id)

        self.refused(UserError, second.with_user(self.user_service).kehu_claim)
        second.with_user(colleague).kehu_claim()
        self.refused(KehuOwnershipStateError, second.with_user(seller).kehu_claim)
        self.assertEqual(second.user_id, colleague)
        self.assertEqual(
            [(row.kind, row.author_id) for row in self.env["kehu.assignment"].search([("partner_id", "=", first.id)], order="id")],
            [("create", manager), ("assign", manager)],
        )
        self.refused(AccessError, self.env["kehu.assignment"].with_user(manager).search([], limit=1).write, {"reason": "forged"})
        self.refused(AccessError, first.with_user(colleague).read, ["name"])
        return first, second

    # -- 3: the contact record --------------------------------------------------------------------------------------------------------

    def contact_record_moves_the_next_contact(self, customer):
        values = {
            "partner_id": customer.id,
            "contact_id": customer.child_ids.id,
            "date": date(2025, 8, 31),
            "method": "visit",
            "content": "Looked at the pump house",
            "level_id": self.level.id,
            "plan": "Bring the offer",
        }
        records = self.env["kehu.contact.record"]
        self.refused(AccessError, records.with_user(self.user_seller2).create, values)
        self.refused(AccessError, records.with_user(self.user_finance).create, values)
        record = records.with_user(self.user_seller).create(values)
        self.assertEqual(record.next_contact, date(2025, 9, 3))
        self.assertEqual(customer.kehu_last_contact, date(2025, 8, 31))
        self.assertEqual(customer.kehu_next_contact, date(2025, 9, 3))
        self.assertEqual(customer.kehu_level_id, self.level)
        event = self.env["calendar.event"].search([("kehu_contact_record_id", "=", record.id)])
        self.assertEqual((event.user_id, event.partner_ids), (self.user_seller, self.user_seller.partner_id))
        self.assertIn("Bring the offer", event.name)
        local = pytz.utc.localize(event.start).astimezone(pytz.timezone(self.user_seller.tz or "UTC"))
        self.assertEqual(local.date(), date(2025, 9, 3))

    # -- 4: opportunity, quote, order -------------------------------------------------------------------------------------------------

    def opportunity_becomes_an_order(self, customer):
        seller = self.user_seller
        lead = (
            self.env["crm.lead"]
            .with_user(seller)
            .create(
                {"type": "opportunity", "name": "Pump house", "partner_id": customer.id, "user_id": seller.id, "expected_revenue": 30000}
            )
        )
        self.refused(AccessError, lead.with_user(self.user_seller2).read, ["name"])
        quote = (
            self.env["sale.order"]
            .with_user(seller)
            .create({"partner_id": customer.id, "opportunity_id": lead.id, "order_line": self._lines(pump=2, sensor=1)})
        )
        self.assertEqual((quote.kehu_document, quote.amount_total), ("quote", 30200.0))
        self.assertEqual(lead.quotation_count, 1)
        self.refused(AccessError, quote.with_user(self.user_seller2).kehu_to_order)
        quote.kehu_to_order()
        self.assertEqual((quote.kehu_document, quote.state), ("order", "draft"))
        return quote

    # -- 5: approval ------------------------------------------------------------------------------------------------------------------

    def order_is_rejected_corrected_approved(self, order):
        approver = self.user_order_approver
        self.refused(UserError, order.action_confirm)
        self.refused(AccessError, order.with_user(self.user_seller2).kehu_submit, approver_id=approver.id)
        self.refused(UserError, order.kehu_submit, approver_id=self.user_receipt_approver.id)
        order.kehu_submit(approver_id=approver.id, comment="Please look")
        self.assertEqual((order.kehu_approval_state, order.kehu_request_id.decider_ids), ("pending", approver))
        self.refused(KehuApprovalFrozenError, order.order_line[0].write, {"price_unit": 1.0})
        self.refused(KehuApprovalDeciderError, order.kehu_approve)
        self.refused(AccessError, order.with_user(self.user_receipt_approver).kehu_approve)
        self.refused(KehuApprovalDeciderError, order.with_user(self.user_director).kehu_approve)
        self.refused(KehuApprovalOpinionError, order.with_user(approver).kehu_reject, "")
        order.with_user(approver).kehu_reject("The second flow meter is missing")
        self.assertEqual((order.kehu_approval_state, order.state), ("rejected", "draft"))
        self.refused(UserError, order.action_confirm)

        order.order_line.filtered(lambda line: line.product_id == self.sensor).product_uom_qty = 2
        self.assertEqual(order.amount_total, 34800.0)
        order.kehu_submit(approver_id=approver.id)
        order.with_user(approver).kehu_approve("Fine")
        self.assertEqual((order.kehu_approval_state, order.state), ("approved", "sale"))
        self.refused(KehuApprovalFrozenError, order.write, {"order_line": [Command.create({"product_id": self.pump.id})]})
        decisions = self.env["kehu.approval.decision"].search(
            [("request_id.res_model", "=", "sale.order"), ("request_id.res_id", "=", order.id)],
        )
        self.assertEqual(sorted(decisions.mapped("result")), ["approved", "rejected", "submitted", "submitted"])

    # -- 6: the invoice, in the host --------------------------------------------------------------------------------------------------

    def order_is_invoiced(self, order):
        invoice = order.with_user(self.user_finance)._create_invoices()
        self.refused(AccessError, invoice.with_user(self.user_seller).action_post)
        self.refused(AccessError, invoice.with_user(self.user_order_approver).action_post)
        invoice.with_user(self.user_finance).action_post()
        self.assertEqual((invoice.state, invoice.amount_residual, invoice.payment_state), ("posted", 34800.0, "not_paid"))
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due, order.kehu_receipt_state), (0.0, 34800.0, "none"))
        return invoice

    # -- 7: the money -----------------------------------------------------------------------------------------------------------------

    def money_comes_in_two_parts(self, order, invoice):
        approver = self.user_receipt_approver
        first = self._receipt(order, 14800.0)
        self.refused(AccessError, self._receipt, order, 100.0, user=self.user_seller2)
        first.kehu_submit(approver_id=approver.id)
        self.refused(KehuApprovalDeciderError, first.kehu_approve)
        self.refused(AccessError, first.with_user(self.user_order_approver).kehu_approve)
        self.refused(KehuApprovalFrozenError, first.write, {"amount": 1.0})
        first.with_user(approver).kehu_approve("Seen on the bank statement")
        self.assertEqual(first.payment_id.move_id.state, "posted")
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (20000.0, "partial"))
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due, order.kehu_receipt_state), (14800.0, 20000.0, "partial"))
        self.refused(KehuReceiptRightError, first.with_user(self.user_seller).action_cancel)

        self.refused(KehuOverAllocationError, self._receipt, order, 20000.01)
        second = self._receipt(order, 20000.0)
        second.kehu_submit(approver_id=approver.id)
        second.with_user(approver).kehu_approve()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due, order.kehu_receipt_state), (34800.0, 0.0, "settled"))
        receivable = self.env["kehu.receivable"].with_user(self.user_seller).search([("order_id", "=", order.id)])
        self.assertEqual((receivable.amount_total, receivable.amount_received, receivable.amount_due), (34800.0, 34800.0, 0.0))
        self.assertTrue(receivable.settled)
        self.assertFalse(self.env["kehu.receivable"].with_user(self.user_seller2).search([("order_id", "=", order.id)]))

    def _receipt(self, order, amount, user=None):
        receipt = (
            self.env["kehu.receipt"]
            .with_user(user or self.user_seller)
            .create(
                {
                    "partner_id": order.partner_id.id,
                    "journal_id": self.bank.id,
                    "amount": amount,
                    "allocation_ids": [Command.create({"order_id": order.id, "amount": amount})],
                }
            )
        )
        receipt.flush_recordset()
        return receipt
