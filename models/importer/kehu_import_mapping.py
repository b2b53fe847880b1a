from odoo import api, fields, models

from ..system.engine import as_engine, is_engine
from .exceptions import KehuImportStateError


class KehuImportMapping(models.Model):
    """Which column of a file fills which column of its template; what a person chose is remembered for the next file."""

    _name = "kehu.import.mapping"
    _description = "Column of an Imported File"
    _inherit = ["kehu.engine.log.mixin"]
    _order = "batch_id, sheet, position, id"
    _rec_name = "column"

    _kehu_engine = "import"

    batch_id = fields.Many2one("kehu.import.batch", required=True, ondelete="cascade", index=True, readonly=True)
    template_id = fields.Many2one("kehu.import.template", required=True, ondelete="cascade", index=True, readonly=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade", readonly=True)
    sheet = fields.Char(readonly=True)
    position = fields.Integer(readonly=True, aggregator=None)
    column = fields.Char(string="Column of the File", required=True, readonly=True)
    folded = fields.Char(readonly=True, help="The title as titles are compared.")
    sample = fields.Char(string="First Value", readonly=True)
    line_id = fields.Many2one(
        "kehu.import.template.field",
        string="Fills",
        ondelete="cascade",
        index="btree_not_null",
        domain="[('template_id', '=', template_id)]",
        help="The column of the template that it fills; empty to leave it out.",
    )
    found_by = fields.Selection(
        [("title", "Same Title"), ("remembered", "Chosen Before"), ("similar", "Similar Title"), ("hand", "Chosen by Hand")],
        readonly=True,
    )

    def write(self, vals):
        """People choose what a column fills, and nothing else."""
        if is_engine(self.env, "import") or set(vals) != {"line_id"}:
            return super().write(vals)
        self.check_access("write")
        self.batch_id._kehu_check_changeable()
        line = self.env["kehu.import.template.field"].browse(vals["line_id"] or []).exists()
        if line and line.template_id != self.template_id:
            raise KehuImportStateError(
                self.env._(
                    "“%(column)s” can only fill a column of the template of this import. Choose one of its list.", column=self[0].column
                )
            )
        super(KehuImportMapping, as_engine(self, "import")).write({"line_id": line.id, "found_by": "hand"})
        self.batch_id._kehu_reset()
        return True

    @api.model
    def _kehu_remembered(self, template, titles):
        """Return {folded title: line} that this person chose by hand for these titles before, the last time counts.

        :param titles: folded titles
        """
        domain = [
            ("template_id", "=", template.id),
            ("user_id", "=", self.env.uid),
            ("folded", "in", list(titles)),
            ("found_by", "in", ("hand", "remembered")),
        ]
        # sudo: kehu.import.mapping - one's own choices, also of imports that one does not see any more
        return {mapping.folded: mapping.line_id for mapping in self.sudo().search(domain, order="id", limit=5000)}
