from datetime import timedelta

from odoo import api, fields, models

from ..system.engine import as_engine


class KehuImportStop(models.Model):
    """Somebody's wish that a running import ends.

    Kept beside the import, whose own row is locked while a slice is worked on: the wish is written at once, and read before the next slice.
    """

    _name = "kehu.import.stop"
    _description = "Wish to Stop an Import"
    _inherit = ["kehu.engine.log.mixin"]
    _rec_name = "user_id"

    _kehu_engine = "import"

    # a number, no link: the database would wait for the locked import
    batch_number = fields.Integer(required=True, index=True, readonly=True, aggregator=None)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", readonly=True)

    @api.model
    def _kehu_engine_access(self):
        """Return the model for the engine; nobody else reads or writes wishes."""
        # sudo: kehu.import.stop - of the engine only, who may stop an import is asked before
        return as_engine(self, "import").sudo()

    @api.autovacuum
    def _gc_old(self):
        """Delete wishes that came when their import had just ended."""
        before = fields.Datetime.now() - timedelta(days=1)
        self._kehu_engine_access().search([("create_date", "<", before)], limit=1000).unlink()
