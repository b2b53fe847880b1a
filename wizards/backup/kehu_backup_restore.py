from odoo import api, fields, models
from odoo.tools import config, format_datetime

from ...models.backup.exceptions import KehuBackupError, KehuBackupNameError
from ...models.backup.kehu_backup_access import with_password
from ...tools.backup_databases import is_taken
from ...tools.backup_files import is_database_name


class KehuBackupRestore(models.TransientModel):
    """Where to restore to; nothing happens before the password was typed."""

    _name = "kehu.backup.restore"
    _inherit = "kehu.backup.access"
    _description = "Restore a Backup"

    backup_id = fields.Many2one("kehu.backup", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [("new", "Into a new database"), ("over", "Over this database")], string="Where To", required=True, default="new"
    )
    target = fields.Char(string="Name of the New Database", help="Letters, digits, dot, hyphen and underscore.")
    neutralise = fields.Boolean(
        string="Silent Copy", default=True, help="The copy sends no mails, fetches none and takes no payments, so that one can try things."
    )
    database = fields.Char(string="This Database", compute="_compute_database")
    typed = fields.Char(string="Name of This Database", help="Type it, so that nothing is replaced by mistake.")
    warning = fields.Text(compute="_compute_warning")

    @api.depends("kind")
    def _compute_database(self):
        self.database = self.env.cr.dbname

    @api.depends("kind", "backup_id")
    def _compute_warning(self):
        for restore in self:
            moment = format_datetime(self.env, restore.backup_id.date) if restore.backup_id else ""
            if restore.kind == "over":
                restore.warning = self.env._(
                    "Everything that was entered since %(moment)s is no longer in this database afterwards. Everybody is interrupted for "
                    "a moment. What this database is now is kept beside it, closed, until you delete it under “Runs”.",
                    moment=moment,
                )
            else:
                restore.warning = self.env._(
                    "A second database shows everything as it was on %(moment)s. This one stays as it is.", moment=moment
                )

    def _kehu_check(self):
        """:raises KehuUserError: for a name that is not the one, or cannot be one"""
        self.ensure_one()
        if config.get("kehu_backup_restore") in (False, "False", "false", "0", "no"):
            raise KehuBackupError(self.env._("Whoever runs the server has switched restoring off in its configuration file."))
        if self.kind == "over":
            if self.typed != self.env.cr.dbname:
                raise KehuBackupNameError(self.env._("Type the name of this database to go on: %(name)s", name=self.env.cr.dbname))
        elif not is_database_name(self.target):
            raise KehuBackupNameError(
                self.env._(
                    "“%(name)s” cannot be the name of a database. Use up to 63 letters, digits, dots, hyphens and underscores, and begin "
                    "with a letter or digit.",
                    name=(self.target or "")[:100],
                )
            )
        elif is_taken(self.target):
            raise KehuBackupNameError(self.env._("There is a database “%(name)s” already. Choose another name.", name=self.target))

    @with_password
    def action_restore(self):
        """Begin, and show how it goes on."""
        self._kehu_check()
        if self.kind == "over":
            return self.backup_id._kehu_queue("over", target=self.env.cr.dbname)
        return self.backup_id._kehu_queue("new", target=self.target, neutralise=self.neutralise)
