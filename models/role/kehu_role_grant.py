import logging
from datetime import datetime, time, timedelta

import pytz
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request

from ..approval.caches import FreshCache, forget
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.values import YEARS, check_date, check_days, check_types
from .exceptions import KehuRoleError

_logger = logging.getLogger(__name__)

GRANT_ENGINE = "role_grant"
SLICE = 200


class KehuRoleGrant(models.Model):
    """A role that one person has until the end of a day.

    When it is over it ends with the first request that anybody makes of the program (a page, a call of a program), before that request is
    looked at, and at the latest by the hourly job; so a job that is late opens nothing. What runs in the background between the end and
    the next request or job is the only thing that may still use it.
    """

    _name = "kehu.role.grant"
    _inherit = ["kehu.operation.log.mixin"]
    _description = "Extra Right until a Day"
    _order = "ended, date_to, id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False), ('company_ids', 'in', allowed_company_ids)]",
    )
    role_id = fields.Many2one("kehu.role", required=True, index=True, ondelete="cascade")
    date_to = fields.Date(string="Until", required=True, help="The last day on which the person has the role, in their own time zone.")
    ends_at = fields.Datetime(compute="_compute_ends_at", store=True, export_string_translation=False)
    reason = fields.Char(required=True, help="Why they need it, for those who look at it later.")
    ended = fields.Boolean(readonly=True, copy=False, index=True, help="The person does not have the role by this line any more.")
    ended_on = fields.Datetime(readonly=True, copy=False)

    _running_uniq = models.UniqueIndex("(user_id, role_id) WHERE ended IS NOT TRUE", "This person has this role until a day already.")

    @api.depends("date_to", "user_id")
    def _compute_ends_at(self):
        for grant in self:
            known = grant.date_to and YEARS[0] <= grant.date_to.year <= YEARS[1]
            grant.ends_at = known and grant._kehu_midnight(grant.date_to + timedelta(days=1))

    def _kehu_midnight(self, day):
        """When a day begins for the person, in UTC."""
        zone = pytz.timezone(self.user_id.tz or self.user_id.company_id.kehu_timezone or "UTC")
        return zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------
    # Giving
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env["kehu.role"]._kehu_check_right()
        for vals in vals_list:
            check_types(self, vals, KehuRoleError)
            check_days(self, vals, KehuRoleError, ("date_to",))
        vals_list = [{name: value for name, value in vals.items() if name not in ("ended", "ended_on", "ends_at")} for vals in vals_list]
        self.flush_model(["ended"])  # the index on what runs looks at the table
        grants = super(KehuRoleGrant, self.with_context(default_ended=False, default_ended_on=False)).create(vals_list)
        grants = grants.with_env(self.env)
        for grant in grants:
            grant._kehu_check_person()
            grant._kehu_check_day()
            # sudo: res.users - the right to give roles was looked at above
            grant.user_id.sudo().write({"group_ids": [Command.link(grant.role_id.sudo().group_id.id)]})
        forget(self.env)
        return grants

    def write(self, vals):
        if not is_engine(self.env, GRANT_ENGINE):
            self.env["kehu.role"]._kehu_check_right()
            check_types(self, vals, KehuRoleError)
            check_days(self, vals, KehuRoleError, ("date_to",))
            if "date_to" in vals:  # an end that is taken away would leave the right for good
                check_date(self, self._fields["date_to"], vals["date_to"] or "–", KehuRoleError)
            if any(grant.ended for grant in self):
                raise KehuRoleError(self.env._("What has ended stays as it was. Give the role again instead."))
            if not vals.keys() <= {"date_to", "reason"}:
                raise KehuRoleError(self.env._("Only the day and the reason of an extra right can be changed. End it and give another."))
        result = super().write(vals)
        if "date_to" in vals:
            for grant in self:
                grant._kehu_check_day()
        forget(self.env)
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_uninstalling(self):
        if not is_uninstalling(self.env) and not is_engine(self.env, GRANT_ENGINE):
            raise KehuRoleError(self.env._("Who had which right stays on record. End it instead of deleting it."))

    def _kehu_check_person(self):
        user = self.user_id.sudo()  # sudo: res.users - what kind of user it is and which roles they have
        if user.share or not user.active:
            raise KehuRoleError(self.env._("“%(user)s” is no active employee and cannot have a role.", user=user.name))
        self.env["kehu.role"]._kehu_check_companies(self.user_id)
        # sudo: kehu.role - its group
        if self.role_id.sudo().group_id in user.all_group_ids:
            raise KehuRoleError(self.env._("“%(user)s” has the role “%(role)s” already.", user=user.name, role=self.role_id.name))

    def _kehu_check_day(self):
        if self.ends_at <= fields.Datetime.now():
            raise KehuRoleError(self.env._("The day for “%(user)s” is over. Choose today or a later day.", user=self.user_id.name))

    # ------------------------------------------------------------
    # Ending
    # ------------------------------------------------------------

    def action_end(self):
        """End these now.

        :raises KehuRoleRightsError: for everybody who may not give roles
        """
        self.env["kehu.role"]._kehu_check_right()
        self.check_access("write")
        self._kehu_end()
        return True

    def _kehu_end(self):
        """Take the roles back. It must not fail: a right that cannot be ended would stay."""
        for grant in self.filtered(lambda grant: not grant.ended):
            # sudo: res.users, res.groups - what was given by this line is taken back
            user, group = grant.user_id.sudo(), grant.sudo().role_id.group_id
            try:
                with self.env.cr.savepoint():
                    user.write({"group_ids": [Command.unlink(group.id)]})
            except UserError:
                # what follows from losing a role, such as customers that no pool takes, is refused: the daily job of the pools asks again
                _logger.exception("The role of an extra right is taken away alone")
                self.env.flush_all()
                self.env.cr.execute("DELETE FROM res_groups_users_rel WHERE uid = %s AND gid = %s", [user.id, group.id])
                self.env.invalidate_all()
                forget(self.env)
            grant._kehu_close()

    def _kehu_go_with_role(self):
        """Go with the role that is deleted, one by one: the log keeps who had it, until when and why."""
        as_engine(self, GRANT_ENGINE).unlink()
        # sudo: kehu.operation.log - written now, while the role still has its name
        self.env["kehu.operation.log"].sudo()._kehu_write_notes()

    def _kehu_close(self):
        as_engine(self, GRANT_ENGINE).write({"ended": True, "ended_on": fields.Datetime.now()})

    @api.model
    @FreshCache()
    def _kehu_next_end(self):
        """When the next one ends; kept in memory, so that asking at each request costs no query.

        :return: moment in UTC, or False
        """
        # sudo: kehu.role.grant - whoever asks
        return self.sudo().search([("ended", "=", False)], order="ends_at", limit=1).ends_at

    @api.model
    def _kehu_end_due(self):
        """End what is over. Called before each request, and by the job.

        :return: how many
        :rtype: int
        """
        moment = self._kehu_next_end()
        if not moment or moment > fields.Datetime.now():
            return 0
        # what the program does by itself is in the log under its own name
        grants = self.env(user=SUPERUSER_ID, su=True, context={"active_test": False})[self._name]
        due = grants.search([("ended", "=", False), ("ends_at", "<=", fields.Datetime.now())], limit=SLICE)
        due._kehu_end()
        return len(due)

    @api.model
    def _cron_end(self):
        """End what is over; runs every hour."""
        while self._kehu_end_due():
            pass


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        cls._kehu_end_grants()
        return super()._pre_dispatch(rule, args)

    @classmethod
    def _kehu_end_grants(cls):
        """What is over ends before the request is looked at."""
        if request.env.uid:
            request.env["kehu.role.grant"]._kehu_end_due()


class ResUsers(models.Model):
    _inherit = "res.users"

    def _check_uid_passwd(self, uid, passwd):
        """Programs that send the password with each call do not pass by the routes of people."""
        result = super()._check_uid_passwd(uid, passwd)
        if self.env["kehu.role.grant"]._kehu_end_due():
            self.env.cr.flush()  # the call that follows begins with an empty memory
        return result
