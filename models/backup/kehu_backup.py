import os
import re
import secrets
from contextlib import suppress

from odoo import api, fields, models
from odoo.tools import config

from ...tools.backup_files import BackupError, file_name, folder_name, is_file_name, path_of, read_manifest
from ..system.engine import as_engine
from .exceptions import KehuBackupError
from .kehu_backup_access import with_password
from .words import bytes_in_words, sentence


class KehuBackup(models.Model):
    """A file that holds the whole database and its files. Written by the worker only; people press buttons."""

    _name = "kehu.backup"
    _inherit = ["kehu.backup.access", "kehu.engine.log.mixin"]
    _description = "Backup"
    _order = "date desc, id desc"
    _rec_name = "name"

    _kehu_engine = "backup"

    name = fields.Char(string="File", required=True, readonly=True)
    date = fields.Datetime(string="Made on", required=True, readonly=True, default=fields.Datetime.now)
    origin = fields.Selection(
        [("schedule", "On Schedule"), ("hand", "By Hand"), ("found", "Found in the Folder")], required=True, readonly=True, default="hand"
    )
    state = fields.Selection(
        [("making", "Being Made"), ("ready", "Ready"), ("failed", "Failed"), ("changed", "Changed by Hand"), ("missing", "File Missing")],
        string="Status",
        required=True,
        readonly=True,
        default="making",
    )
    size = fields.Float(digits=(20, 0), readonly=True, help="Bytes of the file.")
    size_text = fields.Char(string="File Size", compute="_compute_size_text")
    check_sum = fields.Char(string="SHA-256", readonly=True, help="Check sum of the file: whoever holds a copy can compare it.")
    database_size = fields.Float(digits=(20, 0), readonly=True)
    version = fields.Char(readonly=True, help="Version of the CRM in the backup.")
    module_count = fields.Integer(string="Modules", readonly=True)
    file_count = fields.Integer(string="Attached Files", readonly=True)
    proof = fields.Selection(
        [("none", "Not Tried Yet"), ("good", "Restored on Trial"), ("bad", "Trial Failed")],
        string="Trial Restore",
        required=True,
        readonly=True,
        default="none",
    )
    proved_on = fields.Datetime(readonly=True)
    proof_note = fields.Text(string="Result of the Trial", readonly=True)
    keep = fields.Boolean(readonly=True, help="Not deleted by the schedule, whatever its age.")
    job_ids = fields.One2many("kehu.backup.job", "backup_id", string="Runs", readonly=True)

    _name_uniq = models.UniqueIndex("(name)", "There is a backup of this name already.")

    @api.depends("size")
    def _compute_size_text(self):
        for backup in self:
            backup.size_text = bytes_in_words(backup.size) if backup.size else ""

    # -------------------------------------------------------------------------------------------------------------------- folder

    @api.model
    def _kehu_folder(self, make=False):
        """Return the folder of the backups of this database.

        It lies in the server's data folder, or where the configuration file of the server says (`kehu_backup_dir`), never where a
        screen says: who writes files anywhere on a server owns it.

        :param bool make: make it when it is not there, readable by the server alone
        """
        root = config.get("kehu_backup_dir") or os.path.join(config["data_dir"], "kehu_backups")
        folder = os.path.join(os.path.abspath(os.path.expanduser(str(root))), folder_name(self.env.cr.dbname))
        if make:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            os.chmod(folder, 0o700)
        return folder

    def _kehu_path(self):
        """Return the path of the file.

        :raises BackupError: when there is none, or its name is no plain name
        """
        self.ensure_one()
        return path_of(self._kehu_folder(), self.name)

    @api.model
    def _kehu_new(self, origin):
        """Make the row of a backup that is about to be made. Runs as superuser.

        :param str origin: ``schedule`` or ``hand``
        """
        now = fields.Datetime.now()
        name = file_name(self.env.cr.dbname, now, secrets.token_hex(4))
        return as_engine(self, "backup").create({"name": name, "date": now, "origin": origin}).with_env(self.env)

    def _kehu_facts(self, path):
        """Return values that the file tells about itself.

        :raises BackupError: when it is no backup
        """
        manifest = read_manifest(path)
        return {
            "size": os.path.getsize(path),
            "version": str(manifest["modules"].get("kehu_crm") or "")[:40],
            "module_count": len(manifest["modules"]),
            "file_count": manifest["files"],
        }

    @api.model
    def _kehu_strangers(self):
        """Return the names of files in the folder that are in no row.

        :rtype: list[str]
        """
        try:
            names = [name for name in os.listdir(self._kehu_folder()) if is_file_name(name)]
        except FileNotFoundError:
            return []
        known = set(self.search([("name", "in", names)]).mapped("name"))
        return sorted(set(names) - known)

    def _kehu_remove(self, why):
        """Delete files and rows. Runs as superuser; the operation log keeps who and which.

        :param str why: one line
        """
        for backup in self:
            with suppress(BackupError, FileNotFoundError):  # it is gone already, or was never a file of ours
                os.unlink(backup._kehu_path())
        names = {backup.id: backup.name for backup in self}
        self.env["kehu.operation.log"]._kehu_note("unlink", self, detail=why, names=names)
        return as_engine(self, "backup").unlink()

    @staticmethod
    def _kehu_moment_of(name):
        """Return the moment that stands in the name of a file of ours, naive UTC, or None."""
        found = re.search(r"_(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)_", name)
        try:
            return fields.Datetime.to_datetime("{}-{}-{} {}:{}:{}".format(*found.groups())) if found else None
        except ValueError:
            return None

    # ------------------------------------------------------------------------------------------------------------------- buttons

    @with_password
    def action_back_up(self):
        """Begin a backup now, and show how it goes on. Which rows are selected does not matter."""
        return self.browse()._kehu_queue("backup")

    @with_password
    def action_look(self):
        """Compare the list with the folder: files that came, went or changed. Which rows are selected does not matter."""
        return self.browse()._kehu_queue("look")

    @with_password
    def action_prove(self):
        """Begin a trial restore, and show how it goes on."""
        return self._kehu_queue("prove")

    @with_password
    def action_keep(self):
        """Keep this backup for ever, or no longer."""
        self.ensure_one()
        # sudo: kehu.backup - one mark, by somebody who may
        as_engine(self.sudo(), "backup").keep = not self.keep
        return True

    @with_password
    def action_delete(self):
        """Delete the files."""
        # sudo: kehu.backup, kehu.backup.job - rows of the engine
        backups = self.sudo()
        if busy := backups.job_ids.filtered(lambda job: job.state in ("waiting", "running")):
            raise KehuBackupError(
                self.env._("%(name)s is being worked with. Wait until this has ended, then delete it.", name=busy[0].backup_id.name)
            )
        backups._kehu_remove(self.env._("Deleted by hand"))
        return self.env["ir.actions.actions"]._for_xml_id("kehu_crm.kehu_backup_action")

    @with_password
    def action_download(self):
        """Send the file to the browser."""
        self.ensure_one()
        self._kehu_check_file()
        return {"type": "ir.actions.act_url", "url": f"/kehu/backup/{self.id}", "target": "self"}

    def action_restore(self):
        """Ask what to restore, and where to."""
        self._kehu_check_right()
        self.ensure_one()
        self._kehu_check_file()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Restore a Backup"),
            "res_model": "kehu.backup.restore",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_backup_id": self.id},
        }

    def _kehu_check_file(self):
        """:raises KehuBackupError: when there is no whole file"""
        if self.state not in ("ready", "changed"):
            raise KehuBackupError(self.env._("%(name)s is not there to be used.", name=self.name))
        try:
            return self._kehu_path()
        except BackupError as error:
            raise KehuBackupError(sentence(self.env, error))

    def _kehu_queue(self, kind, **values):
        """Let something be done in the background, and return the screen that shows it.

        The caller has checked right and password.
        """
        if self:
            self.ensure_one()
            self._kehu_check_file()
        # sudo: kehu.backup.job - rows of the engine
        job = self.env["kehu.backup.job"].sudo()._kehu_queue(kind, self, user=self.env.user, **values)
        return job._kehu_open()
