"""Two people approve two receipts for the same order at once, on two real database connections."""

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from ...models.receivable.exceptions import KehuOverAllocationError, KehuReceiptStateError
from ...models.system.engine import as_engine


class ReceivableRace(BaseCase):
    """Works on committed records, because two connections see nothing else, and removes them at the end."""

    def setUp(self):
        super().setUp()
        self.cursors = []
        self.addCleanup(self._close_cursors)  # an open transaction would block every test that follows
        env = self._new_env()
        flows = env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")])
        flows.active = False
        customer = env["res.partner"].create({"name": "Race Customer (test)", "kehu_is_customer": True})
        product = env["product.product"].create({"name": "Race Product (test)", "type": "consu", "taxes_id": [Command.clear()]})
        order = env["sale.order"].create(
            {"partner_id": customer.id, "order_line": [Command.create({"product_id": product.id, "price_unit": 1000.0})]}
        )
        order.action_confirm()
        flows.active = True
        journal = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1)
        receipts = env["kehu.receipt"].create(
            [
                {
                    "partner_id": customer.id,
                    "amount": 700.0,
                    "user_id": env.ref("base.user_admin").id,
                    "journal_id": journal.id,
                    "currency_id": order.currency_id.id,
                    "allocation_ids": [Command.create({"order_id": order.id, "amount": 700.0})],
                }
                for _number in range(2)
            ]
        )
        env.cr.commit()
        self.order_id, self.receipt_ids = order.id, receipts.ids
        self.records = {"res.partner": customer.ids, "product.product": product.ids}
        self.addCleanup(self._clean_up)

    def _new_env(self):
        """An environment on a connection of its own; where a lock is missing, a test fails and does not hang."""
        cursor = db_connect(get_db_name()).cursor()
        cursor.execute("SET lock_timeout = '30s'")
        cursor.commit()
        self.cursors.append(cursor)
        return api.Environment(cursor, SUPERUSER_ID, {})

    def _close_cursors(self):
        for cursor in self.cursors:
            if not cursor.closed:
                cursor.rollback()
                cursor.execute("RESET lock_timeout")
                cursor.commit()
                cursor.close()

    def _clean_up(self):
        self._close_cursors()
        env = self._new_env()
        receipts = env["kehu.receipt"].browse(self.receipt_ids)
        uses = receipts.advance_use_ids
        for use in uses:
            as_engine(use.move_id | use.payment_id.move_id, "receipt").button_draft()
        self._reset(uses)
        as_engine(uses, "receipt").write({"posted_on": False, "move_id": False, "payment_id": False})
        uses.unlink()
        payments = receipts.payment_id
        as_engine(payments.filtered(lambda payment: payment.state != "canceled"), "receipt").action_cancel()
        invoices = env["sale.order"].browse(self.order_id).invoice_ids
        invoices.filtered(lambda move: move.state == "posted").button_draft()
        invoices.with_context(force_delete=True).unlink()
        self._reset(receipts)
        as_engine(receipts, "receipt").write({"cancelled_on": False})
        entries = env["account.move"].search([("partner_id", "in", self.records["res.partner"]), ("move_type", "=", "entry")])
        entries |= env["account.move.line"].search([("partner_id", "in", self.records["res.partner"])]).move_id
        entries.with_context(force_delete=True).unlink()
        receipts.unlink()
        payments.unlink()
        order = env["sale.order"].browse(self.order_id)
        order.action_unlock()
        order._action_cancel()
        order.unlink()
        env["product.product"].browse(self.records["product.product"]).product_tmpl_id.unlink()
        env["res.partner"].browse(self.records["res.partner"]).unlink()
        env.cr.commit()
        self._close_cursors()

    def _reset(self, documents):
        decided = documents.filtered(lambda document: document.kehu_approval_state != "draft")
        as_engine(decided, "approval").write({"kehu_approval_state": "draft"})

    def _approve(self, env, number):
        """What the mixin does once the decision is written."""
        env["kehu.receipt"].browse(self.receipt_ids[number])._kehu_on_approved()
        env.flush_all()


@tagged("post_install", "-at_install")
class TestReceivableRace(ReceivableRace):
    def test_only_one_of_two_collects(self):
        first, second, third = self._new_env(), self._new_env(), self._new_env()
        third.cr.execute("SELECT 1 FROM sale_order LIMIT 1")  # its snapshot is older than the first approval
        self._approve(first, 0)
        with self.assertRaises(KehuReceiptStateError):
            self._approve(second, 1)
        second.cr.rollback()
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self._approve(third, 1)
        third.cr.rollback()
        third.clear()
        # the request runs again, as the host does after such a failure, and sees what the first one collected
        with self.assertRaises(KehuOverAllocationError):
            self._approve(third, 1)
        third.cr.rollback()
        check = self._new_env()
        order = check["sale.order"].browse(self.order_id)
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due), (700.0, 300.0))
        receipts = check["kehu.receipt"].browse(self.receipt_ids)
        self.assertEqual([bool(receipt.payment_id) for receipt in receipts], [True, False])

    def test_two_cancel_one_receipt(self):
        """The payment is taken back once, also where two people press the button at the same moment."""
        env = self._new_env()
        receipt = env["kehu.receipt"].browse(self.receipt_ids[0])
        for state in ("pending", "approved"):
            as_engine(receipt, "approval").write({"kehu_approval_state": state})
        self._approve(env, 0)
        env.cr.commit()
        first, second, third = self._new_env(), self._new_env(), self._new_env()
        third.cr.execute("SELECT 1 FROM kehu_receipt LIMIT 1")  # its snapshot is older than the first cancellation
        receipts = [env["kehu.receipt"].browse(receipt.id) for env in (first, second, third)]
        receipts[0].action_cancel()
        first.flush_all()
        with self.assertRaisesRegex(KehuReceiptStateError, "by somebody else at this moment"):
            receipts[1].action_cancel()
        second.cr.rollback()
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            receipts[2].action_cancel()
        third.cr.rollback()
        third.clear()
        with self.assertRaisesRegex(KehuReceiptStateError, "only an approved receipt"):
            receipts[2].action_cancel()
        third.cr.rollback()
        order = self._new_env()["sale.order"].browse(self.order_id)
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due), (0.0, 1000.0))
