from odoo import api, fields, models


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
