"""Several steps: who is asked, how many agree, which steps apply, and where a document goes from there."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ...models.approval.exceptions import (
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalFlowError,
    KehuApprovalOpinionError,
    KehuApprovalStepError,
    KehuApprovalTargetError,
    KehuApprovalTransitionError,
)
from .common import ApprovalCommon

SEES_ALL = "base.group_user,sales_team.group_sale_salesman_all_leads"


class StepCommon(ApprovalCommon):
    """An order's flow whose steps each test writes itself; three people who may be asked, none of them the seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.env.ref("kehu_crm.kehu_approval_flow_order")
        cls.role = cls.env.ref("kehu_crm.group_kehu_order_approver")
        cls.anna, cls.ben, cls.cora = (
            new_test_user(cls.env, f"kehu_{name.lower()}", groups=SEES_ALL, name=name, lang="en_US") for name in ("Anna", "Ben", "Cora")
        )

    @classmethod
    def _steps(cls, *steps, **flow):
        """Give the flow these steps, in this order, and other settings."""
        commands = [Command.clear()]
        for number, step in enumerate(steps):
            commands.append(Command.create({"name": f"Step {number + 1}", "sequence": number, "kind": "users", **step}))
        cls.flow.write({"step_ids": commands, **flow})
        return cls.flow.step_ids

    @staticmethod
    def _users(*users, **values):
        return {"user_ids": [Command.set([user.id for user in users])], **values}

    def _submit(self, order=None, choice=None, comment=None):
        order = self.order if order is None else order
        order.with_user(self.user_seller).kehu_submit(choice, comment)
        return order.kehu_request_id

    def _refused(self, error, call, *words):
        with self.assertRaises(error) as caught, self.env.cr.savepoint():
            call()
        for word in words:
            self.assertIn(word, str(caught.exception))

    def _states(self, order=None):
        return self.env["kehu.approval.request"].sudo().browse((order or self.order).kehu_request_id.id).step_line_ids.mapped("state")

    def _history(self, order=None):
        decisions = (order or self.order).sudo().kehu_request_id.decision_ids
        return [(decision.user_id.name, decision.result) for decision in decisions]


