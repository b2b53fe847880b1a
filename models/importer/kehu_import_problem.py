from odoo import fields, models


class KehuImportProblem(models.Model):
    """Why a row was refused and what to do about it."""

    _name = "kehu.import.problem"
    _description = "Import Problem"
    _inherit = ["kehu.engine.log.mixin"]
    _order = "batch_id, row, id"
    _rec_name = "reason"

    _kehu_engine = "import"

    batch_id = fields.Many2one("kehu.import.batch", required=True, ondelete="cascade", index=True)
    row = fields.Integer(help="Number of the row as the spreadsheet program shows it.", aggregator=None)
    column = fields.Char(help="Title of the column; empty when the row as a whole is refused.")
    value = fields.Char(help="What the cell holds.")
    reason = fields.Char(required=True, help="Why the row was refused and what to do about it.")
