from datetime import date, timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..customer.exceptions import refuse_system_field
from ..customer.named_links import hidden_users
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.values import check_date, check_links_exist, check_types
from .exceptions import KehuPhoneCallDeletionError, KehuPhoneCallError, KehuPhoneCallRightsError

DIRECTIONS = [("out", "Outgoing"), ("in", "Incoming")]
OUTCOMES = [
    ("reached", "Reached"),
    ("interested", "Interested"),
    ("not_interested", "Not Interested"),
    ("callback", "Call Back"),
    ("refused", "Refused to Talk"),
    ("do_not_call", "Do Not Call Again"),
    ("no_answer", "No Answer"),
    ("busy", "Busy or Switched Off"),
    ("wrong_number", "Wrong Number"),
]
# with these nobody spoke with the customer
UNREACHED = {"no_answer", "busy", "wrong_number"}
LONGEST = 24 * 60  # minutes
CLOCK_SKEW = timedelta(minutes=5)  # a caller's clock may go before
CALLBACK_LENGTH = timedelta(minutes=15)
# they follow from others, or only the engine of calls writes them
KEPT_COLUMNS = (
    "kehu_department_id",
    "company_id",
    "list_id",
    "is_reached",
    "reached_rate",
    "is_callback_open",
    "contact_record_id",
    "event_ids",
)
# what happened: a day later it stays as it was written
CONTENT = ("date", "direction", "outcome", "number", "contact_id", "duration", "note")
# what the contact record of a call follows, and with it the dates of the customer
MOVES = {"date", "outcome", "contact_id", "note", "callback_on"}


