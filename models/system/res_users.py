from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    kehu_home_department_id = fields.Many2one(
        "hr.department",
        string="Home Department",
        compute="_compute_kehu_home_department_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="Department of the user's employee. Records of the CRM carry the department of their owner.",
    )

    @api.depends("employee_ids.active", "employee_ids.current_version_id.department_id")
    def _compute_kehu_home_department_id(self):
        """Department of the first active employee of the user, by age of the employee record."""
        for user in self:
            employees = user.employee_ids.filtered("active").sorted("id")
            user.kehu_home_department_id = employees.current_version_id.department_id[:1]

    def _kehu_oversees(self, users):
        """Tell which of these users work in a department that this user oversees.

        :param res.users users: people to look at
        :return: those of ``users`` whose home department, or one above it, is managed by ``self``; the user's own self included
        :rtype: res.users
        """
        self.ensure_one()
        # sudo: hr.department - overseers of departments, to compare only
        return users.filtered(lambda user: user == self or self in user.sudo().kehu_home_department_id.kehu_overseer_ids)
