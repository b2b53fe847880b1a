from datetime import timedelta

from odoo import fields, models

from .kehu_approval_flow import AGREEMENTS, ESCALATIONS, KINDS

STEP_STATES = [
    ("waiting", "Waiting"),
    ("current", "Current"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("skipped", "Skipped"),
]
SPACING = 1000  # between the steps of a request, so that signatories fit in between


class KehuApprovalRequestStep(models.Model):
    """One step on the way of one request: what the flow said when the document was submitted, and how far it is.

    Steps whose condition did not fit are kept as skipped. Who may decide now, deputies included, is on the request (``decider_ids``).
    """

    _name = "kehu.approval.request.step"
    _description = "Step of an Approval Request"
    _inherit = ["kehu.engine.log.mixin"]
    _kehu_engine = "approval"
    _order = "request_id, sequence, id"

    request_id = fields.Many2one("kehu.approval.request", required=True, ondelete="cascade", index=True)
    step_id = fields.Many2one("kehu.approval.step", string="Step of the Flow", index="btree_not_null", ondelete="set null")
    sequence = fields.Integer(required=True)
    name = fields.Char(required=True, help="Name of the step when the document was submitted.")
    state = fields.Selection(STEP_STATES, required=True, default="waiting")

    # who
    kind = fields.Selection(KINDS, string="Who Decides", required=True)
    agree = fields.Selection(AGREEMENTS, string="How Many Agree", required=True, default="any")
    minimum = fields.Integer(string="Number")
    group_id = fields.Many2one(
        "res.groups", string="Role", index="btree_not_null", ondelete="restrict", help="Those asked must still be members when deciding."
    )
    user_ids = fields.Many2many(
        "res.users",
        "kehu_approval_request_step_user_rel",
        "step_id",
        "user_id",
        string="Asked",
        context={"active_test": False},
        help="Who is asked, deputies not counted.",
    )
    agreed_ids = fields.Many2many(
        "res.users",
        "kehu_approval_request_step_agreed_rel",
        "step_id",
        "user_id",
        context={"active_test": False},
        help="Who has approved so far, or had it approved by a deputy. Kept where more than one signature counts.",
    )
    escalated_ids = fields.Many2many(
        "res.users",
        "kehu_approval_request_step_escalated_rel",
        "step_id",
        "user_id",
        string="Escalated To",
        context={"active_test": False},
        help="Asked because the time limit has passed. One of them is enough for the whole step.",
    )
    is_escalated = fields.Boolean(string="Escalated")
    added_by_id = fields.Many2one("res.users", index="btree_not_null", ondelete="restrict", help="Who asked for this further signature.")

    # time
    time_limit = fields.Float(string="Time Limit (Hours)")
    remind_after = fields.Float(string="Remind After (Hours)")
    escalate = fields.Selection(ESCALATIONS, string="When Too Late", required=True, default="nothing")
    date_opened = fields.Datetime(string="Opened On")
    date_due = fields.Datetime(string="Due On", help="When the time limit ends, in working hours of the company.")
    date_remind = fields.Datetime(string="Reminder On")
    date_alarm = fields.Datetime(string="Next Alarm", help="When the system looks at this step next: to remind, or because it is late.")
    date_closed = fields.Datetime(string="Closed On")

    # the present steps are few among many finished ones
    _current_idx = models.Index("(request_id) WHERE state = 'current'")
    _alarm_idx = models.Index("(date_alarm) WHERE date_alarm IS NOT NULL")

    # ------------------------------------------------------------
    # Who
    # ------------------------------------------------------------

    def _kehu_is_member(self, user):
        """Tell whether a user is still active and in the role that this one step asks for."""
        user = user.sudo()  # sudo: res.users - groups of a user
        return user._kehu_is_active() and (not self.group_id or self.group_id.id in user._get_group_ids())

    def _kehu_not_agreed(self):
        """Who is asked in this one step and has not agreed yet."""
        return self.user_ids - self.agreed_ids if self.agree != "any" else self.user_ids

    def _kehu_open_people(self):
        """Who is asked in this one step, has not agreed yet, and still can."""
        return self._kehu_not_agreed().filtered(self._kehu_is_member)

    def _kehu_added_lines(self):
        """Further signatures that were asked for right after this one step."""
        end = (self.sequence // SPACING + 1) * SPACING
        return self.request_id.step_line_ids.filtered(lambda line: line.added_by_id and self.sequence < line.sequence < end)

    def _kehu_coming_signatories(self):
        """Whose further signature is to come after this one step."""
        return self._kehu_added_lines().filtered(lambda line: line.state == "waiting").user_ids

    def _kehu_late_people(self):
        """To whom this one step was escalated."""
        return self.escalated_ids.filtered("active") if self.is_escalated else self.env["res.users"]

    def _kehu_signed(self):
        """Who has signed this one step in person, for themselves or as a deputy. Where several have to sign, nobody signs for two."""
        if self.agree == "any" or not self.agreed_ids:
            return self.env["res.users"]
        every = self.request_id.decision_ids
        begun = max(every.filtered(lambda decision: decision.result == "returned").ids, default=0)  # what came before is to be signed anew
        decisions = every.filtered(lambda decision: decision.step_line_id == self and decision.result == "approved" and decision.id > begun)
        return decisions.filtered(lambda decision: (decision.on_behalf_id or decision.user_id) in self.agreed_ids).user_id

    def _kehu_principals(self, user, own, standing):
        """On whose behalf a user may decide in this one step now; empty when they may not.

        :param res.users user: who wants to decide
        :param res.users own: whose own document it is
        :param kehu.approval.deputy standing: for whom the user is a deputy today
        :return: the user when they are asked themselves, else one for whom they stand; a signature is one person's, whoever is away
        :rtype: res.users
        """
        self.ensure_one()
        request = self.request_id
        user = user.sudo()  # sudo: res.users - to compare only
        if user in self._kehu_signed():
            return user.browse()
        if user in own and not request.allow_self:
            return user.browse()
        mine = (self._kehu_not_agreed() & user).filtered(self._kehu_is_member) or self._kehu_late_people() & user
        others = user.browse()
        if standing and user not in own and not mine:
            people = self._kehu_open_people()
            allowed = people if request.allow_self else people - own
            for deputy in standing:
                if deputy.user_id in allowed and deputy._kehu_fits(request):
                    others |= deputy.user_id
        return mine or others[:1]

    def _kehu_is_agreed(self):
        """Tell whether enough people have approved this one step."""
        self.ensure_one()
        if self.is_escalated and self.agreed_ids & self.escalated_ids:
            return True
        if self.agree == "all":
            return not self.user_ids - self.agreed_ids
        return len(self.agreed_ids) >= (self.minimum if self.agree == "number" else 1)

    def _kehu_deciders(self, own, new=False):
        """Who may decide in each of these steps now, deputies included.

        :param dict own: {request: users} whose own document it is
        :param bool new: who is asked has just been found out: they are there, and in their role
        :return: {step: users}
        :rtype: dict
        """
        open_people = {line: line.user_ids if new else line._kehu_open_people() for line in self}
        people = self.env["res.users"].sudo().union(*open_people.values())  # sudo: res.users - to compare only
        deputies = self.env["kehu.approval.deputy"]._kehu_running("user_id", people)
        result = {}
        for line in self:
            request = line.request_id
            mine = own[request]
            allowed = open_people[line] if request.allow_self else open_people[line] - mine
            stand_ins = people.browse()
            for deputy in deputies:
                if deputy.user_id in allowed and deputy._kehu_fits(request):
                    stand_ins |= deputy.deputy_id
            escalated = line._kehu_late_people()
            if not request.allow_self:
                escalated -= mine
            result[line] = (allowed | (stand_ins - mine) | escalated) - line._kehu_signed()
        return result

    # ------------------------------------------------------------
    # Time
    # ------------------------------------------------------------

    def _kehu_opening_values(self, now, company, known, time_limit=None, remind_after=None):
        """What is written when a step begins.

        :param datetime now: when
        :param res.company company: whose working hours count
        :param dict known: moments found so far; filled here, so that many steps ask the calendar once
        :param float time_limit: hours; of this one step when left out, as is ``remind_after``
        """
        if self:
            time_limit, remind_after = self.time_limit, self.remind_after
        due = self._kehu_approval_plan(now, company, time_limit, known)
        remind = self._kehu_approval_plan(now, company, remind_after, known)
        return {
            "state": "current",
            "date_opened": now,
            "date_closed": False,
            "date_due": due,
            "date_remind": remind,
            "date_alarm": min((date for date in (due, remind) if date), default=False),
        }

    def _kehu_approval_plan(self, now, company, hours, known):
        """The moment so many working hours of a company later; False when there is no limit."""
        if not hours:
            return False
        key = (company.id, hours)
        if key not in known:
            calendar = company.sudo().resource_calendar_id  # sudo: resource.calendar - the working hours of the company
            planned = calendar and calendar.plan_hours(hours, now, compute_leaves=True)
            # a calendar without working hours: by the clock
            known[key] = (planned and planned.replace(microsecond=0)) or now + timedelta(hours=hours)
        return known[key]