class KehuPhoneCall(models.Model):
    """One call with a customer, whoever rang.

    A call that reached somebody, and has a note, becomes a contact record, which moves the last and next contact of the customer as
    every contact record does. A call that nobody answered moves nothing. A callback stands in the caller's calendar.
    """

    _name = "kehu.phone.call"
    _inherit = ["kehu.call.links.mixin", "kehu.department.mixin"]
    _description = "Phone Call"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True
    _kehu_call_links = ("partner_id", "contact_id", "line_id")

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("kehu_is_customer", "=", True)],
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Contact Person",
        index="btree_not_null",
        ondelete="set null",
        domain="[('kehu_customer_id', '=', partner_id), ('kehu_is_customer', '=', False)]",
        help="Who was called, or who rang.",
    )
    number = fields.Char(
        compute="_compute_number",
        store=True,
        readonly=False,
        precompute=True,
        help="The number that was dialled, or that rang. Proposed from the contact person, else from the customer.",
    )
    direction = fields.Selection(DIRECTIONS, required=True, default="out")
    date = fields.Datetime(string="Started", required=True, index=True, default=fields.Datetime.now)
    duration = fields.Float(string="Talk Time", aggregator="sum", help="Minutes and seconds that the talk lasted.")
    outcome = fields.Selection(OUTCOMES, required=True, index=True, help="What came of it. It decides what happens next.")
    is_reached = fields.Boolean(
        string="Reached Somebody",
        compute="_compute_is_reached",
        store=True,
        help="Somebody of the customer spoke with the caller.",
    )
    reached_rate = fields.Float(string="Reached (%)", compute="_compute_is_reached", store=True, aggregator="avg")
    callback_on = fields.Datetime(
        string="Call Back On", copy=False, help="When the customer wants to be called again. It stands in the caller's calendar."
    )
    is_callback_open = fields.Boolean(
        string="Callback Waiting", copy=False, readonly=True, help="Nobody has called back yet. The next call with the customer settles it."
    )
    note = fields.Text(help="What was said. With it, a call that reached somebody becomes a contact record.")
    user_id = fields.Many2one(
        "res.users",
        string="Caller",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        copy=False,
    )
    kehu_department_id = fields.Many2one(help="Department of the caller.")
    company_id = fields.Many2one(related="partner_id.company_id", store=True, index="btree_not_null", related_sudo=True)
    line_id = fields.Many2one(
        "kehu.call.line",
        string="Place on a Call List",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The place on a call list that this call worked off.",
    )
    list_id = fields.Many2one(
        related="line_id.list_id", string="Call List", store=True, related_sudo=True, index="btree_not_null", ondelete="set null"
    )
    contact_record_id = fields.Many2one(
        "kehu.contact.record",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        readonly=True,
        help="The contact record that this call became.",
    )
    record_hint = fields.Char(string="Contact Record Hint", compute="_compute_record_hint", export_string_translation=False)
    event_ids = fields.One2many("calendar.event", "kehu_phone_call_id", string="Calendar Entries", readonly=True)

    _partner_date_idx = models.Index("(partner_id, date DESC, id DESC)")
    _callback_idx = models.Index("(user_id, callback_on) WHERE is_callback_open IS TRUE")

    # -- computes, constraints -----------------------------------------------------------------------------------------

    @api.depends("partner_id", "contact_id")
    def _compute_number(self):
        """The number follows the person, then the customer. What was dialled in a saved call stays."""
        for call in self:
            if call._origin.number:
                call.number = call._origin.number
                continue
            call.number = call.contact_id._kehu_call_number() or call.partner_id._kehu_call_number() or call.number

    @api.depends("outcome")
    def _compute_is_reached(self):
        unreached = self._kehu_unreached_outcomes()
        for call in self:
            call.is_reached = bool(call.outcome) and call.outcome not in unreached
            call.reached_rate = 100.0 if call.is_reached else 0.0

    @api.depends("partner_id.complete_name", "date")
    def _compute_display_name(self):
        for call in self.sudo():  # sudo: res.partner - the caller goes on reading own calls of a customer that has moved on
            if not call.partner_id:
                call.display_name = False  # a new call: the host calls it so
                continue
            call.display_name = self.env._(
                "Call with %(customer)s, %(date)s",
                customer=call.partner_id.complete_name or "",
                date=(call.date and self.env["ir.qweb.field.datetime"].value_to_html(call.date, {"hide_seconds": True})) or "",
            )

    @api.depends("contact_record_id", "is_reached", "note", "outcome")
    def _compute_record_hint(self):
        """Say what the call became, or will become, and why not."""
        for call in self:
            if call.contact_record_id:
                call.record_hint = self.env._("This call is a contact record: it moved the last contact of the customer.")
            elif not call.outcome:
                call.record_hint = False
            elif not call.is_reached:
                call.record_hint = self.env._("Nobody was reached: no contact record, and the last contact stays as it is.")
            elif not (call.note or "").strip():
                call.record_hint = self.env._("Write a note, and this call becomes a contact record.")
            elif call._origin.id:
                call.record_hint = self.env._("Its contact record was deleted: the call stands for itself.")
            else:
                call.record_hint = self.env._("Becomes a contact record when you save.")

    @api.constrains("date", "duration", "outcome", "callback_on")
    def _check_times(self):
        now = fields.Datetime.now()
        for call in self:
            if call.date and call.date > now + CLOCK_SKEW:
                raise KehuPhoneCallError(self.env._("A call has taken place: it cannot start later than now. Correct its time."))
            if not 0 <= call.duration <= LONGEST:
                raise KehuPhoneCallError(self.env._("The talk time must be between nothing and 24 hours, in minutes. Correct it."))
            if call.outcome == "callback" and not call.callback_on:
                raise KehuPhoneCallError(self.env._("When shall the customer be called back? Enter a date and a time."))
            if call.callback_on and call.date and call.callback_on <= call.date:
                raise KehuPhoneCallError(self.env._("A callback comes after the call. Choose a later time."))
            if call.callback_on and call.outcome in ("wrong_number", "do_not_call", "refused"):
                raise KehuPhoneCallError(
                    self.env._("With this outcome there is no callback. Take the time of the callback away, or choose another outcome.")
                )
            call.partner_id._kehu_check_next_contact(call.callback_on and call.callback_on.date())

    @api.constrains("partner_id", "contact_id", "line_id")
    def _check_customer(self):
        for call in self.sudo():  # sudo: res.partner, kehu.call.line - to which customer they belong
            if not call.partner_id.kehu_is_customer:
                raise KehuPhoneCallError(
                    self.env._(
                        "“%(name)s” is not a customer of the CRM. Choose the customer it belongs to, or mark it as a customer.",
                        name=call.partner_id.complete_name,
                    )
                )
            if call.contact_id and call.contact_id != call.partner_id and call.contact_id.kehu_customer_id != call.partner_id:
                raise KehuPhoneCallError(
                    self.env._(
                        "%(contact)s is not a contact of “%(customer)s”. Choose one of its contacts, or leave the field empty.",
                        contact=call.contact_id._kehu_names(),
                        customer=call.partner_id.complete_name,
                    )
                )
            if call.line_id and call.line_id.partner_id != call.partner_id:
                raise KehuPhoneCallError(self.env._("This place on the call list is for another customer. Take the call from the list."))

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.contact_id.kehu_customer_id != self.partner_id:
            self.contact_id = False

    @api.model
    def _kehu_unreached_outcomes(self):
        """Return the outcomes with which nobody was reached; add-ons with outcomes of their own extend it.

        :rtype: set[str]
        """
        return set(UNREACHED)

    # -- create, write, unlink -----------------------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """No default reaches a column that follows from others."""
        return {name: value for name, value in super().default_get(fields).items() if name not in KEPT_COLUMNS}

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._kehu_check_values(vals)
        defaults = self.default_get(["partner_id", "user_id", "contact_id", "line_id"])
        if defaults.get("line_id"):
            for vals in vals_list:
                vals.setdefault("line_id", defaults["line_id"])
        lines = self._kehu_lock_lines(vals_list)
        values = [{**defaults, **vals} for vals in vals_list]
        users = self.env["res.users"]
        self._kehu_check_callers(users.browse({vals["user_id"] for vals in values if vals.get("user_id")}))
        partners = self.env["res.partner"]
        free = partners.browse({vals["partner_id"] for vals in values if vals.get("partner_id") and not vals.get("line_id")})
        self._kehu_check_customers(free)
        contacts = partners.browse({vals["contact_id"] for vals in values if vals.get("contact_id")})
        check_links_exist(self, vals_list, KehuPhoneCallError)
        self._kehu_check_contacts(contacts)
        calls = super().create(vals_list)
        calls._kehu_settle_callbacks()
        calls._kehu_follow_callback()
        calls._kehu_follow_record(dict.fromkeys(calls))
        lines._kehu_follow_calls()
        calls._kehu_obey_refusals()
        return calls

    def write(self, vals):
        if is_engine(self.env, "call"):
            return super().write(vals)
        vals = dict(vals)
        self._kehu_check_values(vals)
        for name in ("partner_id", "user_id", "line_id"):
            if name in vals and any(call[name].id != (vals[name] or False) for call in self):
                raise KehuPhoneCallError(
                    self.env._("The customer, the caller and the call list of a call stay as they are. Delete the call and log a new one.")
                )
        if vals.keys() & MOVES:
            self._kehu_check_customers((self - self._kehu_from_own_place()).partner_id)
        self._kehu_check_content(vals)
        check_links_exist(self, [vals], KehuPhoneCallError)
        self._kehu_check_contacts(self.env["res.partner"].browse(vals.get("contact_id") or []))
        notes = {call: call.note for call in self}
        agreed = {call: call.callback_on for call in self}
        result = super().write(vals)
        if vals.keys() & {"callback_on", "outcome"}:
            # one that was carried out stays so, unless another time is agreed
            self.filtered(lambda call: call.is_callback_open or call.callback_on != agreed[call])._kehu_follow_callback()
        if vals.keys() & {"note", "outcome", "date", "contact_id", "callback_on"}:
            self._kehu_follow_record(notes)
        if vals.keys() & {"outcome", "date", "callback_on"}:
            self.line_id._kehu_follow_calls()
        if vals.get("outcome"):
            self._kehu_obey_refusals()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_kept(self):
        """One deletes what one logged today, and nothing older than the present owner's time with the customer."""
        if is_uninstalling(self.env) or self.env.su or self.env.user.has_group("kehu_crm.group_kehu_admin"):
            return
        here = self._kehu_with_own_zone()
        today = fields.Date.context_today(here)
        looked_after = here._kehu_from_own_place()
        for call in here:
            made_today = fields.Datetime.context_timestamp(call, call.create_date).date() == today
            if call.create_uid != self.env.user or call.user_id != self.env.user or not made_today:
                raise KehuPhoneCallDeletionError(
                    self.env._(
                        "You can only delete calls that you logged yourself, today. “%(call)s” must stay: log a new call to correct it.",
                        call=call.display_name,
                    )
                )
            if call not in looked_after and not call.partner_id.has_access("write"):
                raise KehuPhoneCallDeletionError(
                    self.env._(
                        "“%(record)s” belongs to a customer that you do not look after any more, and must stay.",
                        record=call.display_name,
                    )
                )
            # sudo: res.partner - since when the present owner has the customer
            assigned_on = call.partner_id.sudo().kehu_assigned_on
            if assigned_on and call._kehu_local_day() < fields.Datetime.context_timestamp(call, assigned_on).date():
                raise KehuPhoneCallDeletionError(
                    self.env._(
                        "“%(call)s” is older than the day on which the customer got its present owner, and must stay.",
                        call=call.display_name,
                    )
                )

    def unlink(self):
        # sudo: kehu.call.line, calendar.event - what follows from the calls, whoever may see it now
        lines, events = self.sudo().line_id, self.sudo().event_ids
        untouched = self.filtered(lambda call: call.contact_record_id.content == call.note)
        records = untouched.contact_record_id
        # sudo: kehu.contact.record - a caller wrote it for a customer on a list that is not the caller's own; the call is guarded alike
        listed = untouched._kehu_from_own_place().contact_record_id.sudo()
        result = super().unlink()
        events.exists().filtered(lambda event: not event.kehu_done_on).with_context(dont_notify=True).unlink()
        (records - listed.sudo(False)).unlink()
        listed.unlink()
        lines.exists()._kehu_follow_calls()
        return result

    # -- guards --------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_check_values(self, vals):
        """Refuse values for columns that follow from others, and what no column can hold. Empty ones are taken out.

        :raises KehuPhoneCallError: for a value of a wrong kind
        """
        for name in KEPT_COLUMNS:
            if vals.pop(name, False):
                refuse_system_field(self, name)
        check_types(self, vals, KehuPhoneCallError)
        for name in ("date", "callback_on"):
            if vals.get(name) and not isinstance(vals[name], date):
                check_date(self, self._fields[name], vals[name], KehuPhoneCallError)

    @api.model
    def _kehu_lock_lines(self, vals_list):
        """Check that those who log calls from a list have that place on it, and hold the row. Fills in customer, person and number.

        :param list vals_list: values of the create, completed here
        :return: the lines, as superuser
        :rtype: kehu.call.line
        :raises KehuCallLineError: when the place is not the caller's, or busy
        """
        given = {vals["line_id"] for vals in vals_list if vals.get("line_id")}
        # sudo: kehu.call.line - an engine's rows; whose they are is checked here
        lines = self.env["kehu.call.line"].browse(given).exists()
        lines._kehu_check_logging()
        lines = lines.sudo()  # sudo: see above
        by_id = {line.id: line for line in lines}
        for vals in vals_list:
            line = by_id.get(vals.get("line_id"))
            if line:
                vals.setdefault("partner_id", line.partner_id.id)
                vals.setdefault("contact_id", line.contact_id.id)
                vals.setdefault("number", line.number)
        return lines

    @api.model
    def _kehu_check_customers(self, customers):
        """Refuse calls with customers one may not work on.

        :raises KehuPhoneCallRightsError: naming the first such customer
        """
        strange = not self.env.su and customers - customers.exists()._filtered_access("write")
        if strange:
            raise KehuPhoneCallRightsError(
                self.env._(
                    "You cannot log a call with %(customer)s, a customer that is not yours. Claim it, or ask its owner.",
                    customer=strange[:1]._kehu_names(),
                )
            )

    def _kehu_from_own_place(self):
        """Return those of these calls that come from the current user's own places on call lists, whose customers the user still sees."""
        # sudo: kehu.call.line - whose the place is, to compare only
        listed = self.filtered(lambda call: call.sudo().line_id.user_id == self.env.user)
        seen = listed.partner_id._filtered_access("read")
        return listed.filtered(lambda call: call.partner_id in seen)

    def _kehu_with_own_zone(self):
        """Return these calls with the user's own day, whatever time zone a client sends along."""
        return self.with_context(tz=self.env.user.tz or self.env.context.get("tz"))

    @api.model
    def _kehu_check_contacts(self, contacts):
        """Refuse persons one may not see.

        :raises KehuPhoneCallRightsError: in a sentence that names nobody
        """
        if not self.env.su and contacts and contacts - contacts.exists()._filtered_access("read"):
            raise KehuPhoneCallRightsError(
                self.env._("You have no access to this contact person. Choose one of the customer's, or leave the field empty.")
            )

    @api.model
    def _kehu_check_callers(self, users):
        """Refuse calls in somebody else's name.

        :raises KehuPhoneCallRightsError: naming the first such person
        """
        others = users - self.env.user
        if others and not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            if hidden_users(self.env, set(others.ids)):
                self._kehu_refuse_hidden_link()
            raise KehuPhoneCallRightsError(
                self.env._("A call is logged in one's own name. Leave the caller “%(user)s” out.", user=others[:1].name)
            )

    def _kehu_check_content(self, vals):
        """What happened stays as it was logged on its day; what was left empty may be added.

        :raises KehuPhoneCallError: for the first call that would change
        """
        names = [name for name in CONTENT if name in vals]
        if not names or self.env.su or self.env.user.has_group("kehu_crm.group_kehu_admin"):
            return
        here = self._kehu_with_own_zone()
        today = fields.Date.context_today(here)
        for call in here:
            if fields.Datetime.context_timestamp(call, call.create_date).date() >= today:
                continue
            for name in names:
                field = self._fields[name]
                new = field.convert_to_record(field.convert_to_cache(vals[name], call), call)
                if call[name] and call[name] != new:
                    raise KehuPhoneCallError(
                        self.env._(
                            "“%(call)s” was logged before today and stays as it is. Log a new call to correct it.",
                            call=call.display_name,
                        )
                    )

    # -- what follows from a call --------------------------------------------------------------------------------------

    def _kehu_local_day(self, moment=None):
        """Return the day of the call, or of another moment, where the caller lives.

        E.g. 31 August 23:30 UTC for a caller in Shanghai (+8): 1 September.

        :param datetime moment: naive, UTC; by default when the call started
        :rtype: date
        """
        self.ensure_one()
        # sudo: res.users - the time zone of the caller
        zone = pytz.timezone(self.sudo().user_id.tz or self.env.tz.zone or "UTC")
        return pytz.utc.localize(moment or self.date).astimezone(zone).date()

    def _prepare_kehu_record_values(self):
        """Return the values of the contact record that this call becomes.

        The level of the customer goes on setting the rhythm, unless a callback was agreed, which is the next contact then. A customer
        that waits in a pool gets no next contact: nobody would carry it out.

        :rtype: dict
        """
        self.ensure_one()
        customer = self.partner_id.sudo()  # sudo: res.partner - owner and level; the right to log the call was checked
        vals = {
            "partner_id": customer.id,
            "contact_id": self.contact_id.id,
            "date": self._kehu_local_day(),
            "method": "phone",
            "content": self.note,
            "result": self._kehu_result_in_words(),
            "user_id": self.user_id.id,
            "add_to_schedule": bool(customer.user_id) and not self.callback_on,
        }
        if customer.user_id:
            vals["level_id"] = customer.kehu_level_id.id
            if self.callback_on:
                vals["next_contact"] = self._kehu_local_day(self.callback_on)
        return vals

    def _kehu_result_in_words(self):
        """Return the outcome as the result of a contact record."""
        self.ensure_one()
        outcome = dict(self._fields["outcome"]._description_selection(self.env))[self.outcome]
        return self.env._("Phone call: %(outcome)s", outcome=outcome)

    def _kehu_follow_record(self, notes):
        """Make the contact records of these calls agree with them: write, correct or take away.

        A record that somebody worked on since, so that it does not say any more what the call says, is left alone.

        :param dict notes: {call: its note before, or None for a new call}
        """
        fresh = []
        for call in self:
            wanted = call.is_reached and (call.note or "").strip()
            # sudo: kehu.contact.record - a caller writes one for a customer on a list that is not the caller's own; checked with the call
            record = call.contact_record_id.sudo()
            untouched = record and record.content == notes.get(call)
            if wanted and not record:
                if notes.get(call) is None or notes[call] != call.note or not (notes[call] or "").strip():
                    fresh.append(call)
            elif wanted and untouched:
                vals = call._prepare_kehu_record_values()
                changes = {name: vals[name] for name in ("contact_id", "date", "content", "result")}
                if vals.get("next_contact"):
                    changes["next_contact"] = vals["next_contact"]
                record.write(changes)
            elif untouched:
                record.unlink()
        if fresh:
            values = [call._prepare_kehu_record_values() for call in fresh]
            # sudo: kehu.contact.record - see above
            for call, record in zip(fresh, self.env["kehu.contact.record"].sudo().create(values), strict=True):
                as_engine(call.sudo(), "call").write({"contact_record_id": record.id})  # sudo: kehu.phone.call - an engine's column

    def _kehu_settle_callbacks(self):
        """Callbacks that were waiting with the customers of these calls are carried out by them."""
        domains = [
            Domain("partner_id", "=", call.partner_id.id)
            & Domain("date", "<=", call.date)
            & Domain("id", "not in", self.ids)
            & (
                Domain("user_id", "=", call.user_id.id)
                | Domain("line_id", "in", call.line_id.ids)
                | Domain("event_ids.user_id", "=", call.user_id.id)
            )
            for call in self
        ]
        # sudo: kehu.phone.call - also of a former caller, when a line of a list has changed hands
        waiting = domains and self.sudo().search(Domain("is_callback_open", "=", True) & Domain.OR(domains))
        if waiting:
            waiting._kehu_end_callbacks(self[-1:]._kehu_result_in_words())

    def _kehu_end_callbacks(self, outcome=None):
        """Take these callbacks as carried out, or void. Runs as superuser.

        :param str outcome: what was done, with which their entries of the calendar are completed; None when nobody calls back any more:
            the entries go
        """
        as_engine(self, "call").write({"is_callback_open": False})
        events = self._kehu_open_events()
        if outcome:
            events._kehu_write_completion(outcome, self.env.user)
        else:
            events.unlink()

    def _kehu_open_events(self):
        """Return the entries of these callbacks that are not completed. Runs as superuser; nobody is notified of changes."""
        events = as_engine(self.event_ids, "call").with_context(dont_notify=True, no_mail_to_attendees=True)
        return events.filtered(lambda event: not event.kehu_done_on)

    def _kehu_hand_over(self, user):
        """Put these waiting callbacks into another person's calendar. Runs as superuser."""
        for call in self:
            call._kehu_open_events().write(
                {
                    "user_id": user.id,
                    "partner_ids": [Command.set(user.partner_id.ids)],
                    "description": call._kehu_callback_number(user) or False,
                }
            )

    def _kehu_callback_number(self, user):
        """The number of this one call, for the calendar of whoever calls back."""
        return self.number

    def _kehu_follow_owner(self):
        """The customers of these waiting callbacks have changed hands. Runs as superuser.

        Who does not see a customer any more does not call it back: the new owner does, as was promised. In a pool the caller goes on.
        """
        void = self.browse()
        for call in self:
            # sudo: res.users - companies of the caller
            caller = call.line_id.user_id or call.user_id
            customer = call.partner_id.with_user(caller).with_context(allowed_company_ids=caller.company_ids.ids)
            owner = call.partner_id.user_id
            if customer.has_access("read"):
                continue
            if owner:
                call._kehu_hand_over(owner)
            else:
                void |= call
        if void:
            void._kehu_end_callbacks()

    def _kehu_follow_callback(self):
        """Make the calendar agree with the callbacks of these calls. No invitation is sent."""
        # sudo: kehu.phone.call, calendar.event - columns of the engine, and entries in the calendar of the caller
        for call in as_engine(self.sudo(), "call").with_context(dont_notify=True, no_mail_to_attendees=True):
            call.is_callback_open = bool(call.callback_on)
            events = call._kehu_open_events()
            if not call.callback_on:
                events.unlink()
            elif events:
                events.write({"start": call.callback_on, "stop": call.callback_on + CALLBACK_LENGTH})
            else:
                call.env["calendar.event"].create(call._prepare_kehu_event_values())

    def _prepare_kehu_event_values(self):
        """Return the values of the calendar entry of a callback: in the caller's calendar, with a notice a quarter of an hour before."""
        self.ensure_one()
        alarm_id = self.env["ir.model.data"]._xmlid_to_res_id("calendar.alarm_notif_1")
        return {
            "name": self.env._("Call back %(customer)s", customer=self.partner_id.name),
            "start": self.callback_on,
            "stop": self.callback_on + CALLBACK_LENGTH,
            "user_id": self.user_id.id,
            "partner_ids": [Command.set(self.user_id.partner_id.ids)],
            "alarm_ids": [Command.set([alarm_id] if alarm_id else [])],
            "description": self._kehu_callback_number(self.user_id) or False,
            "kehu_phone_call_id": self.id,
            "privacy": "private",  # colleagues who look at the calendar learn nothing of the customer
        }

    def _kehu_obey_refusals(self):
        """Who does not want to be called is not called: the number goes on the host's phone blacklist, and off all call lists."""
        refused = self.filtered(lambda call: call.outcome == "do_not_call" and call.number)
        for call in refused:
            customer = call.partner_id.sudo()  # sudo: res.partner - its numbers, to compare only
            key = customer._kehu_number_key(call.number)
            people = customer | customer.kehu_contact_ids
            numbers = [number for person in people for number in person._kehu_call_numbers()]
            # only a number of that customer: nobody takes strangers off the lists by typing their number
            if key not in {customer._kehu_number_key(number) for number in numbers}:
                continue
            if key.startswith("+"):
                # sudo: phone.blacklist - the wish of the customer counts, whoever was told of it
                self.env["phone.blacklist"].sudo()._add([key])
            # sudo: kehu.call.line - lines of all callers
            lines = self.env["kehu.call.line"].sudo().search([("number_key", "=", key), ("state", "in", ("open", "callback"))])
            lines._kehu_close(self.env._("The customer does not want to be called."))
            # sudo: kehu.phone.call - callbacks of all callers
            waiting = self.env["kehu.phone.call"].sudo().search([("partner_id", "=", customer.id), ("is_callback_open", "=", True)])
            void = [call.id for call in waiting if customer._kehu_number_key(call.number or "") == key]
            waiting.browse(void)._kehu_end_callbacks()

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_callback_done(self):
        """Take the callbacks of these calls as carried out, without another call. They must be one's own to change.

        :raises KehuPhoneCallRightsError: when somebody else calls back now, and the customer is not one's own
        """
        self.check_access("write")
        # sudo: calendar.event - in whose calendar the callback stands
        handed_over = self.filtered(lambda call: call.sudo()._kehu_open_events().user_id - self.env.user)
        self._kehu_check_customers(handed_over.partner_id)
        # sudo: calendar.event - the right to change the calls was checked
        self.sudo().filtered("is_callback_open")._kehu_end_callbacks(self.env._("Called back."))

    def action_open_contact_record(self):
        """Open the contact record that this call became."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "kehu.contact.record",
            "res_id": self.contact_record_id.id,
            "views": [(False, "form")],
        }
