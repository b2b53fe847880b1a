from functools import partial, wraps

from odoo import models
from odoo.addons.base.models.res_users import check_identity
from odoo.http import request

from .exceptions import KehuBackupIdentityError, KehuBackupRightsError


def with_password(method):
    """Let an act of a person run only when they typed their password in the last ten minutes, in this very session.

    The host's `check_identity` asks for it. It looks at the session of the request alone; who calls with a key of an administrator
    beside a session of their own is refused here.
    """
    checked = check_identity(method)

    @wraps(checked)
    def wrapped(self, *args, **kwargs):
        self._kehu_check_right()
        if not is_own_session(self.env):
            raise KehuBackupIdentityError(
                self.env._("Backups are looked after on the screen only, because your password is asked for. Log in and try there.")
            )
        return checked(self, *args, **kwargs)

    return wrapped


def is_own_session(env):
    """Tell whether this is a request in a session of the person themselves, not one with a key."""
    return bool(request and request.session.uid and request.session.uid == env.uid)


class KehuBackupAccess(models.AbstractModel):
    """Who may look at backups, and start them.

    A backup holds everything of everybody: it is for people who are both administrators of the host (Settings) and of the CRM, and who
    work for all companies. This stands in the program, not in access rows or rules, which a screen could change.
    """

    _name = "kehu.backup.access"
    _description = "For Administrators of Backups"

    def _check_access(self, operation):
        if not self.env.su and not self._kehu_may(self.env.user):
            return self, partial(KehuBackupRightsError, self._kehu_refusal())
        return super()._check_access(operation)

    def _kehu_may(self, user):
        """Tell whether a person looks after backups."""
        if not (user.active and user.has_group("base.group_system") and user.has_group("kehu_crm.group_kehu_admin")):
            return False
        # sudo: res.company - how many there are
        companies = self.env["res.company"].sudo().search_count([])
        return len(user._get_company_ids()) >= companies

    def _kehu_refusal(self):
        env = self.with_context(lang=self.env.lang or self.env.user.lang).env  # the screen asks once without a language
        return env._(
            "A backup holds the data of all companies. It is for people who are administrators of the settings and of the CRM, and work "
            "for all companies."
        )

    def _kehu_check_right(self):
        """:raises KehuBackupRightsError: for everybody else"""
        if not self._kehu_may(self.env.user):
            raise KehuBackupRightsError(self._kehu_refusal())

    def _kehu_keepers(self):
        """Return the people who look after backups; they are told when one fails."""
        # sudo: res.groups - the people in two groups
        group = self.env.ref("kehu_crm.group_kehu_admin").sudo()
        return group.all_user_ids.filtered(lambda user: not user.share and user.id != 1 and self._kehu_may(user))
