"""Set-up of flows, and the table of transitions."""

from itertools import product
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.approval import kehu_approval_request
from ...models.approval.exceptions import KehuApprovalFlowError, KehuApprovalOpinionError, KehuApprovalTransitionError
from ...models.approval.kehu_approval_mixin import APPROVAL_STATES
from ...models.system.engine import as_engine
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalFlow(ApprovalCommon):
    def test_every_pair_of_states(self):
        """The engine itself can make the declared transitions only."""
        states = [state for state, _label in APPROVAL_STATES]
        allowed = self.order._KEHU_TRANSITIONS
        self.assertEqual(
            set(allowed),
            {
                ("draft", "pending"),
                ("rejected", "pending"),
                ("pending", "approved"),
                ("pending", "rejected"),
                ("pending", "draft"),
                ("approved", "draft"),
                ("rejected", "draft"),
            },
        )
        for source, target in product(states, states):
            with self.subTest(source=source, target=target):
                order = self._create_order()
                self._bring_to(order, source)
                engine = as_engine(order, "approval")
                if (source, target) in allowed:
                    engine.write({"kehu_approval_state": target})
                    self.assertEqual(order.kehu_approval_state, target)
                else:
                    with self.assertRaises(KehuApprovalTransitionError):
                        engine.write({"kehu_approval_state": target})
                    self.assertEqual(order.kehu_approval_state, source)

    def test_every_method_in_every_state(self):
        """What each public method makes of each state; everything else is refused and changes nothing."""
        methods = {
            "submit": ("pending", lambda order: order.kehu_submit(self.user_order_approver.id)),
            "approve": ("approved", lambda order: order.with_user(self.user_order_approver).kehu_approve()),
            "reject": ("rejected", lambda order: order.with_user(self.user_order_approver).kehu_reject("No")),
            "withdraw": ("draft", lambda order: order.kehu_withdraw()),
        }
        steps = {(source, step): target for (source, target), step in self.order._KEHU_TRANSITIONS.items()}
        for (source, _label), (step, (target, call)) in product(APPROVAL_STATES, methods.items()):
            with self.subTest(source=source, step=step):
                order = self._create_order()
                self._bring_to(order, source)
                if steps.get((source, step)) == target:
                    call(order)
                    self.assertEqual(order.kehu_approval_state, target)
                else:
                    with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_rule"):
                        call(order)
                    self.assertEqual(order.kehu_approval_state, source)

    def _bring_to(self, order, state):
        if state != "draft":
            self._submit(order)
        if state == "approved":
            order.with_user(self.user_order_approver).kehu_approve()
        elif state == "rejected":
            order.with_user(self.user_order_approver).kehu_reject("No")

    def test_opinions_are_text(self):
        order = self.order.with_user(self.user_seller)
        for comment in (5, ["Go"], {"text": "Go"}):
            for method, values in (("kehu_submit", (None, comment)), ("kehu_approve", (comment,)), ("kehu_reject", (comment,))):
                with self.subTest(method=method, comment=comment), self.assertRaisesRegex(KehuApprovalOpinionError, "in words"):
                    getattr(order, method)(*values)
        self.assertEqual((order.kehu_approval_state, order.kehu_request_id.id), ("draft", False))

    def test_flow_that_could_never_work(self):
        flows = self.env["kehu.approval.flow"].with_user(self.user_crm_admin)
        model = self.env["ir.model"]._get("sale.order")
        group = self.env.ref("kehu_crm.group_kehu_order_approver")
        step = [Command.create({"name": "Sales", "group_id": group.id})]
        for values in (
            {"model_id": self.env["ir.model"]._get("res.country").id, "step_ids": step},
            {"model_id": model.id, "step_ids": step, "domain": "[('no_such_field', '=', 1)]"},
            {"model_id": model.id, "step_ids": step, "domain": "__import__('os')"},
            {"model_id": model.id, "step_ids": step, "domain": "[('state', '='"},
            {"model_id": model.id},
        ):
            with self.subTest(values=values), self.assertRaises(KehuApprovalFlowError), self.env.cr.savepoint():
                flows.create({"name": "Broken", **values})

    def test_changing_a_flow_leaves_running_requests_alone(self):
        self._submit()
        flow = self.env.ref("kehu_crm.kehu_approval_flow_order")
        flow.step_ids.group_id = self.env.ref("kehu_crm.group_kehu_receipt_approver")
        flow.active = False
        self.order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(self.order.state, "sale")
        free = self._create_order()
        self.assertFalse(free.kehu_approval_required)
        free.action_confirm()
        self.assertEqual(free.state, "sale")

    def test_a_flow_with_something_waiting_is_kept(self):
        flow = self.env.ref("kehu_crm.kehu_approval_flow_order").with_user(self.user_crm_admin)
        self._submit()
        with self.assertRaisesRegex(KehuApprovalFlowError, f"{self.order.name}.*Archive the flow"), self.env.cr.savepoint():
            flow.unlink()
        flow.active = False
        self.order.with_user(self.user_order_approver).kehu_approve()
        flow.unlink()
        self.assertFalse(flow.exists())
        self.assertEqual(self.order.kehu_approval_state, "approved")

    def test_a_flow_in_use_that_nothing_waits_for_can_be_deleted(self):
        flow = self.env.ref("kehu_crm.kehu_approval_flow_contract").with_user(self.user_crm_admin)
        self.assertTrue(flow.active)
        steps = flow.step_ids
        flow.unlink()
        self.assertFalse(flow.exists() or steps.exists())

    def test_first_flow_that_fits(self):
        """By sequence, company and condition; changed set-up counts at once."""
        default = self.env.ref("kehu_crm.kehu_approval_flow_order")
        big = default.copy({"name": "Big", "sequence": 1, "domain": "[('amount_total', '>', 1000)]"})
        foreign = default.copy({"name": "Elsewhere", "sequence": 0, "domain": "[]"})
        foreign.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        large = self._create_order(order_line=[Command.create({"product_id": self.product.id, "product_uom_qty": 11})])
        flows = (self.order | large)._kehu_find_flows()
        self.assertEqual((flows[self.order], flows[large]), (default, big))

    def test_what_the_context_says(self):
        """A condition on something translated, or kept by company, is answered as the document's company has it, for everybody alike."""
        self.env["res.lang"]._activate_lang("zh_CN")
        term = self.env["account.payment.term"].create({"name": "Prepaid"})
        term.with_context(lang="zh_CN").name = "预付"
        default = self.env.ref("kehu_crm.kehu_approval_flow_order")
        flow = default.copy({"name": "Prepaid", "sequence": 1, "domain": "[('payment_term_id.name', 'ilike', 'prepaid')]"})
        default.copy({"name": "Dear", "sequence": 0, "domain": "[('order_line.product_id.standard_price', '>', 500)]"})
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.user_seller.company_ids |= other
        self.product.with_company(other).standard_price = 1000
        order = self._create_order(payment_term_id=term.id).with_user(self.user_seller)
        for lang, companies, active in (("en_US", order.company_id, True), ("zh_CN", other | order.company_id, False)):
            mine = order.with_context(lang=lang, allowed_company_ids=companies.ids, active_test=active)
            self.assertEqual(mine._kehu_find_flows()[mine], flow)

    def test_snapshot_of_the_request(self):
        self._submit()
        request = self.order.kehu_request_id
        self.assertRecordValues(
            request,
            [
                {
                    "name": self.order.name,
                    "requester_id": self.user_seller.id,
                    "owner_id": self.user_seller.id,
                    "approver_id": self.user_order_approver.id,
                    "decider_ids": self.user_order_approver.ids,
                    "participant_ids": self.user_order_approver.ids,
                    "kehu_department_id": self.department_east.id,
                    "company_id": self.order.company_id.id,
                    "state": "pending",
                }
            ],
        )
        self.order.kehu_withdraw()
        self._submit(approver=self.user_order_approver2)
        self.assertEqual(self.order.kehu_request_id.participant_ids, self.user_order_approver | self.user_order_approver2)

    def test_who_was_asked(self):
        """Each is told by the field, and finds by it, what they were asked about in any round."""
        self._submit()
        others = self.user_order_approver2, self.env.ref("base.user_admin")
        requests = type(self.env["kehu.approval.request"])
        rounds = (([self.user_order_approver], others), ([self.user_order_approver, others[0]], others[1:]))
        for asked, rest in rounds:
            for user, often in product((*asked, *rest), (False, True)):
                with self.subTest(user=user.name, often=often), patch.object(requests, "_kehu_asked_often", lambda *_arguments, o=often: o):
                    order = self.order.with_user(user).sudo()
                    self.assertIs(order.kehu_has_asked_me, user in asked)
                    same = order.search([("id", "=", order.id), ("kehu_has_asked_me", "=", user in asked)])
                    self.assertEqual(same, order)
                    self.assertFalse(order.search([("id", "=", order.id), ("kehu_has_asked_me", "=", user not in asked)]))
                    either = order.search([("id", "=", order.id), ("kehu_has_asked_me", "in", [True, False])])
                    self.assertEqual(either, order)
            self.order.kehu_withdraw()
            self._submit(approver=others[0])

    def test_whom_many_documents_were_submitted_to(self):
        """The list of what they were asked about is not gone through for each document that the database meets by its date."""
        requests = self.env["kehu.approval.request"].with_user(self.user_order_approver)
        orders = self.env["sale.order"].with_user(self.user_order_approver)
        day = "2026-01-01"
        for number in range(2):
            self._submit(self._create_order())
            self.env.registry.clear_cache()
            with patch.object(kehu_approval_request, "FEW_REQUESTS", 1):
                self.assertIs(requests._kehu_asked_often(day), bool(number))
                with self.assertQueryCount(0):
                    self.assertIs(requests._kehu_asked_often(day), bool(number))  # kept for the day
                query = orders._search([("kehu_has_asked_me", "=", True)])
                self.assertIs("= ANY(ARRAY(SELECT" in query.where_clause.code, not number)
        self.env.registry.clear_cache()
