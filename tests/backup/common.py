"""A database of a few tables to be backed up, and files to be refused.

The host's own small database (its module `base`) is made once per class, by a process of its own, and dropped at the end. What happens in
the database of the test itself is rolled back; nothing of it is dumped.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import odoo.addons
from odoo import api, http
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import config

from ...models.backup.runner import Runner
from ...models.system.engine import as_engine
from ...tools import backup_databases, backup_worker
from ...tools.backup_files import BackupError, check_sum
from ..common import KehuCommon

DUMP = b"""--
CREATE TABLE public.pet (id integer);
COPY public.pet (id) FROM stdin;
1
2
\\.
-- PostgreSQL database dump complete
"""
BASE = """
import ast, sys
said = ast.literal_eval(sys.stdin.read())
sys.path[:] = said["path"]
import odoo.addons, odoo.cli
from odoo.tools import config
config.parse_config([], setup_logging=False)
config.options.maps[0].update(said["options"])
odoo.addons.__path__ = said["addons"]
from odoo.service.db import _create_empty_database
from odoo.modules.registry import Registry
_create_empty_database(said["database"])
Registry.new(said["database"], update_module=True)
"""


def make_zip(path, entries=None, modules=None, **manifest):
    """Write a file as the host does, or nearly so.

    :param dict entries: {name: bytes} beside or instead of the usual ones; None leaves one out
    """
    usual = {
        "manifest.json": json.dumps(
            {"odoo_dump": "1", "major_version": "19.0", "modules": {"base": "19.0.1.3", **(modules or {})}, **manifest}
        ).encode(),
        "dump.sql": DUMP,
        **(entries or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in usual.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def has_tools():
    """Tell whether the programs of PostgreSQL are here, new enough for the server."""
    try:
        backup_databases.check_tools("pg_dump", "psql")
    except BackupError:
        return False
    return True


class BackupCommon(KehuCommon, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_system,kehu_crm.group_kehu_admin"
        cls.keeper = new_test_user(cls.env, "kehu_keeper", groups=groups, name="Keeper", email="keeper@example.com", lang="en_US")
        cls.keeper.company_ids = cls.env["res.company"].search([("id", "!=", False)])
        cls.system = new_test_user(cls.env, "kehu_system", groups="base.group_system", name="System", lang="en_US")
        cls.portal = new_test_user(cls.env, "kehu_portal_backup", groups="base.group_portal", name="Portal", lang="en_US")

    def setUp(self):
        super().setUp()
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.patch(config, "options", config.options.new_child({"kehu_backup_dir": self.root}))
        self.started = []
        self.only_worker = backup_databases.only_worker
        self.patch(backup_databases, "only_worker", lambda database: nullcontext(True))
        self.patch(backup_worker, "start", self.started.append)
        self.patch(Runner, "pause", 3600)
        self.folder = self.env["kehu.backup"]._kehu_folder(make=True)
        self.backups = self.env["kehu.backup"].with_user(self.keeper)

    def as_in_browser(self, password=True, uid=None):
        """Pretend that the keeper works in a session of their own, who typed their password a moment ago."""
        session = http.Session({"identity-check-last": time.time() if password else 0}, "x" * 84)
        session.uid = uid or self.keeper.id
        fake = SimpleNamespace(session=session, env=self.env, httprequest=None, db=self.env.cr.dbname, is_bot=False)
        http._request_stack.push(fake)
        self.addCleanup(http._request_stack.pop)
        return fake

    def make_backup(self, name=None, content=None, **values):
        """A row with its file, as if it had been made."""
        name = name or f"test_{secrets.token_hex(4)}.zip"
        path = os.path.join(self.folder, name)
        if content is None:
            make_zip(path)
        else:
            with open(path, "wb") as stream:
                stream.write(content)
        values = {"name": name, "state": "ready", "check_sum": check_sum(path), "size": os.path.getsize(path), **values}
        return as_engine(self.env["kehu.backup"], "backup").create(values).with_user(self.keeper)

    def run_jobs(self, source=None):
        """Do what waits, here and now.

        :param source: database that is dumped instead of this one
        """
        with self._no_request(), self.enter_registry_test_mode():
            while Runner(self.env.cr.dbname, source).run_next():
                pass

    def run_jobs_once(self):
        """Do the first of what waits."""
        with self._no_request(), self.enter_registry_test_mode():
            self.assertTrue(Runner(self.env.cr.dbname).run_next())

    def run_cron(self):
        """Do what the scheduled action does; it commits."""
        with self._no_request(), self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})["kehu.backup.job"]._cron_kehu_run()

    @contextmanager
    def _no_request(self):
        """The process and the scheduled action serve nobody."""
        fake = http._request_stack.pop()
        try:
            yield
        finally:
            if fake is not None:
                http._request_stack.push(fake)

    @classmethod
    def make_small_database(cls):
        """Make a database with the host's `base` and return its name; it goes at the end of the class."""
        name = f"kehu-test-{secrets.token_hex(4)}"
        cls.addClassCleanup(backup_databases.drop, name)
        wanted = ("db_host", "db_port", "db_user", "db_password", "db_sslmode", "db_template", "data_dir", "addons_path", "pg_path")
        said = {
            "path": [os.path.abspath(path) for path in sys.path],
            "addons": [os.path.abspath(path) for path in odoo.addons.__path__],
            "options": {key: config[key] for key in wanted},
            "database": name,
        }
        subprocess.run([sys.executable, "-c", BASE], input=repr(said).encode(), check=True, capture_output=True)
        return name
