"""Salespeople delete their own drafts."""

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.sales.exceptions import KehuOrderDeletionError
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesDeletion(ApprovalCommon):
    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_own_drafts_and_rejected_orders(self):
        rejected, pending, approved, handed_over = (self._create_order() for _number in range(4))
        self._submit(rejected)
        rejected.with_user(self.user_order_approver).kehu_reject("No")
        self._submit(pending)
        self._approve(approved)
        handed_over.sudo().user_id = self.user_seller2
        for order in (pending, approved, handed_over):
            with self.subTest(order.sudo().kehu_approval_state), self.assertRaises(UserError), self.env.cr.savepoint():
                order.unlink()
        plain = self._create_order(partner_id=self.env["res.partner"].create({"name": "No CRM customer"}).id)
        with self.assertRaises(KehuOrderDeletionError), self.env.cr.savepoint():
            plain.unlink()
        (self.order | rejected).unlink()
        self.assertFalse((self.order | rejected).exists())
        self.assertEqual((pending | approved | handed_over | plain).exists(), pending | approved | handed_over | plain)
