"""Two searches of one person at the same moment, on two real database connections: the day's limit holds."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

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
