"""The host's own dump and restore with databases of their own: there and back, a trial, a copy, and changing places."""

import os
import time
from contextlib import closing, contextmanager, nullcontext

import odoo.service.db
import odoo.sql_db
import psycopg2
from odoo import api
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tools import config, mute_logger
from psycopg2 import Error, OperationalError

from ...tools import backup_databases, backup_files
from ...tools.backup_files import BackupError
from .common import BackupCommon, has_tools


@tagged("post_install", "-at_install")
class TestBackupDatabase(BackupCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not has_tools():
            cls.skipTest(cls, "pg_dump and psql of the server's version are not here")
        cls.small = cls.make_small_database()
        with cls._open(cls.small) as env:
            cls.bytes = os.urandom(20000)
            env["ir.attachment"].create({"name": "picture", "raw": cls.bytes, "res_model": "res.partner", "res_id": 1})
            env["res.partner"].create({"name": "苏州科技园"})
            env.cr.commit()
        backup_databases.forget(cls.small)

    @classmethod
    @contextmanager
    def _open(cls, database):
        with Registry(database).cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def _name(self, word):
        name = f"{self.small}-{word}"
        self.addCleanup(backup_databases.drop, name)
        return name

    def _copy(self, word):
        """Make a copy of the small database, hidden as a restored one is; quicker than restoring it."""
        name = self._name(word)
        backup_databases.forget(self.small)
        with backup_databases.server_cursor() as cr:
            cr.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.small}"')
        backup_databases.set_hidden(name, True)
        backup_databases.link_store(config.filestore(self.small), config.filestore(name))
        return name

    def _dump(self):
        path = os.path.join(self.folder, f"dump_{time.monotonic_ns()}.zip")
        backup_databases.dump(self.small, path)
        return path

    def test_there_and_back(self):
        path = self._dump()
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        manifest, rows = backup_files.read_manifest(path), backup_files.rows_in_dump(path)
        self.assertGreater(rows["public.res_partner"], 1)
        name = self._name("back")
        backup_databases.restore(path, name)
        found = backup_databases.compare(name, manifest, rows)
        self.assertFalse(found["differences"] or found["missing"] or found["changed"])
        self.assertEqual(found["partners"], rows["public.res_partner"])
        with self._open(name) as env:
            self.assertTrue(env["res.partner"].search([("name", "=", "苏州科技园")]))
            self.assertEqual(env["ir.attachment"].search([("name", "=", "picture")]).raw, self.bytes)
            stored = env["ir.attachment"].search([("name", "=", "picture")]).store_fname
        # what does not agree is found
        with self._open(name) as env:
            env.cr.execute("DELETE FROM ir_act_url WHERE id = (SELECT max(id) FROM ir_act_url)")
            env.cr.execute("INSERT INTO res_country_group (name) VALUES ('\"one too many\"')")
            env.cr.commit()
        with open(os.path.join(config.filestore(name), stored), "wb") as stream:
            stream.write(b"damaged")
        found = backup_databases.compare(name, manifest, rows)
        self.assertIn("public.res_country_group", [key for key, _there, _here in found["differences"]])
        self.assertEqual(found["changed"], [stored])
        os.unlink(os.path.join(config.filestore(name), stored))
        self.assertEqual(backup_databases.compare(name, manifest, rows)["missing"], [stored])

    def test_hidden_until_it_is_whole(self):
        """A half restored database, or one on trial, is not offered to anybody, and no server runs its scheduled actions."""
        name = self._name("hidden")
        self.patch(config, "options", config.options.new_child({"db_name": [], "dbfilter": ""}))
        backup_databases.restore(self._dump(), name)
        self.assertNotIn(name, odoo.service.db.list_dbs(True))
        backup_databases.set_hidden(name, False)
        self.assertIn(name, odoo.service.db.list_dbs(True))
        backup_databases.set_hidden(name, True)
        backup_databases.drop(name)
        self.assertFalse(backup_databases.exists(name))
        self.assertFalse(os.path.exists(config.filestore(name)))

    def test_only_what_is_ours_is_dropped(self):
        """Somebody makes a database of the same name while the file is read: the restore fails, theirs stays."""
        name = self._name("theirs")
        with backup_databases.server_cursor() as cr:
            cr.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        backup = self.make_backup()
        job = self.env["kehu.backup.job"]._kehu_queue("new", backup.sudo(), self.keeper, target=name)
        self.patch(backup_databases, "is_taken", lambda database: False)  # it was free a moment ago
        with mute_logger("odoo.addons.kehu_crm.models.backup.runner", "odoo.service.db"):
            self.run_jobs()
        self.assertEqual(job.state, "failed")
        self.assertTrue(backup_databases.exists(name))
        # and what a process that died had begun goes
        begun = self._copy("begun")
        backup_databases.drop_unfinished(begun)
        self.assertFalse(backup_databases.exists(begun))

    def test_names_of_databases_dropped_by_hand(self):
        """Their files would be mixed with those of the new one."""
        name = self._name("files")
        self.assertFalse(backup_databases.is_taken(name))
        os.makedirs(config.filestore(name))
        self.assertTrue(backup_databases.is_taken(name))

    def test_files_that_came_meanwhile(self):
        """The host copies the files before the tables; a file of the minutes between is added."""
        original, late = odoo.service.db.dump_db, []

        def dump_db(database, stream, *args):
            original(database, stream, *args)
            with self._open(database) as env:
                late.append(env["ir.attachment"].create({"name": "late", "raw": os.urandom(3000)}).store_fname)
                env.cr.commit()
            backup_databases.forget(database)

        self.patch(odoo.service.db, "dump_db", dump_db)
        self.assertTrue(set(late) <= backup_files.names_in_store(self._dump()))
        self.assertTrue(late)

    def test_runs(self):
        """By the buttons: a backup, its trial, and a copy of its own that is silent."""
        self.as_in_browser()
        self.backups.action_back_up()
        self.run_jobs(source=self.small)  # the trial restore follows by itself
        backup = self.backups.search([])
        self.assertEqual((backup.state, backup.proof), ("ready", "good"), backup.job_ids.mapped("message"))
        self.assertFalse(self.env["kehu.backup.job"].search([("state", "!=", "done")]))
        target = self._name("copy")
        restore = self.env["kehu.backup.restore"].with_user(self.keeper).create({"backup_id": backup.id, "kind": "new", "target": target})
        job = self.env["kehu.backup.job"].browse(restore.action_restore()["res_id"])
        self.run_jobs()
        self.assertEqual(job.state, "done", job.message)
        with self._open(self.small) as one, self._open(target) as other:
            self.assertNotEqual(*(env["ir.config_parameter"].get_param("database.uuid") for env in (one, other)))
            self.assertTrue(other["ir.config_parameter"].get_param("database.is_neutralized"))
            self.assertTrue(other["res.partner"].search([("name", "=", "苏州科技园")]))
        # once more onto the same name
        job = self.env["kehu.backup.job"]._kehu_queue("new", backup.sudo(), self.keeper, target=target)
        with mute_logger("odoo.addons.kehu_crm.models.backup.runner"):
            self.run_jobs()
        self.assertIn("already", job.message)
        self.assertTrue(backup_databases.exists(target), "what was there stays")

    def test_changing_places(self):
        """The database is replaced while somebody works in it, and is kept, closed, with its files."""
        current, fresh, previous = self._copy("now"), self._name("fresh"), self._name("before")
        backup_databases.restore(self._dump(), fresh)
        backup_databases.set_hidden(current, False)
        with self._open(current) as env:
            env["res.partner"].create({"name": "Entered after the backup"})
            later = env["ir.attachment"].create({"name": "later", "raw": os.urandom(4000)}).store_fname
            env.cr.commit()
            numbers = env.registry.get_sequences(env.cr)[0]
        backup_databases.forget(current)
        server = psycopg2.connect(**odoo.sql_db.connection_info_for(current)[1])  # another server of the same database
        self.addCleanup(server.close)
        busy = server.cursor()
        busy.execute("SELECT 1")
        backup_databases.change_places(current, fresh, previous)
        with self.assertRaises(OperationalError):
            busy.execute("SELECT 1")  # sent away
        self.assertFalse(backup_databases.exists(fresh))
        with self._open(current) as env:
            self.assertFalse(env["res.partner"].search([("name", "=", "Entered after the backup")]))
            self.assertEqual(env["ir.attachment"].search([("name", "=", "picture")]).raw, self.bytes)
            self.assertGreater(env.registry.get_sequences(env.cr)[0], numbers, "each server reads everything anew")
        # the earlier one is whole, hidden and closed; whoever runs the server can open it
        self.assertTrue(os.path.exists(os.path.join(config.filestore(previous), later)))
        with backup_databases.server_cursor() as cr:
            cr.execute("SELECT datallowconn, datistemplate FROM pg_database WHERE datname = %s", [previous])
            self.assertEqual(cr.fetchone(), (False, True))
            cr.execute(f'ALTER DATABASE "{previous}" ALLOW_CONNECTIONS true')
        with self._open(previous) as env:
            self.assertTrue(env["res.partner"].search([("name", "=", "Entered after the backup")]))
        backup_databases.drop(previous)
        self.assertFalse(backup_databases.exists(previous))

    def test_places_are_changed_wholly_or_not_at_all(self):
        current, fresh = self._copy("whole"), self._copy("none")
        taken = self._name("taken")
        with backup_databases.server_cursor() as cr:
            cr.execute(f'CREATE DATABASE "{taken}" TEMPLATE template0')
        with mute_logger("odoo.sql_db"), self.assertRaises(Error):
            backup_databases.change_places(current, fresh, taken)
        # somebody who cannot be sent away
        self.patch(backup_databases, "_sent_away", lambda *names: nullcontext())
        self.patch(backup_databases, "MOVING", 1)
        server = psycopg2.connect(**odoo.sql_db.connection_info_for(current)[1])
        self.addCleanup(server.close)
        never = self._name("never")
        with mute_logger("odoo.sql_db"), self.assertRaises(BackupError) as caught:
            backup_databases.change_places(current, fresh, never)
        self.assertEqual(caught.exception.reason, "in_use")
        self.assertFalse(backup_databases.is_taken(never), "neither a database nor files are left")
        for name in (current, fresh):
            with closing(odoo.sql_db.db_connect(name).cursor()) as cr:
                cr.execute("SELECT 1")

    def test_one_process_at_a_time(self):
        with self.only_worker(self.small) as one, self.only_worker(self.small) as other, self.only_worker("kehu-test-other") as third:
            self.assertEqual((one, other, third), (True, False, True))
        with self.only_worker(self.small) as free:
            self.assertTrue(free)

    def test_programs_that_are_missing_or_old(self):
        self.patch(backup_databases, "find_pg_tool", lambda name: (_ for _ in ()).throw(Exception("Command `pg_dump` not found.")))
        with self.assertRaises(BackupError) as caught:
            backup_databases.check_tools("pg_dump")
        self.assertEqual(caught.exception.reason, "tool_missing")
        old = os.path.join(self.root, "pg_dump")
        with open(old, "w") as stream:
            stream.write("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
        os.chmod(old, 0o755)
        self.patch(backup_databases, "find_pg_tool", lambda name: old)
        with self.assertRaises(BackupError) as caught:
            backup_databases.check_tools("pg_dump")
        self.assertEqual(caught.exception.reason, "tool_old")
