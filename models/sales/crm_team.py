from odoo import api, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    @api.model
    def action_your_pipeline(self):
        """The host's pipeline; for people of the CRM under the name of the menu entry that opens it."""
        action = super().action_your_pipeline()
        if self.env.user.has_group("kehu_crm.group_kehu_user"):
            action["name"] = action["display_name"] = self.env._("Opportunities")
        return action
