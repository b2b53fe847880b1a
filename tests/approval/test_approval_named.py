"""What pending and approved documents name, or hang on, is not deleted from under them; and no company is a way round a flow."""

from odoo.fields import Command
from odoo.tests import tagged

from ...models.approval.exceptions import KehuApprovalGateError, KehuApprovalNamedError
from .common import ApprovalCommon
from .test_approval_bridge import BridgeCommon


@tagged("post_install", "-at_install")
class TestApprovalNamed(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term = cls.env["account.payment.term"].create({"name": "Thirty Days"})
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Partners"})
        cls.position = cls.env["account.fiscal.position"].create({"name": "Export"})
        cls.tax = cls.env["account.tax"].create({"name": "Three Percent", "amount": 3.0})
        cls.named = {"term": cls.term, "pricelist": cls.pricelist, "position": cls.position, "tax": cls.tax}
        cls.order.sudo().write({"payment_term_id": cls.term.id, "pricelist_id": cls.pricelist.id, "fiscal_position_id": cls.position.id})
        cls.order.sudo().order_line.tax_ids = cls.tax

    def _refused(self, records, *words):
        with self.assertRaises(KehuApprovalNamedError) as caught, self.env.cr.savepoint():
            records.unlink()
        self.env.invalidate_all()
        for word in words:
            self.assertIn(word, str(caught.exception))
        return str(caught.exception)

    def test_terms_of_an_approved_order(self):
        """The database would empty the field without a write; while the order waits and once it is approved."""
        for step in ("pending", "approved"):
            self._submit() if step == "pending" else self.order.with_user(self.user_order_approver).kehu_approve()
            for name, record in self.named.items():
                with self.subTest(state=step, named=name):
                    self._refused(record, record.display_name, self.order.name)
            self.assertEqual(self.order.sudo().payment_term_id, self.term)
        self._refused(self.term | self.env["account.payment.term"].create({"name": "Other"}))

    def test_nothing_waits(self):
        """Drafts, and what was withdrawn or cancelled, keep nobody from deleting."""
        self._submit()
        self._refused(self.position)
        self.order.kehu_withdraw()
        self.position.unlink()
        self.assertFalse(self.order.sudo().fiscal_position_id)
        self.order.kehu_submit(self.user_order_approver.id)
        self.order.with_user(self.user_order_approver).kehu_approve()
        self._refused(self.term)
        self.order.sudo()._action_cancel()
        self.term.unlink()

    def test_others_read_no_names(self):
        """Whoever may delete terms need not see the order."""
        self._submit()
        stranger = self.user_west_seller
        self.assertFalse(self.order.with_user(stranger).has_access("read"))
        with self.assertRaises(KehuApprovalNamedError) as caught:
            self.term.with_user(stranger)._unlink_except_named_in_frozen()
        self.assertNotIn(self.order.name, str(caught.exception))
        self.assertIn("do not see", str(caught.exception))

    def test_document_that_is_gone(self):
        """By SQL, past every guard: nobody is asked for ever; what has its document goes on waiting."""
        other = self._submit(self._create_order())
        self._submit()
        request = self.order.sudo().kehu_request_id
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sale_order_line WHERE order_id = %s", [self.order.id])
        self.env.cr.execute("DELETE FROM sale_order WHERE id = %s", [self.order.id])
        self.env.invalidate_all()
        counter = self.env["kehu.approval.request"].with_user(self.user_order_approver)
        self.assertEqual(counter.kehu_waiting_count()["count"], 2)
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_approval_cron_deputies").sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(counter.kehu_waiting_count()["count"], 1)
        self.assertEqual((request.state, request.step_line_ids.state, request.decision_ids[-1].result), ("withdrawn",) * 3)
        self.assertEqual((other.kehu_approval_state, other.sudo().kehu_request_id.state), ("pending", "pending"))
        gone = self.env["mail.activity"].sudo().search([("res_model", "=", "sale.order"), ("res_id", "=", self.order.id)])
        self.assertFalse(gone)
        self.assertEqual(self.env["kehu.approval.request"].sudo()._kehu_close_orphans(), 0, "run twice, it finds nothing")

    def test_cost(self):
        """Models that no document depends on cost nothing more to delete from."""
        self.env["kehu.approval.document"]._kehu_named()
        tags = self.env["res.partner.category"].create([{"name": f"T{number}"} for number in range(3)])
        self.assertNotIn("res.partner.category", self.env["kehu.approval.document"]._kehu_named())
        self.env.flush_all()
        with self.assertQueryCount(0):
            tags._unlink_except_named_in_frozen()


@tagged("post_install", "-at_install")
class TestApprovalNamedBridge(BridgeCommon):
    def _named(self, records, word):
        with self.assertRaisesRegex(KehuApprovalNamedError, word), self.env.cr.savepoint():
            records.unlink()
        self.env.invalidate_all()

    def test_cascade(self):
        """A price rule goes with its pricelist and with its category; also with what takes those along."""
        self._choose("product.pricelist.item")
        self._flow("product.pricelist.item", self.user_director)
        parent = self.env["product.category"].create({"name": "Machines"})
        child = self.env["product.category"].create({"name": "Presses", "parent_id": parent.id})
        pricelist = self.env["product.pricelist"].create({"name": "Partners"})
        rule = self.env["product.pricelist.item"].create(
            {"pricelist_id": pricelist.id, "applied_on": "2_product_category", "categ_id": child.id, "percent_price": 5.0}
        )
        rule = rule.with_user(self.user_crm_admin)
        rule.kehu_submit()
        for records in (pricelist, child, parent):
            self._named(records, "Pending")
        self.assertTrue(rule.exists())
        rule.with_user(self.user_director).kehu_approve("Fine")
        for records in (pricelist, child, parent):
            self._named(records, "Approved")
        rule.kehu_reopen("Ends")
        parent.unlink()
        self.assertFalse(rule.exists())

    def test_document_without_a_company(self):
        """Who works in two companies does not get past the flow of one by way of the other; people of the flow's company decide."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        author = self.user_crm_admin
        author.company_ids = [Command.link(other.id)]
        self._choose("crm.lost.reason", gate_domain="[('active', '=', True)]")
        self._flow("crm.lost.reason", self.user_director, company_id=self.env.company.id)
        reasons = self.env["crm.lost.reason"].with_user(author)
        self.assertNotIn("company_id", reasons._fields)
        for companies in ([self.env.company.id], [other.id], [other.id, self.env.company.id]):
            with self.subTest(companies=companies):
                there = reasons.with_context(allowed_company_ids=companies)
                with self.assertRaises(KehuApprovalGateError), self.env.cr.savepoint():
                    there.create({"name": "Too dear"})
                reason = there.create({"name": "Too dear", "active": False})
                with self.assertRaises(KehuApprovalGateError), self.env.cr.savepoint():
                    reason.active = True
                reason.kehu_submit()
                request = reason.sudo().kehu_request_id
                self.assertEqual((request.company_id, request.decider_ids), (self.env.company, self.user_director))
                reason.with_user(self.user_director).kehu_approve()
                reason.active = True
