from odoo import fields, models


class KehuBackupDrop(models.TransientModel):
    """Asks for the name of the earlier database that shall be deleted."""

    _name = "kehu.backup.drop"
    _inherit = "kehu.backup.access"
    _description = "Delete the Database before a Restore"

    job_id = fields.Many2one("kehu.backup.job", required=True, readonly=True, ondelete="cascade")
    previous = fields.Char(related="job_id.previous")
    typed = fields.Char(string="Name")

    def action_drop(self):
        """Delete it; the run asks for the password and compares the name."""
        self.ensure_one()
        return self.job_id.action_drop_previous(self.typed)
