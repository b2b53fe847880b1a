"""Logins that fail too often are locked for a while; new passwords keep the rules of the company."""

import re

from odoo import api, models
from odoo.exceptions import AccessDenied
from odoo.http import request
from odoo.tools.misc import consteq

from .engine import as_engine
from .exceptions import KehuLoginRightsError, KehuPasswordError

# Failures that count: of this login at this place since it last got in there or was unlocked; then, for a place where it never
# got in, those of the login anywhere, and those of the place with any login.
FAILURES = """
    WITH recent AS (
        SELECT login, address, result, date FROM kehu_login_log
         WHERE date > now() AT TIME ZONE 'UTC' - make_interval(mins => %(minutes)s)
           AND (login = %(login)s OR address = %(address)s)
    ), free AS (
        SELECT coalesce(max(date) FILTER (WHERE result = 'unlocked' AND login = %(login)s), '-infinity') AS unlocked,
               coalesce(max(date) FILTER (WHERE result = 'success' AND login = %(login)s AND address = %(address)s), '-infinity')
                   AS got_in
          FROM recent
    )
    SELECT count(*) FILTER (WHERE login = %(login)s AND address = %(address)s AND date > greatest(unlocked, got_in)),
           count(*) FILTER (WHERE login = %(login)s AND date > unlocked),
           count(*) FILTER (WHERE address = %(address)s AND date > unlocked)
      FROM recent, free
     WHERE result = 'failure'
"""
KNOWN_PLACE = "SELECT 1 FROM kehu_login_log WHERE login = %(login)s AND address = %(address)s AND result = 'success' LIMIT 1"
FAILURES_BEFORE_PICTURE = 3
PICTURE = "kehu_login_picture"  # in the session: the digits that the last picture shows
OTHER_PAGES = ("/web/signup", "/web/reset_password")
PICTURE_ASKED = "kehu_login_picture_asked"
SECOND_STEP = "kehu_login_second_step"  # in the session: the password was right, the code of the login in two steps is still to come
AT_LOGIN = "kehu_at_login"  # among the credentials: refusals and failures are noted by the login itself
CODES = ("totp", "totp_mail")  # second steps of the host
MORE_FOR_A_PLACE = 3  # times the limit, for one address with any logins: an office shares one


class KehuLockedError(AccessDenied):
    """A login that is locked: its password was not looked at, so this is no failure."""

    context = {"exception_class": "odoo.exceptions.AccessError", "kehu_refusal": "right"}  # see exceptions.py


def _is_by_the_host(error):
    """Tell whether the host refused for a while whoever asks, with a sentence of its own: no password was looked at."""
    return error.args != AccessDenied().args


