from datetime import datetime, timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Domain

from ..system.engine import as_engine, is_engine
from ..system.values import check_links_exist, check_types
from .caches import FreshCache, forget
from .exceptions import KehuApprovalDeputyError
from .words import check_words

DEPUTY_ENGINE = "approval_deputy"
LONGEST_REASON = 500  # characters
SLICE = 500  # requests that one turn of the job, or one change of a deputy, looks at


class KehuApprovalDeputy(models.Model):
    """Who decides for somebody who is away, from one day to another.

    A deputy decides on what waits for the other, never on their own documents, and does not pass it on to a deputy of their own. Who may
    decide is stored on the requests: it is brought up to date when a deputy is named, changed or removed, and by the hourly job when a
    period begins or ends. A decision looks at the dates again.
    """

    _name = "kehu.approval.deputy"
    _description = "Deputy for Approvals"
    _order = "date_from desc, id desc"
    _rec_name = "deputy_id"

    user_id = fields.Many2one(
        "res.users",
        string="Absent",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="For whom the deputy decides.",
    )
    deputy_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Decides on what waits for the absent person, except on their own documents.",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today, help="First day of the absence.")
    date_to = fields.Date(string="To", help="Last day of the absence. Empty: until further notice.")
    flow_ids = fields.Many2many(
        "kehu.approval.flow",
        "kehu_approval_deputy_flow_rel",
        "deputy_id",
        "flow_id",
        string="Flows",
        context={"active_test": False},  # a flow that is archived is not all flows
        help="Only documents of these flows. Empty: all.",
    )
    reason = fields.Char(help="Shown to managers and administrators, such as holiday or business trip.")
    is_running = fields.Boolean(
        string="Running",
        compute="_compute_is_running",
        search="_search_is_running",
        help="Today is within the period.",
    )
    applied = fields.Boolean(readonly=True, copy=False, index=True, export_string_translation=False, help="The requests know this deputy.")

    _dates_check = models.Constraint("CHECK(date_to IS NULL OR date_to >= date_from)", "The absence ends before it begins.")
    _other_check = models.Constraint("CHECK(user_id <> deputy_id)", "Nobody is their own deputy. Choose somebody else.")

    @api.depends("date_from", "date_to", "user_id")
    def _compute_is_running(self):
        for deputy in self:
            deputy.is_running = deputy._kehu_runs()

    def _search_is_running(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        running = Domain("date_from", "<=", today) & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
        return Domain.OR(running if wanted else ~running for wanted in value)

    @api.depends("user_id", "deputy_id")
    def _compute_display_name(self):
        for deputy in self:
            names = deputy.sudo()  # sudo: res.users - names only
            deputy.display_name = deputy.env._("%(deputy)s for %(user)s", deputy=names.deputy_id.name or "", user=names.user_id.name or "")

    @api.constrains("reason")
    def _check_reason(self):
        for deputy in self:
            if len(deputy.reason or "") > LONGEST_REASON:
                raise KehuApprovalDeputyError(
                    self.env._(
                        "The reason has %(count)s characters, and at most %(most)s are kept. Say it in a few words.",
                        count=len(deputy.reason),
                        most=LONGEST_REASON,
                    )
                )

    @api.constrains("user_id", "deputy_id", "flow_ids")
    def _check_people(self):
        for deputy in self.sudo():  # sudo: res.users - what kind of users they are
            for user in deputy.user_id | deputy.deputy_id:
                if user.share:
                    raise KehuApprovalDeputyError(
                        self.env._("“%(user)s” is no employee of the company and cannot be a deputy or have one.", user=user.name)
                    )
            if not deputy.deputy_id.active:
                raise KehuApprovalDeputyError(
                    self.env._("“%(user)s” is archived and cannot be a deputy. Choose somebody else.", user=deputy.deputy_id.name)
                )
            for model_name in sorted(deputy._kehu_kinds()):
                if not deputy._kehu_opens(model_name):
                    raise KehuApprovalDeputyError(
                        self.env._(
                            "“%(user)s” has no role that opens documents of the kind “%(kind)s” and could not decide on them for "
                            "“%(absent)s”. Choose somebody else, or enter only flows of documents that “%(user)s” opens.",
                            user=deputy.deputy_id.name,
                            kind=deputy.env["ir.model"]._get(model_name).name,
                            absent=deputy.user_id.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        self._kehu_check_values(vals_list)
        deputies = super().create([{**vals, "applied": False} for vals in vals_list])
        forget(self.env)
        deputies._kehu_apply()
        return deputies

    def write(self, vals):
        self._kehu_check_values([vals])
        # sudo: res.users - whose requests have to be looked at again
        before = self.sudo().user_id
        if not is_engine(self.env, DEPUTY_ENGINE):
            vals = {name: value for name, value in vals.items() if name != "applied"}
        result = super().write(vals)
        if "user_id" in vals:
            self.check_access("write")  # nobody names a deputy for others by way of a record of their own
        if not {"user_id", "deputy_id", "date_from", "date_to", "flow_ids"}.isdisjoint(vals):
            forget(self.env)
            self._kehu_apply(before)
        return result

    @api.model
    def _kehu_check_values(self, vals_list):
        """:raises KehuApprovalDeputyError: for what is no day, nobody, and a reason that cannot be kept"""
        for vals in vals_list:
            check_types(self, vals, KehuApprovalDeputyError, {"date_from", "date_to"})
            check_words(self, "reason", vals.get("reason"), KehuApprovalDeputyError)
        check_links_exist(self, vals_list, KehuApprovalDeputyError)

    def unlink(self):
        users = self.sudo().user_id  # sudo: res.users - whose requests have to be looked at again
        result = super().unlink()
        forget(self.env)
        self.browse()._kehu_apply(users)
        return result

    # ------------------------------------------------------------
    # Engine
    # ------------------------------------------------------------

    def _kehu_runs(self):
        """Tell whether today, where the absent person lives, is within the period of this one deputy."""
        self.ensure_one()
        deputy = self.sudo()  # sudo: res.users - time zone only
        try:
            zone = pytz.timezone(deputy.user_id.tz or "UTC")
        except pytz.UnknownTimeZoneError:
            zone = pytz.utc
        today = datetime.now(pytz.utc).astimezone(zone).date()
        return bool(deputy.date_from and deputy.date_from <= today and (not deputy.date_to or today <= deputy.date_to))

    @api.model
    def _kehu_running(self, field, users):
        """Deputies whose period runs now, in superuser mode.

        :param str field: ``user_id``, to find the deputies of some people, or ``deputy_id``, to find for whom some people decide
        :param res.users users: those people
        """
        # sudo: kehu.approval.deputy - who decides for whom does not depend on who asks
        deputies = self.sudo()
        users = users.filtered(lambda user: user.id in self._kehu_people_with(field))
        found = deputies.search([(field, "in", users.ids), ("deputy_id.active", "=", True)], order="id") if users else deputies.browse()
        return found.filtered(lambda deputy: deputy._kehu_runs())

    @api.model
    @FreshCache("field")
    def _kehu_people_with(self, field):
        """Ids of the people in one field of the deputies whose period has not ended; most people are neither away nor deputies.

        :param str field: ``user_id`` or ``deputy_id``
        :rtype: frozenset[int]
        """
        # a day more: people live in other time zones than the server
        ended = fields.Date.today() - timedelta(days=1)
        # sudo: kehu.approval.deputy - the answer is kept for all
        found = self.sudo().search(["|", ("date_to", "=", False), ("date_to", ">=", ended)])
        return frozenset(found.mapped(field).ids)

    def _kehu_kinds(self):
        """Kinds of documents on which this one deputy, in superuser mode, is to decide.

        Those of the flows of this deputy; without any, those on which the absent person is asked by the flows, or by what waits today.

        :return: technical names
        :rtype: set[str]
        """
        self.ensure_one()
        if self.flow_ids:
            return set(self.flow_ids.mapped("model_name"))
        absent = self.user_id
        asked = Domain("kind", "in", ("chosen", "group")) & Domain("group_id", "in", absent.all_group_ids.ids)
        asked |= Domain("kind", "=", "users") & Domain("user_ids", "in", absent.ids)
        if self.env["hr.department"].search_count([("manager_id.user_id", "in", absent.ids)], limit=1):
            asked |= Domain("kind", "=", "manager")
        flows = self.env["kehu.approval.flow"].search([("step_ids", "any", asked)])
        waiting = self.env["kehu.approval.request"]._read_group(
            [("state", "=", "pending"), ("step_line_ids", "any", [("state", "=", "current"), ("user_ids", "in", absent.ids)])],
            ["res_model"],
        )
        return {*flows.mapped("model_name"), *(model_name for [model_name] in waiting)}

    def _kehu_opens(self, model_name):
        """Tell whether this one deputy, in superuser mode, has a role that opens documents of a kind; which of them is up to the rules."""
        self.ensure_one()
        return model_name in self.env and self.env[model_name].with_user(self.deputy_id).has_access("read")

    def _kehu_fits(self, request):
        """Tell whether this one deputy, whose period runs, may decide on a request; never on what is their own.

        Nor on what they cannot open, for instance because they left a role since they were named.

        :param kehu.approval.request request: in superuser mode
        """
        self.ensure_one()
        company = request.company_id
        return (
            (not self.flow_ids or request.flow_id in self.flow_ids)
            and (not company or company in self.deputy_id.company_ids)
            and self._kehu_opens(request.res_model)
        )

    def _kehu_apply(self, others=None):
        """Let the requests that wait for the people of these deputies, and for some others, know who may decide now.

        :param res.users others: whose deputies were changed or removed
        """
        deputies = self.sudo()  # sudo: kehu.approval.deputy, kehu.approval.request - requests are written by the engine only
        users = deputies.user_id | (others or deputies.user_id.browse()).with_env(deputies.env)
        requests = deputies.env["kehu.approval.request"]
        after = 0
        while waiting := requests._kehu_waiting_for(users, after, SLICE):
            waiting._kehu_refresh_deciders()
            after = waiting[-1].id
        deputies._kehu_mark_applied()

    def _kehu_mark_applied(self):
        for running, deputies in self.grouped(lambda deputy: deputy._kehu_runs()).items():
            changed = deputies.filtered(lambda deputy, running=running: deputy.applied != running)
            as_engine(changed, DEPUTY_ENGINE).write({"applied": running})

    @api.model
    def _cron_refresh(self):
        """Begin and end what the calendar says, in slices that are committed; and close what waits without a document.

        Killed, it begins the same deputy again, which changes nothing twice; run again, it finds nothing to do.
        """
        cron = self.env["ir.cron"]
        self.env["kehu.approval.request"]._kehu_close_orphans()
        today = fields.Date.today()
        # a day more on either side: people live in other time zones than the server
        turning = self.search(
            [
                ("date_from", "<=", today + timedelta(days=1)),
                "|",
                ("applied", "=", True),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", today),
            ],
            order="id",
        ).filtered(lambda deputy: deputy.applied != deputy._kehu_runs())
        cron._commit_progress(remaining=len(turning))
        for deputy in turning:
            after = 0
            while waiting := self.env["kehu.approval.request"]._kehu_waiting_for(deputy.user_id, after, SLICE):
                waiting._kehu_refresh_deciders()
                after = waiting[-1].id
                if not cron._commit_progress():
                    return
            deputy._kehu_mark_applied()
            if not cron._commit_progress(1):
                return
