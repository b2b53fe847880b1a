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
        # whom the host lets delete orders goes on deleting those outside the CRM, and no others
        group = self.env["res.groups"].create({"name": "Order Cleaner"})
        self.env["ir.model.access"].create(
            {
                "name": "cleaner",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "group_id": group.id,
                "perm_read": True,
                "perm_unlink": True,
            }
        )
        self.user_seller.group_ids += group | self.env.ref("sales_team.group_sale_salesman_all_leads")
        foreign = self._create_order(user=self.user_seller2, partner_id=self._create_customer(self.user_seller2, name="Theirs").id)
        foreign = foreign.with_user(self.user_seller)
        other = self._create_order(partner_id=plain.partner_id.id)
        other.unlink()
        with self.assertRaises(KehuOrderDeletionError), self.env.cr.savepoint():
            foreign.unlink()
        self.assertFalse(other.exists())
        (self.order | rejected).unlink()
        self.assertFalse((self.order | rejected).exists())
        self.assertEqual((pending | approved | handed_over | plain).exists(), pending | approved | handed_over | plain)
