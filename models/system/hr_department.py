from odoo import api, fields, models

from .exceptions import KehuEngineOnlyError


class HrDepartment(models.Model):
    _inherit = "hr.department"

    kehu_overseer_ids = fields.Many2many(
        "res.users",
        "kehu_department_overseer_rel",
        "department_id",
        "user_id",
        string="Overseers",
        compute="_compute_kehu_overseer_ids",
        compute_sudo=True,
        store=True,
        recursive=True,
        help="Users who manage this department or one above it. Sales managers see what belongs to departments they oversee.",
    )

    @api.depends("manager_id.user_id", "parent_id.kehu_overseer_ids")
    def _compute_kehu_overseer_ids(self):
        for department in self:
            department.kehu_overseer_ids = department.manager_id.user_id | department.parent_id.kehu_overseer_ids

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_overseers(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_overseers(vals)
        return super().write(vals)

    @api.model
    def _kehu_check_overseers(self, vals):
        """Refuse overseers written by hand: they would see the customers of a department that they do not manage.

        :raises KehuEngineOnlyError: otherwise
        """
        if vals.get("kehu_overseer_ids") and not self.env.su:
            raise KehuEngineOnlyError(
                self.env._("Who oversees a department follows from its manager and the managers above. Change the manager instead.")
            )
