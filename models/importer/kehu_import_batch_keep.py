from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..system.engine import as_engine

MOST = 100  # imports of one company tidied at once


class KehuImportBatch(models.Model):
    """How long files are kept: they hold names and numbers of people."""

    _inherit = "kehu.import.batch"

    @api.autovacuum
    def _gc_files(self):
        """Delete the files of old imports, and of their rows all that an undo does not need."""
        # sudo: res.company - how long each keeps files
        for company in self.env["res.company"].sudo().search([("kehu_import_keep_days", ">", 0)], limit=1000):
            before = fields.Datetime.now() - timedelta(days=company.kehu_import_keep_days)
            domain = [
                ("company_id", "=", company.id),
                ("state", "!=", "running"),
                ("file_deleted", "=", False),
                ("write_date", "<", before),
            ]
            # sudo: kehu.import.batch - imports of everybody
            self.sudo().search(domain, order="id", limit=MOST)._kehu_delete_files(company.kehu_import_keep_days)

    def _kehu_delete_files(self, days):
        """Delete file, cells and refused rows of these imports; rows that may still be undone keep what that needs."""
        for batch in as_engine(self, "import"):
            if batch.state in ("draft", "checked"):
                batch._kehu_clear()
            self.env.cr.execute(
                SQL("DELETE FROM kehu_import_row WHERE batch_id = %s AND state IN ('waiting', 'problem', 'skipped', 'undone')", batch.id)
            )
            self.env.cr.execute(SQL("UPDATE kehu_import_row SET cells = NULL WHERE batch_id = %s", batch.id))
            note = self.env._(
                "The file and the rows that were not imported were deleted after %(days)s days. "
                "What was imported stays, and can be undone as before.",
                days=days,
            )
            batch.write(
                {
                    "file": False,
                    "file_deleted": True,
                    "note": "\n".join(filter(None, (batch.note, note))),
                    "row_count": batch.done_count + batch.undone_count + batch.kept_count,
                    "problem_count": 0,
                    "skipped_count": 0,
                }
            )
            # what was chosen for the columns is remembered, not what stood in them
            self.env.cr.execute(SQL("UPDATE kehu_import_mapping SET sample = NULL WHERE batch_id = %s", batch.id))
            self.env["kehu.import.mapping"].invalidate_model(flush=False)
        for name in ("row_ids", "problem_ids"):
            self.env[self._fields[name].comodel_name].invalidate_model(flush=False)
        self.invalidate_recordset(["row_ids", "problem_ids"], flush=False)
