from collections import defaultdict
from datetime import date, datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL, format_date

from ..customer.exceptions import refuse_system_field
from ..customer.named_links import hidden_users
from ..system.engine import as_engine, is_uninstalling
from ..system.values import check_links_exist, check_types
from .exceptions import KehuContactRecordDeletionError, KehuContactRecordError, KehuContactRecordRightsError

METHODS = [
    ("phone", "Phone"),
    ("visit", "Visit"),
    ("email", "E-mail"),
    ("wechat", "WeChat"),
    ("video", "Video Call"),
    ("other", "Other"),
]
EARLIEST = date(1990, 1, 1)  # no older conversation is brought along; an earlier day is a slip of the pen
PLAN_HOUR = 9  # a planned contact stands in the owner's calendar at nine, for half an hour
PLAN_HOURS = 0.5
SCOPE_COLUMNS = ("kehu_department_id", "company_id")  # they follow from author and customer
# what was said: a day later it stays as it was written
CONTENT = ("date", "method", "content", "result", "contact_id", "lead_id")
# what moves the customer's dates and level, or the owner's calendar
MOVES = {"date", "level_id", "next_contact", "is_next_contact_typed", "plan", "add_to_schedule", "remind_by_email"}


class KehuContactRecord(models.Model):
    """One conversation with a customer: what was said, and when we come back to it.

    Saving one moves the customer's last contact, its level, and its next contact: the date typed, else the day of the record plus the
    reminder days of the level. A record of an earlier day than the customer's last contact moves nothing.
    """

    _name = "kehu.contact.record"
    _inherit = ["kehu.seen.links.mixin", "mail.thread", "kehu.operation.log.mixin", "kehu.department.mixin"]
    _description = "Contact Record"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True
    _mail_post_access = "read"
    _kehu_seen_links = ("partner_id", "contact_id", "lead_id")

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
        help="With whom we spoke.",
    )
    date = fields.Date(required=True, default=fields.Date.context_today, help="The day of the conversation.")
    method = fields.Selection(METHODS, required=True, default="phone")
    content = fields.Text(help="What was talked about.")
    result = fields.Text(help="What came out of it.")
    level_id = fields.Many2one(
        "kehu.customer.level",
        index="btree_not_null",
        ondelete="restrict",
        help="Level of the customer after this conversation. It becomes the customer's level and proposes the next contact.",
    )
    next_contact = fields.Date(
        compute="_compute_next_contact",
        store=True,
        readonly=False,
        copy=False,
        help="Proposed by the level: the day of the record plus its reminder days. Type another day if you like.",
    )
    is_next_contact_typed = fields.Boolean(
        string="Next Contact Typed",
        copy=False,
        export_string_translation=False,
        help="The date was typed by a person, so the level does not propose another.",
    )
    plan = fields.Char(help="What to do at the next contact. It becomes the title of the calendar entry.")
    add_to_schedule = fields.Boolean(string="Add to Schedule", default=True, help="Put the next contact into the owner's calendar.")
    remind_by_email = fields.Boolean(string="Remind by E-mail", help="The owner gets an e-mail when the calendar entry begins.")
    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', 'child_of', partner_id)]",
        help="The opportunity that was talked about.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Author",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        copy=False,
    )
    kehu_department_id = fields.Many2one(help="Department of the author.")
    company_id = fields.Many2one(related="partner_id.company_id", store=True, index="btree_not_null", related_sudo=True)
    event_ids = fields.One2many("calendar.event", "kehu_contact_record_id", string="Calendar Entries")
    is_present_plan = fields.Boolean(
        string="Next Contact Holds",
        compute="_compute_is_present_plan",
        compute_sudo=True,
        export_string_translation=False,
        help="The customer's next contact is the one of this record: no newer record and no typed date has replaced it.",
    )

    _partner_date_idx = models.Index("(partner_id, date DESC, id DESC)")
    # of a team in some days, with what record rules ask for, so that these are counted without reading them
    _date_owner_idx = models.Index("(date) INCLUDE (user_id, company_id, kehu_department_id)")

    # -- computes, constraints -----------------------------------------------------------------------------------------

    @api.depends("next_contact", "partner_id.kehu_next_contact", "partner_id.kehu_contact_record_ids.date")
    def _compute_is_present_plan(self):
        newest = self._origin._kehu_newest()
        for record in self:
            record.is_present_plan = (
                record._origin in newest and bool(record.next_contact) and record.next_contact == record.partner_id.kehu_next_contact
            )

    @api.depends("partner_id.complete_name", "date")
    def _compute_display_name(self):
        for record in self.sudo():  # sudo: res.partner - the author goes on reading own records of a customer that has moved on
            if not record.partner_id:
                record.display_name = False  # a new record: the host calls it so
                continue
            record.display_name = self.env._(
                "%(customer)s, %(date)s",
                customer=record.partner_id.complete_name or "",
                date=(record.date and self.env["ir.qweb.field.date"].value_to_html(record.date, {})) or "",
            )

    @api.depends("level_id", "date")
    def _compute_next_contact(self):
        """E.g. a level of 3 days and a record of 31 August: 3 September. 0 days propose nothing."""
        for record in self:
            if record.is_next_contact_typed:
                continue
            record.next_contact = self._kehu_proposed(record.date, record.level_id)

    @api.constrains("date")
    def _check_date(self):
        """A conversation has taken place. Today is the later of the author's and the writer's, who may live further east.

        Where they live is what they have set, whatever time zone a client sends along.
        """
        writer = self.with_context(tz=self.env.user.tz or self.env.context.get("tz"))
        for record in writer:
            # sudo: res.users - the author's time zone
            author = record.with_context(tz=record.sudo().user_id.tz)
            if not record.date:
                continue  # the column is required: the database says so
            if record.date < EARLIEST:
                raise KehuContactRecordError(
                    self.env._(
                        "A contact record cannot be of %(date)s: the earliest day is %(earliest)s. Check the year.",
                        date=format_date(self.env, record.date),
                        earliest=format_date(self.env, EARLIEST),
                    )
                )
            if record.date > max(fields.Date.context_today(record), fields.Date.context_today(author)):
                raise KehuContactRecordError(
                    self.env._("A contact record tells of a conversation that took place. Choose today or an earlier day.")
                )

    @api.constrains("date", "next_contact")
    def _check_next_contact(self):
        for record in self:
            record.partner_id._kehu_check_next_contact(record.next_contact)
            if record.next_contact and record.date and record.next_contact < record.date:
                raise KehuContactRecordError(
                    self.env._(
                        "The next contact of “%(customer)s” cannot be before the contact record itself. Choose a later day.",
                        customer=record.partner_id.display_name,
                    )
                )

    @api.constrains("partner_id", "lead_id")
    def _check_lead(self):
        for record in self.sudo():  # sudo: crm.lead - of which customer it is
            if record.lead_id and record.lead_id.partner_id.kehu_customer_id != record.partner_id:
                self._kehu_refuse_lead()

    @api.constrains("partner_id", "contact_id")
    def _check_customer(self):
        for record in self.sudo():  # sudo: res.partner - to which customer the two belong
            if not record.partner_id.kehu_is_customer:
                raise KehuContactRecordError(
                    self.env._(
                        "“%(name)s” is not a customer of the CRM. Choose the customer it belongs to, or mark it as a customer.",
                        name=record.partner_id.complete_name,
                    )
                )
            if record.contact_id and record.contact_id != record.partner_id and record.contact_id.kehu_customer_id != record.partner_id:
                raise KehuContactRecordError(
                    self.env._(
                        "%(contact)s is not a contact of “%(customer)s”. Choose one of its contacts, or leave the field empty.",
                        contact=record.contact_id._kehu_names(),
                        customer=record.partner_id.complete_name,
                    )
                )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """Keep the customer's level unless the salesperson chooses another: so the rhythm goes on with each record."""
        if self.partner_id and not self.level_id:
            self.level_id = self.partner_id.kehu_level_id
        if self.contact_id.kehu_customer_id != self.partner_id:
            self.contact_id = False

    @api.onchange("next_contact")
    def _onchange_next_contact(self):
        """A date that differs from the level's proposal was typed, and stays."""
        proposed = self._kehu_proposed(self.date, self.level_id)
        self.is_next_contact_typed = bool(self.next_contact) and self.next_contact != proposed

    @api.model
    def _kehu_refuse_link(self, name):
        """:raises KehuContactRecordRightsError: for a customer or contact
        :raises KehuContactRecordError: for an opportunity
        """
        if name == "lead_id":
            self._kehu_refuse_lead()
        raise KehuContactRecordRightsError(
            self.env._("You have no access to the customer of this contact record. Choose one of yours, or ask its owner.")
        )

    # -- create, write, unlink -----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            check_types(self, vals, KehuContactRecordError)
        defaults = self.default_get(["partner_id", "user_id", "lead_id", "date", "level_id"])
        values = [{**defaults, **vals} for vals in vals_list]
        self._kehu_check_customers(self.env["res.partner"].browse({vals["partner_id"] for vals in values if vals.get("partner_id")}))
        self._kehu_check_authors(self.env["res.users"].browse({vals["user_id"] for vals in values if vals.get("user_id")}))
        check_links_exist(self, vals_list, KehuContactRecordError)
        for vals in vals_list:
            for name in SCOPE_COLUMNS:
                if vals.pop(name, False):
                    refuse_system_field(self, name)
            if vals.get("next_contact"):
                vals.setdefault("is_next_contact_typed", True)
            else:
                # an empty date is not a typed one: the level proposes, here for all of them, where the ORM would look at one at a time
                level = self.env["kehu.customer.level"].browse(vals.get("level_id", defaults.get("level_id")) or [])
                level = level.with_prefetch([given.get("level_id") for given in values if given.get("level_id")])
                day = fields.Date.to_date(vals.get("date") or defaults.get("date"))
                vals.update(next_contact=self._kehu_proposed(day, level), is_next_contact_typed=False)
        records = super().create(vals_list)
        # a record older than the last contact moves nothing
        self._kehu_recompute_customers(records._kehu_newest().partner_id, with_level=True, keep_plan=True)
        records._kehu_carry_out()
        records._kehu_plan()
        return records

    @api.model
    def default_get(self, fields):
        """No default reaches a column that follows from others."""
        return {name: value for name, value in super().default_get(fields).items() if name not in SCOPE_COLUMNS}

    def write(self, vals):
        for name in SCOPE_COLUMNS:
            if name in vals:
                refuse_system_field(self, name)
        check_types(self, vals, KehuContactRecordError)
        if {"partner_id", "user_id"} & vals.keys():
            for record in self:
                if vals.get("partner_id", record.partner_id.id) != record.partner_id.id or (
                    vals.get("user_id", record.user_id.id) != record.user_id.id and not self.env.su
                ):
                    raise KehuContactRecordError(
                        self.env._(
                            "The customer and the author of “%(record)s” stay as they are. Delete the record and write a new one.",
                            record=record.display_name,
                        )
                    )
        if MOVES & vals.keys():
            self._kehu_check_customers(self.partner_id)
        self._kehu_check_content(vals)
        check_links_exist(self, [vals], KehuContactRecordError)
        if "next_contact" in vals:
            vals = {"is_next_contact_typed": bool(vals["next_contact"]), **vals}
        dates = {"date", "level_id", "next_contact", "is_next_contact_typed"} & vals.keys()
        newest = self._kehu_newest() if dates else self.browse()
        result = super().write(vals)
        if dates:
            # those that were, or have become, the newest of their customer
            newest |= self._kehu_newest()
            self._kehu_recompute_customers(newest.partner_id, with_level=bool({"level_id", "date"} & vals.keys()))
        if dates or {"plan", "add_to_schedule", "remind_by_email"} & vals.keys():
            self._kehu_plan()
        if dates:
            self._kehu_plan_again(newest.partner_id)
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_kept(self):
        """One deletes what one wrote today, and nothing older than one's own time with the customer."""
        if is_uninstalling(self.env) or self.env.su or self.env.user.has_group("kehu_crm.group_kehu_admin"):
            return
        # the person's own day, whatever time zone a client sends along
        here = self.with_context(tz=self.env.user.tz or self.env.context.get("tz"))
        today = fields.Date.context_today(here)
        for record in here:
            made_today = fields.Datetime.context_timestamp(record, record.create_date).date() == today
            if record.create_uid != self.env.user or record.user_id != self.env.user or not made_today:
                raise KehuContactRecordDeletionError(
                    self.env._(
                        "You can only delete contact records that you made yourself, today. “%(record)s” must stay: "
                        "write a new record to correct it.",
                        record=record.display_name,
                    )
                )
            if not record.partner_id.has_access("write"):
                raise KehuContactRecordDeletionError(
                    self.env._(
                        "“%(record)s” belongs to a customer that you do not look after any more, and must stay.",
                        record=record.display_name,
                    )
                )
            # sudo: res.partner - since when the present owner has the customer
            assigned_on = record.partner_id.sudo().kehu_assigned_on
            if assigned_on and record.date < fields.Datetime.context_timestamp(record, assigned_on).date():
                raise KehuContactRecordDeletionError(
                    self.env._(
                        "“%(record)s” is older than the day on which the customer got its present owner, and must stay.",
                        record=record.display_name,
                    )
                )

    def unlink(self):
        newest = self._kehu_newest()
        customers = newest.partner_id
        levels = newest._kehu_levels_before()
        # sudo: calendar.event - the plan of a deleted record is void, in whoever's calendar it stands
        events = self.sudo().event_ids.filtered(lambda event: not event.kehu_done_on)
        result = super().unlink()
        events.exists().with_context(dont_notify=True).unlink()
        self._kehu_recompute_customers(customers, after_deletion=True)
        # sudo: kehu.contact.record - what an earlier one says counts, whoever wrote it
        said = {record.partner_id.id: record.level_id for record in levels and self.sudo()._kehu_newest_of(customers)}
        for customer, level in levels.items():
            if said.get(customer.id) != customer.kehu_level_id:
                as_engine(customer, "contact").kehu_level_id = level
        self._kehu_plan_again(customers)
        return result

    def _kehu_levels_before(self):
        """Return the levels that these records changed, where nothing has changed them since.

        :return: {customer, as superuser: its level before}
        :rtype: dict
        """
        # sudo: kehu.level.change, res.partner - the system takes back what followed from a record, whoever deletes it
        changes = self.env["kehu.level.change"].sudo()
        levels = {}
        for record in self.filtered("level_id"):
            change = changes.search([("partner_id", "=", record.partner_id.id)], limit=1)
            customer = change.partner_id
            if (
                change.cause == "contact"
                and change.level_id == record.level_id == customer.kehu_level_id
                and change.create_date >= record.create_date
            ):
                levels[customer] = change.old_level_id
        return levels

    # -- business ------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_check_customers(self, customers):
        """Refuse records for customers one may not work on.

        :raises KehuContactRecordRightsError: naming the first such customer
        """
        strange = not self.env.su and customers - customers.exists()._filtered_access("write")
        if strange:
            raise KehuContactRecordRightsError(
                self.env._(
                    "You cannot write a contact record for %(customer)s, a customer that is not yours. Claim it, or ask its owner.",
                    customer=strange[:1]._kehu_names(),
                )
            )

    @api.model
    def _kehu_check_authors(self, users):
        """Refuse records in somebody else's name.

        :raises KehuContactRecordRightsError: naming the first such person
        """
        others = users - self.env.user
        if others and not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            if hidden_users(self.env, set(others.ids)):
                self._kehu_refuse_hidden_link()
            raise KehuContactRecordRightsError(
                self.env._("A contact record bears your own name. Leave the author “%(user)s” out.", user=others[:1].name)
            )

    @api.model
    def _kehu_refuse_lead(self):
        raise KehuContactRecordError(
            self.env._("This opportunity is not one of the customer's that you may see. Choose another one, or leave the field empty.")
        )

    def _kehu_check_content(self, vals):
        """What was said stays as it was written on its day, since it could not be deleted either; what was left empty may be added.

        :raises KehuContactRecordError: for the first record that would change
        """
        names = [name for name in CONTENT if name in vals]
        if not names or self.env.su or self.env.user.has_group("kehu_crm.group_kehu_admin"):
            return
        here = self.with_context(tz=self.env.user.tz or self.env.context.get("tz"))
        today = fields.Date.context_today(here)
        for record in here:
            if fields.Datetime.context_timestamp(record, record.create_date).date() >= today:
                continue
            for name in names:
                field = self._fields[name]
                new = field.convert_to_record(field.convert_to_cache(vals[name], record), record)
                if record[name] and record[name] != new:
                    raise KehuContactRecordError(
                        self.env._(
                            "“%(record)s” was written before today and stays as it is. Write a new record to correct it.",
                            record=record.display_name,
                        )
                    )

    @api.model
    def _kehu_proposed(self, day, level):
        """Return the next contact that a level proposes after a conversation.

        E.g. 31 August and a level of 3 days: 3 September. 0 days, or no level, propose nothing.

        :param date day: of the conversation, may be empty
        :param kehu.customer.level level: may be empty
        :return: a date, or False
        """
        return day + timedelta(days=level.reminder_days) if day and level.reminder_days else False

    def _kehu_newest(self):
        """Return those of these records that are the newest of their customer."""
        # sudo: res.partner - the customers, whoever may read them
        return self & self._kehu_newest_of(self.sudo().partner_id)

    @api.model
    def _kehu_newest_of(self, customers):
        """Return the newest record of each of these customers, by day and then by entry.

        :rtype: kehu.contact.record
        """
        if not customers.ids:
            return self.browse()
        self.flush_model(["partner_id", "date"])
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (partner_id) id FROM kehu_contact_record
                    WHERE partner_id IN %s ORDER BY partner_id, date DESC, id DESC""",
                tuple(customers.ids),
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _kehu_recompute_customers(self, customers, with_level=False, keep_plan=False, after_deletion=False):
        """Write last and next contact, and on request the level, of these customers from their newest record.

        :param res.partner customers: CRM customers
        :param bool with_level: also give the customer the level of that record
        :param bool keep_plan: the record has just been made: without a date of its own, it leaves a plan that lies after it
        :param bool after_deletion: a newer record is gone: a plan from before the present owner got the customer does not come back
        """
        if not customers:
            return
        # sudo: res.partner, kehu.contact.record - dates follow from all records, also those of former owners
        customers = customers.sudo()
        newest = {record.partner_id: record for record in self.sudo()._kehu_newest_of(customers)}  # sudo: see above
        groups = defaultdict(customers.browse)
        for customer in customers:
            record = newest.get(customer, self.browse())
            planned, assigned_on = customer.kehu_next_contact, customer.kehu_assigned_on
            next_contact = record.next_contact
            if keep_plan and not next_contact and planned and planned > record.date:
                next_contact = planned
            if after_deletion and record and assigned_on and record.date < fields.Datetime.context_timestamp(record, assigned_on).date():
                next_contact = False
            vals = {"kehu_last_contact": record.date, "kehu_next_contact": next_contact}
            if with_level and record.level_id:
                vals["kehu_level_id"] = record.level_id.id
            groups[tuple(vals.items())] |= customer
        for items, partners in groups.items():
            as_engine(partners, "contact").write(dict(items))

    def _kehu_carry_out(self):
        """A conversation carries out what was planned for it: open entries of the same customer up to its day are completed.

        Those of the owner and of the author count; the content becomes the text of what was done.
        """
        if not self:
            return
        # sudo: kehu.contact.record, calendar.event - plans of the customer, whoever wrote them down
        newest = {record.partner_id: record for record in self.sudo()._kehu_newest()}
        events = self.env["calendar.event"].sudo()  # sudo: see above
        planned = events.search(
            [
                ("kehu_contact_record_id.partner_id", "in", [customer.id for customer in newest]),
                ("kehu_contact_record_id", "not in", self.ids),
                ("kehu_done_on", "=", False),
                # a day later in UTC may be the same one where the owner lives
                (
                    "start",
                    "<",
                    datetime.combine(max((record.date for record in newest.values()), default=EARLIEST), time()) + timedelta(days=2),
                ),
            ]
        )
        done = defaultdict(events.browse)
        for event in planned:
            customer = event.kehu_contact_record_id.partner_id
            record = newest[customer]
            earlier = event.kehu_contact_record_id.date <= record.date and event._kehu_local_day() <= record.date
            if earlier and event.user_id in (customer.user_id, record.user_id):
                done[record] |= event
        methods = dict(self._fields["method"]._description_selection(self.env))
        for record, entries in done.items():
            entries._kehu_write_completion(record.content or record.result or methods[record.method], record.user_id)

    def _kehu_plan(self, again=False):
        """Make the calendar entries of these records agree with them: create, move or remove. No invitation is sent.

        A newer record replaces entries of the same customer that still lie ahead. Completed entries stay.

        :param bool again: a plan that was replaced holds again: it gets an entry, even beside one that is completed
        """
        # sudo: calendar.event - the entry stands in the owner's calendar, whoever wrote the record
        records = as_engine(self.sudo(), "contact").with_context(dont_notify=True, no_mail_to_attendees=True, skip_contact_description=True)
        newest = records._kehu_newest()
        values = []
        planned = records.env["calendar.event"]
        for record in records:
            wanted = record.add_to_schedule and record.next_contact
            completed = record.event_ids.filtered("kehu_done_on")
            entries = record.event_ids - completed
            if not wanted:
                entries.unlink()
            elif entries:
                vals = record._prepare_kehu_event_values()
                owner = record.env["res.users"].browse(vals["user_id"])
                del vals["start"], vals["stop"]
                for event in entries:
                    event.write({**vals, **dict(record._kehu_plan_move(event, record.next_contact, owner))})
                planned |= entries
            elif record in newest and (again or not any(event._kehu_local_day() == record.next_contact for event in completed)):
                values.append(record._prepare_kehu_event_values())
        planned |= planned.create(values)
        planned._kehu_set_reminders()
        until = {record.partner_id: record.date for record in newest if record.next_contact}
        if until:
            ahead = newest.env["calendar.event"].search(
                [
                    ("kehu_contact_record_id.partner_id", "in", [customer.id for customer in until]),
                    ("kehu_contact_record_id", "not in", newest.ids),
                    ("kehu_done_on", "=", False),
                    # a day earlier in UTC may be the next one where the owner lives
                    ("start", ">=", datetime.combine(min(until.values()), time())),
                ]
            )
            ahead.filtered(lambda event: event._kehu_local_day() > until[event.kehu_contact_record_id.partner_id]).unlink()

    @api.model
    def _kehu_plan_again(self, customers):
        """Put the next contact of these customers back into the calendar, when it lies ahead and follows from their newest record.

        The record that had replaced it is gone, or is not the newest any more.
        """
        today = fields.Date.context_today(self)
        # sudo: kehu.contact.record - the newest record, whoever wrote it
        newest = self.sudo()._kehu_newest_of(customers.sudo())
        newest.filtered(
            lambda record: (
                record.next_contact and record.next_contact >= today and record.partner_id.kehu_next_contact == record.next_contact
            )
        )._kehu_plan(again=True)

    def _prepare_kehu_event_values(self, owner=None):
        """Return the values of the calendar entry: nine o'clock of the next contact in the owner's time zone.

        :param res.users owner: by default the owner of the customer, or the author while there is none
        :rtype: dict
        """
        self.ensure_one()
        owner = owner or self.partner_id.user_id or self.user_id
        start = self._kehu_plan_start(owner, self.next_contact)
        # the cached id: env.ref() would ask the database again for each record
        alarm_id = self.remind_by_email and self.env["ir.model.data"]._xmlid_to_res_id("kehu_crm.kehu_calendar_alarm_email")
        return {
            "name": self.plan or self.env._("Contact %(customer)s", customer=self.partner_id.name),
            "start": start,
            "stop": start + timedelta(hours=PLAN_HOURS),
            "user_id": owner.id,
            "partner_ids": [Command.set(owner.partner_id.ids)],
            "alarm_ids": [Command.set([alarm_id] if alarm_id else [])],
            "kehu_contact_record_id": self.id,
            "privacy": "private",  # colleagues who look at the calendar learn nothing of the customer
        }

    @api.model
    def _kehu_plan_move(self, event, day, owner=None):
        """Return the values that put a planned entry on another day, as items: an all-day entry stays one, the others keep their length.

        :param calendar.event event: the entry
        :param date day: where the owner lives
        :param res.users owner: by default that of the entry
        :rtype: tuple[tuple[str, object]]
        """
        if event.allday:
            last = day + (event.stop_date - event.start_date)
            return (("start_date", day), ("stop_date", last))
        start = self._kehu_plan_start(owner or event.user_id, day)
        return (("start", start), ("stop", start + (event.stop - event.start)))

    @api.model
    def _kehu_plan_start(self, owner, day):
        """Return nine o'clock of that day where the owner lives, as UTC without time zone.

        E.g. 3 September in Asia/Shanghai (+8): 3 September 01:00.
        """
        zone = pytz.timezone(owner.tz or self.env.tz.zone or "UTC")
        return zone.localize(datetime.combine(day, time(PLAN_HOUR))).astimezone(pytz.utc).replace(tzinfo=None)
