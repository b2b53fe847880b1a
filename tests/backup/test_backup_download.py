"""Over HTTP: the password is asked for, the file is sent, and nothing else."""

import json
import os
import shutil
import tempfile
import time

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config, mute_logger

from ...models.system.engine import as_engine
from ...tools.backup_files import check_sum
from ..common import KehuCommon
from .common import make_zip


@tagged("post_install", "-at_install")
class TestBackupDownload(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_system,kehu_crm.group_kehu_admin"
        cls.keeper = new_test_user(cls.env, "kehu_keeper_http", groups=groups, password="kehu_keeper_http", lang="en_US")
        cls.keeper.company_ids = cls.env["res.company"].search([("id", "!=", False)])
        for user in (cls.user_crm_admin, cls.user_seller):
            user.password = user.login

    def setUp(self):
        super().setUp()
        root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, root)
        self.patch(config, "options", config.options.new_child({"kehu_backup_dir": root}))
        self.folder = self.env["kehu.backup"]._kehu_folder(make=True)
        self.path = make_zip(os.path.join(self.folder, "test.zip"))
        self.backup = as_engine(self.env["kehu.backup"], "backup").create(
            {"name": "test.zip", "state": "ready", "check_sum": check_sum(self.path), "size": os.path.getsize(self.path)}
        )
        self.url = f"/kehu/backup/{self.backup.id}"

    def _login(self, user, fresh=True):
        session = self.authenticate(user.login, user.login)
        session["identity-check-last"] = time.time() if fresh else time.time() - 3600
        self._save(session)

    @staticmethod
    def _save(session):
        from odoo import http

        http.root.session_store.save(session)

    def _call(self, model, method, args, **kwargs):
        body = {"jsonrpc": "2.0", "method": "call", "params": {"model": model, "method": method, "args": args, "kwargs": kwargs}}
        return self.url_open("/web/dataset/call_kw", data=json.dumps(body), headers={"Content-Type": "application/json"}).json()

    def test_download(self):
        self._login(self.keeper)
        answer = self.url_open(self.url)
        self.assertEqual(answer.status_code, 200)
        with open(self.path, "rb") as stream:
            self.assertEqual(answer.content, stream.read())
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_who_may_not(self):
        self.assertNotEqual(self.url_open(self.url, allow_redirects=False).status_code, 200)
        for user in (self.user_crm_admin, self.user_seller):
            self._login(user)
            with self.subTest(user=user.login):
                self.assertEqual(self.url_open(self.url).status_code, 404)
        self._login(self.keeper, fresh=False)
        answer = self.url_open(self.url)
        self.assertEqual(answer.status_code, 403)
        self.assertNotIn(b"PK", answer.content[:2])

    @mute_logger("odoo.http")
    def test_names_and_numbers(self):
        self._login(self.keeper)
        outside = make_zip(os.path.join(os.path.dirname(self.folder), "outside.zip"))
        self.assertTrue(os.path.exists(outside))
        for name in ("../outside.zip", outside, "none.zip", "..", "test.zip/../../outside.zip"):
            as_engine(self.backup, "backup").name = name
            with self.subTest(name=name):
                self.assertEqual(self.url_open(self.url).status_code, 404)
        for url in ("/kehu/backup/0", "/kehu/backup/999999999", "/kehu/backup/../../etc/passwd", "/kehu/backup/x"):
            with self.subTest(url=url):
                self.assertEqual(self.url_open(url).status_code, 404)

    @mute_logger("odoo.http")
    def test_password_then_backup(self):
        """As the web client does: the button, the password, the run."""
        self._login(self.keeper, fresh=False)
        action = self._call("kehu.backup", "action_back_up", [[]])["result"]
        self.assertEqual(action["res_model"], "res.users.identitycheck")
        self.assertFalse(self.env["kehu.backup.job"].search([]))
        wrong = self._call("res.users.identitycheck", "run_check", [[action["res_id"]]], context={"password": "wrong"})
        self.assertIn("error", wrong)
        self.assertFalse(self.env["kehu.backup.job"].search([]))
        right = self._call("res.users.identitycheck", "run_check", [[action["res_id"]]], context={"password": "kehu_keeper_http"})
        self.assertEqual(right["result"]["res_model"], "kehu.backup.job")
        self.assertEqual(self.env["kehu.backup.job"].search([]).user_id, self.keeper)

    @mute_logger("odoo.http")
    def test_key_instead_of_password(self):
        """The key of an administrator starts nothing, with the session of somebody else beside it or alone."""
        import datetime

        keys = self.env["res.users.apikeys"].with_user(self.keeper)
        key = keys._generate("rpc", "test", datetime.datetime.now() + datetime.timedelta(days=1))
        for login in (None, self.user_seller, self.keeper):
            if login:
                self._login(login, fresh=login != self.keeper)
            with self.subTest(session=login and login.login):
                headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
                answer = self.url_open("/json/2/kehu.backup/action_back_up", data=json.dumps({"ids": []}), headers=headers)
                self.assertNotIn("kehu.backup.job", answer.text)
                self.assertNotEqual(self.url_open(self.url, headers=headers).content[:2], b"PK")
        self.assertFalse(self.env["kehu.backup.job"].search([]))
