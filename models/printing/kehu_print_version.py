import difflib
import re

from markupsafe import Markup
from odoo import api, fields, models

from .exceptions import KehuPrintChoiceError

ENGINE = "printing"
NEAR = 2  # lines shown around a change
BLOCK_END = re.compile(r"(</(?:p|div|h[1-6]|li|tr|td|th|table)>)\s*")
COLOURS = {"+": "text-success", "-": "text-danger", "@": "text-muted"}


class KehuPrintVersion(models.Model):
    """A layout as it was at one time. Written by the engine only."""

    _name = "kehu.print.version"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Version of a Print Template"
    _order = "template_id, number desc"
    _rec_name = "number"
    _kehu_engine = ENGINE

    template_id = fields.Many2one("kehu.print.template", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="template_id.company_id", store=True, index="btree_not_null")
    number = fields.Integer(string="Version", required=True)
    layout = fields.Html(sanitize=False)
    comment = fields.Char(string="What Changed")
    author_id = fields.Many2one("res.users", string="By", ondelete="set null", index="btree_not_null")

    difference = fields.Html(string="Compared With Now", compute="_compute_difference", sanitize=False)

    @api.depends("layout", "template_id.layout")
    @api.depends_context("lang")
    def _compute_difference(self):
        """What was changed since this version, part by part: what is gone in red, what came in green."""
        for version in self:
            then, now = (BLOCK_END.sub(r"\1\n", str(one.layout or "")).splitlines() for one in (version, version.template_id))
            lines = list(difflib.unified_diff(then, now, lineterm="", n=NEAR))[2:]
            rows = [Markup('<div class="%s">%s</div>') % (COLOURS.get(line[:1], ""), line) for line in lines]
            version.difference = Markup('<div class="font-monospace text-break">%s</div>') % (
                Markup("").join(rows) or self.env._("Nothing has changed since this version.")
            )

    def action_use(self):
        """Make this the layout of the template; what is there now stays a version.

        :raises KehuPrintLayoutError: when it cannot be printed any more
        """
        self.ensure_one()
        if not self.template_id:
            raise KehuPrintChoiceError(self.env._("The template of this version is gone."))
        self.template_id.write({"layout": self.layout, "comment": self.env._("Back to version %(number)s", number=self.number)})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
