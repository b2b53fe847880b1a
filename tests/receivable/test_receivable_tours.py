"""In the browser, in Chinese: an instalment from the bank slip to the ledger, by everybody who has a hand in it."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableTours(ReceivableCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        for user in (cls.user_seller, cls.user_receipt_approver, cls.user_finance):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        cls.customer.write({"name": "兴城维涛网络有限公司", "email": "weitao@example.com"})
        cls.today = fields.Date.today()

    def _tour(self, path, name, user):
        self.start_tour(path, f"kehu_money_{name}", login=user.login, timeout=240)
        self.env.invalidate_all()

    def _plan(self, order):
        order.write(
            {
                "kehu_instalment_ids": [
                    Command.create({"name": "首付款", "amount": 300.0, "date_due": self.today - timedelta(days=2)}),
                    Command.create({"name": "尾款", "amount": 700.0, "date_due": self.today + timedelta(days=30)}),
                ]
            }
        )

    def test_an_instalment_is_received(self):
        order = self._create_order(10)
        self._plan(order)
        self._tour("/odoo/kehu-instalments", "seller", self.user_seller)
        receipt = self.env["kehu.receipt"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((receipt.state, receipt.amount, receipt.advance), ("pending", 300.0, 0.0))
        self.assertEqual(receipt.allocation_ids.instalment_id, order.kehu_instalment_ids[0])
        slips = self.env["ir.attachment"].search([("res_model", "=", receipt._name), ("res_id", "=", receipt.id)])
        self.assertEqual(slips.mapped("name"), ["银行回单.txt"])
        self._tour("/odoo/kehu-to-approve", "approver", self.user_receipt_approver)
        self.assertEqual((receipt.state, receipt.payment_id.move_id.state), ("approved", "posted"))
        self.assertEqual(receipt.payment_number, receipt.payment_id.name)
        self.assertEqual(order.kehu_instalment_ids.mapped("state"), ["paid", "waiting"])
        self._tour("/odoo/kehu-ledger-checks", "finance_check", self.user_finance)

    def test_what_is_too_much_is_freed(self):
        """The seller frees on the order, finance takes that back, and frees it again from the list of receivables."""
        order = self._create_order(10)
        receipt = self._receive(1000.0, [(order, 1000.0)])
        order.order_line.filtered("product_id").write({"product_uom_qty": 6, "price_unit": 100.0})
        self._tour(f"/odoo/sale.order/{order.id}", "seller_frees", self.user_seller)
        use = receipt.advance_use_ids
        self.assertEqual((use.kind, use.state, use.amount, use.create_uid), ("free", "approved", 400.0, self.user_seller))
        self.assertEqual((receipt.advance_open, order.kehu_amount_due), (400.0, 0.0))
        self._tour("/odoo/kehu-advance-uses", "finance_frees", self.user_finance)
        again = receipt.advance_use_ids - use
        self.assertEqual((use.state, again.state, again.amount, again.create_uid), ("cancelled", "approved", 400.0, self.user_finance))
        self.assertEqual((receipt.advance_open, order.kehu_amount_due), (400.0, 0.0))

    def test_finance_writes_to_customers(self):
        """An invoice of 500 that is 40 days overdue: on the statement, and on a letter."""
        day = self.today - timedelta(days=40)
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": day,
                "invoice_date_due": day,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"product_id": self.product.id, "quantity": 5, "price_unit": 100.0})],
            }
        )
        move.action_post()
        self._tour("/odoo/kehu-receivables", "finance_statement", self.user_finance)
        log = self.env["kehu.statement.letter"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(log.message_ids.attachment_ids), 1)
        self._tour("/odoo/kehu-dunning", "finance_dunning", self.user_finance)
        letter = self.env["kehu.dunning.letter"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((letter.state, letter.amount_to_pay), ("sent", 500.0))
