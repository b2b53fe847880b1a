from odoo import api, fields, models

from ..system.values import check_links_exist
from .exceptions import KehuWorkbenchLayoutError


class KehuWorkbenchLayout(models.Model):
    """How the panels of a workbench are arranged: by one person for oneself, or by an administrator for everybody of a role.

    People write their own only through :meth:`kehu.workbench.save_layout`.
    """

    _name = "kehu.workbench.layout"
    _description = "Workbench Layout"
    _order = "sequence, id"
    _rec_name = "group_id"
    _kehu_configuration = ("group_id",)
    _kehu_configuration_domain = [("user_id", "=", False)]

    sequence = fields.Integer(default=10, help="Whoever has several roles gets the first of their layouts.")
    user_id = fields.Many2one(
        "res.users", string="Person", readonly=True, copy=False, ondelete="cascade", help="Who arranged it for oneself."
    )
    group_id = fields.Many2one(
        "res.groups", string="Role", copy=False, ondelete="cascade", help="For whom it holds, as long as they arrange nothing themselves."
    )
    locked = fields.Boolean(help="People of this role cannot arrange their workbench themselves; what they arranged before is put aside.")
    panels = fields.Json(
        string="Arrangement", copy=False, export_string_translation=False, help="Names and widths of the panels, in their order."
    )
    summary = fields.Char(string="Panels", compute="_compute_summary", help="What the workbench shows, in this order.")

    _user_uniq = models.UniqueIndex("(user_id) WHERE user_id IS NOT NULL", "This person has a layout already.")
    _group_uniq = models.UniqueIndex("(group_id) WHERE group_id IS NOT NULL", "This role has a layout already. Change that one.")
    _whose = models.Constraint(
        "CHECK ((user_id IS NULL) <> (group_id IS NULL))", "A layout is for a role or for a person: choose the role it is for."
    )

    @api.depends("panels")
    @api.depends_context("lang")
    def _compute_summary(self):
        titles = {name: panel["title"] for name, panel in self.env["kehu.workbench"]._kehu_panels().items()}
        for layout in self:
            layout.summary = ", ".join(titles[panel["name"]] for panel in layout.panels or [] if panel["name"] in titles)

    @api.constrains("panels")
    def _check_panels(self):
        """Whatever way it came here: what is stored can be shown."""
        for layout in self:
            panels = layout.panels or []  # the host keeps no empty list
            if panels != self.env["kehu.workbench"]._kehu_clean_layout(panels):
                raise KehuWorkbenchLayoutError(
                    self.env._("This is no arrangement of panels. Arrange them on the workbench, and save them there for a role.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        check_links_exist(self, vals_list, KehuWorkbenchLayoutError)
        return super().create(vals_list)

    def write(self, vals):
        check_links_exist(self, [vals], KehuWorkbenchLayoutError)
        return super().write(vals)
