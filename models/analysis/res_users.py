from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """What somebody who leaves showed to others has no owner any more, so that administrators change it or take it off."""
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            for name in ("kehu.report", "kehu.report.page"):
                # sudo: kehu.report, kehu.report.page - those of people who leave, whoever lets them go
                shared = self.env[name].sudo().search([("user_id", "in", self.ids), ("sharing", "!=", "private")])
                shared.user_id = False
        return result
