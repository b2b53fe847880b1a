from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ..system.engine import as_engine
from .kehu_instalment import ENGINE, OPEN_SETTLEMENTS

ACTIVITY_TYPE = "kehu_crm.kehu_instalment_mail_activity_type_due"
BATCH = 1000


class KehuInstalment(models.Model):
    """Salespeople are reminded before a part is due, and told when its day is over."""

    _inherit = "kehu.instalment"

    def write(self, vals):
        """A part with another day is reminded of, and told of, anew."""
        days = {part: part.date_due for part in self} if "date_due" in vals else {}
        result = super().write(vals)
        moved = self.filtered(lambda part: part in days and part.date_due != days[part])
        if moved:
            moved.sudo().activity_id.unlink()  # sudo: mail.activity - the reminder may be another person's
            as_engine(moved, ENGINE).write({"reminded_for": False, "overdue_told_for": False})
        return result

    @api.model
    def _cron_instalments(self):
        """Remind of parts that are due soon, tell of those that are overdue, and take reminders of paid ones back.

        Hourly, so that each salesperson has it soon after their own midnight; safe to run twice and to kill.
        """
        work = [
            (self._kehu_done_domain(), "_kehu_forget_reminders"),
            (self._kehu_soon_domain(), "_kehu_remind"),
            (self._kehu_late_domain(), "_kehu_tell_overdue"),
        ]
        self.env["ir.cron"]._commit_progress(remaining=sum(self.search_count(domain) for domain, _method in work))
        for domain, method in work:
            if not self._kehu_run(domain, method):
                break

    @api.model
    def _kehu_run(self, domain, method):
        """Call a method of ours on each part that fits, in bounded slices, committing after each.

        :return: whether there is time for more
        """
        cron = self.env["ir.cron"]
        todo = self.search(domain, limit=BATCH, order="date_due, id")
        for part in todo:
            # locked by us and fitting still: another run may have been faster
            locked = part.try_lock_for_update(allow_referencing=True).filtered_domain(domain)
            if locked:
                getattr(locked, method)()
            if not cron._commit_progress(1):
                return False
        return True

    @api.model
    def _kehu_open_domain(self):
        return Domain("settlement", "in", OPEN_SETTLEMENTS) & Domain("in_force", "=", True)

    @api.model
    def _kehu_done_domain(self):
        """Parts with a reminder that nobody has to follow any more."""
        return Domain("activity_id", "!=", False) & ~self._kehu_open_domain()

    @api.model
    def _kehu_soon_domain(self):
        """Open parts of which somebody is to be reminded today, by the calendar of their salesperson."""
        soon = self._kehu_open_domain() & Domain("reminded_for", "=", False) & Domain("remind_on", "!=", False)
        soon &= Domain("overdue_told_for", "=", False)
        return self._kehu_by_calendar(soon, "remind_on", "<=")

    @api.model
    def _kehu_late_domain(self):
        """Open parts whose day is over, by the calendar of their salesperson, and of which nobody was told."""
        return self._kehu_by_calendar(self._kehu_open_domain() & Domain("overdue_told_for", "=", False), "date_due", "<")

    @api.model
    def _kehu_by_calendar(self, domain, name, operator):
        """Narrow a domain by a day that is compared with today where the salesperson is."""
        domain &= Domain(name, operator, fields.Date.add(fields.Date.today(), days=1))  # no place on earth is further ahead
        # sudo: res.users - time zones, of those who have left too
        users = self.env["res.users"].sudo().browse([user.id for (user,) in self._read_group(domain, ["user_id"]) if user])
        by_day = users.grouped(lambda user: self._kehu_day(user.tz))
        places = [Domain("user_id", "in", group.ids) & Domain(name, operator, day) for day, group in by_day.items()]
        return domain & Domain.OR([*places, Domain("user_id", "=", False) & Domain(name, operator, self._kehu_day("UTC"))])

    @api.model
    def _kehu_day(self, zone):
        """Today in a time zone, by the clock of the server."""
        return fields.Datetime.context_timestamp(self.with_context(tz=zone or "UTC"), fields.Datetime.now()).date()

    def _kehu_remind(self):
        """Give somebody a to-do for each of these parts, once."""
        for part in self:
            user = part._kehu_whom_to_remind()
            as_engine(part, ENGINE).write({"reminded_for": part.date_due})
            if not user:
                continue
            document = part._kehu_document().with_context(lang=user.lang, tz=user.tz)
            activity = document.activity_schedule(
                ACTIVITY_TYPE,
                date_deadline=part.date_due,
                summary=document.env._(
                    "Collect %(instalment)s: %(amount)s",
                    instalment=part.name or "",
                    amount=format_amount(document.env, part.amount_due, part.currency_id),
                ),
                user_id=user.id,
            )
            as_engine(part, ENGINE).write({"activity_id": activity.id})

    def _kehu_tell_overdue(self):
        """Tell somebody that the day of each of these parts is over, once, where they read their messages."""
        for part in self:
            user = part._kehu_whom_to_remind()
            as_engine(part, ENGINE).write({"overdue_told_for": part.date_due})
            if not user:
                continue
            document = part._kehu_document().with_context(lang=user.lang, tz=user.tz)
            facts = {
                "instalment": part.name or "",
                "document": document.name,
                "amount": format_amount(document.env, part.amount_due, part.currency_id),
                "day": format_date(document.env, part.date_due),
                "customer": part.partner_id.display_name,
            }
            document.message_notify(
                partner_ids=user.partner_id.ids,
                subject=document.env._("Overdue: %(instalment)s of %(document)s", **facts),
                body=document.env._("%(customer)s owes %(amount)s for %(instalment)s of %(document)s since %(day)s.", **facts),
            )

    def _kehu_forget_reminders(self):
        """Take reminders back that nobody has to follow any more."""
        self.sudo().activity_id.unlink()  # sudo: mail.activity - the reminder may be another person's

    def _kehu_whom_to_remind(self):
        """The salesperson, or the customer's owner, or a manager above: the first who works here and reads this one part.

        :rtype: res.users
        """
        self.ensure_one()
        part = self.sudo()  # sudo: kehu.instalment, res.partner, hr.department - people, to choose one
        people = (part.user_id, part.partner_id.user_id, *part.kehu_department_id.kehu_overseer_ids)
        for user in people:
            if user.active and not user.share and self.with_user(user).has_access("read"):
                return user
        return self.env["res.users"]
