"""Deputies: who may decide for whom, from which day to which, and what they never may."""

from datetime import timedelta

from freezegun import freeze_time
from markupsafe import Markup
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ...models.approval.exceptions import KehuApprovalDeciderError, KehuApprovalDeputyError
from .test_approval_step import SEES_ALL, StepCommon

TODAY = "2026-03-10"


@tagged("post_install", "-at_install")
class TestApprovalDeputy(StepCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(f"{TODAY} 09:00:00"))
        cls.flow.write({"step_ids": [Command.clear(), Command.create({"name": "Sales", "kind": "users", **cls._users(cls.anna)})]})
        # one who sees no more orders than they are asked about
        roles = "kehu_crm.group_kehu_order_approver"
        cls.dora = new_test_user(cls.env, "kehu_dora", groups=roles, name="Dora", lang="en_US")

    def _deputy(self, user, deputy, start=0, end=0, as_user=None, **values):
        today = fields.Date.to_date(TODAY)
        return (
            self.env["kehu.approval.deputy"]
            .with_user(as_user or user)
            .create(
                {
                    "user_id": user.id,
                    "deputy_id": deputy.id,
                    "date_from": today + timedelta(days=start),
                    "date_to": end is not None and today + timedelta(days=end),
                    **values,
                }
            )
        )

    def _deciders(self, order=None):
        return (order or self.order).sudo().kehu_request_id.decider_ids

    def _cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_approval_cron_deputies").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def test_hostile_values(self):
        """What no client of ours sends ends in a sentence, at creation and later."""
        away = self._deputy(self.anna, self.ben)
        for values in (
            {"date_from": "x"},
            {"date_to": "2026-13-01"},
            {"date_to": [1]},
            {"reason": "a\0b"},
            {"reason": "\ud83d"},
            {"deputy_id": 2**30},
            {"deputy_id": "x"},
            {"deputy_id": 2**40},
        ):
            with self.subTest(values=values):
                self._refused(KehuApprovalDeputyError, lambda values=values: self._deputy(self.anna, self.cora, 5, 6, **values))
                self._refused(KehuApprovalDeputyError, lambda values=values: away.write(values))
        away.write({"date_to": False, "reason": "Holiday 😀"})
        self.assertEqual((away.deputy_id, away.date_to, away.reason), (self.ben, False, "Holiday 😀"))

    # ------------------------------------------------------------
    # deciding
    # ------------------------------------------------------------

    def test_deputy_decides(self):
        self._deputy(self.anna, self.ben, reason="Holiday")
        self._submit()
        self.assertEqual(self._deciders(), self.anna | self.ben)
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna | self.ben)
        self.assertTrue(self.order.with_user(self.ben).kehu_can_decide)
        self.order.with_user(self.ben).kehu_approve("For Anna")
        decision = self.order.sudo().kehu_request_id.decision_ids[-1]
        self.assertEqual((decision.user_id, decision.on_behalf_id, decision.comment), (self.ben, self.anna, "For Anna"))
        self.assertEqual((self.order.state, self.order.sudo().activity_ids.ids), ("sale", []))

    def test_a_former_deputy_reads_no_later_round(self):
        """Who stood in reads the rounds in which they did, also when they decided; who was asked themselves goes on reading."""
        away = self._deputy(self.anna, self.dora)
        self._submit()
        self.assertEqual(self._deciders(), self.anna | self.dora)
        first = self.order.sudo().kehu_request_id
        self.order.with_user(self.dora).kehu_reject("No")
        away.unlink()
        self.assertTrue(self.order.with_user(self.dora).has_access("read"))
        self.order.sudo().message_subscribe((self.dora | self.anna).partner_id.ids)
        note = self.order.sudo().message_post(body=Markup("<p>secret</p>"))
        self.flow.write({"step_ids": [Command.clear(), Command.create({"name": "Sales", "kind": "users", **self._users(self.cora)})]})
        self._submit()
        second = self.order.sudo().kehu_request_id
        self.assertEqual(second.participant_ids, self.anna | self.cora)
        self.assertTrue(first.with_user(self.dora).has_access("read"))
        file = self.env["ir.attachment"].create({"name": "x", "raw": b"x", "res_model": "sale.order", "res_id": self.order.id})
        for record in (self.order, self.order.order_line, second, note, file):
            self.assertFalse(record.with_user(self.dora).has_access("read"), record._name)
        self.assertNotIn(self.dora.partner_id, self.order.sudo().message_partner_ids, "nor do messages reach them")
        self.assertIn(self.anna.partner_id, self.order.sudo().message_partner_ids)
        self.order.with_user(self.cora).kehu_reject("No")
        self._submit()
        self.assertEqual(self.order.sudo().kehu_request_id.participant_ids, self.anna | self.cora, "over many rounds")

    def test_the_absent_person_may_still_decide(self):
        self._deputy(self.anna, self.ben)
        self._submit()
        self.order.with_user(self.anna).kehu_approve()
        decision = self.order.sudo().kehu_request_id.decision_ids[-1]
        self.assertEqual((decision.user_id, decision.on_behalf_id.id, self.order.state), (self.anna, False, "sale"))

    def test_deputy_rejects_and_forwards(self):
        self._deputy(self.anna, self.ben)
        self._submit()
        self.order.with_user(self.ben).kehu_reject("No")
        self.assertEqual(self.order.sudo().kehu_request_id.decision_ids[-1].on_behalf_id, self.anna)
        self._submit()
        self.order.with_user(self.ben).kehu_forward(self.cora.id)
        decision = self.order.sudo().kehu_request_id.decision_ids[-1]
        self.assertEqual((decision.on_behalf_id, decision.target_user_id, self._deciders()), (self.anna, self.cora, self.cora))

    def test_named_after_the_submission(self):
        """Naming, changing and removing a deputy counts at once, also for what waits already."""
        self._submit()
        deputy = self._deputy(self.anna, self.ben)
        self.assertEqual(self._deciders(), self.anna | self.ben)
        self.assertTrue(self.order.with_user(self.ben).has_access("read"), "who decides, reads")
        deputy.deputy_id = self.cora
        self.assertEqual(self._deciders(), self.anna | self.cora)
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna | self.cora)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_approve(), "Anna", "Cora")
        deputy.date_to = fields.Date.to_date(TODAY) + timedelta(days=1)
        deputy.write({"date_from": "2026-03-11"})
        self.assertEqual(self._deciders(), self.anna, "tomorrow is not today")
        deputy.date_from = TODAY
        self.assertEqual(self._deciders(), self.anna | self.cora)
        deputy.unlink()
        self.assertEqual(self._deciders(), self.anna)
        self.assertEqual(self.order.sudo().activity_ids.user_id, self.anna)

    def test_dates_by_the_hourly_job(self):
        self._submit()
        self._deputy(self.anna, self.ben, start=1, end=2)
        self.assertEqual(self._deciders(), self.anna)
        for moment, expected in (
            ("2026-03-10 23:30:00", self.anna),
            ("2026-03-11 00:30:00", self.anna | self.ben),
            ("2026-03-12 23:30:00", self.anna | self.ben),
            ("2026-03-13 00:30:00", self.anna),
        ):
            with self.subTest(moment), freeze_time(moment):
                self._cron()
                self.assertEqual(self._deciders(), expected)
                self._cron()
                self.assertEqual(self._deciders(), expected, "run twice, it changes nothing")

    def test_dates_at_the_decision(self):
        """The job has not run yet: the dates are looked at again."""
        self._deputy(self.anna, self.ben, end=0)
        self._submit()
        with freeze_time("2026-03-11 00:01:00"):
            self.assertEqual(self._deciders(), self.anna | self.ben)
            self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_approve())
        self.env.invalidate_all()
        self.order.with_user(self.ben).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_midnight_where_the_absent_person_lives(self):
        """East of Greenwich, a day begins earlier."""
        self.anna.tz = "Asia/Shanghai"
        self._submit()
        self._deputy(self.anna, self.ben, start=1, end=1)
        with freeze_time("2026-03-10 16:30:00"):
            self._cron()
            self.assertEqual(self._deciders(), self.anna | self.ben)
            self.order.with_user(self.ben).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_without_end(self):
        self._deputy(self.anna, self.ben, end=None)
        with freeze_time("2030-01-01"):
            self._submit()
            self.order.with_user(self.ben).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    # ------------------------------------------------------------
    # what a deputy never may
    # ------------------------------------------------------------

    def test_no_chains(self):
        self._deputy(self.anna, self.ben)
        self._deputy(self.ben, self.cora)
        self._submit()
        self.assertEqual(self._deciders(), self.anna | self.ben)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.cora).kehu_approve())

    def test_never_own_documents(self):
        """Also where people may approve their own documents themselves."""
        self._deputy(self.anna, self.user_seller)
        for allowed in (False, True):
            self.flow.allow_self = allowed
            order = self._create_order()
            self._submit(order)
            with self.subTest(allowed=allowed):
                self.assertEqual(self._deciders(order), self.anna)
                self._refused(
                    KehuApprovalDeciderError, lambda order=order: order.with_user(self.user_seller).kehu_approve(), "own document"
                )

    def test_nobody_signs_for_two(self):
        """Where several have to sign, each signature is one person's: nobody signs for themselves and for who is away, or for two."""
        people = (self.anna, self.ben, self.cora)
        deputy = self.user_east_manager
        for user in (self.anna, self.ben):
            self._deputy(user, deputy)
        self._steps(self._users(*people, agree="number", minimum=2))
        self._submit()
        self.order.with_user(deputy).kehu_approve()
        self.assertEqual((self.order.state, self._deciders()), ("draft", self.ben | self.cora))
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(deputy).kehu_approve(), "already")
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual(self.order.state, "sale")
        self._steps(self._users(*people, agree="all"))
        order = self._create_order()
        self._submit(order)
        order.with_user(deputy).kehu_approve()
        self.assertEqual((order.state, self._deciders(order)), ("draft", self.ben | self.cora))
        self.assertEqual(order.sudo().kehu_request_id.decision_ids.on_behalf_id, self.anna)
        self._refused(KehuApprovalDeciderError, lambda: order.with_user(deputy).kehu_approve(), "already", "Ben")
        order.with_user(self.cora).kehu_approve()
        self.assertEqual(order.state, "draft", "Ben, or somebody to whom it is forwarded in his place")
        order.with_user(self.user_crm_admin).kehu_forward(self.user_sales_manager.id)
        order.with_user(self.user_sales_manager).kehu_approve()
        self.assertEqual(order.state, "sale")

    def test_own_signature_and_the_deputys(self):
        """Both are asked, one is the other's deputy: one person does not make “all of them”, in whichever order they try."""
        self._deputy(self.anna, self.ben)
        self._steps(self._users(self.anna, self.ben, agree="all"))
        self._submit()
        self.order.with_user(self.ben).kehu_approve("Mine")
        self.assertEqual((self.order.state, self._deciders()), ("draft", self.anna))
        self.assertFalse(self.order.sudo().kehu_request_id.decision_ids[-1].on_behalf_id)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).kehu_approve("Anna's"), "already", "Anna")
        self.assertFalse(self.order.with_user(self.ben).kehu_can_decide)
        self.order.with_user(self.anna).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_signed_before_it_was_sent_back(self):
        """Who signed as a deputy in an earlier turn of the step may sign in the next one."""
        self._deputy(self.anna, self.cora)
        self._steps(self._users(self.anna, self.ben, agree="all"), self._users(self.user_east_manager))
        request = self._submit()
        self.order.with_user(self.cora).kehu_approve()
        self.order.with_user(self.ben).kehu_approve()
        self.order.with_user(self.user_east_manager).kehu_reject("Again", request.sudo().step_line_ids[0].id)
        self.order.with_user(self.ben).kehu_approve()
        self.order.with_user(self.cora).kehu_approve()
        self.assertEqual(self._deciders(), self.user_east_manager)

    def test_long_reason(self):
        self._refused(KehuApprovalDeputyError, lambda: self._deputy(self.anna, self.ben, reason="x" * 501), "501")
        self.assertTrue(self._deputy(self.anna, self.ben, reason="x" * 500))

    def test_flows(self):
        other = self.flow.copy({"name": "Other", "sequence": 99})
        self._deputy(self.anna, self.ben, flow_ids=[Command.set(other.ids)])
        self._submit()
        self.assertEqual(self._deciders(), self.anna)
        other.active = False
        self.env.invalidate_all()
        self.order.kehu_withdraw()
        self._submit()
        self.assertEqual(self._deciders(), self.anna, "an archived flow is not all flows")
        self._deputy(self.anna, self.cora, flow_ids=[Command.set(self.flow.ids)])
        self.assertEqual(self._deciders(), self.anna | self.cora)

    def test_who_left(self):
        """Neither an archived deputy decides, nor anybody for an archived approver, nor for one who has left the role."""
        self._deputy(self.anna, self.ben)
        self._submit()
        self.ben.active = False
        self.assertEqual(self._deciders(), self.anna)
        self.ben.active = True
        self.assertEqual(self._deciders(), self.anna | self.ben)
        self.anna.active = False
        self.assertFalse(self._deciders())
        self._steps({"kind": "group", "group_id": self.role.id})
        self._deputy(self.user_order_approver, self.cora, flow_ids=[Command.set(self.flow.ids)])
        order = self._create_order()
        self._submit(order)
        self.role.user_ids = [Command.unlink(self.user_order_approver.id)]
        self._refused(KehuApprovalDeciderError, lambda: order.with_user(self.cora).kehu_approve())

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(self.env, "kehu_elsewhere", groups=SEES_ALL, company_id=company.id, company_ids=[Command.set(company.ids)])
        self._deputy(self.anna, stranger)
        self._submit()
        self.assertEqual(self._deciders(), self.anna)

    # ------------------------------------------------------------
    # who names whom
    # ------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_who_may_name_deputies(self):
        """People for themselves, managers for those they oversee, administrators for all."""
        cases = {
            (self.user_seller, self.user_seller): True,
            (self.user_seller, self.user_east_manager): False,
            (self.user_seller, self.user_seller2): False,
            (self.user_east_manager, self.user_seller): True,
            (self.user_east_manager, self.user_west_seller): False,
            (self.user_sales_manager, self.user_west_seller): True,
            (self.user_crm_admin, self.user_west_seller): True,
            (self.user_employee, self.user_employee): True,
            (self.user_employee, self.user_seller): False,
        }
        for (actor, absent), allowed in cases.items():
            with self.subTest(actor=actor.name, absent=absent.name):
                if allowed:
                    self.assertTrue(self._deputy(absent, self.cora, as_user=actor))
                else:
                    self._refused(AccessError, lambda absent=absent, actor=actor: self._deputy(absent, self.cora, as_user=actor))
        own = self._deputy(self.user_seller, self.cora)
        self.assertTrue(own.with_user(self.cora).has_access("read"), "the deputy sees it")
        self.assertFalse(own.with_user(self.user_west_seller).has_access("read"))
        for user in (self.cora, self.user_west_seller):
            for call in (
                lambda user=user: own.with_user(user).write({"deputy_id": user.id}),
                lambda user=user: own.with_user(user).unlink(),
            ):
                self._refused(AccessError, call)
        self._refused(AccessError, lambda: own.with_user(self.user_seller).write({"user_id": self.user_east_manager.id}))
        self.assertFalse(self.env["kehu.approval.deputy"].with_user(self.user_west_seller).search([("id", "=", own.id)]))

    def test_deputies_that_make_no_sense(self):
        portal = new_test_user(self.env, "kehu_portal_deputy", groups="base.group_portal")
        gone = new_test_user(self.env, "kehu_gone", groups="base.group_user")
        gone.active = False
        for deputy in (portal, gone):
            self._refused(KehuApprovalDeputyError, lambda deputy=deputy: self._deputy(self.anna, deputy), deputy.name)
        for values in ({"deputy": self.anna}, {"deputy": self.ben, "start": 2, "end": 1}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self._deputy(self.anna, **values)

    def test_who_could_not_open_the_documents(self):
        """Named for documents that their roles do not open, they could only fail at the decision."""
        for absent, values in (
            (self.anna, {}),
            (self.anna, {"flow_ids": [Command.set(self.flow.ids)]}),
            (self.user_seller, {"flow_ids": [Command.set(self.flow.ids)]}),
            (self.user_receipt_approver, {}),
        ):
            with self.subTest(absent=absent.name, **values):
                self._refused(
                    KehuApprovalDeputyError,
                    lambda absent=absent, values=values: self._deputy(absent, self.user_employee, **values),
                    self.user_employee.name,
                    absent.name,
                )
        self.assertTrue(self._deputy(self.user_seller, self.user_employee), "nobody asks a seller to approve anything")
        contracts = self.env.ref("kehu_crm.kehu_approval_flow_contract")
        deputy = self._deputy(self.anna, self.cora)
        for values in ({"deputy_id": self.user_employee.id}, {"flow_ids": [Command.set(contracts.ids)]}):
            self._refused(KehuApprovalDeputyError, lambda values=values: deputy.write(values))
        self._refused(KehuApprovalDeputyError, lambda: self._deputy(self.user_order_approver, self.cora), "Contract", "Cora")
        self.assertTrue(self._deputy(self.user_order_approver, self.cora, flow_ids=[Command.set(self.flow.ids)]))

    def test_asked_by_what_waits(self):
        """The flow has changed since: it is the documents that wait that count."""
        self._submit()
        self._steps(self._users(self.ben))
        self._refused(KehuApprovalDeputyError, lambda: self._deputy(self.anna, self.user_employee), self.user_employee.name)

    def test_manager_of_a_department(self):
        self._steps({"kind": "manager", "levels_up": 1})
        self._refused(KehuApprovalDeputyError, lambda: self._deputy(self.user_east_manager, self.user_employee))

    def test_left_the_role(self):
        """A deputy who cannot open the documents any more is none, and reads so instead of failing."""
        self._deputy(self.anna, self.ben)
        self.ben.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        self._submit()
        self.assertEqual(self._deciders(), self.anna)
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(self.ben).sudo(False)._kehu_check_decider(), "Anna")

    def test_a_seller_stands_in(self):
        """Who otherwise sees only what is theirs reads the document and its lines, changes nothing, and decides."""
        for deputy in (self.user_west_seller, self.user_order_approver2):
            order = self._create_order()
            self.assertFalse(order.with_user(deputy).has_access("read"))
            row = self._deputy(self.anna, deputy)
            self._submit(order)
            mine = order.with_user(deputy)
            with self.subTest(deputy=deputy.name):
                self.assertTrue(mine.has_access("read"))
                self.assertTrue(mine.order_line.has_access("read"))
                self.assertFalse(mine.has_access("write"))
                self.assertEqual(Form(mine).partner_id.id, self.customer.id)
                mine.kehu_approve("In her place")
                self.assertEqual(order.state, "sale")
            row.unlink()

    def test_applied_is_not_written_by_hand(self):
        """A client that says "applied" does not keep the job from bringing the requests up to date."""
        self._submit()
        self._deputy(self.anna, self.ben, start=1, end=3, applied=True).write({"applied": True})
        with freeze_time("2026-03-11 08:00:00"):
            self._cron()
            self.assertEqual(self._deciders(), self.anna | self.ben)

    def test_running(self):
        now, later = self._deputy(self.anna, self.ben), self._deputy(self.anna, self.cora, start=1, end=2)
        deputies = self.env["kehu.approval.deputy"].with_user(self.anna)
        self.assertEqual((now.is_running, later.is_running), (True, False))
        self.assertEqual(deputies.search([("is_running", "=", True), ("user_id", "=", self.anna.id)]), now)
        self.assertEqual(deputies.search([("is_running", "=", False), ("user_id", "=", self.anna.id)]), later)
        self.assertEqual(now.display_name, "Ben for Anna")

    def test_many_requests(self):
        """The cost of a deputy does not grow by a query for each request that waits."""
        counts = []
        for number in (3, 12):
            orders = self.env["sale.order"].browse().with_user(self.user_seller)
            for _number in range(number):
                orders |= self._create_order()
            orders.kehu_submit()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deputy = self._deputy(self.anna, self.ben)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            deputy.unlink()
        self.assertLessEqual(counts[1], counts[0] + 5)
