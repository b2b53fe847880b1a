"""Two searches of one person at the same moment, on two real database connections: the day's limit holds."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ...models.duplicate.exceptions import KehuDuplicateError
from ...models.lookup.exceptions import KehuLookupLimitError


@tagged("post_install", "-at_install")
class TestLookupConcurrency(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            self.user_id = new_test_user(env, "kehu_lookup_race", groups="kehu_crm.group_kehu_user", lang="en_US").id
            self.company_id = env.company.id
            self.before = env.company.kehu_lookup_max_per_day
            env.company.kehu_lookup_max_per_day = 1

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.company"].browse(self.company_id).kehu_lookup_max_per_day = self.before
            cr.execute("DELETE FROM kehu_lookup_log WHERE user_id = %s", [self.user_id])
            cr.execute("DELETE FROM res_device_log WHERE user_id = %s", [self.user_id])
            user = env["res.users"].browse(self.user_id)
            partner = user.partner_id
            user.unlink()
            partner.unlink()

    def _search(self, cr):
        return api.Environment(cr, self.user_id, {})["res.partner"].kehu_public_search("没有这家公司")

    @mute_logger("odoo.sql_db")
    def test_second_search_counts_the_first(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            second.execute("SELECT 1")  # its snapshot is older than the first search
            self.assertEqual(self._search(first), [])
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._search(second)
            second.rollback()
            # the host runs it again, and now it sees the first
            env = api.Environment(second, self.user_id, {})
            with self.assertRaises(KehuLookupLimitError):
                retrying(lambda: env["res.partner"].kehu_public_search("没有这家公司"), env)

    def test_a_refusal_does_not_take_the_count_back(self):
        """A number that a blocking rule refuses is counted in a transaction of its own: what is saved with it may fail as it likes."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            rule = env["kehu.duplicate.rule"].create({"field_name": "phone", "match": "normalised", "action": "block"})
            known = env["res.partner"].create({"name": "Kehu Lookup Race", "kehu_is_customer": True, "phone": "0512-99990001"})
            ids = rule.id, known.id
        try:
            for number, error in (("0512-99990001", KehuDuplicateError), ("0512-99990002", ZeroDivisionError)):
                with closing(self.registry.cursor()) as cr, self.assertRaises(error):
                    env = api.Environment(cr, self.user_id, {"tracking_disable": True})
                    env["res.partner"].create({"name": "Guess", "kehu_is_customer": True, "user_id": self.user_id, "phone": number})
                    raise ZeroDivisionError  # nothing is committed of the save
            with closing(self.registry.cursor()) as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                logs = env["kehu.lookup.log"].search([("user_id", "=", self.user_id), ("way", "=", "form")], order="criteria")
                self.assertEqual(logs.mapped("criteria"), ["+8651299990001", "+8651299990002"])
        finally:
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["kehu.duplicate.rule"].browse(ids[0]).unlink()
                cr.execute("DELETE FROM kehu_assignment WHERE partner_id = %s", [ids[1]])
                cr.execute("DELETE FROM res_partner WHERE id = %s", [ids[1]])
