from collections import defaultdict

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import format_date

from ..customer.exceptions import KehuCustomerError
from ..system.engine import as_engine, is_engine
from .exceptions import KehuContactPlanError, KehuContactPlanRightsError

FARTHEST = relativedelta(years=10)  # nobody plans a contact beyond


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_last_contact = fields.Date(
        string="Last Contact",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Day of the newest contact record.",
        groups="base.group_user",
    )
    kehu_next_contact = fields.Date(
        string="Next Contact",
        copy=False,
        index="btree_not_null",
        help="When to contact this customer again. A contact record sets it; you may change it here, and the calendar entry moves along.",
        groups="base.group_user",
    )
    # whom one has to contact by some day, among a million customers of others; and what record rules ask for, so that those of a whole team
    # are counted without reading them
    _kehu_plan_owner_idx = models.Index(
        "(user_id, kehu_next_contact) INCLUDE (company_id, partner_share, kehu_customer_id, kehu_pool_id, kehu_department_id) "
        "WHERE active IS TRUE AND kehu_is_customer IS TRUE AND user_id IS NOT NULL AND kehu_next_contact IS NOT NULL"
    )
    kehu_contact_record_ids = fields.One2many("kehu.contact.record", "partner_id", string="Contact Records", groups="base.group_user")
    kehu_contact_record_count = fields.Integer(string="Contact Record Count", compute="_compute_kehu_counts")

    @api.constrains("kehu_next_contact")
    def _check_kehu_next_contact(self):
        for partner in self:
            partner._kehu_check_next_contact(partner.kehu_next_contact)

    def _kehu_check_next_contact(self, day):
        """Refuse a next contact with this customer that is further away than anybody plans.

        :raises KehuCustomerError: naming the last possible day
        """
        latest = fields.Date.context_today(self) + FARTHEST
        if day and day > latest:
            raise KehuCustomerError(
                self.env._(
                    "The next contact of “%(customer)s” cannot be on %(date)s: the latest day is %(latest)s. Check the year.",
                    customer=self.display_name,
                    date=format_date(self.env, day),
                    latest=format_date(self.env, latest),
                )
            )

    @api.depends("kehu_contact_record_ids")
    def _compute_kehu_counts(self):
        return super()._compute_kehu_counts()

    @api.model
    def _kehu_count_sources(self):
        return {**super()._kehu_count_sources(), "kehu_contact_record_count": ("kehu.contact.record", "partner_id", [])}

    def _kehu_made_today_by(self, user):
        """The person's own day counts, whatever time zone a client sends along."""
        own = self.with_context(tz=user.tz or self.env.context.get("tz"))
        return super(ResPartner, own)._kehu_made_today_by(user)

    @api.model
    def _kehu_system_fields(self):
        names = super()._kehu_system_fields()
        return names if is_engine(self.env, "contact") else names | {"kehu_last_contact"}

    def write(self, vals):
        result = super().write(vals)
        if "kehu_next_contact" in vals and not is_engine(self.env, "contact"):
            self._kehu_move_plans()
        return result

    def _kehu_move_next_contact(self, day, reason=None):
        """Give these customers one next contact; entries of their owners' schedules move along. All or none.

        :param date day: today or later
        :param str reason: noted on each customer, if given
        :raises KehuContactPlanError: for a day in the past, or a customer that waits in a pool
        :raises KehuContactPlanRightsError: for a customer this person may not change
        """
        day = fields.Date.to_date(day)
        if not self or not day:
            raise KehuContactPlanError(self.env._("Choose the customers and the day of their next contact."))
        if day < fields.Date.context_today(self):
            raise KehuContactPlanError(
                self.env._("%(date)s is over. Choose today or a later day.", date=self.env["ir.qweb.field.date"].value_to_html(day, {}))
            )
        strange = not self.env.su and self - self.exists()._filtered_access("write")
        if strange:
            raise KehuContactPlanRightsError(
                self.env._(
                    "You cannot change the next contact of %(customers)s: you do not look after them. Take them out of the selection.",
                    customers=strange._kehu_names(),
                )
            )
        waiting = self.filtered(lambda partner: not partner.kehu_is_customer or not partner.user_id)
        if waiting:
            raise KehuContactPlanError(
                self.env._(
                    "Nobody looks after %(customers)s, so there is no next contact. Claim or assign them first.",
                    customers=waiting._kehu_names(),
                )
            )
        self.write({"kehu_next_contact": day})
        if reason and reason.strip():
            note = self.env._(
                "Next contact moved to %(date)s: %(reason)s",
                date=self.env["ir.qweb.field.date"].value_to_html(day, {}),
                reason=reason.strip(),
            )
            self._message_log_batch(bodies=dict.fromkeys(self.ids, note))

    def _kehu_plan_words(self):
        """Name one customer, count several.

        :rtype: str
        """
        return self._kehu_names() if len(self) == 1 else self.env._("%(count)s customers", count=len(self))

    def _kehu_move_plans(self):
        """Move the entries that are still to be carried out to the next contact typed on the customer; without a date they are removed."""
        events = self._kehu_open_plans().with_context(dont_notify=True)
        moves = defaultdict(events.browse)
        for event in events:
            record = event.kehu_contact_record_id
            day = record.partner_id.kehu_next_contact
            moves[record._kehu_plan_move(event, day) if day else ()] |= event
        for items, group in moves.items():
            if items:
                group.write(dict(items))
                group._kehu_set_reminders()
            else:
                group.unlink()

    def _kehu_open_plans(self):
        """Return the entries of these customers' contact records that are still to be carried out, as superuser.

        Those from today on, and the overdue one of the newest record; nothing that is completed.
        """
        today = fields.Date.context_today(self)
        # sudo: calendar.event, kehu.contact.record - entries in the calendar of whoever owns or owned the customer
        events = self.env["calendar.event"].sudo()
        events = events.search([("kehu_contact_record_id.partner_id", "in", self.ids), ("kehu_done_on", "=", False)])
        newest = events.kehu_contact_record_id._kehu_newest()
        return events.filtered(lambda event: event.kehu_contact_record_id in newest or event._kehu_local_day() >= today)

    def _kehu_owner_changed(self, changes, with_documents=False):
        """What is still to be carried out goes to the new owner's calendar; in a pool nobody carries it out, so it goes."""
        result = super()._kehu_owner_changed(changes, with_documents=with_documents)
        into_pool = self.browse(customer.id for customer, (_old, new) in changes.items() if not new)
        if into_pool:
            into_pool._kehu_open_plans().with_context(dont_notify=True).unlink()
            # sudo: res.partner - the former owner may not write the customer any more
            planned = into_pool.sudo().filtered("kehu_next_contact")
            as_engine(planned, "contact").write({"kehu_next_contact": False})
        self.browse(customer.id for customer, (old, new) in changes.items() if old and new)._kehu_plans_follow_owner()
        return result

    def _kehu_plans_follow_owner(self):
        """Put what is still to be carried out into the calendar of the customers' owner; without one nobody carries it out."""
        events = self._kehu_open_plans().with_context(dont_notify=True, no_mail_to_attendees=True)
        for owner, group in events.grouped(lambda event: event.kehu_contact_record_id.partner_id.user_id).items():
            if not owner:
                group.unlink()
                continue
            group._kehu_hand_over(owner)
            group._kehu_set_reminders()

    def _kehu_check_unmark(self):
        # sudo: kehu.contact.record - records of all authors
        record = self.env["kehu.contact.record"].sudo().search([("partner_id", "in", self.ids)], limit=1)
        if record:
            raise KehuCustomerError(
                self.env._(
                    "“%(name)s” has contact records and stays a customer. Archive it if it is no longer needed.",
                    name=record.partner_id.display_name,
                )
            )
        return super()._kehu_check_unmark()

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_kehu_contact(self):
        """Open the quick contact record of this customer in a dialog."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_record_action_quick")
        customer = self.kehu_customer_id or self
        action["name"] = self.env._("Contact %(customer)s", customer=customer.display_name)
        action["context"] = {
            "default_partner_id": customer.id,
            "default_contact_id": self.id if self != customer else False,
            "kehu_quick": True,
        }
        return action

    def action_kehu_change_next_contact(self):
        """Open the dialog that gives these customers another next contact.

        :raises KehuContactPlanError: when none is selected
        """
        if not self:
            raise KehuContactPlanError(self.env._("Choose the customers and the day of their next contact."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Next Contact"),
            "res_model": "kehu.next.contact.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.ids},
        }

    def action_kehu_open_contact_records(self):
        """Open the contact records of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_record_action")
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action

    def action_kehu_open_calendar(self):
        """Open the calendar entries planned for this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.calendar_event_action_kehu_schedule")
        action["domain"] = [("kehu_contact_record_id.partner_id", "=", self.id)]
        # the host's calendar shows the entries of whoever looks: only to the owner are they those of the customer
        first = "calendar" if self.user_id == self.env.user else "list"
        action["views"] = sorted(action["views"], key=lambda view: view[1] != first)
        action["context"] = {"initial_date": self.kehu_next_contact} if self.kehu_next_contact else {}
        return action
