from odoo import fields, models

from ..system.engine import as_engine, is_engine
from .exceptions import KehuImportStateError


class KehuImportProblem(models.Model):
    """Why a row was refused and what to do about it; the cell can be corrected right here."""

    _name = "kehu.import.problem"
    _description = "Import Problem"
    _inherit = ["kehu.engine.log.mixin"]
    _order = "batch_id, row, id"
    _rec_name = "reason"

    _kehu_engine = "import"

    batch_id = fields.Many2one("kehu.import.batch", required=True, ondelete="cascade", index=True, readonly=True)
    row_id = fields.Many2one("kehu.import.row", string="Checked Row", ondelete="cascade", index=True, readonly=True)
    sheet = fields.Char(readonly=True)
    row = fields.Integer(readonly=True, help="Number of the row as the spreadsheet program shows it.", aggregator=None)
    column = fields.Char(readonly=True, help="Title of the column; empty when the row as a whole is refused.")
    value = fields.Char(readonly=True, help="What the cell holds.")
    reason = fields.Char(readonly=True, required=True, help="Why the row was refused and what to do about it.")
    kind = fields.Selection(
        [
            ("cell", "Value"),
            ("required", "Empty Cell"),
            ("unknown", "Unknown Name"),
            ("known", "Known Already"),
            ("repeated", "Repeated Row"),
            ("right", "Not Allowed"),
            ("save", "Refused on Saving"),
            ("row", "Row"),
            ("skipped", "Left Out"),
            ("kept", "Kept When Undone"),
        ],
        string="Kind of Problem",
        readonly=True,
    )
    new_value = fields.Char(
        string="Correct To",
        help="Type what the cell should hold. The row is checked again at once; the file itself stays as it is.",
    )

    def write(self, vals):
        """People correct cells, and nothing else."""
        if is_engine(self.env, "import") or set(vals) != {"new_value"}:
            return super().write(vals)
        self.check_access("write")
        # sudo: kehu.import.problem - which rows are corrected, of problems that this person may write
        fixable = self.sudo().filtered(lambda problem: problem.column and problem.row_id.state == "problem")
        if fixable != self.sudo():  # sudo: kehu.import.problem - see above
            raise KehuImportStateError(
                self.env._(
                    "Only the cell of one column can be corrected here. Correct the workbook and choose it again, or leave the row out."
                )
            )
        super(KehuImportProblem, as_engine(self, "import")).write(vals)
        if vals["new_value"]:
            for batch, problems in self.grouped("batch_id").items():
                batch._kehu_fix(problems)
        return True
