from odoo import models

from ..approval.caches import forget


class ResUsers(models.Model):
    _inherit = "res.users"

    def _compute_kehu_home_department_id(self):
        """Rules of roles name the department of a person, and the host keeps them as they were read."""
        result = super()._compute_kehu_home_department_id()
        forget(self.env)
        return result
