"""Two requests of one person at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged

from ...models.quota.exceptions import KehuQuotaError


@tagged("post_install", "-at_install")
class TestQuotaRaces(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            user = new_test_user(env, "kehu_race_limited", groups="kehu_crm.group_kehu_user", lang="en_US")
            customers = env["res.partner"].create(
                [{"name": f"Race {n} Ltd", "kehu_is_customer": True, "user_id": user.id, "phone": f"021-555500{n:02d}"} for n in range(4)]
            )
            self.user_id, self.partner_id, self.customer_ids = user.id, user.partner_id.id, customers.ids
            env.company.kehu_quota_view = 2
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env.company.kehu_quota_view = 0
            for table in ("kehu_quota_seen", "kehu_quota_use", "kehu_assignment"):
                cr.execute(f"DELETE FROM {table} WHERE user_id = %s", [self.user_id])
            cr.execute("DELETE FROM mail_message WHERE subject LIKE %s", ["kehu_race_limited%"])
            env["res.partner"].browse(self.customer_ids).unlink()
            env["res.users"].browse(self.user_id).unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def _open(self, cr, *places):
        env = api.Environment(cr, self.user_id, {})
        env["res.partner"].browse(self.customer_ids[place] for place in places).read(["phone"])

    def _used(self):
        with self.registry.cursor() as cr:
            cr.execute("SELECT used, told FROM kehu_quota_use WHERE user_id = %s", [self.user_id])
            return cr.fetchone()

    def test_none_is_forgotten(self):
        """A request that began before the other one counted sees its rows as they were, and meets the limit nevertheless."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._open(first, 0)
            second.execute("SELECT 1")  # from here on it sees the rows of this moment
            self._open(first, 1)
            with self.assertRaises(KehuQuotaError):
                self._open(second, 2)
            self._open(second, 1)  # counted once
        self.assertEqual(self._used(), (2, 101), "nothing was committed, and all was counted and told")

    def test_what_the_request_itself_has_locked_or_made(self):
        """Whoever saves a customer is shown it in the same transaction: no wait without an end, no customer that is not there."""
        with closing(self.registry.cursor()) as cr:
            cr.execute("SELECT id FROM res_partner WHERE id = %s FOR UPDATE", [self.customer_ids[0]])
            self._open(cr, 0)
            env = api.Environment(cr, self.user_id, {})
            made = env["res.partner"].create({"name": "Race new Ltd", "kehu_is_customer": True, "phone": "021-55559999"})
            made.read(["phone"])
            cr.rollback()

    def test_the_first_request_of_the_day(self):
        """All at once, more than is allowed: nothing is shown, nothing counted, and administrators are told."""
        with closing(self.registry.cursor()) as cr:
            with self.assertRaises(KehuQuotaError):
                self._open(cr, 0, 1, 2)
            cr.rollback()
        self.assertEqual(self._used(), (0, 101))
