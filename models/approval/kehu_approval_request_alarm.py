"""What time does to a request: reminders, and what happens when a step is late."""

import psycopg2
from odoo import api, fields, models

from ..system.engine import as_engine
from .kehu_approval_flow import working_users
from .kehu_approval_mixin import ENGINE

SLICE = 100  # steps that are looked at before the job commits
ATTEMPTS = 5  # how often a slice begins anew because somebody has just decided


class KehuApprovalRequestStep(models.Model):
    _inherit = "kehu.approval.request.step"

    @api.model
    def _cron_alarms(self):
        """Remind those who have not decided, and escalate what is late, in slices that are committed.

        Each slice takes only requests on which nobody is deciding at that moment; the others come next time. Killed, it goes on with the
        slice that was not committed; run twice, it finds nothing, because a step that was looked at knows its next alarm.
        """
        cron = self.env["ir.cron"]
        domain = [("date_alarm", "<=", fields.Datetime.now())]
        after, attempts = 0, 0
        while True:
            try:
                lines = self.search([*domain, ("id", ">", after)], order="id", limit=SLICE)
                if not lines:
                    return
                last = lines[-1].id
                free = lines.request_id.try_lock_for_update(allow_referencing=True)
                lines.filtered(lambda line, free=free: line.request_id in free)._kehu_sound()
                self.env.flush_all()
            except psycopg2.errors.SerializationFailure:
                self.env.cr.rollback()
                attempts += 1
                if attempts >= ATTEMPTS:
                    raise
                continue
            after, attempts = last, 0
            if not cron._commit_progress(len(lines), remaining=self.search_count([*domain, ("id", ">", after)])):
                return

    def _kehu_sound(self):
        """Do what is due in these steps, whose requests are locked, and set their next alarm; in superuser mode."""
        now = fields.Datetime.now()
        current = self.filtered(lambda line: line.state == "current" and line.request_id.state == "pending")
        as_engine(self - current, ENGINE).write({"date_alarm": False})
        reminded = {}
        for line in current:
            alarm, asked = line.date_alarm, line.request_id.decider_ids
            late = bool(line.date_due and alarm <= line.date_due <= now)
            if late:
                line._kehu_escalate()
            if (line.escalate != "nothing") if late else (line.date_remind and alarm <= line.date_remind <= now):
                reminded[line.request_id] = asked
            coming = [date for date in (line.date_remind, line.date_due) if date and date > now]
            as_engine(line, ENGINE).write({"date_alarm": min(coming, default=False)})
        self.env["kehu.approval.request"]._kehu_remind(reminded)

    def _kehu_escalate(self):
        """Let the managers of those who are late, or the administrators, decide this one step as well, as it says."""
        request = self.request_id
        people = self._kehu_escalation()
        if not people - self.escalated_ids:
            return
        people |= self.escalated_ids
        as_engine(self, ENGINE).write({"escalated_ids": [fields.Command.set(people.ids)], "is_escalated": True})
        for documents in request._kehu_documents():
            documents._kehu_approval_log(request, "escalated", False, target=people if len(people) == 1 else None)
        request._kehu_refresh_deciders()

    def _kehu_escalation(self):
        """Who may decide this one late step as well; administrators where the people asked have no manager.

        :rtype: res.users
        """
        request = self.request_id
        administrators = self.env["kehu.approval.mixin"]._kehu_administrators(request.company_id, {})
        if self.escalate == "administrator":
            people = administrators
        elif self.escalate == "manager":
            people = self.env["res.users"].union(*(user._kehu_manager_above(1) for user in self._kehu_not_agreed()))
            people = working_users(people, request.company_id)
        else:
            return self.env["res.users"]
        own = self.env["res.users"] if request.allow_self else request._kehu_own_people()[request]
        return people - own or administrators - own


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    @api.model
    def _kehu_remind(self, asked):
        """Remind those whom requests have waited for; in superuser mode.

        :param dict asked: {request: users}; one message per person, however many requests
        """
        requests = as_engine(self.browse([request.id for request in asked]), ENGINE)
        requests.write({"mail_pending": True, "mail_told": False})  # those who want e-mail get another
        requests._kehu_order_mail()
        by_user = {}
        for request, users in asked.items():
            for user in users:
                by_user.setdefault(user, []).append(request)
        for user, requests in by_user.items():
            env = self.with_context(lang=user.lang).env
            user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "title": env._("Still to Approve"),
                    "message": env._(
                        "%(count)s document(s) still wait for your decision: %(names)s",
                        count=len(requests),
                        names=[request.name for request in requests[:3]],
                    ),
                },
            )
