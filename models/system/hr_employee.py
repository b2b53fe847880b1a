from odoo import api, models


class HrEmployee(models.Model):
    _inherit = "hr.employee"

    @api.model_create_multi
    def create(self, vals_list):
        """A person who gets the login while being made belongs to the department at once.

        The host makes the version that holds the department after the login is there, and tells nobody of it.
        """
        employees = super().create(vals_list)
        users = employees.sudo().user_id  # sudo: res.users - where the people of these employees work, whoever made them
        if users:
            self.env.add_to_compute(users._fields["kehu_home_department_id"], users)
        return employees
