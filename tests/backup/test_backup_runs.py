"""Runs: what is written down on the way, what happens when something goes wrong, and who is told."""

import errno
import os
import stat
from contextlib import nullcontext
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.backup import runner
from ...models.backup.exceptions import KehuBackupError, KehuBackupNameError
from ...models.backup.runner import CARRIED, WORK, Runner, _tell_of_restore
from ...models.system.engine import as_engine
from ...tools import backup_databases, backup_files
from ...tools.backup_files import BackupError
from .common import BackupCommon, make_zip

FOUND = {"tables": 1, "rows": 2, "modules": 3, "partners": 4, "files": 5, "read": 5, "missing": [], "changed": [], "differences": []}


@tagged("post_install", "-at_install")
class TestBackupRuns(BackupCommon):
    def setUp(self):
        super().setUp()
        self.dropped, self.restored = [], []
        self.patch(backup_databases, "check_tools", lambda *names: None)
        self.patch(backup_databases, "dump", lambda database, path: make_zip(path, modules={"kehu_crm": "19.0.1.0.0"}))
        self.patch(backup_databases, "restore", lambda path, name: self.restored.append(name))
        self.patch(backup_databases, "compare", lambda name, manifest, rows: FOUND)
        self.patch(backup_databases, "drop", self.dropped.append)
        self.patch(backup_databases, "drop_unfinished", self.dropped.append)
        self.patch(backup_databases, "update", lambda name, modules: None)
        self.as_in_browser()
        self.plan = as_engine(self.env["kehu.backup.plan"]._kehu_get(), "backup")
        self.plan.prove = False

    def _back_up(self):
        action = self.backups.action_back_up()
        job = self.env["kehu.backup.job"].browse(action["res_id"]).with_user(self.keeper)
        self.run_jobs()
        return job

    def _failing(self, name, error):
        def fail(*args, **kwargs):
            raise error

        self.patch(backup_databases, name, fail)

    @mute_logger("odoo.addons.kehu_crm.models.backup.runner")
    def _run_badly(self):
        self.run_jobs()

    def test_by_hand(self):
        job = self._back_up()
        backup = job.backup_id
        self.assertEqual((job.state, job.progress, job.user_id, backup.state, backup.origin), ("done", 100, self.keeper, "ready", "hand"))
        path = os.path.join(self.folder, backup.name)
        self.assertEqual(backup.check_sum, backup_files.check_sum(path))
        self.assertEqual((backup.size, backup.version, backup.module_count), (os.path.getsize(path), "19.0.1.0.0", 2))
        self.assertEqual(os.listdir(self.folder), [backup.name], "nothing unfinished is left")
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o700)

    def test_proved_at_once(self):
        self.plan.prove = True
        self.patch(Runner, "run_prove", lambda runner: runner.note(state="done"))
        backup = self._back_up().backup_id
        self.assertEqual(backup.job_ids.mapped("kind"), ["prove", "backup"])

    def test_the_process_is_started(self):
        self.backups.action_back_up()
        self.run_cron()
        self.assertEqual(self.started, [self.env.cr.dbname])
        self.patch(backup_databases, "only_worker", lambda database: nullcontext(False))
        self.run_cron()
        self.assertEqual(len(self.started), 1, "one is at work already")

    def test_two_at_once(self):
        self.backups.action_back_up()
        with self.assertRaises(KehuBackupError):
            self.backups.action_back_up()
        self.run_jobs()
        self.backups.action_back_up()

    def test_failures_are_told(self):
        for error, words in (
            (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
            (BackupError("tool_missing", tool="pg_dump"), "pg_dump of PostgreSQL is not on the server"),
            (BackupError("tool_failed", tool="pg_dump", code=1), "ended with the error 1"),
            (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), "may not read or write /srv/x"),
            (RuntimeError("odd"), "Something unexpected happened: RuntimeError: odd"),
        ):
            with self.subTest(words=words):
                self._failing("dump", error)
                action = self.backups.action_back_up()
                self._run_badly()
                job = self.env["kehu.backup.job"].browse(action["res_id"])
                self.assertEqual((job.state, job.backup_id.state), ("failed", "failed"))
                self.assertIn(words, job.message)
                self.assertIn("Copying database and files", job.message)
                self.assertEqual(os.listdir(self.folder), [])
                message = self.env["mail.message"].search([("partner_ids", "in", self.keeper.partner_id.ids)], order="id desc", limit=1)
                self.assertIn("Backup did not succeed", message.subject)
                self.assertIn(words, message.body)
                self.assertFalse(message.partner_ids & (self.system | self.user_crm_admin).partner_id)

    def test_too_little_room(self):
        self._failing("check_space", BackupError("space", needed=3 << 30, free=5 << 20))
        action = self.backups.action_back_up()
        self._run_badly()
        self.assertRegex(self.env["kehu.backup.job"].browse(action["res_id"]).message, "3.* are needed, 5.* are free")

    def test_a_process_that_died(self):
        """What the process left is cleared away by the next one, and the failure is told."""
        self.backups.action_back_up()
        job = self.env["kehu.backup.job"]._kehu_take()
        job._kehu_set(step="restore", scratch="kehu-test-left")
        os.makedirs(os.path.join(self.folder, WORK))
        with self._no_request(), self.enter_registry_test_mode():
            Runner(self.env.cr.dbname).clean()
        self.assertEqual((job.state, job.backup_id.state, self.dropped), ("failed", "failed", ["kehu-test-left"]))
        self.assertIn("was stopped", job.message)
        self.assertEqual(os.listdir(self.folder), [])
        self.backups.action_back_up()  # nothing blocks the next one

    def test_a_process_that_never_started(self):
        action = self.backups.action_back_up()
        job = self.env["kehu.backup.job"].browse(action["res_id"])
        self.env.cr.execute("UPDATE kehu_backup_job SET create_date = create_date - interval '1 hour' WHERE id = %s", [job.id])
        job.invalidate_recordset()
        self.run_cron()
        self.assertEqual((job.state, self.started), ("failed", []))

    def test_trial(self):
        backup = self.make_backup()
        job = self.env["kehu.backup.job"].browse(backup.action_prove()["res_id"])
        self.run_jobs()
        self.assertEqual((job.state, backup.proof), ("done", "good"))
        self.assertEqual(self.restored, self.dropped)
        self.assertNotEqual(self.restored, [self.env.cr.dbname])
        self.assertIn("1 tables with 2 rows", backup.proof_note)

    def test_trial_that_finds_something(self):
        self.patch(backup_databases, "compare", lambda *args: {**FOUND, "differences": [("public.res_partner", 7, 6)]})
        backup = self.make_backup()
        backup.action_prove()
        self._run_badly()
        self.assertEqual((backup.proof, self.dropped), ("bad", self.restored))
        self.assertIn("public.res_partner: 7 ≠ 6", backup.proof_note)

    def test_trial_that_the_server_hindered(self):
        """A full disk or a stopped server says nothing about the backup."""
        backup = self.make_backup(proof="good")
        for error in (BackupError("space", needed=1, free=0), OSError(errno.ENOSPC, "No space left on device"), BackupError("stopped")):
            with self.subTest(error=error):
                self._failing("restore", error)
                job = self.env["kehu.backup.job"].browse(backup.action_prove()["res_id"])
                self._run_badly()
                self.assertEqual((job.state, backup.proof), ("failed", "good"))

    def test_changed_by_hand(self):
        """A changed file is named, and neither tried nor restored."""
        backup = self.make_backup()
        with open(os.path.join(self.folder, backup.name), "ab") as stream:
            stream.write(b"x")
        backup.action_prove()
        self._run_badly()
        self.assertEqual((backup.state, backup.proof, self.restored), ("changed", "bad", []))
        self.assertIn(backup.check_sum, backup.proof_note)

    def test_what_does_not_fit(self):
        here = self.env["ir.module.module"].search([("name", "=", "kehu_crm")]).latest_version
        for manifest, words in (
            ({"modules": {"kehu_crm": "19.0.99.0.0"}}, "comes from a newer version: kehu_crm 19.0.99.0.0"),
            ({"modules": {"kehu_nowhere": "1"}}, "does not have: kehu_nowhere"),
            ({"major_version": "18.0"}, "version 18.0 of the host"),
        ):
            with self.subTest(words=words):
                backup = self.make_backup()
                make_zip(os.path.join(self.folder, backup.name), **manifest)
                as_engine(backup.sudo(), "backup").check_sum = backup_files.check_sum(os.path.join(self.folder, backup.name))
                job = self.env["kehu.backup.job"].browse(backup.action_prove()["res_id"])
                self._run_badly()
                self.assertIn(words, job.message)
        self.assertTrue(here)
        self.assertFalse(self.restored)

    def test_over_needs_the_crm(self):
        backup = self.make_backup()
        restore = self._restore(backup, kind="over", typed=self.env.cr.dbname)
        job = self.env["kehu.backup.job"].browse(restore.action_restore()["res_id"])
        self._failing("change_places", AssertionError("never"))
        self._run_badly()
        self.assertEqual(job.state, "failed")
        self.assertIn("The CRM is not installed in this backup", job.message)

    def test_what_the_restored_database_is_told(self):
        """It knows nothing of what came after its day: neither the run nor the backups since."""
        known = self.make_backup(keep=False)
        since = {**known.sudo().read(CARRIED, load=None)[0], "name": "since_20261101-000000_ab12.zip", "id": 7, "origin": "schedule"}
        changed = {**known.sudo().read(CARRIED, load=None)[0], "keep": True}
        told = {
            "id": 987654,
            "login": self.keeper.login,
            "began": fields.Datetime.now(),
            "file": known.name,
            "backups": [since, changed],
            "previous": "kehu-test-before",
            "target": self.env.cr.dbname,
        }
        _tell_of_restore(self.env(user=1, su=True), FOUND, told)
        job = self.env["kehu.backup.job"].browse(987654)
        self.assertEqual((job.kind, job.state, job.user_id, job.backup_id), ("over", "done", self.keeper, known.sudo()))
        self.assertEqual(job.previous, "kehu-test-before")
        self.assertTrue(known.keep)
        self.assertEqual(self.backups.search([("name", "=", since["name"])]).origin, "schedule")
        self.assertEqual(self.env["kehu.backup.job"].search([], limit=1).kind, "look")

    def test_over(self):
        """The whole run, with databases that only pretend."""
        places, told = [], []
        self.patch(backup_databases, "change_places", lambda *names: places.append(names))
        self.patch(runner, "_forget_runs", lambda name, over: None)
        self.patch(runner, "_tell_of_restore", lambda env, found, values: told.append(values))
        self.patch(runner, "Registry", lambda name: self.registry)  # the restored one only pretends
        self.patch(backup_databases, "forget", lambda name: None)
        backup = self.make_backup()
        path = os.path.join(self.folder, backup.name)
        here = self.env["ir.module.module"].search([("name", "=", "kehu_crm")]).latest_version
        make_zip(path, modules={"kehu_crm": here})
        as_engine(backup.sudo(), "backup").check_sum = backup_files.check_sum(path)
        self._restore(backup, kind="over", typed=self.env.cr.dbname).action_restore()
        self.run_jobs_once()
        ((current, fresh, previous),) = places
        self.assertEqual((current, [fresh]), (self.env.cr.dbname, self.restored))
        self.assertIn("-before-", previous)
        self.assertEqual((told[0]["file"], told[0]["previous"], told[0]["login"]), (backup.name, previous, self.keeper.login))
        self.assertFalse(self.dropped, "the restored one is in place now")

    def _restore(self, backup, **values):
        return self.env["kehu.backup.restore"].with_user(self.keeper).create({"backup_id": backup.id, **values})

    def test_names_are_typed(self):
        backup = self.make_backup()
        for values in (
            {"kind": "over"},
            {"kind": "over", "typed": self.env.cr.dbname.upper() + " "},
            {"kind": "new"},
            {"kind": "new", "target": "../x"},
            {"kind": "new", "target": 'x"; DROP DATABASE y'},
            {"kind": "new", "target": "客户"},
            {"kind": "new", "target": self.env.cr.dbname},
            {"kind": "new", "target": "postgres"},
        ):
            with self.subTest(values=values), self.assertRaises(KehuBackupNameError):
                self._restore(backup, **values).action_restore()
        self.assertFalse(self.env["kehu.backup.job"].search_count([]))

    def test_the_server_may_forbid_it(self):
        from odoo.tools import config

        self.patch(config, "options", config.options.new_child({"kehu_backup_restore": "False"}))
        with self.assertRaises(KehuBackupError):
            self._restore(self.make_backup(), kind="new", target="kehu-test-new").action_restore()

    def test_a_failed_restore_leaves_nothing(self):
        self._failing("compare", RuntimeError("odd"))
        backup = self.make_backup()
        job = self.env["kehu.backup.job"].browse(self._restore(backup, kind="new", target="kehu-test-none").action_restore()["res_id"])
        self._run_badly()
        self.assertEqual((job.state, self.restored, self.dropped), ("failed", ["kehu-test-none"], ["kehu-test-none"]))

    def test_look_into_the_folder(self):
        same, changed, gone = self.make_backup(), self.make_backup(), self.make_backup()
        with open(os.path.join(self.folder, changed.name), "ab") as stream:
            stream.write(b"x")
        os.unlink(os.path.join(self.folder, gone.name))
        make_zip(os.path.join(self.folder, "moved_20260203-040506_ab12.zip"))
        make_zip(os.path.join(self.folder, "evil.zip"), {"../evil": b"x"})
        with open(os.path.join(self.folder, "notes.txt"), "w") as stream:
            stream.write("x")
        self.backups.action_look()
        self.run_jobs()
        found = self.backups.search([("origin", "=", "found")])
        self.assertEqual((same.state, changed.state, gone.state), ("ready", "changed", "missing"))
        self.assertEqual(found.mapped("name"), ["moved_20260203-040506_ab12.zip"])
        self.assertEqual(fields.Datetime.to_string(found.date), "2026-02-03 04:05:06")
        self.assertIn("evil.zip", self.env["kehu.backup.job"].search([], limit=1).message)

    def test_delete(self):
        backup = self.make_backup()
        path = os.path.join(self.folder, backup.name)
        backup.action_prove()
        with self.assertRaises(KehuBackupError):
            backup.action_delete()
        self.run_jobs()
        backup.action_delete()
        self.assertFalse(backup.exists())
        self.assertFalse(os.path.exists(path))

    def test_a_name_that_leaves_the_folder(self):
        """Even a row that somebody forged in the database touches no file elsewhere."""
        outside = make_zip(os.path.join(self.root, "outside.zip"))
        backup = self.make_backup()
        as_engine(backup.sudo(), "backup").name = "../outside.zip"
        with self.assertRaises(KehuBackupError):
            backup.action_download()
        backup.action_delete()
        self.assertTrue(os.path.exists(outside))

    def test_kept(self):
        now = fields.Datetime.now()
        old = self.make_backup(date=now - timedelta(days=50), proof="good")
        found = self.make_backup(date=now - timedelta(days=60), origin="found")
        kept = self.make_backup(date=now - timedelta(days=49), keep=True)
        gone = self.make_backup(date=now - timedelta(days=45))
        path = os.path.join(self.folder, gone.name)
        failed = self.make_backup(date=now - timedelta(days=400), state="failed")
        run = as_engine(self.env["kehu.backup.job"], "backup").create({"kind": "look", "state": "done"})
        self.env.cr.execute("UPDATE kehu_backup_job SET create_date = create_date - interval '1 year' WHERE id = %s", [run.id])
        self.plan.write({"keep_days": 30, "keep_number": 0})
        new = self._back_up().backup_id
        self.assertEqual((old | found | kept | gone | new).exists(), old | found | kept | new)
        self.assertFalse(os.path.exists(path))
        self.assertFalse(failed.exists())
        self.assertFalse(run.exists())

    def test_keep_and_no_longer(self):
        backup = self.make_backup()
        backup.action_keep()
        self.assertTrue(backup.keep)
        backup.action_keep()
        self.assertFalse(backup.keep)

    def test_odd_names_of_databases(self):
        for name in ("a=b", "postgresql://x", "-x"):
            action = self.backups.action_back_up()
            with mute_logger("odoo.addons.kehu_crm.models.backup.runner"):
                self.run_jobs(source=name)
            self.assertIn("do not understand the name", self.env["kehu.backup.job"].browse(action["res_id"]).message)

    def test_the_earlier_database_goes_by_its_name(self):
        job = as_engine(self.env["kehu.backup.job"], "backup").create({"kind": "over", "state": "done", "previous": "kehu-test-before"})
        job = job.with_user(self.keeper)
        drop = self.env["kehu.backup.drop"].with_user(self.keeper).create({"job_id": job.id, "typed": "kehu-test"})
        with self.assertRaises(KehuBackupNameError):
            drop.action_drop()
        self.assertFalse(self.dropped)
        drop.typed = "kehu-test-before"
        drop.action_drop()
        self.assertEqual((self.dropped, job.previous), (["kehu-test-before"], False))
        with self.assertRaises(KehuBackupError):
            job.action_drop_previous(self.env.cr.dbname)
