"""Two people decide at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import LockNotAvailable, SerializationFailure

from ...models.approval.exceptions import (
    KehuApprovalBusyError,
    KehuApprovalDeciderError,
    KehuApprovalFrozenError,
    KehuApprovalTransitionError,
)
from ...models.system.engine import as_engine


@tagged("post_install", "-at_install")
class TestApprovalConcurrency(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            users = [
                new_test_user(env, f"kehu_race_{number}", groups="kehu_crm.group_kehu_order_approver", lang="en_US") for number in (1, 2)
            ]
            seller = new_test_user(env, "kehu_race_seller", groups="kehu_crm.group_kehu_user", lang="en_US")
            self.partner_ids = (users[0] | users[1] | seller).partner_id.ids
            self.user_ids = [user.id for user in (*users, seller)]
            customer = env["res.partner"].create({"name": "Race Ltd", "kehu_is_customer": True, "user_id": seller.id})
            product = env["product.product"].create({"name": "Race Pump", "type": "consu", "taxes_id": [Command.clear()]})
            order = env["sale.order"].create(
                {
                    "partner_id": customer.id,
                    "user_id": seller.id,
                    "kehu_document": "order",
                    "order_line": [Command.create({"product_id": product.id, "price_unit": 5})],
                }
            )
            order.with_user(seller).kehu_submit(users[0].id)
            both = {
                "decider_ids": [Command.set([user.id for user in users])],
                "participant_ids": [Command.set([user.id for user in users])],
            }
            as_engine(order.kehu_request_id, "approval").write(both)
            as_engine(order.kehu_request_id.step_line_ids, "approval").write({"user_ids": [Command.set([user.id for user in users])]})
            self.order_id, self.customer_id, self.product_id = order.id, customer.id, product.id

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            for query in (
                "DELETE FROM mail_activity WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM mail_followers WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM mail_message WHERE model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM kehu_approval_request WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM sale_order WHERE id = %(order)s",
                "DELETE FROM kehu_assignment WHERE partner_id = %(customer)s",
                "DELETE FROM res_users WHERE id = ANY(%(users)s)",
            ):
                cr.execute(query, {"order": self.order_id, "users": self.user_ids, "customer": self.customer_id})
            product = env["product.product"].browse(self.product_id)
            product.product_tmpl_id.unlink()
            cr.execute("DELETE FROM res_partner WHERE id = ANY(%s)", [[self.customer_id, *self.partner_ids]])

    def _order(self, cr, number):
        return api.Environment(cr, self.user_ids[number], {})["sale.order"].browse(self.order_id)

    def _state(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT o.kehu_approval_state, o.state, r.state, (SELECT count(*) FROM kehu_approval_decision d WHERE d.request_id = r.id)"
                " FROM sale_order o JOIN kehu_approval_request r ON r.id = o.kehu_request_id WHERE o.id = %s",
                [self.order_id],
            )
            return cr.fetchone()

    def test_second_while_the_first_decides(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._order(first, 0).kehu_approve("I was first")
            with self.assertRaisesRegex(KehuApprovalBusyError, "Somebody else is deciding"):
                self._order(second, 1).kehu_reject("Me too")
            second.rollback()
            first.commit()
            with self.assertRaisesRegex(KehuApprovalTransitionError, "kehu_race_1"):
                self._order(second, 1).kehu_reject("Me too")
            second.rollback()
        self.assertEqual(self._state(), ("approved", "sale", "approved", 2))

    @mute_logger("odoo.sql_db")
    def test_second_looked_before_the_first_decided(self):
        """The second saw "pending"; its lock fails, the host runs the request again, and then it sees what happened."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertEqual(self._order(second, 1).kehu_approval_state, "pending")
            self._order(first, 0).kehu_reject("No")
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._order(second, 1).kehu_approve()
            second.rollback()
            with self.assertRaises(KehuApprovalTransitionError):
                self._order(second, 1).kehu_approve()
            second.rollback()
        self.assertEqual(self._state(), ("rejected", "draft", "rejected", 2))

    def test_withdrawn_while_somebody_approves(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._order(first, 2).kehu_withdraw()
            with self.assertRaises(KehuApprovalBusyError):
                self._order(second, 0).kehu_approve()
            second.rollback()
            first.commit()
        self.assertEqual(self._state(), ("draft", "draft", "withdrawn", 2))

    @mute_logger("odoo.sql_db")
    def test_submitted_while_a_line_is_changed(self):
        """Who submits has seen the line as it is: who looked before it changed starts again, though the order's own columns did not."""
        with self.registry.cursor() as cr:
            self._order(cr, 2).kehu_withdraw()
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertEqual(self._order(second, 2).kehu_approval_state, "draft")
            self._order(first, 2).order_line.write({"name": "Something else"})
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._order(second, 2).kehu_submit(self.user_ids[0])
            second.rollback()
            self._order(second, 2).kehu_submit(self.user_ids[0])
            second.commit()
        with self.registry.cursor() as cr:
            self.assertIn("Something else", str(self._order(cr, 0).sudo().kehu_request_id.snapshot))

    @mute_logger("odoo.sql_db")
    def test_line_changed_while_its_order_is_submitted(self):
        """A change of a line that leaves the totals alone still meets the submission of its order."""
        with self.registry.cursor() as cr:
            self._order(cr, 2).kehu_withdraw()
            approver_id = self.user_ids[0]
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            line = self._order(second, 2).order_line
            self.assertEqual(line.order_id.kehu_approval_state, "draft")
            self._order(first, 2).kehu_submit(approver_id)
            first.commit()
            with self.assertRaises(SerializationFailure):
                line.write({"name": "Something else"})
            second.rollback()
            with self.assertRaises(KehuApprovalFrozenError):
                self._order(second, 2).order_line.write({"name": "Something else"})
            second.rollback()
            self._order(first, 2).kehu_withdraw()
            first.commit()
            self._order(second, 2).order_line.write({"name": "Something else"})
            with self.assertRaises(KehuApprovalBusyError):
                self._order(first, 2).kehu_submit(approver_id)
            first.rollback()
            second.rollback()

    def test_old_rows_are_not_kept_for_others(self):
        """A transaction that began before a role was taken away reads the old members, and does not make others read them."""
        with closing(self.registry.cursor()) as old, closing(self.registry.cursor()) as new:
            approvers = self._role(old)
            self.assertIn(self.user_ids[0], self._members(old, approvers))  # from here on it sees the rows of this moment
            env = api.Environment(new, SUPERUSER_ID, {})
            env["res.users"].browse(self.user_ids[0]).write({"group_ids": [Command.unlink(approvers)]})
            new.commit()
            self.assertIn(self.user_ids[0], self._members(old, approvers))
            self.assertNotIn(self.user_ids[0], self._members(new, approvers))
            new.commit()
            self.assertNotIn(self.user_ids[0], self._members(old, approvers), "what is kept is newer than its own rows")
            old.rollback()
            self.registry.clear_cache()
            self.assertNotIn(self.user_ids[0], self._members(old, approvers))

    def _role(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {}).ref("kehu_crm.group_kehu_order_approver").id

    def _members(self, cr, group_id):
        return api.Environment(cr, SUPERUSER_ID, {})["res.users"]._kehu_ids_of_role(group_id, False)


@tagged("post_install", "-at_install")
class TestApprovalStepConcurrency(BaseCase):
    """Races in flows with several people and steps. Each test makes its own flow, on committed rows, which are removed afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)
        self.flow_id = self.order_id = None
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            users = [
                new_test_user(env, f"kehu_step_race_{number}", groups="sales_team.group_sale_salesman_all_leads", lang="en_US")
                for number in (1, 2, 3)
            ]
            users.append(new_test_user(env, "kehu_step_race_seller", groups="kehu_crm.group_kehu_user", lang="en_US"))
            self.user_ids = [user.id for user in users]
            self.partner_ids = [user.partner_id.id for user in users]
            customer = env["res.partner"].create({"name": "Step Race Ltd", "kehu_is_customer": True, "user_id": self.user_ids[3]})
            product = env["product.product"].create({"name": "Race Valve", "type": "consu", "taxes_id": [Command.clear()]})
            self.customer_id, self.product_id = customer.id, product.id

    def _submitted(self, *steps):
        """An order that waits in a flow with these steps."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            flow = env["kehu.approval.flow"].create(
                {
                    "name": "Race",
                    "sequence": -1,
                    "model_id": env["ir.model"]._get("sale.order").id,
                    "domain": f"[('partner_id', '=', {self.customer_id})]",
                    "step_ids": [
                        Command.create({"name": f"Race {number}", "sequence": number, "kind": "users", **step})
                        for number, step in enumerate(steps)
                    ],
                }
            )
            order = env["sale.order"].create(
                {
                    "partner_id": self.customer_id,
                    "user_id": self.user_ids[3],
                    "kehu_document": "order",
                    "order_line": [Command.create({"product_id": self.product_id, "price_unit": 5})],
                }
            )
            self.flow_id, self.order_id = flow.id, order.id
            order.with_user(self.user_ids[3]).kehu_submit()

    def _people(self, *numbers, **values):
        return {"user_ids": [Command.set([self.user_ids[number] for number in numbers])], **values}

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            for query in (
                "DELETE FROM mail_activity WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM mail_followers WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM mail_message WHERE model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM kehu_approval_request WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM sale_order WHERE id = %(order)s",
                "DELETE FROM kehu_approval_flow WHERE id = %(flow)s",
                "DELETE FROM kehu_assignment WHERE partner_id = %(customer)s",
                "DELETE FROM res_users WHERE id = ANY(%(users)s)",
            ):
                values = {"order": self.order_id, "flow": self.flow_id, "users": self.user_ids, "customer": self.customer_id}
                cr.execute(query, values)
            env["product.product"].browse(self.product_id).product_tmpl_id.unlink()
            cr.execute("DELETE FROM res_partner WHERE id = ANY(%s)", [[self.customer_id, *self.partner_ids]])
        self.registry.clear_cache()
        self.registry.signal_changes()

    def _order(self, cr, number):
        return api.Environment(cr, self.user_ids[number], {})["sale.order"].browse(self.order_id)

    def _state(self):
        """State of the document, states of its steps, results of its decisions, and who may decide now."""
        with self.registry.cursor() as cr:
            order = api.Environment(cr, SUPERUSER_ID, {})["sale.order"].browse(self.order_id)
            request = order.kehu_request_id
            return (
                order.kehu_approval_state,
                request.step_line_ids.mapped("state"),
                request.decision_ids.mapped("result"),
                [self.user_ids.index(user.id) for user in request.decider_ids],
            )

    def test_any_of_two_at_once(self):
        self._submitted(self._people(0, 1))
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._order(first, 0).kehu_approve()
            with self.assertRaises(KehuApprovalBusyError):
                self._order(second, 1).kehu_approve()
            second.rollback()
            first.commit()
            with self.assertRaisesRegex(KehuApprovalTransitionError, "kehu_step_race_1"):
                self._order(second, 1).kehu_approve()
            second.rollback()
        self.assertEqual(self._state(), ("approved", ["approved"], ["submitted", "approved"], []))

    @mute_logger("odoo.sql_db")
    def test_all_of_two_at_once(self):
        """Neither signature is lost, and the document is approved once."""
        self._submitted(self._people(0, 1, agree="all"), self._people(2))
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertEqual(self._order(second, 1).kehu_approval_state, "pending")
            self._order(first, 0).kehu_approve()
            with self.assertRaises(KehuApprovalBusyError):
                self._order(second, 1).kehu_approve()
            first.commit()
            # the second still sees the time before; the host runs the request again
            second.rollback()
            self.assertEqual(self._order(second, 1).kehu_approval_state, "pending")
            self._order(second, 1).kehu_approve()
            second.commit()
        self.assertEqual(self._state(), ("pending", ["approved", "current"], ["submitted", "approved", "approved"], [2]))

    @mute_logger("odoo.sql_db")
    def test_all_seen_before_the_other_signed(self):
        self._submitted(self._people(0, 1, agree="all"))
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertEqual(self._order(second, 1).kehu_approval_state, "pending")
            self._order(first, 0).kehu_approve()
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._order(second, 1).kehu_approve()
            second.rollback()
            self._order(second, 1).kehu_approve()
            second.commit()
        self.assertEqual(self._state(), ("approved", ["approved"], ["submitted", "approved", "approved"], []))

    def test_approved_while_somebody_withdraws(self):
        self._submitted(self._people(0), self._people(1))
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._order(first, 0).kehu_approve()
            with self.assertRaises(KehuApprovalBusyError):
                self._order(second, 3).kehu_withdraw()
            second.rollback()
            first.commit()
            self._order(second, 3).kehu_withdraw()
            with self.assertRaises(KehuApprovalBusyError):
                self._order(first, 1).kehu_approve()
            first.rollback()
            second.commit()
            with self.assertRaises(KehuApprovalTransitionError):
                self._order(first, 1).kehu_approve()
            first.rollback()
        self.assertEqual(self._state(), ("draft", ["approved", "withdrawn"], ["submitted", "approved", "withdrawn"], []))

    @mute_logger("odoo.sql_db")
    def test_approved_while_somebody_writes(self):
        """What is approved is what was submitted: a write that began before the submission does not come in between."""
        self._submitted(self._people(0))
        with self.registry.cursor() as cr:
            self._order(cr, 3).kehu_withdraw()
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            seller = self._order(second, 3)
            self.assertEqual(seller.kehu_approval_state, "draft")
            self._order(first, 3).kehu_submit()
            first.commit()
            self._order(first, 0).kehu_approve()
            first.commit()
            with self.assertRaises(SerializationFailure):
                seller.write({"note": "Half the price"})
                second.flush()
            second.rollback()
            with self.assertRaises(KehuApprovalFrozenError):
                self._order(second, 3).write({"note": "Half the price"})
            second.rollback()
        self.assertEqual(self._state()[0], "approved")

    @mute_logger("odoo.sql_db")
    def test_written_while_somebody_approves(self):
        self._submitted(self._people(0))
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._order(first, 0).kehu_approve()
            with self.assertRaises(KehuApprovalFrozenError):
                self._order(second, 3).write({"note": "Half the price"})
            second.rollback()
            # a new line waits for the decision; here it is told not to wait long
            second.execute("SET LOCAL lock_timeout = '100ms'")
            with self.assertRaises(LockNotAvailable):
                self._order(second, 3).write({"order_line": [Command.create({"product_id": self.product_id})]})
            second.rollback()
            first.commit()
            with self.assertRaises(KehuApprovalFrozenError):
                self._order(second, 3).write({"note": "Half the price"})
            second.rollback()
        self.assertEqual(self._state()[0], "approved")

    def test_forwarded_while_somebody_approves(self):
        self._submitted(self._people(0))
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._order(first, 0).kehu_forward(self.user_ids[2], "Yours")
            with self.assertRaises(KehuApprovalBusyError):
                self._order(second, 0).kehu_approve()
            second.rollback()
            first.commit()
            with self.assertRaises(KehuApprovalDeciderError):
                self._order(second, 0).kehu_approve()
            second.rollback()
            self.assertEqual(self._state(), ("pending", ["current"], ["submitted", "forwarded"], [2]))
            self._order(first, 2).kehu_approve()
            with self.assertRaises(KehuApprovalBusyError):
                self._order(second, 2).kehu_forward(self.user_ids[1])
            second.rollback()
            first.commit()
        self.assertEqual(self._state(), ("approved", ["approved"], ["submitted", "forwarded", "approved"], []))

    @mute_logger("odoo.sql_db")
    def test_job_while_somebody_approves(self):
        """The job of time limits passes over what somebody is deciding on, and waits for nobody."""
        self._submitted(self._people(0, time_limit=1, escalate="administrator"))
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE kehu_approval_request_step SET date_due = now() - interval '1 day', date_alarm = now() - interval '1 day' "
                "WHERE request_id IN (SELECT kehu_request_id FROM sale_order WHERE id = %s)",
                [self.order_id],
            )
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._order(first, 0).kehu_approve()
            api.Environment(second, SUPERUSER_ID, {})["kehu.approval.request.step"]._cron_alarms()
            first.commit()
            api.Environment(second, SUPERUSER_ID, {})["kehu.approval.request.step"]._cron_alarms()
        self.assertEqual(self._state(), ("approved", ["approved"], ["submitted", "approved"], []))
