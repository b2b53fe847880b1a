"""Directors are told of big receipts."""

from odoo.tests import tagged

from .common import ReceivableCommon


@tagged("post_install", "-at_install")
class TestReceivableBigDeals(ReceivableCommon):
    def test_told_when_approved(self):
        """In the company's currency, once, and never of a small one or of one that only waits."""
        self.env.ref("kehu_crm.group_kehu_director").user_ids = self.user_director
        self.env.company.kehu_big_deal_amount = 1000
        order = self._create_order(quantity=50)
        small, big = self._create_receipt(999, [(order, 999)]), self._create_receipt(1000, [(order, 1000)])
        (small | big).kehu_submit(self.user_receipt_approver.id)
        told = [("res_model", "=", "kehu.receipt"), ("res_id", "in", (small | big).ids)]
        self.assertFalse(self.env["kehu.big.deal"].search_count(told))
        (small | big).with_user(self.user_receipt_approver).kehu_approve()
        deal = self.env["kehu.big.deal"].search(told)
        self.assertEqual((deal.res_id, deal.stage, deal.amount, deal.partner_id), (big.id, "receipt", 1000.0, self.customer))
        messages = self.env["mail.message"].search(
            [("model", "=", "kehu.receipt"), ("res_id", "=", big.id), ("partner_ids", "in", self.user_director.partner_id.ids)]
        )
        self.assertEqual(len(messages.filtered(lambda message: message.message_type == "user_notification")), 1)
        self.assertEqual(deal.with_user(self.user_director).action_open_document()["res_model"], "kehu.receipt")
