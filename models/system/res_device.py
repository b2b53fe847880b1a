from odoo import models

from .exceptions import KehuLoginRightsError


class ResDevice(models.Model):
    _inherit = "res.device"

    def action_kehu_sign_out(self):
        """End these sessions at once: their next click leads to the page of the login.

        :raises KehuLoginRightsError: see :meth:`_revoke`
        """
        self._revoke()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _revoke(self):
        """End sessions, by whatever button.

        :raises KehuLoginRightsError: for sessions of others, unless one is a CRM administrator who sees them; for those of system
            administrators, unless one is one
        """
        self.check_access("read")
        users = self.user_id
        others = users - self.env.user
        if others and not self.env.su:
            if not self.env.user.has_group("kehu_crm.group_kehu_admin") and not self.env.user._is_system():
                raise KehuLoginRightsError(self.env._("Only a CRM administrator signs others out. Ask one of them."))
            if not self.env.user._is_system() and any(user._is_system() for user in others.sudo()):  # sudo: res.users - their roles
                raise KehuLoginRightsError(self.env._("The sessions of a system administrator are ended by a system administrator alone."))
        result = super()._revoke()
        for user in users:
            self.env["kehu.operation.log"]._kehu_note_many("write", user, self.env._("Signed out"))
        return result