class KehuLoginLog(models.Model):
    _inherit = "kehu.login.log"

    @api.model
    def _kehu_rules(self):
        """Return after how many failures a login is locked, 0 for never, and for how many minutes: the strictest of all companies."""
        self.env["res.company"].flush_model(["kehu_login_failures", "kehu_login_lock_minutes", "active"])
        self.env.cr.execute(
            """SELECT coalesce(min(kehu_login_failures) FILTER (WHERE kehu_login_failures > 0), 0),
                      coalesce(max(kehu_login_lock_minutes), 15)
                 FROM res_company WHERE active"""
        )
        return self.env.cr.fetchone()

    @api.model
    def _kehu_failures(self, login, address, minutes):
        """Return how often it failed lately: this login here, this login anywhere, any login here."""
        self.flush_model()
        self.env.cr.execute(FAILURES, {"login": login, "address": address, "minutes": minutes})
        return self.env.cr.fetchone()

    @api.model
    def _kehu_wants_picture(self, login, address):
        """Tell whether the page of the login asks for the digits of a picture."""
        self.env["res.company"].flush_model(["kehu_login_picture", "active"])
        self.env.cr.execute("SELECT DISTINCT kehu_login_picture FROM res_company WHERE active")
        wanted = {row[0] for row in self.env.cr.fetchall()}
        if "always" in wanted:
            return True
        if "failures" not in wanted or not address:
            return False
        _here, anywhere, place = self._kehu_failures(login or "", address, self._kehu_rules()[1])
        return max(anywhere, place) >= FAILURES_BEFORE_PICTURE

    @api.model
    def _kehu_check_picture(self, credential):
        """Refuse a login of a person whose digits are not those of the picture. Each picture serves once.

        :raises AccessDenied: before the password is looked at
        """
        login = str(credential.get("login") or "").replace("\0", "")[:255]
        if request and request.httprequest.path.startswith(OTHER_PAGES):  # who came by a link of a mail has just chosen the password
            return
        if not request or not self._kehu_wants_picture(login, request.httprequest.remote_addr):
            return
        if request.dispatcher.routing_type != "http":  # an answer with an error keeps the session as it was, and the picture with it
            raise AccessDenied(self.env._("A picture code is asked for at the moment. Log in on the page of the login."))
        shown = request.session.pop(PICTURE, None)
        typed = "".join(str(request.params.get("kehu_picture_code") or "").split())
        if not shown or not consteq(shown, typed if typed.isascii() else ""):
            request.session[PICTURE_ASKED] = True
            raise AccessDenied(self.env._("Type the digits of the picture. It is a new one now."))
        request.session.pop(PICTURE_ASKED, None)

    @api.model
    def _kehu_is_locked(self, login, address):
        """Tell whether a login is locked at a network address. It does not matter whether anybody has that login."""
        failures, minutes = self._kehu_rules()
        if not failures or not login or not address:
            return False
        here, anywhere, place = self._kehu_failures(login, address, minutes)
        if here >= failures:
            return True
        if anywhere < failures and place < failures * MORE_FOR_A_PLACE:
            return False
        self.env.cr.execute(KNOWN_PLACE, {"login": login, "address": address})
        return not self.env.cr.fetchone()

    @api.model
    def _kehu_refuse_locked(self, credential):
        """:raises AccessDenied: for a login that is locked here; the sentence is the same whether anybody has it or not"""
        login = str(credential.get("login") or "").replace("\0", "")[:255]
        if request and self._kehu_is_locked(login, request.httprequest.remote_addr):
            self._kehu_note(credential, locked=True)
            raise KehuLockedError(
                self.env._(
                    "Too many failed logins. Wait %(minutes)s minutes and try again, or ask a CRM administrator to unlock it.",
                    minutes=self._kehu_rules()[1],
                )
            )

    def action_unlock(self):
        """Let these logins be tried again at once, everywhere.

        :raises KehuLoginRightsError: for others than CRM administrators
        """
        self.check_access("read")
        if not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuLoginRightsError(self.env._("Only a CRM administrator unlocks logins. Ask one of them."))
        rows = {log.login: {"login": log.login, "user_id": log.user_id.id, "company_id": log.company_id.id} for log in self}
        # sudo: kehu.login.log - one row for each login that is free again
        as_engine(self.sudo(), self._kehu_engine).create(
            [{**row, "result": "unlocked", "way": self.env.user.login[:50]} for row in rows.values()]
        )
        return True


