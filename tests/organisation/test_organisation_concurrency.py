"""Two administrators at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ...models.organisation.exceptions import KehuHandoverError
from .common import FULL


@tagged("post_install", "-at_install")
class TestOrganisationConcurrency(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.ids = {}
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            bosses = [new_test_user(env, f"kehu_race_boss_{number}", groups=FULL, lang="en_US") for number in (1, 2)]
            people = [new_test_user(env, f"kehu_race_{number}", groups="kehu_crm.group_kehu_user", lang="en_US") for number in (1, 2)]
            customer = env["res.partner"].create({"name": "Raced Ltd", "kehu_is_customer": True, "user_id": people[0].id})
            self.ids = {
                "bosses": [boss.id for boss in bosses],
                "people": [person.id for person in people],
                "customer": customer.id,
                "partners": [*(user.partner_id.id for user in (*bosses, *people)), customer.id],
            }

    def _clean(self):
        users = [*self.ids["bosses"], *self.ids["people"]]
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM kehu_handover WHERE user_id = ANY(%s)", [users])
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.partner"].browse(self.ids["customer"]).unlink()
            cr.execute("DELETE FROM res_device_log WHERE user_id = ANY(%s)", [users])
            env["res.users"].browse(users).unlink()
            env["res.partner"].browse(self.ids["partners"]).exists().unlink()

    def _hand_over(self, cr, number):
        env = api.Environment(cr, self.ids["bosses"][number], {})
        leaver, successor = env["res.users"].browse(self.ids["people"])
        return env["kehu.handover"]._kehu_hand_over(leaver, {"customer": successor})

    def test_one_at_a_time(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self._hand_over(first, 0)
            with self.assertRaises(KehuHandoverError):
                self._hand_over(second, 1)
            second.rollback()
            first.commit()
            with self.assertRaises(KehuHandoverError):  # nothing is left
                self._hand_over(second, 1)
            second.rollback()

    def test_an_old_view_of_things_is_repeated(self):
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            second.execute("SELECT count(*) FROM res_partner")  # this connection looks at the moment before
            self._hand_over(first, 0)
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaises(SerializationFailure):
                self._hand_over(second, 1)
            second.rollback()

    def test_undone_once(self):
        with self.registry.cursor() as cr:
            handover_id = self._hand_over(cr, 0).id
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            undo = [api.Environment(cr, boss, {}) for cr, boss in zip((first, second), self.ids["bosses"], strict=True)]
            undo[0]["kehu.handover"].browse(handover_id).action_undo()
            with self.assertRaises(KehuHandoverError):
                undo[1]["kehu.handover"].browse(handover_id).action_undo()
            second.rollback()
            first.commit()
            undo[1].invalidate_all()
            with self.assertRaises(KehuHandoverError):
                undo[1]["kehu.handover"].browse(handover_id).action_undo()
            second.rollback()
        with self.registry.cursor() as cr:
            customer = api.Environment(cr, SUPERUSER_ID, {})["res.partner"].browse(self.ids["customer"])
            self.assertEqual(customer.user_id.id, self.ids["people"][0])
