from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_datetime

from ..customer.exceptions import KehuHiddenLinkError, refuse_system_field
from ..customer.hidden import sent_link
from ..system.engine import as_engine, is_engine, is_record_id, is_uninstalling
from ..system.values import check_text
from .exceptions import (
    KehuScheduleCompletedError,
    KehuScheduleError,
    KehuScheduleLockError,
    KehuScheduleRightsError,
)

# what only the completion writes
COMPLETION = ("kehu_done_on", "kehu_done_by", "kehu_outcome")
# what a completed entry tells of: it stays as it was
KEPT = ("name", "start", "stop", "start_date", "stop_date", "allday", "duration", "user_id", "active")
# searching by these tells something of an entry, as reading them does
PRIVATE = {"kehu_contact_record_id", *COMPLETION}
# what names the customer of an entry that the system made
TELLING = {"name", "display_name", "description"}
# what a form would show the name of before anything is saved
LINKS = ("partner_id", "opportunity_id", "kehu_contact_record_id")


class CalendarEvent(models.Model):
    """Entries of the schedule: planned by a contact record or made by hand, completed with a word of what was done.

    Only the contact engine says which record planned an entry. An entry that is completed cannot be completed again, moved, archived or
    deleted by anybody. Plans of contact records are private: whoever may read the contact record and its customer, such as the manager,
    sees what is planned; all others see what the host's privacy shows them, the author who has lost the customer among them, for the plan
    is the new owner's. Who may change an entry is left to the host.
    """

    _inherit = "calendar.event"

    kehu_contact_record_id = fields.Many2one(
        "kehu.contact.record",
        string="Contact Record",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The contact record that planned this entry.",
    )
    kehu_customer_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_kehu_customer_id",
        help="The customer this entry is about: that of the contact record or opportunity, or the first one who takes part.",
    )
    kehu_is_known_plan = fields.Boolean(
        string="Plan One May See",
        compute="_compute_kehu_is_known_plan",
        export_string_translation=False,
        help="The entry was planned by a contact record that this person may read, as well as its customer.",
    )
    kehu_done_on = fields.Datetime(
        string="Completed On",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When the entry was completed. A completed entry stays as it is.",
    )
    kehu_done_by = fields.Many2one(
        "res.users", string="Completed By", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    kehu_outcome = fields.Text(string="What Was Done", readonly=True, copy=False, help="Written when the entry was completed.")

    # -- computes ------------------------------------------------------------------------------------------------------

    @api.depends("kehu_contact_record_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_kehu_is_known_plan(self):
        """Ask for all of them at once, of the person and not of the superuser that code may run as.

        The numbers of the records are read past the cache: what is kept there would be shown to those whom privacy spares it.
        """
        rows = []
        if self._origin.ids:
            self.flush_model(["kehu_contact_record_id"])
            rows = self.env.execute_query(
                SQL(
                    "SELECT id, kehu_contact_record_id FROM calendar_event WHERE id = ANY(%s) AND kehu_contact_record_id IS NOT NULL",
                    self._origin.ids,
                )
            )
        records = self.sudo(False).env["kehu.contact.record"]
        readable = set()
        if rows and records.has_access("read"):
            given = Domain("id", "in", [record_id for _id, record_id in rows])
            readable = set(records._search(given & Domain("partner_id", "any", Domain.TRUE)))
        known = {event_id for event_id, record_id in rows if record_id in readable}
        for event in self:
            event.kehu_is_known_plan = event._origin.id in known

    @api.depends("kehu_contact_record_id", "partner_ids", "user_id", "privacy")
    @api.depends_context("uid")
    def _compute_kehu_customer_id(self):
        """Empty for entries that are private to others, and for customers one may not read."""
        customers = self._kehu_customers()
        readable = self.env["res.partner"].union(*customers.values())._filtered_access("read")
        for event in self:
            event.kehu_customer_id = customers.get(event, readable.browse()) & readable

    @api.depends("kehu_done_on")
    def _compute_user_can_edit(self):
        """Screens offer no change of a completed entry."""
        result = super()._compute_user_can_edit()
        # sudo: calendar.event - whether it is completed, which a private entry of somebody else does not tell
        for event, event_sudo in zip(self, self.sudo(), strict=True):
            if event_sudo._origin.kehu_done_on:
                event.user_can_edit = False
        return result

    def _kehu_customers(self):
        """Find the customers of those of these entries of which the user may know what they are about.

        :return: {entry: customer}, without the entries that have none
        :rtype: dict[calendar.event, res.partner]
        """
        known = self if self.env.su else self.filtered(lambda event: not event._check_private_event_conditions())
        customers = {}
        # sudo: calendar.event - contact record, opportunity and attendees; what may be shown is decided by the caller
        for event, event_sudo in zip(known, known.sudo(), strict=True):
            customer = event_sudo.kehu_contact_record_id.partner_id or event_sudo.opportunity_id.partner_id.kehu_customer_id
            if not customer and event_sudo.res_model == "res.partner" and event_sudo.res_id:
                customer = customer.browse(event_sudo.res_id).exists().kehu_customer_id
            customer = customer or event_sudo.partner_ids.kehu_customer_id[:1]
            if customer:
                customers[event] = customer.with_env(self.env)
        return customers

    # -- privacy -------------------------------------------------------------------------------------------------------

    def _check_private_event_conditions(self):
        """A plan is no secret to whoever may read the contact record that planned it."""
        return super()._check_private_event_conditions() and (self.env.context.get("kehu_host_privacy") or not self.kehu_is_known_plan)

    def _check_calendar_privacy_write_permissions(self):
        """Who may see a plan of somebody else may not change it for that."""
        return super(CalendarEvent, self.with_context(kehu_host_privacy=True))._check_calendar_privacy_write_permissions()

    def _get_default_privacy_domain(self):
        """Groups count the plans that lists show."""
        domain = super()._get_default_privacy_domain()
        if self.env["kehu.contact.record"].has_access("read"):
            known = Domain("kehu_contact_record_id", "any", Domain("partner_id", "any", Domain.TRUE))
            return list(Domain(domain) | known)
        return domain

    def onchange(self, values, field_names, fields_spec):
        """A form shows the names of what it links to before anything is saved.

        :raises KehuHiddenLinkError: for a link to what one may not read
        """
        for name in LINKS:
            value = sent_link(values.get(name))
            # sudo: calendar.event - what the saved entry names already, to compare only
            if value != self.sudo()[name].id:
                self._kehu_check_seen(name, {value})
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _kehu_check_seen(self, name, numbers):
        """Refuse links to what the current user may not read: the entry would show its name.

        :param str name: of a many2one
        :param set numbers: what is to be linked; what is no number of a record is left to the host
        :raises KehuHiddenLinkError: in a sentence that names nobody
        """
        if self.env.su:
            return
        linked = self.env[self._fields[name].comodel_name].browse(filter(is_record_id, numbers)).exists()
        if linked - linked._filtered_access("read"):
            raise KehuHiddenLinkError(
                self.env._("You have no access to what this entry is linked to. Choose a record of yours, or ask its owner.")
            )

    @api.model
    def _kehu_is_readable(self, name, number):
        """Tell whether the current user may read that record of a many2one, or it is gone, which tells nothing."""
        record = self.env[self._fields[name].comodel_name].browse(number)
        return not record.exists() or record.has_access("read")

    # -- create, write, unlink, search ---------------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """No default reaches what only code writes, nor what one may not read."""
        defaults = super().default_get(fields)
        for name in PRIVATE:
            defaults.pop(name, None)
        for name in () if self.env.su else LINKS:
            if is_record_id(defaults.get(name)) and not self._kehu_is_readable(name, defaults[name]):
                del defaults[name]
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_contact_record(vals)
            for name in COMPLETION:
                if vals.get(name):
                    refuse_system_field(self, name)
        self._kehu_check_seen("opportunity_id", {vals.get("opportunity_id") for vals in vals_list})
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_contact_record(vals)
        self._kehu_check_completed(vals)
        # sudo: calendar.event - what the entries name already, to compare only
        if self and vals.get("opportunity_id") and set(self.sudo().opportunity_id.ids) != {vals["opportunity_id"]}:
            self._kehu_check_seen("opportunity_id", {vals["opportunity_id"]})
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_completed(self):
        """What was done stays known, whoever deletes: by hand, with the rest of a series, or with the record that planned it."""
        if is_uninstalling(self.env):
            return
        # sudo: calendar.event - whether one is completed, in whoever's calendar
        completed = self.sudo().filtered("kehu_done_on")
        if completed:
            self.browse(completed.ids)._kehu_refuse_completed()

    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Nobody finds out by searching what private entries of others do not show."""
        domain = Domain(domain)
        asked = set() if self.env.su else {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}
        if not asked.isdisjoint(PRIVATE | TELLING):
            known = Domain(self._get_default_privacy_domain()) | Domain("partner_ids", "in", self.env.user.partner_id.ids)
            # the host's own entries are found by their names, whoever they belong to
            domain &= known if asked & PRIVATE else known | Domain("kehu_contact_record_id", "=", False)
        return super()._search(domain, offset=offset, limit=limit, order=order, **kwargs)

    @api.model
    def _get_contact_details_description(self, organizer, partners):
        """The host writes name, e-mail and phone of a guest where colleagues read them; those of customers stay on their card."""
        # sudo: res.partner - whether they belong to the CRM
        strangers = partners.filtered(lambda partner: not partner.sudo().kehu_customer_id)
        return super()._get_contact_details_description(organizer, strangers)

    def _kehu_check_contact_record(self, vals):
        """Nobody ties an entry to a record by hand, or unties it: the plan would not follow the customer to a new owner any more.

        :raises KehuSystemFieldError: otherwise
        """
        if "kehu_contact_record_id" not in vals or is_engine(self.env, "contact"):
            return
        # sudo: calendar.event - whether a record planned one of them, which private entries of others do not tell
        if vals["kehu_contact_record_id"] or self.sudo().kehu_contact_record_id:
            refuse_system_field(self, "kehu_contact_record_id")

    def _kehu_check_completed(self, vals):
        """Refuse to complete an entry by hand, and to change what a completed one tells of.

        :raises KehuSystemFieldError: for the columns of the completion
        :raises KehuScheduleCompletedError: naming the completed entry
        """
        if is_engine(self.env, "schedule"):
            return
        for name in COMPLETION:
            if name in vals:
                refuse_system_field(self, name)
        names = [name for name in KEPT if name in vals]
        # sudo: calendar.event - whether one is completed, and what it tells of, to compare only
        for event in names and self.sudo().filtered("kehu_done_on"):
            for name in names:
                field = self._fields[name]
                if field.convert_to_record(field.convert_to_cache(vals[name], event), event) != event[name]:
                    self.browse(event.id)._kehu_refuse_completed()

    def _kehu_refuse_completed(self):
        """Refuse to change or delete these completed entries.

        :raises KehuScheduleCompletedError: naming the first, as the user may know it
        """
        event = self[:1]
        # sudo: calendar.event - when it was completed
        raise KehuScheduleCompletedError(
            self.env._(
                "“%(entry)s” was completed on %(date)s and stays as it is. Make a new entry. In a series, change or delete this and the "
                "following entries instead of all.",
                entry=event.display_name,
                date=format_datetime(self.env, event.sudo().kehu_done_on),  # sudo: calendar.event - see above
            )
        )

    # -- completing ----------------------------------------------------------------------------------------------------

    def action_kehu_complete(self):
        """Open the dialog that completes these entries.

        :raises KehuScheduleError: see :meth:`kehu_complete`
        """
        self._kehu_check_completable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Complete Entry") if len(self) == 1 else self.env._("Complete Entries"),
            "res_model": "kehu.schedule.completion",
            "view_mode": "form",
            "target": "new",
            "context": {"default_entry_ids": self.ids},
        }

    def kehu_complete(self, outcome):
        """Complete these entries: all or none. Of a series, the given occurrences alone.

        :param str outcome: what was done
        :raises KehuScheduleError: without an outcome, or when an entry is gone
        :raises KehuScheduleRightsError: for an entry in which one takes no part
        :raises KehuScheduleCompletedError: for one that is completed already
        :raises KehuScheduleLockError: when somebody else is completing one of them now
        """
        if not isinstance(outcome, str) or not outcome.strip():
            raise KehuScheduleError(self.env._("Write what was done: an entry is completed only with a text."))
        check_text(self, self._fields["kehu_outcome"], outcome, KehuScheduleError)
        events = self.browse(dict.fromkeys(self.ids))  # a client may send an id twice
        events._kehu_check_completable()
        # sudo: calendar.event - the row lock needs no rights; they are checked above
        locked = events.sudo().try_lock_for_update(allow_referencing=True)
        if len(locked) < len(events):
            busy = events - events.browse(locked.ids)
            raise KehuScheduleLockError(
                self.env._(
                    "Somebody else is changing “%(entry)s” at this moment. Wait a moment, look again and repeat.",
                    entry=busy[:1].display_name,
                )
            )
        events.invalidate_recordset(COMPLETION)  # what other transactions did before the lock was ours
        events._kehu_check_completable()
        events._kehu_write_completion(outcome.strip(), self.env.user)
        return True

    def _kehu_check_completable(self):
        """Refuse entries that this person cannot complete.

        :raises KehuScheduleError: see :meth:`kehu_complete`
        """
        if not self or len(self.exists()) < len(self):
            raise KehuScheduleError(
                self.env._("One of the entries does not exist any more: somebody deleted it. Reload the list and choose again.")
            )
        user = self.env.user
        # sudo: calendar.event - who takes part, to compare only
        for event, event_sudo in zip(self, self.sudo(), strict=True):
            takes_part = user == event_sudo.user_id or user.partner_id in event_sudo.partner_ids
            if not self.env.su and not (takes_part and event.has_access("write")):
                raise KehuScheduleRightsError(
                    self.env._(
                        "You take no part in “%(entry)s”, so you cannot complete it. Ask its organizer.",
                        entry=event.display_name,
                    )
                )
            if event_sudo.kehu_done_on:
                raise KehuScheduleCompletedError(
                    self.env._(
                        "“%(entry)s” was already completed on %(date)s by %(user)s. Look it up among the completed entries.",
                        entry=event.display_name,
                        date=format_datetime(self.env, event_sudo.kehu_done_on),
                        user=event_sudo.kehu_done_by.name,
                    )
                )

    def _kehu_write_completion(self, outcome, user):
        """Write down that these entries were carried out, and close the activities that stand for them. Nobody is notified.

        :param str outcome: what was done
        :param res.users user: who did it
        """
        # sudo: calendar.event - in whoever's calendar the entry of a customer stands
        events = as_engine(self.sudo(), "schedule").with_context(dont_notify=True, no_mail_to_attendees=True)
        events.write({"kehu_done_on": fields.Datetime.now(), "kehu_done_by": user.id, "kehu_outcome": outcome})
        # sudo: mail.activity - what the host planned on the document of the entry, whoever it is assigned to
        activities = events.activity_ids.with_user(user).sudo()
        if activities:
            activities.action_feedback(feedback=outcome)

    # -- reminders -----------------------------------------------------------------------------------------------------

    def _setup_alarms(self):
        triggers = super()._setup_alarms()
        self.filtered("kehu_contact_record_id")._kehu_set_reminders()
        return triggers

    def _kehu_set_reminders(self):
        """Let the host's job wake up for the e-mails that remind of these plans: one second after each moment.

        The job sends what was due *before* it looks, and remembers when it looked: awake at the very second of a plan it would pass it by.
        One query, however many plans.
        """
        # sudo: ir.cron, calendar.event - anybody who plans lets the job run
        cron = self.env.ref("calendar.ir_cron_scheduler_alarm").sudo()
        types = self._get_trigger_alarm_types()
        now = fields.Datetime.now()
        moments = {
            event.start - timedelta(minutes=alarm.duration_minutes, seconds=-1)
            for event in self.sudo()  # sudo: see above
            if event.stop > now
            for alarm in event.alarm_ids
            if alarm.alarm_type in types
        }
        due = sorted(moment for moment in moments if not cron.lastcall or moment > cron.lastcall)
        if due:
            cron._trigger(at=due)

    def message_notify(self, **kwargs):
        """Keep the file of an invitation with its message: it names the addresses of all guests, and colleagues see the entry."""
        message = super().message_notify(**kwargs)
        if message:
            # sudo: mail.message, ir.attachment - the file that the host has just made for this message
            files = message.sudo().attachment_ids.filtered(lambda file: file.res_model == self._name and file.mimetype == "text/calendar")
            files.write({"res_model": message._name, "res_id": message.id})
        return message

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """A reminder by e-mail is an e-mail, also for people who read their other messages inside."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if self.env.context.get("kehu_reminder_by_email"):
            for recipient in recipients:
                recipient["notif"] = "email"
        return recipients

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _kehu_local_day(self):
        """Return the day on which this entry stands in the calendar of its owner.

        E.g. nine o'clock of 4 September on Kiritimati (+14) is 19:00 of 3 September in UTC: 4 September.

        :rtype: date
        """
        self.ensure_one()
        if self.allday:
            return self.start_date
        zone = pytz.timezone(self.user_id.tz or self.env.tz.zone or "UTC")
        return pytz.utc.localize(self.start).astimezone(zone).date()

    def _kehu_hand_over(self, owner):
        """Put these planned entries into the calendar of another owner; guests stay. Nobody is notified.

        What stood at the usual hour of a plan stands there again where the new owner lives; any other hour was agreed on, and stays.

        :param res.users owner: the new one
        """
        plans = self.env["kehu.contact.record"]
        groups = {}
        for event in self:
            former = event.user_id
            day = event._kehu_local_day()
            usual = not event.allday and former.tz != owner.tz and event.start == plans._kehu_plan_start(former, day)
            times = plans._kehu_plan_move(event, day, owner) if usual else ()
            groups.setdefault((former, times), []).append(event.id)
        for (former, times), ids in groups.items():
            commands = [Command.link(owner.partner_id.id)]
            if former and former != owner:
                commands.insert(0, Command.unlink(former.partner_id.id))
            self.browse(ids).write({**dict(times), "user_id": owner.id, "partner_ids": commands})
