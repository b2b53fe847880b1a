"""Two callers reach for the same pile at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ...models.call.exceptions import KehuCallLineError


@tagged("post_install", "-at_install")
class TestCallRaces(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.customer_ids = self.user_ids = self.list_ids = ()
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            users = [new_test_user(env, f"kehu_caller_{number}", groups="kehu_crm.group_kehu_user", lang="en_US") for number in (1, 2)]
            self.user_ids = tuple(user.id for user in users)
            customers = env["res.partner"].create(
                [
                    {"name": f"Wanted {number}", "kehu_is_customer": True, "is_company": True, "phone": f"+86 21 5888 900{number}"}
                    for number in (1, 2)
                ]
            )
            self.customer_ids = tuple(customers.ids)
            call_list = env["kehu.call.list"].create(
                {
                    "name": "Pile",
                    "domain": repr([("id", "in", customers.ids)]),
                    "caller_ids": [(6, 0, self.user_ids)],
                    "date_from": False,  # the day differs between the time zones of those who work here
                    "mode": "pile",
                    "user_id": env.ref("base.user_admin").id,
                    "company_id": False,
                }
            )
            self.list_ids = tuple(call_list.ids)
            call_list.action_build()
            call_list.action_start()

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["kehu.phone.call"].search([("partner_id", "in", self.customer_ids)]).unlink()
            env["kehu.contact.record"].search([("partner_id", "in", self.customer_ids)]).unlink()
            env["kehu.call.list"].browse(self.list_ids).exists().unlink()
            env["res.partner"].browse(self.customer_ids).exists().unlink()
            users = env["res.users"].browse(self.user_ids).exists()
            partners = users.partner_id
            cr.execute("DELETE FROM res_device_log WHERE user_id = ANY(%s)", [list(self.user_ids)])
            users.unlink()
            partners.unlink()
            cr.execute("SELECT count(*) FROM kehu_call_line WHERE list_id = ANY(%s)", [list(self.list_ids)])
            self.assertEqual(cr.fetchone()[0], 0)

    def _lines(self, cr, number):
        return api.Environment(cr, self.user_ids[number], {})["kehu.call.line"]

    def test_both_reach_at_once_and_get_different_customers(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            one = self._lines(first, 0).kehu_take_next()["line_id"]
            two = self._lines(second, 1).kehu_take_next()["line_id"]
            self.assertTrue(one and two)
            self.assertNotEqual(one, two)
            first.commit()
            second.commit()

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_who_looked_before_is_run_again_and_gets_another(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            lines = self._lines(second, 1)
            self.assertEqual(lines.search_count([("list_id", "in", self.list_ids)]), 2)
            one = self._lines(first, 0).kehu_take_next()["line_id"]
            first.commit()
            with self.assertRaises(SerializationFailure):
                lines.kehu_take_next()
            second.rollback()
            lines = self._lines(second, 1)
            two = retrying(lines.kehu_take_next, lines.env)["line_id"]
            self.assertTrue(two)
            self.assertNotEqual(one, two)

    def test_the_last_one_goes_to_one_alone(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            lines = self._lines(first, 0)
            one = lines.kehu_take_next()["line_id"]
            lines.env["kehu.phone.call"].create({"line_id": one, "outcome": "interested"})
            first.commit()
            last = self._lines(first, 0).kehu_take_next()["line_id"]
            self.assertTrue(last)
            self.assertEqual(self._lines(second, 1).kehu_take_next(), {"line_id": False, "next_on": False})

    def test_logging_while_the_list_is_shared_out(self):
        """The manager moves the open customers; the one on the caller's screen is held by nobody else meanwhile."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            one = self._lines(first, 0).kehu_take_next()["line_id"]
            first.commit()
            manager = api.Environment(second, SUPERUSER_ID, {})
            manager["kehu.call.line"].browse(one).try_lock_for_update(allow_referencing=True)
            lines = self._lines(first, 0)
            with self.assertRaisesRegex(KehuCallLineError, "shared out at this moment"):
                lines.env["kehu.phone.call"].create({"line_id": one, "outcome": "interested"})
            first.rollback()
            second.rollback()
            lines = self._lines(first, 0)
            lines.env["kehu.phone.call"].create({"line_id": one, "outcome": "interested"})
            first.commit()
