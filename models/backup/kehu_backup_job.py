import secrets

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import backup_databases, backup_worker
from ...tools.backup_files import LONGEST_DATABASE_NAME, BackupError
from ..system.engine import as_engine
from .exceptions import KehuBackupError, KehuBackupNameError
from .kehu_backup_access import with_password
from .words import sentence

KINDS = [
    ("backup", "Backup"),
    ("prove", "Trial Restore"),
    ("look", "Check of the Folder"),
    ("new", "Restore into a New Database"),
    ("over", "Restore over This Database"),
]
STEPS = [
    ("check", "Checking room and programs"),
    ("dump", "Copying database and files"),
    ("sum", "Taking the check sum"),
    ("read", "Reading the file"),
    ("restore", "Restoring"),
    ("compare", "Comparing with the file"),
    ("update", "Updating to the version of this server"),
    ("swap", "Changing places with this database"),
    ("tidy", "Tidying up"),
]
PATIENCE = 30  # minutes that a run may wait for the process to begin


# what hindered the server, and says nothing about a file
OF_THE_SERVER = ("stopped", "not_started", "space", "tool_missing", "tool_old")


def is_of_the_server(error):
    """Tell whether an error says nothing about the backup itself: another trial may succeed."""
    return isinstance(error, OSError) or (isinstance(error, BackupError) and error.reason in OF_THE_SERVER)


