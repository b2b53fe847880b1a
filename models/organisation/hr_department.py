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

    def kehu_leaving_action(self):
        """An administrator of the CRM who archives a department in the host's screens closes it, with its people.

        Others, and several departments at once, are asked about customers alone; the policy check names who is left behind.
        """
        self.check_access("write")
        if len(self) == 1 and self.active and self.env.user.has_group("kehu_crm.group_kehu_admin"):
            if self.env["hr.employee"].search_count([("department_id", "child_of", self.ids)], limit=1):
                return self.env["kehu.organisation"].close_action(self.id)
        return super().kehu_leaving_action()
