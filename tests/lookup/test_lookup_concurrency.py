"""Two searches of one person at the same moment, on two real database connections: the day's limit holds."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import LockNotAvailable, SerializationFailure

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

    # -- numbers that are typed: a form counts in its own transaction, a save in another one -------------------------------------------

    def _limit_typed(self, most):
        def restore():
            with self.registry.cursor() as cr:
                api.Environment(cr, SUPERUSER_ID, {})["res.company"].browse(self.company_id).kehu_lookup_max_typed = before

        with self.registry.cursor() as cr:
            company = api.Environment(cr, SUPERUSER_ID, {})["res.company"].browse(self.company_id)
            before, company.kehu_lookup_max_typed = company.kehu_lookup_max_typed, most
        self.addCleanup(restore)

    def _count(self, cr, *numbers, apart=False):
        keys = {f"+861380000{number:04}" for number in numbers}
        return len(api.Environment(cr, self.user_id, {})["res.partner"]._kehu_count_typed(keys, apart=apart))

    def test_a_form_counts_what_a_save_counted_since_it_began(self):
        self._limit_typed(3)
        with closing(self.registry.cursor()) as form, closing(self.registry.cursor()) as save:
            form.execute("SELECT 1")  # its snapshot is older than what the save counts
            self.assertEqual(self._count(save, 1, 2, apart=True), 2)
            self.assertEqual(self._count(form, 3, 4, 5), 1)
            self.assertEqual(self._count(form, 1, 3, 4), 2, "what is counted is told again")
            form.commit()
            self.assertEqual(self._count(save, 6, apart=True), 0)

    @mute_logger("odoo.sql_db")
    def test_a_form_and_a_save_do_not_count_at_once(self):
        self._limit_typed(3)
        with closing(self.registry.cursor()) as form, closing(self.registry.cursor()) as save:
            self.assertEqual(self._count(form, 1, 2), 2)
            with self.assertRaises(KehuLookupLimitError):
                self._count(save, 3, 4, apart=True)
            save.execute("SET LOCAL lock_timeout = '50ms'")
            with self.assertRaises(LockNotAvailable):
                self._count(save, 3, 4)
            save.rollback()
            form.commit()
            self.assertEqual(self._count(save, 3, 4, apart=True), 1)

    def test_a_save_counts_apart_what_it_counts_itself(self):
        """One transaction does both, where a rule blocks and another one tells: it does not wait for itself."""
        self._limit_typed(3)
        with closing(self.registry.cursor()) as save, closing(self.registry.cursor()) as form:
            self.assertEqual(self._count(save, 1, 2), 2)
            self.assertEqual(self._count(save, 3, 4, apart=True), 1)
            save.commit()
            self.assertEqual(self._count(form, 5), 0)
            self.assertTrue(self._count(form, 1))

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
