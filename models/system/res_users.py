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
        """Department of the user's oldest employee record that works still; when the user has left, of the oldest of all.

        Records of every company count, whichever company is active: ``employee_ids`` shows those of the active companies only.
        """
        # sudo: hr.employee - department of people in every company
        employees = self.env["hr.employee"].sudo().with_context(active_test=False).search([("user_id", "in", self.ids)])
        by_user = employees.sorted(lambda employee: (not employee.active, employee.id)).grouped("user_id")
        for user in self:
            versions = by_user.get(user._origin, employees.browse()).current_version_id
            user.kehu_home_department_id = versions.department_id[:1]

    @api.model
    def _kehu_refresh_home_departments(self):
        """Compute the home departments again, at each update of the add-on: its rule may be a new one."""
        # sudo: res.users - the departments of everybody
        users = self.sudo().with_context(active_test=False).search([("share", "=", False)])
        before = {user: user.kehu_home_department_id for user in users}
        self.env.add_to_compute(self._fields["kehu_home_department_id"], users)
        users.filtered(lambda user: user.kehu_home_department_id != before[user]).modified(["kehu_home_department_id"])

    def _kehu_oversees(self, users):
        """Tell which of these users work in a department that this user oversees.

        :param res.users users: people to look at
        :return: those of ``users`` whose home department, or one above it, is managed by ``self``; the user's own self included
        :rtype: res.users
        """
        self.ensure_one()
        # sudo: hr.department - overseers of departments, to compare only
        return users.filtered(lambda user: user == self or self in user.sudo().kehu_home_department_id.kehu_overseer_ids)
