from odoo import fields, models

from ..system.engine import is_record_id
from .exceptions import KehuOrganisationError


class HrDepartment(models.Model):
    """Departments stand in the order in which administrators put them; untouched ones by name, as in the host."""

    _inherit = "hr.department"
    _order = "kehu_sequence, name, id"

    kehu_sequence = fields.Integer(string="Order", default=10, help="Smaller numbers come first among the departments below the same one.")

    def write(self, vals):
        """:raises KehuOrganisationError: when a department would stand below itself"""
        if is_record_id(vals.get("parent_id")):
            # sudo: hr.department - what stands above, whoever may see it
            above = self.sudo().browse(vals["parent_id"])
            while above and above not in self:
                above = above.parent_id
            if above:
                self.check_access("write")
                raise KehuOrganisationError(
                    self.env._(
                        "“%(department)s” cannot stand below itself: “%(parent)s” belongs to it. Choose another department above it.",
                        department=above.with_env(self.env).display_name,
                        parent=self.browse(vals["parent_id"]).display_name,
                    )
                    if above.id != vals["parent_id"]
                    else self.env._(
                        "“%(department)s” cannot stand below itself. Choose another department above it.",
                        department=above.with_env(self.env).display_name,
                    )
                )
        return super().write(vals)
