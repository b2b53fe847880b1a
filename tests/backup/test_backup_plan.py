"""The schedule."""

from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import tagged

from ...models.backup.exceptions import KehuBackupError
from ...models.system.engine import as_engine
from .common import BackupCommon


@tagged("post_install", "-at_install")
class TestBackupPlan(BackupCommon):
    def setUp(self):
        super().setUp()
        self.plan = as_engine(self.env["kehu.backup.plan"]._kehu_get(), "backup")

    def _next(self, now, **values):
        self.plan.write(values)
        return self.plan._kehu_next(now)

    def test_time_zones(self):
        now = datetime(2026, 11, 22, 17, 0)  # Monday 01:00 in Shanghai, Sunday in Greenwich
        self.assertEqual(self._next(now, every="day", hour=2.0, timezone="Asia/Shanghai"), datetime(2026, 11, 22, 18, 0))
        self.assertEqual(self._next(datetime(2026, 11, 22, 18, 0)), datetime(2026, 11, 23, 18, 0))
        self.assertEqual(self._next(now, every="week", weekday="0"), datetime(2026, 11, 22, 18, 0), "Monday there")
        self.assertEqual(self._next(now, weekday="6"), datetime(2026, 11, 28, 18, 0))
        self.assertEqual(self._next(now, every="day", timezone="UTC", hour=23.5), datetime(2026, 11, 22, 23, 30))
        # an hour that does not exist on the day of summer time
        self.assertEqual(self._next(datetime(2026, 3, 29, 0, 0), timezone="Europe/Berlin", hour=2.5), datetime(2026, 3, 29, 1, 30))

    def test_due(self):
        jobs = self.env["kehu.backup.job"]
        self.plan.write({"scheduled": True, "next_run": False})
        self.run_cron()
        self.assertGreater(self.plan.next_run, fields.Datetime.now())
        self.assertFalse(jobs.search([]))
        self.plan.next_run = fields.Datetime.now() - timedelta(days=3)  # the server was off
        self.run_cron()
        self.assertGreater(self.plan.next_run, fields.Datetime.now())
        self.assertEqual(jobs.search([]).mapped("backup_id.origin"), ["schedule"])
        self.assertFalse(jobs.search([]).user_id)
        self.plan.next_run = fields.Datetime.now() - timedelta(hours=1)
        self.run_cron()
        self.assertEqual(len(jobs.search([])), 1, "one is waiting already")

    def test_switched_off(self):
        self.plan.write({"scheduled": False, "next_run": fields.Datetime.now() - timedelta(hours=1)})
        self.run_cron()
        self.assertFalse(self.env["kehu.backup.job"].search([]))

    def test_changed_in_the_dialog(self):
        self.as_in_browser()
        changes = self.env["kehu.backup.plan.change"].with_user(self.keeper)
        self.assertEqual(changes.create({}).timezone, self.plan.timezone)
        changes.create({"every": "week", "weekday": "2", "hour": 3.25, "keep_number": 5, "timezone": "Asia/Shanghai"}).action_save()
        self.assertEqual((self.plan.every, self.plan.keep_number, self.plan.hour), ("week", 5, 3.25))
        self.assertEqual((self.plan.next_run.weekday(), self.plan.next_run.hour, self.plan.next_run.minute), (1, 19, 15))
        for values in ({"hour": 24.0}, {"hour": -1.0}, {"keep_number": -1}, {"keep_days": 10**6}):
            with self.subTest(values=values), self.assertRaises(KehuBackupError):
                changes.create(values).action_save()
        changes.create({"scheduled": False}).action_save()
        self.assertFalse(self.plan.next_run)
