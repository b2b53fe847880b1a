from odoo import models

from .kehu_workbench import ROLES


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """People of the CRM who chose no home action find the workbench after logging in.

        The page is told so; nothing is written on users. Whoever chooses another home action in the settings of the user has that one, and
        without the add-on all is as before.
        """
        result = super().session_info()
        result["home_action_id"] = self._kehu_home(result.get("home_action_id"))
        return result

    def _kehu_home(self, chosen):
        """Return the number of the action that this person finds after logging in.

        :param chosen: number of the action that the person chose, False without one
        """
        user = self.env.user
        if chosen or not user._is_internal() or not any(user.has_group(role) for role in ROLES):
            return chosen
        action = self.env.ref("kehu_crm.kehu_workbench_action", raise_if_not_found=False)
        return action.id if action else chosen
