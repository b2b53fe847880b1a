from odoo import fields, models


class KehuDuplicateLock(models.Model):
    """Keys that are being saved now, see ``res.partner._kehu_check_duplicates``. Rows of yesterday mean nothing and are removed."""

    _name = "kehu.duplicate.lock"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Key Being Saved"
    _log_access = False
    _rec_name = "key"
    _kehu_engine = "duplicate"

    key = fields.Char(required=True)
    stamp = fields.Datetime(index=True)

    _key_uniq = models.UniqueIndex("(key)", "This key is being saved already.")
