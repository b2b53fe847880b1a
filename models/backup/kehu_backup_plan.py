from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get

from ...tools.backup_files import superfluous
from ..system.engine import as_engine
from .exceptions import KehuBackupError

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
REMEMBERED = 180  # days that runs and failed backups stay in the lists
UTC = ZoneInfo("UTC")


class KehuBackupPlan(models.Model):
    """When backups are made by themselves, and which are kept. There is one record; a dialog with a password changes it."""

    _name = "kehu.backup.plan"
    _inherit = ["kehu.backup.access", "kehu.engine.log.mixin"]
    _description = "Schedule of Backups"

    _kehu_engine = "backup"

    scheduled = fields.Boolean(string="On Schedule", readonly=True, default=True)
    every = fields.Selection(
        [("day", "Every Day"), ("week", "Every Week")], string="How Often", required=True, readonly=True, default="day"
    )
    weekday = fields.Selection(WEEKDAYS, required=True, readonly=True, default="6")
    hour = fields.Float(string="Time of Day", readonly=True, default=2.0, aggregator=None)
    timezone = fields.Selection(_tz_get, string="Time Zone", required=True, readonly=True, default=lambda self: self._default_timezone())
    prove = fields.Boolean(string="Trial Restore", readonly=True, default=True)
    keep_number = fields.Integer(string="Keep at Most", readonly=True, default=14, aggregator=None)
    keep_days = fields.Integer(string="Keep for Days", readonly=True, default=30, aggregator=None)
    next_run = fields.Datetime(string="Next Backup", readonly=True)
    folder = fields.Char(
        string="Backup Folder",
        compute="_compute_folder",
        help="On the server. Whoever runs the server may name another one in its configuration file.",
    )

    @api.model
    def _default_timezone(self):
        return self.env.company.kehu_timezone or self.env.user.tz or "UTC"

    @api.depends("scheduled")
    def _compute_display_name(self):
        self.display_name = self.env._("Schedule of Backups")

    @api.depends_context("uid")
    def _compute_folder(self):
        self.folder = self.env["kehu.backup"]._kehu_folder()

    @api.model
    def _kehu_get(self):
        """Return the one record. Runs as superuser."""
        return self.search([], limit=1) or as_engine(self, "backup").create({}).with_env(self.env)

    @api.model
    def action_open(self):
        """Show the one record."""
        self._kehu_check_right()
        # sudo: kehu.backup.plan - it is made when it is not there
        plan = self.sudo()._kehu_get()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Schedule of Backups"),
            "res_model": "kehu.backup.plan",
            "res_id": plan.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _kehu_next(self, now):
        """Return the next moment of the schedule after ``now``, both naive UTC; at the hour of the time zone, summer and winter."""
        self.ensure_one()
        zone = ZoneInfo(self.timezone)
        minutes = min(round(self.hour * 60), 24 * 60 - 1)
        day = now.replace(tzinfo=UTC).astimezone(zone).date()
        for ahead in range(9):
            date = day + timedelta(days=ahead)
            if self.every == "week" and date.weekday() != int(self.weekday):
                continue
            moment = datetime.combine(date, time(minutes // 60, minutes % 60), zone).astimezone(UTC).replace(tzinfo=None)
            if moment > now:
                return moment
        raise AssertionError("a week has every weekday")

    @api.model
    def _kehu_due(self):
        """Begin a backup when its time has come. One that was missed, because the server was off, is made up for once."""
        plan = self._kehu_get()
        now = fields.Datetime.now()
        if not plan.scheduled:
            return
        if not plan.next_run:
            plan._kehu_plan_next()
        elif plan.next_run <= now:
            plan._kehu_plan_next()
            try:
                self.env["kehu.backup.job"]._kehu_queue("backup", self.env["kehu.backup"], self.env["res.users"], origin="schedule")
            except KehuBackupError:
                return  # one is being made right now: that will do

    def _kehu_plan_next(self):
        """Write down the next moment and let the server wake up for it."""
        for plan in self:
            moment = plan._kehu_next(fields.Datetime.now()) if plan.scheduled else False
            as_engine(plan, "backup").next_run = moment
            if moment:
                self.env.ref("kehu_crm.kehu_backup_ir_cron")._trigger(at=moment)

    @api.model
    def _kehu_tidy(self):
        """Delete the backups that are kept no longer; files that people put into the folder are theirs."""
        plan = self._kehu_get()
        backups = self.env["kehu.backup"].search([("state", "in", ("ready", "changed")), ("origin", "!=", "found")], limit=10000)
        ready = backups.filtered(lambda backup: backup.state == "ready")
        gone = superfluous(
            [(backup.id, backup.date, backup.proof == "good", backup.keep) for backup in ready],
            plan.keep_number,
            plan.keep_days,
            fields.Datetime.now(),
        )
        busy = self.env["kehu.backup.job"].search([("state", "in", ("waiting", "running"))], limit=100).backup_id
        jobs = self.env["kehu.backup.job"]
        long_ago = fields.Datetime.subtract(fields.Datetime.now(), days=REMEMBERED)
        as_engine(jobs.search([("create_date", "<", long_ago), ("previous", "=", False)], limit=10000), "backup").unlink()
        failed = self.env["kehu.backup"].search([("date", "<", long_ago), ("state", "in", ("failed", "missing"))], limit=10000)
        (backups.browse(gone) - busy | failed)._kehu_remove(self.env._("Kept no longer, by the schedule"))
