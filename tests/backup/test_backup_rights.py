"""Backups hold everything of everybody: who may look, who may start, and that no other door is open."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.backup.exceptions import KehuBackupIdentityError, KehuBackupRightsError
from ...models.system.exceptions import KehuEngineOnlyError
from ..common import ROLES
from .common import BackupCommon

MODELS = ("kehu.backup", "kehu.backup.job", "kehu.backup.plan", "kehu.backup.restore", "kehu.backup.plan.change", "kehu.backup.drop")
ACTS = ("action_back_up", "action_look", "action_prove", "action_keep", "action_delete", "action_download")


@tagged("post_install", "-at_install")
class TestBackupRights(BackupCommon):
    def _strangers(self):
        return [getattr(self, f"user_{role}") for role in ROLES] + [self.system, self.portal, self.env.ref("base.public_user")]

    def _jobs(self):
        return self.env["kehu.backup.job"].search_count([])

    def test_nobody_else(self):
        backup = self.make_backup()
        self.as_in_browser()
        for user in self._strangers():
            for model in MODELS:
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).has_access("read"))
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])
            for act in ACTS:
                with self.subTest(user=user.login, act=act), self.assertRaises(KehuBackupRightsError):
                    getattr(backup.with_user(user), act)()
            with self.subTest(user=user.login), self.assertRaises(KehuBackupRightsError):
                backup.with_user(user).action_restore()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["kehu.backup.plan"].with_user(user).action_open()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                backup.with_user(user).read(["name"])
        self.assertFalse(self._jobs())

    def test_all_companies(self):
        """A backup holds all companies; who works for some of them has no business with it."""
        backup = self.make_backup()
        self.assertTrue(backup.has_access("read"))
        self.env["res.company"].create({"name": "Another One"})
        self.env["kehu.backup"].browse().invalidate_model()
        self.keeper.company_ids = self.env.company
        self.assertFalse(backup.has_access("read"))
        self.as_in_browser()
        with self.assertRaises(KehuBackupRightsError):
            self.backups.action_back_up()

    def test_without_a_session(self):
        """By key or from another program there is nobody to type a password."""
        backup = self.make_backup()
        for act in ACTS:
            with self.subTest(act=act), self.assertRaises(KehuBackupIdentityError):
                getattr(backup, act)()
        self.as_in_browser(uid=self.user_seller.id)  # the session of somebody who checked their own password
        for act in ACTS:
            with self.subTest(session="of another", act=act), self.assertRaises(KehuBackupIdentityError):
                getattr(backup, act)()
        self.assertFalse(self._jobs())
        self.assertTrue(backup.exists())

    def test_password_is_asked_for(self):
        backup = self.make_backup()
        self.as_in_browser(password=False)
        for act in ACTS:
            with self.subTest(act=act):
                self.assertEqual(getattr(backup, act)()["res_model"], "res.users.identitycheck")
        restore = self.env["kehu.backup.restore"].with_user(self.keeper).create({"backup_id": backup.id, "target": "kehu-test-other"})
        self.assertEqual(restore.action_restore()["res_model"], "res.users.identitycheck")
        change = self.env["kehu.backup.plan.change"].with_user(self.keeper).create({"every": "day", "weekday": "0", "timezone": "UTC"})
        self.assertEqual(change.action_save()["res_model"], "res.users.identitycheck")
        self.assertFalse(self._jobs())
        self.assertTrue(backup.exists())
        self.assertFalse(backup.keep)

    def test_no_other_door(self):
        """Neither rows nor paths, check sums and states are written by hand, not even by somebody who gave themselves the rights."""
        backup = self.make_backup()
        plan = self.env["kehu.backup.plan"]._kehu_get()
        self.env["ir.model.access"].create(
            [
                {
                    "name": model,
                    "model_id": self.env["ir.model"]._get(model).id,
                    "group_id": self.env.ref("base.group_system").id,
                    **{f"perm_{operation}": True for operation in ("read", "write", "create", "unlink")},
                }
                for model in MODELS[:3]
            ]
        )
        context = {"kehu_engine_backup": True, "_force_unlink": True}
        for values in ({"name": "../../etc/passwd.zip"}, {"check_sum": "0" * 64}, {"state": "ready"}, {"keep": True}):
            with self.subTest(values=values), self.assertRaises(KehuEngineOnlyError):
                backup.with_context(**context).write(values)
            with self.subTest(loaded=values), self.assertRaises(KehuEngineOnlyError):
                self.backups.with_context(**context).create({"name": "x.zip", **values})
        with self.assertRaises(KehuEngineOnlyError):
            backup.with_context(**context).unlink()
        with self.assertRaises(KehuEngineOnlyError):
            plan.with_user(self.keeper).write({"keep_number": 1})
        with self.assertRaises(KehuEngineOnlyError):
            self.env["kehu.backup.job"].with_user(self.keeper).create({"kind": "over", "backup_id": backup.id})
        result = self.backups.load(["name"], [["x.zip"]])
        self.assertFalse(result["ids"])
        self.assertNotIn("scratch", self.env["kehu.backup.job"].with_user(self.keeper).fields_get())

    def test_who_is_told(self):
        self.assertIn(self.keeper, self.backups._kehu_keepers())
        self.assertFalse(self.backups._kehu_keepers() & (self.system | self.user_crm_admin | self.portal))
        self.keeper.active = False
        self.assertNotIn(self.keeper, self.backups._kehu_keepers())

    def test_screens_open(self):
        for model in MODELS[:3]:
            views = [(False, "form")] + ([(False, "list"), (False, "kanban"), (False, "search")] if model != "kehu.backup.plan" else [])
            self.assertTrue(self.env[model].with_user(self.keeper).get_views(views)["views"])
        self.assertEqual(self.env["kehu.backup.plan"].with_user(self.keeper).action_open()["res_model"], "kehu.backup.plan")
        plan = self.env["kehu.backup.plan"]._kehu_get().with_user(self.keeper)
        self.assertEqual(plan.folder, self.folder)