class ResUsers(models.Model):
    _inherit = "res.users"

    def _login(self, credential, user_agent_env):
        logins = self.env["kehu.login.log"]
        if not isinstance(credential.get("login") or "", str):  # the host would take a list for “one of these”
            logins._kehu_note(credential)
            raise AccessDenied
        logins._kehu_refuse_locked(credential)
        if "\0" in str(credential.get("login") or ""):  # the database knows no such text
            raise AccessDenied
        if credential.get("type") == "password" and (user_agent_env or {}).get("interactive"):
            logins._kehu_check_picture(credential)
        try:
            info = super()._login({**credential, AT_LOGIN: True}, user_agent_env)
        except KehuLockedError:
            raise
        except AccessDenied as error:
            logins._kehu_note(credential, locked=_is_by_the_host(error))
            raise
        half = bool((user_agent_env or {}).get("interactive") and info.get("mfa") != "skip" and self.browse(info["uid"])._mfa_url())
        if request:
            request.session.pop(SECOND_STEP, None)
            if half:
                request.session[SECOND_STEP] = True
        logins._kehu_note(credential, info["uid"], result="half" if half else "success")
        return info

    @api.model
    def _kehu_end_second_step(self):
        """Note the login of whoever has just passed the second step, or came with a browser that is trusted."""
        if request and request.session.uid and request.session.pop(SECOND_STEP, None):
            way = self.env.user._mfa_type() if request.httprequest.method == "POST" else "trusted browser"
            self.env["kehu.login.log"]._kehu_note({"login": self.env.user.login, "type": way}, self.env.uid)

    def _totp_rate_limit(self, limit_type):
        """The pause of the host after wrong codes: the code is not looked at, so this is no failure."""
        try:
            return super()._totp_rate_limit(limit_type)
        except AccessDenied as error:
            raise KehuLockedError(*error.args) from error

    def _check_uid_passwd(self, uid, passwd):
        """Passwords that programs send with each call are guesses too."""
        try:
            return super()._check_uid_passwd(uid, passwd)
        except KehuLockedError:
            raise
        except AccessDenied as error:
            # sudo: res.users - whose password was guessed
            login = self.sudo().browse(uid).exists().login if isinstance(uid, int) else False
            self.env["kehu.login.log"]._kehu_note({"login": login or str(uid), "type": "rpc"}, locked=_is_by_the_host(error))
            raise

    def _check_credentials(self, credential, env):
        if credential.get("type") == "password" and not env.get("interactive"):
            self.env["kehu.login.log"]._kehu_refuse_locked({"login": self.login, "type": "rpc"})
            return super()._check_credentials(credential, env)
        if credential.get("type") not in (*CODES, "password") or AT_LOGIN in credential:
            return super()._check_credentials(credential, env)
        # the second step of a login, or a password typed again by somebody who is logged in
        # sudo: res.users - whose code or password may be guessed; asked before anybody is logged in, too
        login = (self or self.env.user).sudo().login
        step = {"login": login, "type": credential["type"] if credential["type"] in CODES else "password again"}
        if credential["type"] == "password":
            self.env["kehu.login.log"]._kehu_refuse_locked(step)
        try:
            return super()._check_credentials(credential, env)
        except AccessDenied as error:
            self.env["kehu.login.log"]._kehu_note(step, locked=isinstance(error, KehuLockedError))
            raise

    @api.model
    def signup(self, values, token=None):
        """The host spends the link of an invitation first: a password that is refused gives it back, for another try.

        Who comes without a link has none to lose, and what a refusal leaves for colleagues to do is kept.
        """
        if not token:
            return super().signup(values, token)
        with self.env.cr.savepoint():
            return super().signup(values, token)

    def _set_password(self):
        self._kehu_check_passwords()
        return super()._set_password()

    def _kehu_check_passwords(self):
        """Refuse new passwords that break the strictest rule of the companies that a person works for.

        :raises KehuPasswordError: naming the person and the rule
        """
        for user in self.filtered("password"):
            companies = (user.company_ids | user.company_id).sudo()  # sudo: res.company - the rules that bind the person
            length = max(companies.mapped("kehu_password_length"), default=0)
            if len(user.password) < length:
                raise KehuPasswordError(
                    self.env._("The new password of “%(name)s” needs at least %(length)s characters.", name=user.name, length=length)
                )
            mixed = re.search(r"[^\W\d_]", user.password) and re.search(r"[\d\W_]", user.password)
            if any(companies.mapped("kehu_password_mixed")) and not mixed:
                raise KehuPasswordError(
                    self.env._("The new password of “%(name)s” needs letters, and digits or other signs.", name=user.name)
                )
            if length and user.password.casefold() == (user.login or "").casefold():
                raise KehuPasswordError(self.env._("The new password of “%(name)s” is the login itself. Choose another.", name=user.name))


class ResUsersIdentitycheck(models.TransientModel):
    _inherit = "res.users.identitycheck"

    def _check_identity(self):
        """The host would call a lock a wrong password."""
        if self.env.context.get("password"):
            self.env["kehu.login.log"]._kehu_refuse_locked({"login": self.env.user.login, "type": "password again"})
        return super()._check_identity()
