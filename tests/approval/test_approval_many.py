"""Many documents in one call: what can be done is done, the rest is told; and what it costs."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.approval.exceptions import KehuApprovalError, KehuApprovalOpinionError
from .test_approval_step import StepCommon


@tagged("post_install", "-at_install")
class TestApprovalMany(StepCommon):
    def _orders(self, number):
        return self.env["sale.order"].browse().with_user(self.user_seller).union(*(self._create_order() for _number in range(number)))

    def _waiting(self, number, **step):
        self._steps(self._users(self.anna, **step))
        orders = self._orders(number)
        orders.kehu_submit()
        return orders, orders.kehu_request_id.with_user(self.anna)

    # ------------------------------------------------------------
    # report
    # ------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_report(self):
        """Decided already, submitted anew, own, not asked, unseen, gone, refused by the host: each with its reason, the rest is done."""
        orders, requests = self._waiting(8)
        good, decided, anew, own, not_asked, unseen, closed, good2 = orders
        decided.with_user(self.anna).kehu_approve()
        anew.kehu_withdraw()
        anew.kehu_submit()
        own.sudo().user_id = self.anna
        not_asked.sudo().with_user(self.anna).kehu_forward(self.ben.id)
        refused_order = closed
        confirm = self.env.registry["sale.order"].action_confirm

        def refuse(orders):
            if refused_order in orders:
                raise UserError(orders.env._("The warehouse is closed."))
            return confirm(orders)

        with patch.object(self.env.registry["sale.order"], "action_confirm", refuse):
            outcome = requests.kehu_decide("approved", "All right")
        self.env.invalidate_all()
        reasons = {entry["id"]: entry["reason"] for entry in outcome["refused"]}
        self.assertEqual(set(outcome["done"]) | set(reasons), set(requests.ids))
        self.assertEqual(set(outcome["done"]), {order.kehu_request_id.id for order in (good, good2, unseen)})
        expected = {
            requests[1]: "cannot become",
            requests[2]: "submitted anew",
            requests[3]: "own document",
            requests[4]: "Ben",
            requests[6]: "warehouse is closed",
        }
        for request, words in expected.items():
            with self.subTest(words):
                self.assertIn(words, reasons[request.id])
        self.assertEqual((good | good2).mapped("state"), ["sale", "sale"])
        self.assertEqual((anew.state, own.sudo().state, not_asked.state, closed.state), ("draft",) * 4)
        self.assertEqual(closed.kehu_approval_state, "pending")
        names = {entry["id"]: entry["name"] for entry in outcome["refused"]}
        self.assertEqual(names[closed.kehu_request_id.id], closed.name)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_strangers_learn_nothing(self):
        orders, requests = self._waiting(2)
        stranger = self.user_west_seller
        outcome = requests.with_user(stranger).kehu_decide("approved")
        self.assertEqual((outcome["done"], len(outcome["refused"])), ([], 2))
        for entry in outcome["refused"]:
            self.assertEqual(entry["name"], "")
            self.assertNotIn(orders[0].name, entry["reason"])
        self.assertEqual(set(orders.mapped("kehu_approval_state")), {"pending"})
        gone = self.env["kehu.approval.request"].with_user(self.anna).browse([2**30, requests[0].id, requests[0].id])
        outcome = gone.kehu_decide("approved")
        self.assertEqual((outcome["done"], [entry["id"] for entry in outcome["refused"]]), ([requests[0].id], [2**30]))

    def test_hostile_values(self):
        _orders, requests = self._waiting(1)
        for result in ("withdrawn", "submitted", "escalated", "", None, 5, ["approved"], {"a": 1}, "action_approve"):
            with self.subTest(result=result):
                self._refused(KehuApprovalError, lambda result=result: requests.kehu_decide(result))
        for comment in (5, ["x"], {"a": 1}):
            self._refused(KehuApprovalOpinionError, lambda comment=comment: requests.kehu_decide("approved", comment))
        for comment in (None, "", "  "):
            self._refused(KehuApprovalOpinionError, lambda comment=comment: requests.kehu_decide("rejected", comment))
        for user_id in (None, "x", 2**40, [1]):
            with self.subTest(user_id=user_id):
                outcome = requests.kehu_decide("forwarded", "x", user_id)
                self.assertEqual(outcome["done"], [])
        self.assertEqual(requests.browse().kehu_decide("approved"), {"done": [], "refused": []})

    def test_long_texts(self):
        """Nobody reads, and no mail carries, an opinion of two million characters: every door refuses it and nothing is decided."""
        orders, requests = self._waiting(1)
        long, longest = "很" * 2_000_000, "很" * 5000
        mine = orders.with_user(self.anna)
        for call in (
            lambda: requests.kehu_decide("approved", long),
            lambda: mine.kehu_approve(long),
            lambda: mine.kehu_reject(long),
            lambda: mine.kehu_forward(self.ben.id, long),
            lambda: mine.kehu_add_signatory(self.ben.id, long),
            lambda: self._create_order().kehu_submit(None, long),
        ):
            self._refused(KehuApprovalOpinionError, call, "2000000", "5000")
        wizard = self._dialog(requests.action_approve(), self.anna)
        self._refused(KehuApprovalOpinionError, lambda: wizard.write({"comment": long}), "2000000")
        self.assertEqual(orders.kehu_approval_state, "pending")
        mine.kehu_approve(longest)
        self.assertEqual(orders.sudo().kehu_request_id.decision_ids[-1].comment, longest)

    def test_texts_that_nobody_can_keep_or_read(self):
        """NUL and half an emoji end in a sentence at every door; an opinion without a sign that one sees is none."""
        orders, requests = self._waiting(1)
        mine = orders.with_user(self.anna)
        wizard = self._dialog(requests.action_approve(), self.anna)
        draft = self._create_order()
        for bad in ("a\0b", "\0", "a\ud83d", "\ude00b"):
            for call in (
                lambda bad=bad: requests.kehu_decide("approved", bad),
                lambda bad=bad: mine.kehu_approve(bad),
                lambda bad=bad: mine.kehu_reject(bad),
                lambda bad=bad: mine.kehu_forward(self.ben.id, bad),
                lambda bad=bad: mine.kehu_add_signatory(self.ben.id, bad),
                lambda bad=bad: draft.kehu_submit(None, bad),
                lambda bad=bad: wizard.write({"comment": bad}),
                lambda bad=bad: wizard.create({"result": "approved", "comment": bad}),
                lambda bad=bad: wizard.env["kehu.approval.submit"].create({"res_model": "sale.order", "comment": bad}),
            ):
                with self.subTest(bad=bad):
                    self._refused(KehuApprovalOpinionError, call)
        for blank in ("\u200b", " \u3000\u2060", "\u200e\n"):
            with self.subTest(blank=blank):
                self._refused(KehuApprovalOpinionError, lambda blank=blank: mine.kehu_reject(blank))
                self._refused(KehuApprovalOpinionError, lambda blank=blank: requests.kehu_decide("rejected", blank))
        self.assertEqual((orders.kehu_approval_state, draft.kehu_approval_state), ("pending", "draft"))
        mine.kehu_reject("😀")
        self.assertEqual(orders.sudo().kehu_request_id.decision_ids[-1].comment, "😀")

    def test_reject_forward_and_add(self):
        orders, requests = self._waiting(3)
        self.assertEqual(requests.kehu_decide("added", None, self.ben.id)["refused"], [])
        self.assertEqual(requests.kehu_decide("forwarded", "Please", self.cora.id)["refused"], [])
        self.assertEqual(requests.sudo().decider_ids, self.cora)
        outcome = requests.with_user(self.cora).kehu_decide("rejected", "Too cheap")
        self.assertEqual((len(outcome["done"]), set(orders.mapped("kehu_approval_state"))), (3, {"rejected"}))

    # ------------------------------------------------------------
    # dialogs
    # ------------------------------------------------------------

    def _dialog(self, action, user):
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def test_dialog_shows_what_was_refused(self):
        orders, requests = self._waiting(3)
        wizard = self._dialog(requests.action_approve(), self.anna)
        orders[1].kehu_withdraw()
        action = wizard.action_decide()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id), "the dialog stays open")
        self.assertEqual(wizard.done_count, 2)
        self.assertIn(orders[1].name, wizard.report)
        self.assertEqual(orders.mapped("state"), ["sale", "draft", "sale"])
        self.assertEqual(wizard.action_close()["type"], "ir.actions.act_window_close")

    def test_dialog_of_all(self):
        orders, requests = self._waiting(2)
        wizard = self._dialog(requests.action_reject(), self.anna)
        wizard.comment = "No"
        self.assertEqual(wizard.action_decide()["type"], "ir.actions.act_window_close")
        self.assertEqual(set(orders.mapped("kehu_approval_state")), {"rejected"})

    def test_dialog_back_to_a_step(self):
        self._steps(self._users(self.anna), self._users(self.ben))
        request = self._submit()
        self.order.with_user(self.anna).kehu_approve()
        wizard = self._dialog(self.order.with_user(self.ben).action_kehu_reject(), self.ben)
        self.assertEqual(wizard.earlier_ids, request.step_line_ids[0])
        wizard.write({"comment": "Once more", "step_id": wizard.earlier_ids.id})
        wizard.action_decide()
        self.assertEqual((self.order.kehu_approval_state, request.sudo().decider_ids), ("pending", self.anna))

    def test_dialog_forwards(self):
        self._steps(self._users(self.anna), self._users(self.ben))
        request = self._submit()
        wizard = self._dialog(self.order.with_user(self.anna).action_kehu_forward(), self.anna)
        self.assertIn(self.cora, wizard.candidate_ids)
        for user in (self.anna, self.user_seller, self.env.ref("base.public_user")):
            self.assertNotIn(user, wizard.candidate_ids)
        wizard.user_id = self.cora
        wizard.action_decide()
        self.assertEqual(request.sudo().decider_ids, self.cora)
        wizard = self._dialog(self.order.with_user(self.cora).action_kehu_add_signatory(), self.cora)
        wizard.user_id = self.user_east_manager
        wizard.action_decide()
        self.assertEqual(len(request.sudo().step_line_ids), 3)
        self._refused(UserError, self.order.with_user(self.ben).action_kehu_forward, "Cora")

    def test_dialog_of_the_submitter(self):
        """No choice, one, or several."""
        self._steps(self._users(self.anna))
        wizard = self._dialog(self.order.action_kehu_submit(), self.user_seller)
        self.assertFalse(wizard.needs_choice or wizard.candidate_ids or wizard.choice_ids)
        wizard.action_submit()
        self.assertEqual(self.order.kehu_approval_state, "pending")
        chosen = {"kind": "chosen", "group_id": self.role.id}
        self._steps(chosen, self._users(self.anna), chosen)
        order = self._create_order()
        wizard = self._dialog(order.action_kehu_submit(), self.user_seller)
        one, two = self.user_order_approver, self.user_order_approver2
        self.assertEqual((wizard.needs_choice, wizard.candidate_ids), (True, one | two))
        self.assertEqual(wizard.choice_ids.candidate_ids, one | two)
        self._refused(KehuApprovalError, wizard.action_submit, "Choose who")
        wizard.approver_id = one
        wizard.choice_ids.approver_id = two
        wizard.action_submit()
        self.assertEqual([line.user_ids for line in order.sudo().kehu_request_id.step_line_ids], [one, self.anna, two])
        self._steps(self._users(self.anna), self._users(self.ben))
        self.ben.active = False
        self._refused(KehuApprovalError, self._create_order().action_kehu_submit, "nobody qualifies")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_dialog_of_others(self):
        """Nobody uses the dialog of somebody else, or asks it about documents they do not see."""
        orders, requests = self._waiting(1)
        wizard = self._dialog(requests.action_approve(), self.anna)
        self.env.invalidate_all()
        other = wizard.with_user(self.user_west_seller)
        for attempt in (lambda: other.request_ids, other.action_decide):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            requests.with_user(self.user_west_seller).action_forward()
        self.assertEqual(orders.kehu_approval_state, "pending")

    # ------------------------------------------------------------
    # cost
    # ------------------------------------------------------------

    def _cost(self, call, until=None):
        """Queries of a call, with nothing but the set-up in memory; up to the call of a method of orders, or all of them."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()
        self.env.invalidate_all()
        marks = []
        begin = self.env.cr.sql_log_count
        if until:
            original = getattr(self.env.registry["sale.order"], until)

            def mark(orders):
                marks.append(self.env.cr.sql_log_count)
                return original(orders)

            with patch.object(self.env.registry["sale.order"], until, mark):
                call()
        else:
            call()
            self.env.flush_all()
        return (marks[0] if marks else self.env.cr.sql_log_count) - begin

    def _screen(self, orders, user):
        """Orders as the web client sends a call about them: with language, time zone and companies."""
        context = {"lang": user.lang, "tz": "Asia/Shanghai", "uid": user.id, "allowed_company_ids": user.company_ids.ids}
        return orders.with_user(user).with_context(**context)

    def test_cost_of_one(self):
        """Submit at most 14 queries, approve at most 9 before the host's own confirm, from cold.

        Cold: a server that has been running, so what the registry keeps (flows, roles, rights, ids of models) is known; and a new
        transaction, so no record is: order, lines, people, customer and company are all read anew. The shipped flow: the submitter chooses
        among a role; the approver wants e-mail. Counted up to the flush of the last change. When the transaction ends, the host adds its
        own: the message with the new state, and the bus.
        """
        approver = self.user_order_approver
        self.assertEqual((self.flow.step_ids.kind, approver.notification_type), ("chosen", "email"))
        for _round in ("warm", "measured"):
            order = self._create_order()
            seen, decided = self._screen(order, self.user_seller), self._screen(order, approver)
            submitting = self._cost(lambda seen=seen: seen.kehu_submit(approver.id, "Please"))
            self.assertEqual(order.sudo().kehu_request_id.decider_ids, approver)
            approving = self._cost(lambda decided=decided: decided.kehu_approve(), "_kehu_on_approved")
        self.assertLessEqual(submitting, 14)
        self.assertLessEqual(approving, 9)

    def test_cost_with_a_limit(self):
        """A customer with a credit limit: what they owe is asked for once, and the currency in which it is compared is read."""
        approver, company = self.user_order_approver, self.env.company
        company.kehu_credit_action = "approve"
        self.customer.with_env(self.env).with_company(company).credit_limit = 100000.0
        for _round in ("warm", "measured"):
            order = self._create_order()
            seen = self._screen(order, self.user_seller)
            submitting = self._cost(lambda seen=seen: seen.kehu_submit(approver.id, "Please"))
        self.assertEqual(order.kehu_approval_state, "pending")
        self.assertLessEqual(submitting, 16)

    def test_cost_after_a_restart(self):
        """The first submission of all, when the registry knows nothing yet, costs a bounded number more."""
        order = self._screen(self._create_order(), self.user_seller)
        self.env.registry.clear_all_caches()
        self.assertLessEqual(self._cost(lambda: order.kehu_submit(self.user_order_approver.id)), 65)

    def test_cost_of_one_in_memory(self):
        """What the engine itself asks and writes, once the document and its people are read, as a form has done."""
        self._steps({"kind": "chosen", "group_id": self.role.id})
        for _round in ("warm", "measured"):
            order = self._create_order()
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.env.flush_all()
            begin = self.env.cr.sql_log_count
            order.kehu_submit(self.user_order_approver.id)
            self.env.flush_all()
            count = self.env.cr.sql_log_count - begin
        self.assertLessEqual(count, 14)

    def test_cost_of_twenty(self):
        self._steps({"kind": "chosen", "group_id": self.role.id})
        approver = self.user_order_approver
        counts = {}
        for number in (1, 20, 20, 60):
            orders = self._orders(number)
            seen, decided = self._screen(orders, self.user_seller), self._screen(orders, approver)
            submitting = self._cost(lambda seen=seen: seen.kehu_submit(approver.id))
            approving = self._cost(lambda decided=decided: decided.kehu_approve(), "_kehu_on_approved")
            counts[number] = (submitting, approving)
        self.assertLessEqual(counts[20][1], 25)
        self.assertLessEqual(counts[60][1], counts[20][1] + 1)
        self.assertLessEqual(counts[60][0], counts[20][0] + 1)

    def test_cost_of_many_requests(self):
        """Through the list: the report costs a few queries more, not some for each."""
        counts = {}
        for number in (2, 20, 60):
            _orders, requests = self._waiting(number)
            counts[number] = self._cost(lambda requests=requests: requests.kehu_decide("approved"), "_kehu_on_approved")
        self.assertLessEqual(counts[20], 25)
        self.assertLessEqual(counts[60], counts[20] + 1)

    def test_cost_of_a_step_in_between(self):
        """The next step is opened for all at once."""
        counts = {}
        for number in (5, 20):
            self._steps(self._users(self.anna), self._users(self.ben))
            orders = self._orders(number)
            orders.kehu_submit()
            counts[number] = self._cost(lambda orders=orders: orders.with_user(self.anna).kehu_approve())
            self.assertEqual(orders.sudo().kehu_request_id.decider_ids, self.ben)
        self.assertLessEqual(counts[20], counts[5] + 3)

    def test_cost_of_rejecting(self):
        counts = {}
        for number in (5, 20):
            orders, _requests = self._waiting(number)
            counts[number] = self._cost(lambda orders=orders: orders.with_user(self.anna).kehu_reject("No"))
        self.assertLessEqual(counts[20], counts[5] + 3)
