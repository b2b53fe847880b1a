from odoo import models

from .hidden import names_by_number


class MailActivity(models.Model):
    """An activity shows the name of its document; nobody learns names by sending numbers."""

    _inherit = "mail.activity"

    def _compute_res_name(self):
        hidden = self.filtered(lambda activity: names_by_number(activity, activity.res_model, activity.res_id))
        hidden.res_name = False
        return super(MailActivity, self - hidden)._compute_res_name()

    def write(self, vals):
        """The host asks for the right on the document that an activity leaves, not on the one that it goes to."""
        result = super().write(vals)
        if not self.env.su and not vals.keys().isdisjoint({"res_model", "res_model_id", "res_id"}):
            self.check_access("create")
        return result
