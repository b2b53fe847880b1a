"""Two people, or a person and the job, at the same moment, on two real database connections."""

from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.addons.base.models.ir_cron import IrCron
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import InterfaceError, OperationalError
from psycopg2.errors import SerializationFailure

from ...models.pool.exceptions import KehuOwnershipLimitError, KehuOwnershipLockError, KehuOwnershipStateError
from ...models.pool.kehu_pool_run import KehuPoolRun


class KilledError(Exception):
    """The process is gone."""


@tagged("post_install", "-at_install")
class TestPoolPolicyRaces(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.customer_ids = self.user_ids = self.pool_ids = self.company_ids = ()
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "no_reset_password": True})
            users = [
                new_test_user(env, f"kehu_race_{name}", groups=f"kehu_crm.group_kehu_{role}", lang="en_US", notification_type="inbox")
                for name, role in (("seller", "user"), ("director", "director"))
            ]
            pool = env["kehu.pool"].create({"name": "Race Pool", "idle_days": 30})
            customers = env["res.partner"].create(
                [{"name": f"Raced {number}", "kehu_is_customer": True, "kehu_pool_id": pool.id} for number in range(2)]
            )
            self.user_ids = tuple(user.id for user in users)
            self.partner_ids = tuple(user.partner_id.id for user in users)
            self.customer_ids, self.pool_ids = customers.ids, pool.ids
            self.run_ids = env["kehu.pool.run"].search([]).ids

    def _clean(self):
        with self.registry.cursor() as cr:
            customers, users, pools = list(self.customer_ids), list(self.user_ids), list(self.pool_ids)
            cr.execute("DELETE FROM kehu_contact_record WHERE partner_id = ANY(%s)", [customers])
            cr.execute("DELETE FROM kehu_pool_run WHERE NOT id = ANY(%s)", [list(self.run_ids)])
            cr.execute("DELETE FROM kehu_assignment WHERE partner_id = ANY(%s)", [customers])
            cr.execute(
                "DELETE FROM mail_message WHERE id IN (SELECT mail_message_id FROM mail_notification WHERE res_partner_id = ANY(%s))",
                [list(self.partner_ids)],
            )
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.partner"].browse(customers).exists().unlink()
            env["kehu.pool"].browse(pools).exists().unlink()
            cr.execute("DELETE FROM res_device_log WHERE user_id = ANY(%s)", [users])
            env["res.users"].browse(users).exists().unlink()
            env["res.partner"].browse(self.partner_ids).exists().unlink()

    def _env(self, cr, number=None):
        return api.Environment(cr, SUPERUSER_ID if number is None else self.user_ids[number], {})

    def _customers(self, cr, number=None):
        return self._env(cr, number)["res.partner"].browse(self.customer_ids)

    def _age(self, days):
        """The seller has held both customers for so many days."""
        with self.registry.cursor() as cr:
            self._customers(cr)._kehu_change_owner("assign", user=self._env(cr)["res.users"].browse(self.user_ids[0]))
            self._env(cr).flush_all()
            cr.execute(
                "UPDATE res_partner SET kehu_assigned_on = now() at time zone 'UTC' - %s * interval '1 day' WHERE id = ANY(%s)",
                (days, list(self.customer_ids)),
            )

    def _state(self):
        with self.registry.cursor() as cr:
            return [(customer.user_id.id, customer.kehu_assignment_ids.sorted("id").mapped("kind")) for customer in self._customers(cr)]

    def _job(self, patience=0):
        """Run the job. With a number of seconds as patience it fails when it has to wait for somebody else, instead of waiting for ever."""
        with self.registry.cursor() as cr:
            # for this connection until it is used again: the host resets what it borrows
            cr.execute("SET lock_timeout = %s", (patience * 1000,))
            self._env(cr)["kehu.pool"]._cron_recycle()

    def _speak(self, cr, number=0):
        return self._env(cr, 0)["kehu.contact.record"].create(
            {"partner_id": self.customer_ids[number], "content": "Talked about pumps", "result": "Wants two", "add_to_schedule": False}
        )

    def test_the_job_passes_over_a_customer_that_is_being_contacted(self):
        self._age(40)
        with closing(self.registry.cursor()) as seller:
            self._speak(seller)
            self._env(seller).flush_all()
            self._job()
            seller.commit()
        self.assertEqual(self._state(), [(self.user_ids[0], ["create", "assign"]), (False, ["create", "assign", "recycle"])])
        self._job()
        self.assertEqual(self._state()[0], (self.user_ids[0], ["create", "assign"]), "and it is safe the next time too")

    @mute_logger("odoo.sql_db")
    def test_a_contact_saved_after_the_job_began_to_look_saves_the_customer(self):
        """The job has looked already; PostgreSQL refuses its lock, the slice begins anew and knows."""
        self._age(40)
        with closing(self.registry.cursor()) as job:
            env = self._env(job)
            run = env["kehu.pool.run"]._kehu_open().filtered(lambda run: run.company_id == env["res.company"]._kehu_main())
            job.commit()
            self.assertEqual(len(self._customers(job).filtered("kehu_fall_on")), 2)  # the snapshot is taken
            with closing(self.registry.cursor()) as seller:
                self._speak(seller)
                seller.commit()
            with self.assertRaises(SerializationFailure):
                run._kehu_candidates()
            job.rollback()
            self.assertEqual(len(self._customers(job).filtered("kehu_fall_on")), 2)
            with closing(self.registry.cursor()) as seller:
                self._speak(seller, 1)
                seller.commit()
            self.assertTrue(run._kehu_work(), "it begins anew by itself")
        self.assertEqual([owner for owner, _kinds in self._state()], [self.user_ids[0]] * 2)

    @mute_logger("odoo.sql_db")
    def test_a_contact_that_comes_too_late_is_refused(self):
        self._age(40)
        with closing(self.registry.cursor()) as seller:
            self.assertEqual(self._customers(seller, 0).user_id.id, self.user_ids[0])
            self._job()
            with self.assertRaises(SerializationFailure):
                self._speak(seller)
                self._env(seller).flush_all()
            seller.rollback()
            with self.assertRaises(Exception) as refused:
                self._speak(seller)
            self.assertEqual(type(refused.exception).__name__, "KehuContactRecordRightsError")
            seller.rollback()

    @mute_logger("odoo.sql_db")
    def test_claim_and_assign_at_the_same_moment(self):
        with closing(self.registry.cursor()) as seller, closing(self.registry.cursor()) as director:
            self._customers(seller, 0)[0].kehu_claim()
            with self.assertRaises(KehuOwnershipLockError):
                self._customers(director, 1)[0].kehu_assign(self.user_ids[1])
            director.rollback()
            seller.commit()
            with self.assertRaises(KehuOwnershipStateError):
                self._customers(director, 1)[0].kehu_assign(self.user_ids[1])
            director.rollback()
        self.assertEqual(self._state()[0], (self.user_ids[0], ["create", "claim"]))

    @mute_logger("odoo.sql_db")
    def test_two_claims_of_one_person_do_not_pass_the_limit_together(self):
        """Both see none claimed today; the second is refused by PostgreSQL and, run again, by the limit."""
        with self.registry.cursor() as cr:
            self._env(cr)["kehu.pool"].browse(self.pool_ids).max_claims_per_day = 1
        with closing(self.registry.cursor()) as one, closing(self.registry.cursor()) as two:
            self.assertTrue(self._customers(two, 0)[1].kehu_pool_id)
            self._customers(one, 0)[0].kehu_claim()
            one.commit()
            with self.assertRaises(SerializationFailure):
                self._customers(two, 0)[1].kehu_claim()
            two.rollback()
            with self.assertRaises(KehuOwnershipLimitError):
                self._customers(two, 0)[1].kehu_claim()
            two.rollback()
        self.assertEqual([owner for owner, _kinds in self._state()], [self.user_ids[0], False])

    def test_killed_between_and_within_slices(self):
        """The connection is lost before a commit: what was committed stays, the rest has not happened, the next job goes on."""
        self._age(40)

        progress = IrCron._commit_progress

        def dies_at(number):
            calls = []

            def commit(cron, *args, **kwargs):
                calls.append(1)
                if len(calls) == number:
                    raise KilledError
                return progress(cron, *args, **kwargs)

            return commit

        seen = []
        with patch.object(KehuPoolRun._kehu_candidates, "__defaults__", (1,)):
            for number in (1, 2, 3, 3):
                # not a with block of the cursor, which would roll back in an orderly way
                cursor = self.registry.cursor()
                with patch.object(IrCron, "_commit_progress", dies_at(number)), self.assertRaises(KilledError):
                    self._env(cursor)["kehu.pool"]._cron_recycle()
                cursor.close()
                seen.append(sum(not owner for owner, _kinds in self._state()))
            self.assertEqual(seen, [0, 0, 1, 2])
            self._job()
        self.assertEqual([kinds.count("recycle") for _owner, kinds in self._state()], [1, 1])
        with self.registry.cursor() as cr:
            lines = self._env(cr)["kehu.pool.run.line"].search([("partner_id", "in", self.customer_ids)])
            self.assertEqual(len(lines), 2)
            self.assertEqual(lines.run_id.phase, "done")

    def _dies_in(self, name, when, kill):
        """Run the job until it has come through (``after``) or is about to enter (``before``) one of its steps, then kill it there."""
        step = getattr(KehuPoolRun, name)

        def dies(run, *args, **kwargs):
            if when == "after":
                step(run, *args, **kwargs)
                run.env.flush_all()
            kill(run.env.cr)
            return step(run, *args, **kwargs)

        cursor = self.registry.cursor()
        try:
            with patch.object(KehuPoolRun, name, dies), self.assertRaises((KilledError, OperationalError, InterfaceError)):
                self._env(cursor)["kehu.pool"]._cron_recycle()
        finally:
            cursor.close()

    def _messages(self):
        """Subjects of what the seller was told."""
        with self.registry.cursor() as cr:
            notices = self._env(cr)["mail.notification"].search([("res_partner_id", "=", self.partner_ids[0])])
            return notices.mail_message_id.sorted("id").mapped("subject")

    STEPS = ("_kehu_candidates", "_kehu_recycle", "_kehu_slice_recycle", "_kehu_slice_warn", "_kehu_write_warning", "_kehu_slice_tell")

    def _killed_everywhere(self, kill):
        """The job is killed before and after each of its steps in turn; in the end everything has happened once."""
        self._age(28)
        with self.registry.cursor() as cr:
            self._env(cr)["kehu.pool"].browse(self.pool_ids).warn_days = 3
            self._env(cr).flush_all()
            cr.execute(
                "UPDATE res_partner SET kehu_assigned_on = kehu_assigned_on - interval '30 days' WHERE id = %s", (self.customer_ids[0],)
            )
            customer = self._customers(cr)[0]
            due = self._env(cr)["res.company"]._kehu_main()._kehu_local_day(customer.kehu_assigned_on) + timedelta(days=30)
            cr.execute(
                """INSERT INTO kehu_pool_warning (partner_id, user_id, pool_id, rule, due_on, date, state, delivered_on)
                    VALUES (%s, %s, %s, 'idle', %s, now(), 'delivered', %s)""",
                (customer.id, self.user_ids[0], self.pool_ids[0], due, due - timedelta(days=3)),
            )
        for name in self.STEPS:
            for when in ("before", "after"):
                with self.subTest(step=name, when=when):
                    self._dies_in(name, when, kill)
                    recycled = [kinds.count("recycle") for _owner, kinds in self._state()]
                    self.assertIn(recycled, ([0, 0], [1, 0]))
                    told = self._messages()
                    self.assertEqual(len(told), len(set(told)), "nobody is told twice")
        self._job()
        self._job()
        self.assertEqual(self._state(), [(False, ["create", "assign", "recycle"]), (self.user_ids[0], ["create", "assign"])])
        self.assertEqual(
            [subject for subject in self._messages() if "of your customers" in subject],
            ["1 of your customers will soon go back to the pool", "1 of your customers went back to the pool"],
        )
        with self.registry.cursor() as cr:
            lines = self._env(cr)["kehu.pool.run.line"].search([("partner_id", "in", self.customer_ids)])
            self.assertEqual([(line.partner_id.id, line.kind) for line in lines], [(self.customer_ids[0], "recycled")])
            self.assertEqual(lines.run_id.phase, "done")

    def test_killed_in_the_middle_of_any_step(self):
        def kill(_cr):
            raise KilledError

        self._killed_everywhere(kill)

    @mute_logger("odoo.sql_db")
    def test_the_connection_is_lost_in_the_middle_of_any_step(self):
        def kill(cr):
            cr.execute("SELECT pg_backend_pid()")
            pid = cr.fetchone()[0]
            with closing(self.registry.cursor()) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (pid,))
            cr.execute("SELECT 1")

        self._killed_everywhere(kill)

    def test_two_jobs_at_once_do_the_work_once(self):
        self._age(40)
        with closing(self.registry.cursor()) as other:
            runs = self._env(other)["kehu.pool.run"]._kehu_open()
            other.commit()
            runs.try_lock_for_update(allow_referencing=True)
            self._job(patience=3)
            self.assertEqual([owner for owner, _kinds in self._state()], [self.user_ids[0]] * 2, "somebody else is at it")
            other.rollback()
        self._job()
        self.assertEqual([kinds.count("recycle") for _owner, kinds in self._state()], [1, 1])
        with self.registry.cursor() as cr:
            last = self._env(cr)["kehu.pool.run"].search([("id", "not in", self.run_ids)])
            self.assertEqual(set(last.mapped("phase")), {"done"})
            self.assertEqual(last[0].date, last[0].company_id._kehu_local_day(fields.Datetime.now()))
