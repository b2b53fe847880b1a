"""Two people spend one advance at once; a receipt is approved while the invoice is being posted: on real database connections."""

import psycopg2
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.receivable.exceptions import KehuAdvanceError, KehuOverAllocationError, KehuReceiptStateError
from ...models.system.engine import as_engine
from .test_receivable_race import ReceivableRace


@tagged("post_install", "-at_install")
class TestReceivableAdvanceRace(ReceivableRace):
    def _advance(self):
        """Make the first receipt an approved advance of 700; return its id."""
        env = self._new_env()
        receipt = env["kehu.receipt"].browse(self.receipt_ids[0])
        receipt.allocation_ids.unlink()
        for state in ("pending", "approved"):
            as_engine(receipt, "approval").write({"kehu_approval_state": state})
        receipt._kehu_on_approved()
        env.flush_all()
        self.assertEqual(receipt.advance_open, 700.0)
        env.cr.commit()
        return receipt.id

    def _uses(self, receipt_id, kinds):
        env = self._new_env()
        uses = env["kehu.advance.use"]
        for kind in kinds:
            values = {"receipt_id": receipt_id, "kind": kind}
            if kind == "use":
                values["line_ids"] = [Command.create({"order_id": self.order_id, "amount": 500.0})]
            else:
                journal = env["kehu.receipt"].browse(receipt_id).journal_id
                values.update(amount=500.0, journal_id=journal.id)
            uses |= uses.create(values)
        env.cr.commit()
        return uses.ids

    def _post(self, env, use_id):
        env["kehu.advance.use"].browse(use_id)._kehu_post()
        env.flush_all()

    def _race(self, *kinds):
        receipt_id = self._advance()
        use_ids = self._uses(receipt_id, kinds)
        first, second, third = self._new_env(), self._new_env(), self._new_env()
        third.cr.execute("SELECT 1 FROM kehu_receipt LIMIT 1")  # its snapshot is older than what the first one spends
        self._post(first, use_ids[0])
        with self.assertRaises(KehuReceiptStateError):
            self._post(second, use_ids[1])
        second.cr.rollback()
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self._post(third, use_ids[1])
        third.cr.rollback()
        third.clear()
        with self.assertRaises(KehuAdvanceError):
            self._post(third, use_ids[1])
        third.cr.rollback()
        self.assertEqual(self._new_env()["kehu.receipt"].browse(receipt_id).advance_open, 200.0)

    def test_two_uses_of_one_advance(self):
        self._race("use", "use")

    def test_use_and_refund_of_one_advance(self):
        self._race("use", "refund")

    def test_two_free_one_surplus(self):
        """Receipts of 700 and 300 for the order of 1,000, which is lowered to 600: of the 400 too much, two people free 300 each."""
        env = self._new_env()
        order, receipts = env["sale.order"].browse(self.order_id), env["kehu.receipt"].browse(self.receipt_ids)
        receipts[1].allocation_ids.amount = receipts[1].amount = 300.0
        for receipt in receipts:
            for state in ("pending", "approved"):
                as_engine(receipt, "approval").write({"kehu_approval_state": state})
            receipt._kehu_on_approved()
        flows = env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")])
        flows.active = False
        order.order_line.price_unit = 600.0
        flows.active = True
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due), (1000.0, -400.0))
        line = Command.create({"order_id": order.id, "amount": 300.0})
        uses = env["kehu.advance.use"].create([{"receipt_id": receipt.id, "kind": "free", "line_ids": [line]} for receipt in receipts])
        env.cr.commit()
        first, second, third = self._new_env(), self._new_env(), self._new_env()
        third.cr.execute("SELECT 1 FROM kehu_receipt LIMIT 1")  # its snapshot is older than what the first one frees
        self._post(first, uses.ids[0])
        with self.assertRaises(KehuReceiptStateError):
            self._post(second, uses.ids[1])
        second.cr.rollback()
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self._post(third, uses.ids[1])
        third.cr.rollback()
        third.clear()
        with self.assertRaisesRegex(KehuOverAllocationError, "100.00"):
            self._post(third, uses.ids[1])
        third.cr.rollback()
        check = self._new_env()
        order, receipts = check["sale.order"].browse(self.order_id), check["kehu.receipt"].browse(self.receipt_ids)
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due), (700.0, -100.0))
        self.assertEqual(receipts.mapped("advance_open"), [300.0, 0.0])

    def _draft_invoice(self):
        env = self._new_env()
        invoice = env["sale.order"].browse(self.order_id)._create_invoices()
        invoice.invoice_date = "2026-01-31"
        env.cr.commit()
        return invoice.id

    def test_receipt_approved_while_the_invoice_is_being_posted(self):
        """Whoever comes second waits or starts again, and finds the other: the receipt is always matched with the invoice."""
        invoice_id = self._draft_invoice()
        poster, approver, late = self._new_env(), self._new_env(), self._new_env()
        late.cr.execute("SELECT 1 FROM sale_order LIMIT 1")
        poster["account.move"].browse(invoice_id).action_post()
        poster.flush_all()
        with self.assertRaises(KehuReceiptStateError):
            self._approve(approver, 0)
        approver.cr.rollback()
        poster.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self._approve(late, 0)
        late.cr.rollback()
        late.clear()
        self._approve(late, 0)
        late.cr.commit()
        self.assertEqual(self._new_env()["account.move"].browse(invoice_id).amount_residual, 300.0)

    def test_invoice_posted_while_the_receipt_is_being_approved(self):
        invoice_id = self._draft_invoice()
        approver, poster, late = self._new_env(), self._new_env(), self._new_env()
        late.cr.execute("SELECT 1 FROM sale_order LIMIT 1")
        self._approve(approver, 0)
        poster.cr.execute("SET LOCAL lock_timeout = '300ms'")
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.LockNotAvailable):
            poster["account.move"].browse(invoice_id).action_post()
            poster.flush_all()
        poster.cr.rollback()
        approver.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            late["account.move"].browse(invoice_id).action_post()
            late.flush_all()
        late.cr.rollback()
        late.clear()
        late["account.move"].browse(invoice_id).action_post()
        late.cr.commit()
        check = self._new_env()
        self.assertEqual(check["account.move"].browse(invoice_id).amount_residual, 300.0)
        order = check["sale.order"].browse(self.order_id)
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due), (700.0, 300.0))
