"""Two salespeople save the same new customer in the same second, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import LockNotAvailable, SerializationFailure

from ...models.duplicate.exceptions import KehuDuplicateError


@tagged("post_install", "-at_install")
class TestDuplicateConcurrency(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    NAMES = ("赛跑竞速科技有限公司", "竞速", "赛跑竞速科技")

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.user_ids = ()
        self.rule_id = 0
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            self.rule_id = env["kehu.duplicate.rule"].create({"field_name": "name", "match": "normalised", "action": "block"}).id
            users = [new_test_user(env, f"kehu_race_{number}", groups="kehu_crm.group_kehu_user", lang="en_US") for number in (1, 2)]
            self.user_ids = tuple(user.id for user in users)

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["kehu.duplicate.rule"].browse(self.rule_id).exists().unlink()
            env["res.partner"].with_context(active_test=False).search([("name", "in", self.NAMES)]).unlink()
            users = env["res.users"].browse(self.user_ids).exists()
            partners = users.partner_id
            cr.execute("DELETE FROM res_device_log WHERE user_id = ANY(%s)", [list(self.user_ids)])
            users.unlink()
            partners.unlink()
            cr.execute("DELETE FROM kehu_duplicate_lock")

    def _create(self, cr, number, name):
        env = api.Environment(cr, self.user_ids[number], {"tracking_disable": True})
        return env["res.partner"].create({"name": name, "kehu_is_customer": True, "is_company": True, "user_id": self.user_ids[number]})

    def _count(self):
        with self.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM res_partner WHERE name = ANY (%s)", [list(self.NAMES)])
            return cr.fetchone()[0]

    @mute_logger("odoo.sql_db")
    def test_second_looked_before_the_first_saved(self):
        """The snapshot of the second is older than the save of the first: it is refused, and on running again it is told why."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            second.execute("SELECT count(*) FROM res_partner")  # takes the snapshot
            self._create(first, 0, self.NAMES[0])
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._create(second, 1, self.NAMES[2])
            second.rollback()
            with self.assertRaisesRegex(KehuDuplicateError, "is known already: “赛跑竞速科技有限公司” of"):
                self._create(second, 1, self.NAMES[2])
            second.rollback()
        self.assertEqual(self._count(), 1)

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_second_saves_while_the_first_is_saving(self):
        """The second waits for the first; a request that lost is run again by the host and gets the sentence."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._create(first, 0, self.NAMES[0])
            second.execute("SET LOCAL lock_timeout = '200ms'")
            with self.assertRaises(LockNotAvailable):
                self._create(second, 1, self.NAMES[2])
            second.rollback()
            env = api.Environment(second, self.user_ids[1], {"tracking_disable": True})
            second.execute("SELECT count(*) FROM res_partner")
            first.commit()
            with self.assertRaisesRegex(KehuDuplicateError, "is known already"):
                retrying(lambda: self._create(second, 1, self.NAMES[2]), env)
            second.rollback()
        self.assertEqual(self._count(), 1)

    def test_the_first_gives_up(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._create(first, 0, self.NAMES[0])
            first.rollback()
            self._create(second, 1, self.NAMES[2])
            second.commit()
        self.assertEqual(self._count(), 1)

    def test_different_customers_do_not_wait(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._create(first, 0, self.NAMES[0])
            second.execute("SET LOCAL lock_timeout = '2s'")
            self._create(second, 1, self.NAMES[1])
            second.commit()
            first.commit()
        self.assertEqual(self._count(), 2)
