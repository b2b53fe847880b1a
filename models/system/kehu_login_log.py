from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.http import request

from .engine import as_engine

MOST_FAILURES = 30  # failures of one address that are noted in a minute: a flood does not fill the disk


class KehuLoginLog(models.Model):
    """One login, or one that failed: who, when, from where, on what. Nobody changes or deletes it but the job that ends its time."""

    _name = "kehu.login.log"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Login"
    _order = "date desc, id desc"
    _rec_name = "login"
    _kehu_engine = "login_log"

    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    login = fields.Char(string="Login Typed", required=True, index=True)
    user_id = fields.Many2one("res.users", string="Person", ondelete="set null", index="btree_not_null")
    result = fields.Selection(
        [
            ("success", "Logged In"),
            ("half", "Password Right, Code Asked"),
            ("failure", "Failed"),
            ("locked", "Refused: Locked"),
            ("unlocked", "Unlocked"),
        ],
        required=True,
        help="With a login in two steps the right password is a line of its own; the code, right or wrong, is the next one.",
    )
    address = fields.Char(index="btree_not_null", help="Network address from which it was tried.")
    device = fields.Char(help="Program and system, as the browser names itself.")
    way = fields.Char(string="With", help="password, or another way that is set up, such as a passkey.")
    company_id = fields.Many2one("res.company", ondelete="set null", index="btree_not_null")

    @api.model
    def _kehu_note(self, credential, uid=None, locked=False, result="success"):
        """Keep one login; a failed one in a transaction of its own, as the one of the request is rolled back.

        :param dict credential: as the client sent it; the password is not looked at
        :param int uid: of the person who is logged in now
        :param bool locked: whether the password was not even looked at
        :param str result: for a login that did not fail: ``success``, or ``half`` when a code is asked for next
        """
        if not uid and request:
            with self.env.registry.cursor() as cr:
                self.with_env(api.Environment(cr, SUPERUSER_ID, {}))._kehu_write(credential, uid, locked)
            return
        self._kehu_write(credential, uid, locked, result)

    @api.model
    def _kehu_write(self, credential, uid, locked=False, result="success"):
        # sudo: kehu.login.log - written before anybody is logged in; res.users - whose login it is
        log = self.sudo()
        address = request.httprequest.remote_addr if request else False
        login = str(credential.get("login") or "").replace("\0", "")[:255] or "?"
        # failures are what locks are counted from, and a lock bounds them; without locks they have an end here, as refusals always do
        if not uid and address and (locked or not log._kehu_rules()[0]):
            since = fields.Datetime.now() - timedelta(minutes=1)
            noted = log.search_count(
                [("address", "=", address), ("result", "=", "locked" if locked else "failure"), ("date", ">", since)], limit=MOST_FAILURES
            )
            if noted >= MOST_FAILURES:
                return
        users = log.env["res.users"]
        user = users.browse(uid) if uid else users.search(users._get_login_domain(login), limit=1)
        agent = request.httprequest.user_agent if request else None
        # the host takes an agent for false when it knows no browser of that name
        device = (
            " ".join(part for part in (agent.browser, agent.version, agent.platform) if part) or agent.string if agent is not None else ""
        )
        as_engine(log, self._kehu_engine).create(
            [
                {
                    "login": login,
                    "user_id": user.id,
                    "result": result if uid else "locked" if locked else "failure",
                    "address": address,
                    "device": (device or "")[:255],
                    "way": str(credential.get("type") or "")[:50],
                    "company_id": user.company_id.id,
                }
            ]
        )