class KehuBackupJob(models.Model):
    """One piece of work with backups: what, how far, how it ended. Written by the worker only."""

    _name = "kehu.backup.job"
    _inherit = ["kehu.backup.access", "kehu.engine.log.mixin"]
    _description = "Run of a Backup or Restore"
    _order = "id desc"
    _rec_name = "kind"

    _kehu_engine = "backup"

    kind = fields.Selection(KINDS, string="What", required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    backup_id = fields.Many2one("kehu.backup", readonly=True, ondelete="set null", index=True)
    user_id = fields.Many2one("res.users", string="Started by", readonly=True, ondelete="set null")
    target = fields.Char(string="Database", readonly=True, help="Database that is restored into.")
    neutralise = fields.Boolean(string="Silent Copy", readonly=True)
    step = fields.Selection(STEPS, readonly=True)
    progress = fields.Float(readonly=True, aggregator=None, help="Percent.")
    message = fields.Text(string="Result", readonly=True)
    date_start = fields.Datetime(string="Began", readonly=True)
    date_end = fields.Datetime(string="Ended", readonly=True)
    scratch = fields.Char(readonly=True, groups=fields.NO_ACCESS, help="Database made on the way, dropped when the run ends.")
    previous = fields.Char(
        string="Database before the Restore", readonly=True, help="What this database was before, closed to everybody, until you delete it."
    )

    @api.depends("kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for job in self:
            job.display_name = labels.get(job.kind, "")

    # ------------------------------------------------------------------------------------------------------------------- waiting

    @api.model
    def _kehu_queue(self, kind, backup, user, origin="hand", target=None, neutralise=False):
        """Let something be done in the background. Runs as superuser.

        :param backup: the file, when there is one already
        :param user: who wants it; nobody for the schedule
        :raises KehuBackupError: when the same is waited for already
        """
        open_jobs = self.search([("state", "in", ("waiting", "running")), ("kind", "=", kind)], limit=100)
        if (kind != "prove" and open_jobs) or (backup and backup in open_jobs.backup_id):
            raise KehuBackupError(self.env._("This is under way already. Wait until it has ended: “Runs” shows how far it is."))
        if kind == "backup":
            backup = self.env["kehu.backup"]._kehu_new(origin)
        job = as_engine(self, "backup").create(
            {"kind": kind, "backup_id": backup.id, "user_id": user.id, "target": target, "neutralise": neutralise}
        )
        self.env.ref("kehu_crm.kehu_backup_ir_cron")._trigger()
        return job.with_env(self.env)  # without the permission of the engine

    def _kehu_open(self):
        """Return the screen that shows how it goes on."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Runs"),
            "res_model": "kehu.backup.job",
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    @api.model
    def _cron_kehu_run(self):
        """Begin what the schedule says, and start the process when something waits or has died."""
        self.env["kehu.backup.plan"]._kehu_due()
        self.env["ir.cron"]._commit_progress()  # the process must see it
        jobs = self.search([("state", "in", ("waiting", "running"))], limit=100)
        if not jobs:
            return
        with backup_databases.only_worker(self.env.cr.dbname) as free:
            pass
        if not free:
            return  # the process is at work
        late = fields.Datetime.subtract(fields.Datetime.now(), minutes=PATIENCE)
        if lost := jobs.filtered(lambda job: job.state == "waiting" and job.create_date < late):
            lost._kehu_fail(BackupError("not_started"))
        if jobs - lost:
            backup_worker.start(self.env.cr.dbname)

    # --------------------------------------------------------------------------------------------------- called by the worker only

    @api.model
    def _kehu_take(self):
        """Return the next run that waits, marked as running."""
        job = self.search([("state", "=", "waiting")], order="id", limit=1)
        if job:
            job._kehu_set(state="running", date_start=fields.Datetime.now(), progress=0)
        return job

    def _kehu_set(self, **values):
        """Write down how it goes on."""
        as_engine(self, "backup").write(values)

    @api.model
    def _kehu_bury(self):
        """Fail the runs whose process has died. Called by who holds the lock, so that no run can be alive."""
        self.search([("state", "=", "running")], limit=100)._kehu_fail(BackupError("stopped"))

    @api.model
    def _kehu_left_behind(self):
        """Return the names of the databases that runs whose process has died began to restore."""
        return [job.scratch for job in self.search([("state", "=", "running"), ("scratch", "!=", False)], limit=100)]

    def _kehu_fail(self, error):
        """Write down why it did not succeed, and tell those who look after backups."""
        for job in self:
            reader = job.user_id or job._kehu_keepers()[:1]
            env = job.with_context(lang=reader.lang or self.env.lang).env
            step = dict(STEPS).get(job.step) and dict(job._fields["step"]._description_selection(env))[job.step]
            text = sentence(env, error)
            if step and not (isinstance(error, BackupError) and error.reason in ("stopped", "not_started")):
                text = env._("Step “%(step)s”: %(text)s", step=step, text=text)
            job._kehu_set(state="failed", message=text, date_end=fields.Datetime.now())
            backup = as_engine(job.backup_id, "backup")
            if job.kind == "backup":
                backup.state = "failed"
            elif isinstance(error, BackupError) and error.reason == "file_missing":
                backup.state = "missing"
            elif isinstance(error, BackupError) and error.reason == "file_sum":
                backup.state = "changed"
            if job.kind == "prove" and not is_of_the_server(error):
                backup.write({"proof": "bad", "proved_on": fields.Datetime.now(), "proof_note": text})
            job._kehu_tell(env._("%(what)s did not succeed", what=dict(job._fields["kind"]._description_selection(env))[job.kind]), text)

    def _kehu_done(self, message):
        self._kehu_set(state="done", message=message, date_end=fields.Datetime.now(), progress=100, step=False)

    def _kehu_tell(self, subject, text):
        """Tell those who look after backups: a message in their inbox or by mail, and a notice on their screen."""
        self.ensure_one()
        keepers = self._kehu_keepers()
        if not keepers:
            return
        link = f"/odoo/kehu-backup-runs/{self.id}"
        self.env["mail.thread"].message_notify(
            subject=subject,
            body=Markup('<p>%s</p><p>%s</p><p><a href="%s">%s</a></p>') % (subject, text, link, self.backup_id.name or subject),
            partner_ids=keepers.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
        )
        for user in keepers:
            user._bus_send("simple_notification", {"type": "danger", "title": subject, "message": text, "sticky": True})

    # ------------------------------------------------------------------------------------------------------------------- buttons

    @with_password
    def action_drop_previous(self, typed=None):
        """Delete the database that this one was before a restore, after its name was typed."""
        self.ensure_one()
        # sudo: kehu.backup.job - one name of the engine
        job = self.sudo()
        if job.kind != "over" or not job.previous:
            raise KehuBackupError(self.env._("There is no earlier database to delete."))
        if typed != job.previous:
            raise KehuBackupNameError(self.env._("Type the name of the database that shall be deleted: %(name)s", name=job.previous))
        backup_databases.drop(job.previous)
        self.env["kehu.operation.log"]._kehu_note("unlink", job, detail=self.env._("Database %(name)s", name=job.previous))
        job._kehu_set(previous=False)
        return True

    @api.model
    def _kehu_new_name(self, word, longest=LONGEST_DATABASE_NAME):
        """Return a name for a database that there is not yet.

        :param str word: what it is for
        """
        for _attempt in range(10):
            tail = f"-{word}-{secrets.token_hex(4)}"
            # bytes, as PostgreSQL counts; a name of other letters is cut between two of them
            head = self.env.cr.dbname.encode()[: longest - len(tail)].decode(errors="ignore")
            if not backup_databases.is_taken(head + tail):
                return head + tail
        raise UserError(self.env._("No name for a database was free. Try again."))
