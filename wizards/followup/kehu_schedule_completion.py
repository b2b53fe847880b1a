from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.misc import clean_context

from ...models.followup.exceptions import KehuScheduleError
from ...models.followup.kehu_contact_record import METHODS


class KehuScheduleCompletion(models.TransientModel):
    """Write what was done in an entry of the schedule; for one that is about a customer, log it as a contact record as well."""

    _name = "kehu.schedule.completion"
    _description = "Completion of Schedule Entries"

    entry_ids = fields.Many2many("calendar.event", string="Entries", required=True, readonly=True)
    entry = fields.Char(compute="_compute_entry", help="What is completed.")
    outcome = fields.Text(string="What Was Done", required=True, help="Kept with the entry, which stays as it is from then on.")
    customer_id = fields.Many2one("res.partner", compute="_compute_customer_id")
    log_contact = fields.Boolean(
        string="Log as Contact Record",
        compute="_compute_log_contact",
        store=True,
        readonly=False,
        help="Writes a contact record of the customer with this text. It sets the last contact, and the next one by the level.",
    )
    date = fields.Date(
        compute="_compute_date",
        store=True,
        readonly=False,
        help="The day of the conversation: today for a planned contact, else the day of the entry.",
    )
    method = fields.Selection(METHODS, default="phone", help="How you were in contact.")
    result = fields.Text(help="What came out of it. A contact record with a result resets the clock of the pool.")
    next_contact = fields.Date(
        compute="_compute_next_contact",
        store=True,
        readonly=False,
        help="Proposed by the level of the customer. Type another day if you like.",
    )
    plan = fields.Char(help="What to do at the next contact.")

    @api.depends("entry_ids")
    def _compute_entry(self):
        for wizard in self:
            events = wizard.entry_ids
            wizard.entry = (
                self.env._("%(count)s entries", count=len(events))
                if len(events) > 1
                else self.env._("%(entry)s, %(date)s", entry=events.display_name, date=wizard._kehu_when())
                if events
                else False
            )

    @api.depends("entry_ids")
    def _compute_customer_id(self):
        """Of several entries none: each would need a text of its own."""
        for wizard in self:
            event = wizard.entry_ids._origin
            wizard.customer_id = len(event) == 1 and event.kehu_customer_id

    @api.depends("customer_id")
    def _compute_log_contact(self):
        for wizard in self:
            wizard.log_contact = bool(wizard._kehu_loggable())

    @api.depends("entry_ids")
    def _compute_date(self):
        """A planned contact is carried out now, also when it is overdue; a meeting was on its day, at the latest today."""
        today = fields.Date.context_today(self)
        for wizard in self:
            event = wizard.entry_ids._origin
            met = len(event) == 1 and not event.kehu_contact_record_id
            wizard.date = min(event._kehu_local_day(), today) if met else today

    @api.depends("customer_id", "date")
    def _compute_next_contact(self):
        for wizard in self:
            level = wizard.customer_id.kehu_level_id
            wizard.next_contact = wizard.customer_id and self.env["kehu.contact.record"]._kehu_proposed(wizard.date, level)

    def _kehu_when(self):
        event = self.entry_ids
        if event.allday:
            return self.env["ir.qweb.field.date"].value_to_html(event.start_date, {})
        return format_datetime(self.env, event.start, dt_format="short")

    def _kehu_loggable(self):
        """Return the customer of the entry, when this person may write contact records for it."""
        self.ensure_one()
        if not self.env["kehu.contact.record"].has_access("create"):
            return self.customer_id.browse()
        return self.customer_id._filtered_access("write")

    def action_apply(self):
        """Complete the entries, and write the contact record if wanted.

        :raises KehuScheduleError: without a text, or when a contact record is wanted where there is no customer
        :raises KehuContactRecordRightsError: when the contact record is not this person's to write
        """
        self.ensure_one()
        self.entry_ids.kehu_complete(self.outcome)
        if self.log_contact:
            if not self.customer_id:
                raise KehuScheduleError(
                    self.env._("No customer belongs to what you complete, so there is no contact record to write. Untick the box.")
                )
            # no default of this dialog
            records = self.env(context=clean_context(self.env.context))["kehu.contact.record"]
            records.create(self._prepare_contact_record_values())
        return {"type": "ir.actions.act_window_close"}

    def _prepare_contact_record_values(self):
        """Return the values of the contact record: the text as its content, with whom and about what as the entry says.

        :rtype: dict
        """
        self.ensure_one()
        event, customer = self.entry_ids, self.customer_id
        day = self.date or fields.Date.context_today(self)
        level = customer.kehu_level_id
        # sudo: kehu.contact.record, calendar.event - with whom the contact was planned; the record checks what may be linked
        planned = event.sudo().kehu_contact_record_id
        person = planned.contact_id or event.sudo().partner_ids.filtered(  # sudo: see above
            lambda partner: partner.kehu_customer_id == customer and not partner.kehu_is_customer
        )
        lead = event.opportunity_id or planned.lead_id.with_env(self.env)
        values = {
            "partner_id": customer.id,
            "contact_id": person[:1].id,
            "lead_id": lead._filtered_access("read").id,
            "date": day,
            "method": self.method or "other",
            "content": self.outcome,
            "result": self.result,
            "level_id": level.id,
            "plan": self.plan,
        }
        if self.next_contact and self.next_contact != self.env["kehu.contact.record"]._kehu_proposed(day, level):
            values["next_contact"] = self.next_contact
        return values
