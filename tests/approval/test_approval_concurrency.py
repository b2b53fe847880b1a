"""Two people decide at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ...models.approval.exceptions import KehuApprovalBusyError, KehuApprovalFrozenError, KehuApprovalTransitionError
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
