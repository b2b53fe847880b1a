"""Two people confirm or enlarge orders of one customer at once, on two real connections: only one gets what is left of the limit."""

import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestCreditRace(BaseCase):
    """Works on committed records, because two connections see nothing else, and removes them at the end."""

    def setUp(self):
        super().setUp()
        self.cursors = []
        self.addCleanup(self._close_cursors)  # an open transaction would block every test that follows
        env = self._new_env()
        self.flow_ids = env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")]).ids
        env["kehu.approval.flow"].browse(self.flow_ids).active = False
        self.action = env.company.kehu_credit_action
        env.company.kehu_credit_action = "block"
        customer = env["res.partner"].create({"name": "Credit Race Customer (test)", "kehu_is_customer": True})
        customer.kehu_set_credit_limit(1000)
        product = env["product.product"].create({"name": "Credit Race Product (test)", "type": "consu", "taxes_id": [Command.clear()]})
        orders = env["sale.order"].create(
            [
                {"partner_id": customer.id, "order_line": [Command.create({"product_id": product.id, "price_unit": 700.0})]}
                for _number in range(2)
            ]
        )
        env.cr.commit()
        self.order_ids, self.customer_id, self.product_id = orders.ids, customer.id, product.id
        self.addCleanup(self._clean_up)

    def _new_env(self):
        """An environment on a connection of its own."""
        cursor = db_connect(get_db_name()).cursor()
        self.cursors.append(cursor)
        return api.Environment(cursor, SUPERUSER_ID, {})

    def _close_cursors(self):
        for cursor in self.cursors:
            if not cursor.closed:
                cursor.rollback()
                cursor.close()

    def _clean_up(self):
        self._close_cursors()
        env = self._new_env()
        orders = env["sale.order"].browse(self.order_ids)
        orders.action_unlock()
        orders._action_cancel()
        orders.unlink()
        env["product.product"].browse(self.product_id).product_tmpl_id.unlink()
        env["res.partner"].browse(self.customer_id).unlink()
        env.company.kehu_credit_action = self.action
        env["kehu.approval.flow"].browse(self.flow_ids).active = True
        env.cr.commit()
        env.cr.close()

    def _confirm(self, env, number):
        env["sale.order"].browse(self.order_ids[number]).action_confirm()
        env.flush_all()

    def test_only_one_of_two_is_confirmed(self):
        first, second = self._new_env(), self._new_env()
        second.cr.execute("SELECT 1 FROM sale_order LIMIT 1")  # its snapshot is older than the first confirmation
        self._confirm(first, 0)
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self._confirm(second, 1)
        second.cr.rollback()
        second.clear()
        # the request runs again, as the host does after such a failure, and sees what the first one took
        with self.assertRaisesRegex(Exception, "credit limit"):
            self._confirm(second, 1)
        second.cr.rollback()
        check = self._new_env()
        self.assertEqual(check["sale.order"].browse(self.order_ids).mapped("state"), ["sale", "draft"])

    def test_one_grows_while_another_is_confirmed(self):
        """1,500 in all: 700 confirmed; enlarged to 810 here, 700 more confirmed there: each fits alone, the two do not."""
        first = self._new_env()
        first["res.partner"].browse(self.customer_id).kehu_set_credit_limit(1500)
        self._confirm(first, 0)
        first.cr.commit()
        for grows_first in (True, False):
            one, two = self._new_env(), self._new_env()
            two.cr.execute("SELECT 1 FROM sale_order LIMIT 1")  # its snapshot is older than what the other one does
            steps = [lambda env: env["sale.order"].browse(self.order_ids[0]).order_line.write({"price_unit": 810.0}), None]
            steps[1] = lambda env: self._confirm(env, 1)
            if not grows_first:
                steps.reverse()
            with self.subTest(grows_first=grows_first):
                steps[0](one)
                one.flush_all()
                one.cr.commit()
                with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
                    steps[1](two)
                    two.flush_all()
                two.cr.rollback()
                two.clear()
                with self.assertRaisesRegex(Exception, "credit limit"):
                    steps[1](two)
                two.cr.rollback()
            # back to one confirmed order of 700
            again = self._new_env()
            again["sale.order"].browse(self.order_ids[0]).order_line.price_unit = 700.0
            second = again["sale.order"].browse(self.order_ids[1])
            if second.state == "sale":
                second.action_unlock()
                second._action_cancel()
                second.action_draft()
            again.cr.commit()