@tagged("post_install", "-at_install")
class TestApprovalStep(StepCommon):
    # ------------------------------------------------------------
    # set-up
    # ------------------------------------------------------------

    def test_step_that_could_never_work(self):
        email = self.env["ir.model.fields"]._get("sale.order", "name")
        elsewhere = self.env["ir.model.fields"]._get("crm.lead", "user_id")
        for values, words in (
            ({"kind": "chosen"}, "role"),
            ({"kind": "group"}, "role"),
            ({"kind": "users"}, "name the people"),
            ({"kind": "manager", "levels_up": 0}, "from 1 to 10"),
            ({"kind": "manager", "levels_up": 11}, "from 1 to 10"),
            ({"kind": "field"}, "field of the document"),
            ({"kind": "field", "user_field_id": email.id}, "does not name users"),
            ({"kind": "field", "user_field_id": elsewhere.id}, "does not name users"),
            (self._users(self.anna, self.user_employee), f"{self.user_employee.name} has no role"),
            (self._users(self.anna, agree="number", minimum=2), "only 1 are named"),
            (self._users(self.anna, self.ben, agree="number", minimum=0), "at least one"),
            (self._users(self.anna, time_limit=-1), "from 0 to"),
            (self._users(self.anna, time_limit=float("nan")), "from 0 to"),
            (self._users(self.anna, time_limit=float("inf")), "from 0 to"),
            (self._users(self.anna, remind_after=1e9), "from 0 to"),
            (self._users(self.anna, time_limit=2, remind_after=4), "before the time limit"),
            (self._users(self.anna, self.ben, agree="number", minimum=10**12), "“Number” of a step"),
            (self._users(self.anna, self.ben, agree="number", minimum="10000000000000"), "“Number” of a step"),
            (self._users(self.anna, minimum="many"), "“Number” of a step"),
            (self._users(self.anna, minimum=float("inf")), "“Number” of a step"),
            ({"kind": "manager", "levels_up": -(10**12)}, "Levels Up"),
            (self._users(self.anna, sequence=10**12), "Sequence"),
            (self._users(self.anna, domain="[('no_such_field', '=', 1)]"), "condition"),
            (self._users(self.anna, domain="__import__('os')"), "condition"),
        ):
            with self.subTest(values=values):
                self._refused(KehuApprovalFlowError, lambda values=values: self._steps(values), words)
        self._steps(self._users(self.anna))
        self._refused(KehuApprovalFlowError, lambda: self.flow.step_ids.write({"minimum": 10**12}), "“Number” of a step")
        for limit in (-1, 101, float("nan")):
            with self.subTest(tolerance=limit), mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.flow.tolerance_percent = limit
                self.env.flush_all()

    def test_flow_is_copied(self):
        """Steps, people and rules of the day of the submission count, whatever becomes of the flow."""
        self._steps(self._users(self.anna), self._users(self.ben))
        request = self._submit()
        self._steps(self._users(self.cora), allow_self=True, once_per_person=True)
        self.flow.active = False
        self.assertEqual(request.sudo().step_line_ids.user_ids, self.anna | self.ben)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.cora).kehu_approve(), "Anna")
        self.order.with_user(self.anna).kehu_approve()
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual((self.order.kehu_approval_state, self.order.state), ("approved", "sale"))

    # ------------------------------------------------------------
    # one after the other
    # ------------------------------------------------------------

    def test_two_steps(self):
        self._steps(self._users(self.anna, name="Sales"), self._users(self.ben, name="Finance"))
        request = self._submit(comment="Please").sudo()
        self.assertEqual((request.step_name, request.decider_ids, request.approver_id), ("Sales", self.anna, self.anna))
        self.assertEqual(self._states(), ["current", "waiting"])
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_approve(), "Anna")

        self.order.with_user(self.anna).kehu_approve("Good price")
        self.assertEqual((self.order.kehu_approval_state, self.order.state), ("pending", "draft"))
        self.assertEqual((request.step_name, request.decider_ids, request.approver_id), ("Finance", self.ben, self.ben))
        self.assertEqual(self._states(), ["approved", "current"])
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.ben)
        self.assertEqual(request.participant_ids, self.anna | self.ben)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.anna).kehu_approve(), "Ben")
        self._refused(KehuApprovalTransitionError, self._submit)

        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual((self.order.kehu_approval_state, self.order.state), ("approved", "sale"))
        self.assertEqual((self._states(), request.state), (["approved", "approved"], "approved"))
        self.assertFalse(request.decider_ids)
        self.assertEqual(self._history(), [("Seller", "submitted"), ("Anna", "approved"), ("Ben", "approved")])
        self.assertEqual(request.decision_ids.mapped("step_name"), ["Sales", "Sales", "Finance"])

    def test_reject_in_the_second_step(self):
        self._steps(self._users(self.anna), self._users(self.ben))
        self._submit()
        self.order.with_user(self.anna).kehu_approve()
        self.order.with_user(self.ben).kehu_reject("Too cheap")
        self.assertEqual((self.order.kehu_approval_state, self._states()), ("rejected", ["approved", "rejected"]))
        request = self._submit()
        self.assertEqual(request.sudo().decider_ids, self.anna, "a new round begins at the first step")
        self.assertEqual(request.sudo().participant_ids, self.anna | self.ben, "who was asked once, keeps reading")

    def test_withdraw_in_the_second_step(self):
        self._steps(self._users(self.anna), self._users(self.ben))
        request = self._submit()
        self.order.with_user(self.anna).kehu_approve()
        self.order.kehu_withdraw()
        self.assertEqual((self.order.kehu_approval_state, self._states()), ("draft", ["approved", "withdrawn"]))
        self.assertFalse(request.sudo().decider_ids)
        self.assertFalse(self.order.sudo().activity_ids)

    # ------------------------------------------------------------
    # how many
    # ------------------------------------------------------------

    def test_any(self):
        self._steps(self._users(self.anna, self.ben))
        request = self._submit()
        self.assertEqual((request.sudo().decider_ids, request.sudo().approver_id.id), (self.anna | self.ben, False))
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual(self.order.state, "sale")
        self._refused(KehuApprovalTransitionError, lambda: self.order.with_user(self.anna).kehu_approve(), "Ben")
        self.assertFalse(self.order.sudo().activity_ids)

    def test_all(self):
        self._steps(self._users(self.anna, self.ben, self.cora, agree="all"))
        request = self._submit().sudo()
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual((self.order.kehu_approval_state, request.decider_ids), ("pending", self.anna | self.cora))
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna | self.cora)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_approve(), "approved", "already")
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_reject("No"), "already")
        self.order.with_user(self.anna).kehu_approve()
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_all_and_one_rejects(self):
        self._steps(self._users(self.anna, self.ben, agree="all"), self._users(self.cora))
        self._submit()
        self.order.with_user(self.ben).kehu_approve()
        self.order.with_user(self.anna).kehu_reject("No")
        self.assertEqual((self.order.kehu_approval_state, self._states()), ("rejected", ["rejected", "waiting"]))
        self._refused(KehuApprovalTransitionError, lambda: self.order.with_user(self.cora).kehu_approve())

    def test_number(self):
        self._steps(self._users(self.anna, self.ben, self.cora, agree="number", minimum=2))
        request = self._submit().sudo()
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual((self.order.kehu_approval_state, request.decider_ids), ("pending", self.anna | self.ben))
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.cora).kehu_approve(), "already")
        self.order.with_user(self.anna).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_group(self):
        """Members on the day on which the step begins are asked; whoever leaves the role cannot decide."""
        self._steps(self._users(self.anna), {"kind": "group", "group_id": self.role.id, "agree": "all"})
        request = self._submit().sudo()
        self.role.user_ids = [Command.link(self.ben.id), Command.unlink(self.user_order_approver2.id)]
        self.order.with_user(self.anna).kehu_approve()
        self.assertEqual(request.decider_ids, self.user_order_approver | self.ben)
        self.role.user_ids = [Command.unlink(self.ben.id)]
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_approve(), "no longer a member")
        self.order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(self.order.kehu_approval_state, "pending", "all of them: somebody has to take the place of the one who left")
        self.role.user_ids = [Command.link(self.user_order_approver2.id)]
        self.order.with_user(self.user_crm_admin).kehu_forward(self.user_order_approver2.id)
        self.order.with_user(self.user_order_approver2).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    # ------------------------------------------------------------
    # who
    # ------------------------------------------------------------

    def test_manager(self):
        """The department's manager; the next one above; for a manager, their own."""
        self._steps({"kind": "manager"}, {"kind": "manager", "levels_up": 2})
        request = self._submit().sudo()
        self.assertEqual(request.step_line_ids.mapped("user_ids"), self.user_east_manager | self.user_sales_manager)
        self.assertEqual(request.decider_ids, self.user_east_manager)
        self._steps({"kind": "manager"})
        order = self._create_order(user=self.user_east_manager, user_id=self.user_east_manager.id)
        order.with_user(self.user_east_manager).kehu_submit()
        self.assertEqual(order.sudo().kehu_request_id.decider_ids, self.user_sales_manager)

    def test_manager_without_one(self):
        self._steps({"kind": "manager", "levels_up": 3})
        self._refused(KehuApprovalError, self._submit, self.order.name, "Step 1", "Manager of the submitter")
        self.department_west.manager_id = False
        self._steps({"kind": "manager"})
        order = self._create_order(
            user=self.user_west_seller, user_id=self.user_west_seller.id, partner_id=self._create_customer(self.user_west_seller).id
        )
        order.with_user(self.user_west_seller).kehu_submit()
        self.assertEqual(order.sudo().kehu_request_id.decider_ids, self.user_sales_manager, "a department without a manager is passed over")

    def test_field_of_the_document(self):
        field = self.env["ir.model.fields"]._get("sale.order", "user_id")
        self._steps({"kind": "field", "user_field_id": field.id})
        self._refused(KehuApprovalError, self._submit, "Salesperson", "nobody qualifies")
        self.flow.allow_self = True
        request = self._submit()
        self.assertEqual(request.sudo().decider_ids, self.user_seller)
        self.order.with_user(self.user_seller).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_field_that_names_who_cannot_read(self):
        """Nobody is asked about a kind of document that they cannot open at all; a colleague who can is asked, and reads this one."""
        self.env["ir.model.fields"].create(
            {
                "name": "x_boss_ids",
                "field_description": "Bosses",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "ttype": "many2many",
                "relation": "res.users",
            }
        )
        field = self.env["ir.model.fields"]._get("sale.order", "x_boss_ids")
        outsider = new_test_user(self.env, "kehu_reads_no_orders", groups="base.group_user")
        self._steps({"kind": "field", "user_field_id": field.id, "agree": "all"})
        self.order.sudo().x_boss_ids = outsider
        self._refused(KehuApprovalError, self._submit, "Bosses", "no role that opens it")
        self.order.sudo().x_boss_ids = outsider | self.user_west_seller
        self.assertEqual(self._submit().sudo().decider_ids, self.user_west_seller)
        order = self.order.with_user(self.user_west_seller)
        self.assertTrue(order.name)
        order.kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_own_documents(self):
        """Who submitted it, to whom it belongs, who made it: left out, unless the flow allows it."""
        self._steps(self._users(self.user_seller, self.anna, agree="all"))
        request = self._submit()
        self.assertEqual(request.sudo().decider_ids, self.anna)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.user_seller).kehu_approve(), "own document")
        self.order.kehu_withdraw()
        self.flow.allow_self = True
        self._submit()
        self.order.with_user(self.anna).kehu_approve()
        self.order.with_user(self.user_seller).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_several_choices(self):
        """A flow may let the submitter choose more than once."""
        chosen = {"kind": "chosen", "group_id": self.role.id}
        first, second = self._steps(chosen, chosen)
        one, two = self.user_order_approver, self.user_order_approver2
        self._refused(KehuApprovalError, self._submit, "Choose who")
        self._refused(KehuApprovalError, lambda: self._submit(choice={str(first.id): one.id}), "Choose who")
        self._refused(KehuApprovalError, lambda: self._submit(choice={first.id: one.id, second.id: self.anna.id}), "cannot approve")
        for junk in ("x", [1], 0, False, {"a": "b"}, -1, 1.5):
            with self.subTest(junk=junk):
                self._refused(KehuApprovalError, lambda junk=junk: self._submit(choice=junk))
        request = self._submit(choice={str(first.id): one.id, str(second.id): two.id})
        self.assertEqual(request.sudo().step_line_ids.mapped("user_ids"), one | two)
        self.assertEqual([line.user_ids for line in request.sudo().step_line_ids], [one, two])

    def test_other_company_and_strangers(self):
        """Named people who left, or do not work in the company of the document, are not asked."""
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(self.env, "kehu_elsewhere", groups=SEES_ALL, company_id=company.id, company_ids=[Command.set(company.ids)])
        self.ben.active = False
        self._steps(self._users(self.anna, self.ben, stranger))
        self.assertEqual(self._submit().sudo().decider_ids, self.anna)

    # ------------------------------------------------------------
    # which steps
    # ------------------------------------------------------------

    def test_condition_of_a_step(self):
        big = "[('amount_total', '>', 1000)]"
        self._steps(self._users(self.anna), self._users(self.ben, domain=big))
        small = self._submit()
        self.assertEqual(self._states(), ["current", "skipped"])
        self.order.with_user(self.anna).kehu_approve()
        self.assertEqual((self.order.state, small.sudo().state), ("sale", "approved"))
        large = self._create_order(order_line=[Command.create({"product_id": self.product.id, "product_uom_qty": 11})])
        self._submit(large)
        self.assertEqual(self._states(large), ["current", "waiting"])
        large.with_user(self.anna).kehu_approve()
        self.assertEqual((large.state, large.sudo().kehu_request_id.decider_ids), ("draft", self.ben))
        # the first step may be the one that does not apply
        self._steps(self._users(self.ben, domain=big), self._users(self.anna))
        order = self._create_order()
        self._submit(order)
        self.assertEqual((self._states(order), order.sudo().kehu_request_id.decider_ids), (["skipped", "current"], self.anna))

    def test_no_step_applies(self):
        self._steps(self._users(self.anna, domain="[('amount_total', '>', 1000)]"))
        self._refused(KehuApprovalError, self._submit, self.order.name, self.flow.name, "none of its steps applies")
        self.assertEqual(self.order.kehu_approval_state, "draft")

    # ------------------------------------------------------------
    # nobody
    # ------------------------------------------------------------

    def test_nobody(self):
        self._steps(self._users(self.anna), self._users(self.ben, name="Finance"))
        self.ben.active = False
        self._refused(KehuApprovalError, self._submit, self.order.name, "Finance", "nobody qualifies")
        self.flow.if_nobody = "administrator"
        request = self._submit().sudo()
        self.order.with_user(self.anna).kehu_approve()
        self.assertIn(self.user_crm_admin, request.decider_ids)
        self.assertNotIn(self.user_seller, request.decider_ids)
        self.order.with_user(self.user_crm_admin).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_too_few(self):
        """A number of signatures that cannot be reached is nobody, too: the submitter does not count."""
        self._steps(self._users(self.anna, self.user_seller, agree="number", minimum=2))
        self._refused(KehuApprovalError, self._submit, "nobody qualifies")
        self.flow.if_nobody = "administrator"
        self.assertIn(self.user_crm_admin, self._submit().sudo().decider_ids)

    # ------------------------------------------------------------
    # once per person
    # ------------------------------------------------------------

    def test_twice(self):
        self._steps(self._users(self.anna), self._users(self.anna, self.ben, agree="all"), self._users(self.anna))
        self._submit()
        for user in (self.anna, self.anna, self.ben, self.anna):
            self.assertEqual(self.order.state, "draft")
            self.order.with_user(user).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_once(self):
        self._steps(
            self._users(self.anna),
            self._users(self.anna, self.ben, agree="all"),
            self._users(self.anna),
            self._users(self.cora),
            once_per_person=True,
        )
        request = self._submit().sudo()
        self.order.with_user(self.anna).kehu_approve()
        self.assertEqual(request.decider_ids, self.ben, "Anna counts in the second step")
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual((request.decider_ids, self._states()), (self.cora, ["approved", "approved", "approved", "current"]))
        self.assertEqual([entry[1] for entry in self._history()], ["submitted", "approved", "approved", "skipped"])
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_once_needs_the_role(self):
        """Who has left the role of a later step does not decide in it, by an earlier signature neither."""
        self.anna.group_ids = [Command.link(self.role.id)]
        self._steps(self._users(self.anna, self.ben, agree="all"), {"kind": "chosen", "group_id": self.role.id}, once_per_person=True)
        request = self._submit(choice=self.anna.id).sudo()
        self.order.with_user(self.anna).kehu_approve()
        self.anna.group_ids = [Command.unlink(self.role.id)]
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual((self.order.kehu_approval_state, self._states()), ("pending", ["approved", "current"]))
        self.assertFalse(request.decider_ids)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.anna).kehu_approve(), "no longer a member")

    def test_once_ends_the_whole(self):
        """The last steps may all be taken by who has approved before."""
        self._steps(self._users(self.anna), self._users(self.anna, self.ben), once_per_person=True)
        self._submit()
        self.order.with_user(self.anna).kehu_approve()
        self.assertEqual((self.order.state, self._states()), ("sale", ["approved", "approved"]))

    # ------------------------------------------------------------
    # back
    # ------------------------------------------------------------

    def test_back_to_an_earlier_step(self):
        self._steps(self._users(self.anna), self._users(self.ben), self._users(self.cora), once_per_person=True)
        request = self._submit().sudo()
        lines = request.step_line_ids
        self._refused(
            KehuApprovalStepError, lambda: self.order.with_user(self.anna).kehu_reject("No", lines[0].id), "no earlier step", "Seller"
        )
        self.order.with_user(self.anna).kehu_approve()
        self.order.with_user(self.ben).kehu_approve()
        other = self._create_order()
        self._submit(other)
        cora = self.order.with_user(self.cora)
        for step_id in (lines[2].id, other.sudo().kehu_request_id.step_line_ids[0].id, 2**40, -1, "x", [1], True):
            with self.subTest(step_id=step_id):
                self._refused(KehuApprovalStepError, lambda step_id=step_id: cora.kehu_reject("No", step_id), "Step 1", "Step 2")
        self._refused(KehuApprovalOpinionError, lambda: cora.kehu_reject("", lines[0].id))
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_reject("No", lines[0].id), "Cora")
        cora.kehu_reject("Ask Anna about the discount", lines[0].id)
        self.assertEqual((self.order.kehu_approval_state, self._states()), ("pending", ["current", "waiting", "waiting"]))
        self.assertEqual((request.decider_ids, request.step_name), (self.anna, "Step 1"))
        self.assertEqual(self._history()[-1], ("Cora", "returned"))
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna)
        for user in (self.anna, self.ben, self.cora):
            self.assertEqual(self.order.state, "draft", "what was approved before counts no more")
            self.order.with_user(user).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    # ------------------------------------------------------------
    # on to others
    # ------------------------------------------------------------

    def test_forward(self):
        self._steps(self._users(self.anna, self.ben, agree="all"))
        request = self._submit().sudo()
        for user, error in (
            (self.user_seller, KehuApprovalDeciderError),
            (self.cora, KehuApprovalDeciderError),
            (self.user_east_manager, KehuApprovalDeciderError),
            (self.user_west_seller, AccessError),
        ):
            with self.subTest(user=user.name), mute_logger("odoo.addons.base.models.ir_rule"):
                self._refused(error, lambda user=user: self.order.with_user(user).kehu_forward(self.cora.id))
        self.cora.active = False
        portal = new_test_user(self.env, "kehu_portal_target", groups="base.group_portal")
        for target, words in ((self.cora, "archived"), (portal, "no employee"), (self.ben, "already"), (self.user_seller, "own document")):
            with self.subTest(target=target.name):
                self._refused(KehuApprovalTargetError, lambda target=target: self.order.with_user(self.anna).kehu_forward(target.id), words)
        for junk in (None, False, 0, -1, 2**40, "x", [1], {"id": 1}, True):
            with self.subTest(junk=junk):
                self._refused(
                    KehuApprovalTargetError, lambda junk=junk: self.order.with_user(self.anna).kehu_forward(junk), "no such person"
                )
        self.cora.active = True
        self.order.with_user(self.anna).kehu_forward(self.cora.id, "You know them better")
        self.assertEqual(request.decider_ids, self.ben | self.cora)
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.ben | self.cora)
        decision = request.decision_ids[-1]
        self.assertEqual((decision.user_id, decision.target_user_id, decision.result), (self.anna, self.cora, "forwarded"))
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.anna).kehu_approve())
        self.assertTrue(self.order.with_user(self.anna).has_access("read"), "who was asked keeps reading")
        self.order.with_user(self.ben).kehu_approve()
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_forward_within_a_role(self):
        self._steps({"kind": "chosen", "group_id": self.role.id})
        request = self._submit(choice=self.user_order_approver.id).sudo()
        order = self.order.with_user(self.user_order_approver)
        self._refused(KehuApprovalTargetError, lambda: order.kehu_forward(self.anna.id), "no member", self.role.name)
        order.kehu_forward(self.user_order_approver2.id)
        self.assertEqual((request.decider_ids, request.approver_id), (self.user_order_approver2, self.user_order_approver2))
        self.order.with_user(self.user_order_approver2).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_administrator_forwards_what_is_stuck(self):
        """Who leaves while something waits for them: administrators give it to somebody else, or it is withdrawn."""
        self._steps(self._users(self.anna, self.ben, agree="all"))
        request = self._submit().sudo()
        self.anna.action_archive()
        self.assertEqual(request.decider_ids, self.ben)
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual((self.order.kehu_approval_state, request.decider_ids.ids), ("pending", []))
        self.assertIn("Anna can no longer decide", self.order.with_user(self.user_seller).kehu_approval_hint)
        self.order.with_user(self.user_crm_admin).kehu_forward(self.cora.id, "Anna left")
        self.assertEqual(request.decider_ids, self.cora)
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_archived_approver_and_administrators(self):
        """Where the flow says so, administrators decide at once in the place of who left; come back, they are not asked again."""
        self._steps(self._users(self.anna), if_nobody="administrator")
        request = self._submit().sudo()
        self.anna.active = False
        self.assertIn(self.user_crm_admin, request.decider_ids)
        self.anna.active = True
        self.assertNotIn(self.anna, request.decider_ids)
        self.order.with_user(self.user_crm_admin).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_archived_and_back(self):
        self._steps(self._users(self.anna))
        request = self._submit().sudo()
        self.anna.active = False
        self.assertFalse(request.decider_ids)
        self.anna.active = True
        self.assertEqual(request.decider_ids, self.anna)
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna)

    def test_further_signatory(self):
        self._steps(self._users(self.anna), self._users(self.ben))
        request = self._submit().sudo()
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_add_signatory(self.cora.id), "Anna")
        anna = self.order.with_user(self.anna)
        self._refused(KehuApprovalTargetError, lambda: anna.kehu_add_signatory(self.user_seller.id), "own document")
        self._refused(KehuApprovalTargetError, lambda: anna.kehu_add_signatory(self.anna.id), "already")
        # whoever cannot open an order is neither offered nor accepted
        self._refused(KehuApprovalTargetError, lambda: anna.kehu_add_signatory(self.user_service.id), "opens documents")
        offered = anna._kehu_possible_targets(False)[anna]
        self.assertIn(self.cora, offered)
        self.assertNotIn(self.user_service, offered)
        anna.kehu_add_signatory(self.cora.id, "Please look at the margin")
        anna.kehu_add_signatory(self.user_east_manager.id)
        self.assertEqual(
            [line.user_ids.name for line in request.step_line_ids.sorted(lambda line: (line.sequence, line.id))],
            ["Anna", "Cora", "East Manager", "Ben"],
        )
        self.assertEqual(request.decider_ids, self.anna, "the present step goes on")
        for user in (self.anna, self.cora, self.user_east_manager, self.ben):
            self.assertEqual((request.decider_ids, self.order.state), (user, "draft"))
            self.order.with_user(user).kehu_approve()
        self.assertEqual(self.order.state, "sale")
        self.assertEqual([entry[1] for entry in self._history()], ["submitted", "added", "added", *["approved"] * 4])

    def test_one_further_signature_each(self):
        """Nobody is asked for the same further signature twice: a second click is refused, until they have signed."""
        self._steps(self._users(self.anna, self.ben, agree="all"))
        request = self._submit().sudo()
        anna, ben = self.order.with_user(self.anna), self.order.with_user(self.ben)
        anna.kehu_add_signatory(self.cora.id)
        self.assertNotIn(self.cora, ben._kehu_possible_targets(False)[ben])
        for order in (anna, ben):
            self._refused(KehuApprovalTargetError, lambda order=order: order.kehu_add_signatory(self.cora.id), "Cora is asked already")
        self.assertEqual([line.user_ids for line in request.step_line_ids], [self.anna | self.ben, self.cora])
        self.assertIn(self.cora, ben._kehu_possible_targets(True)[ben], "forwarding is another matter")
        for user in (self.anna, self.ben, self.cora):
            self.order.with_user(user).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    # ------------------------------------------------------------
    # what the document does
    # ------------------------------------------------------------

    def test_failure_of_the_last_step(self):
        """What the host refuses undoes the last decision; the steps before stand, and the approver reads why."""
        self._steps(self._users(self.anna), self._users(self.ben))
        request = self._submit().sudo()
        self.order.with_user(self.anna).kehu_approve()
        before = self._history()

        def refuse(orders):
            raise UserError(orders.env._("The warehouse is closed."))

        with patch.object(self.env.registry["sale.order"], "action_confirm", refuse):
            self._refused(UserError, lambda: self.order.with_user(self.ben).kehu_approve(), "warehouse is closed")
        self.env.invalidate_all()
        self.assertEqual(
            (self.order.kehu_approval_state, self._states(), request.decider_ids), ("pending", ["approved", "current"], self.ben)
        )
        self.assertEqual(self._history(), before)
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual(self.order.state, "sale")


@tagged("post_install", "-at_install")
class TestApprovalHandedOver(ApprovalCommon):
    def test_to_whom_would_decide(self):
        """A document that comes to belong to its decider does not wait for them any more; the others, or nobody, are told."""
        self.user_order_approver.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_user").id)]
        self._submit()
        request = self.order.sudo().kehu_request_id
        self.assertEqual(request.decider_ids, self.user_order_approver)
        self.order.sudo().user_id = self.user_order_approver
        self.assertFalse(request.decider_ids & self.user_order_approver)
        with self.assertRaisesRegex(UserError, "is your own document") as refused:
            self.order.with_user(self.user_order_approver).kehu_approve()
        self.assertNotIn(self.user_order_approver.name, str(refused.exception))
        self.order.sudo().user_id = self.user_seller
        self.assertIn(self.user_order_approver, request.decider_ids)
        self.order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(self.order.kehu_approval_state, "approved")
