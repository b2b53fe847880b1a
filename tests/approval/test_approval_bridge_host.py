"""Kinds of the host, chosen by an administrator, whose own code writes columns that it otherwise calculates."""

from odoo.tests import tagged

from ...models.system.exceptions import KehuEngineOnlyError
from .test_approval_bridge import BridgeCommon


@tagged("post_install", "-at_install")
class TestApprovalBridgeHost(BridgeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for model, approver in (("crm.lead", cls.user_director), ("account.payment", cls.user_finance)):
            cls._choose(model)
            cls._flow(model, approver)

    def test_an_opportunity_is_won(self):
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "Pump", "type": "opportunity"})
        self.assertTrue(lead.kehu_approval_required)
        lead.action_set_won()
        self.assertEqual(lead.won_status, "won")

    def test_a_payment_is_posted(self):
        journal = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1)
        payment = self.env["account.payment"].create(
            {"payment_type": "inbound", "partner_type": "customer", "partner_id": self.partner.id, "amount": 10.0, "journal_id": journal.id}
        )
        payment.action_post()
        self.assertIn(payment.state, ("in_process", "paid"))

    def test_what_a_flow_asks_for_is_not_written_by_hand(self):
        flow = self.env["kehu.approval.flow"].search([("model_id.model", "=", "crm.lead")])
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "Pump", "type": "opportunity", "expected_revenue": 100.0})
        flow.domain = "[('prorated_revenue', '>=', 0)]"
        self._refused(KehuEngineOnlyError, lambda: lead.write({"prorated_revenue": lead.prorated_revenue + 5.0}))
