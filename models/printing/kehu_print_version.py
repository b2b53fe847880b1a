from odoo import fields, models

from .exceptions import KehuPrintChoiceError

ENGINE = "printing"


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

    def action_use(self):
        """Make this the layout of the template; what is there now stays a version.

        :raises KehuPrintLayoutError: when it cannot be printed any more
        """
        self.ensure_one()
        if not self.template_id:
            raise KehuPrintChoiceError(self.env._("The template of this version is gone."))
        self.template_id.write({"layout": self.layout, "comment": self.env._("Back to version %(number)s", number=self.number)})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
