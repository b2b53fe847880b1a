from odoo import api, fields, models
from odoo.fields import Domain

from ..customer.exceptions import refuse_system_field
from ..followup.calendar_event import TELLING
from ..system.engine import as_engine, is_engine


class CalendarEvent(models.Model):
    """Entries of callbacks. Only the engine of calls says which call that is; who moves the entry moves the callback."""

    _inherit = "calendar.event"

    kehu_phone_call_id = fields.Many2one(
        "kehu.phone.call",
        string="Phone Call",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The call in which this callback was agreed.",
    )

    @api.model
    def default_get(self, fields):
        return {name: value for name, value in super().default_get(fields).items() if name != "kehu_phone_call_id"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_phone_call(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_phone_call(vals)
        result = super().write(vals)
        if vals.keys() & {"start", "start_date", "allday"} and not is_engine(self.env, "call"):
            # sudo: kehu.phone.call - the callback stands where its entry stands
            for event in self.sudo().filtered("kehu_phone_call_id.is_callback_open"):
                call = as_engine(event.kehu_phone_call_id, "call")
                if event.start > call.date and event.start != call.callback_on:
                    call.callback_on = event.start
                    call.line_id._kehu_follow_calls()
        return result

    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Nobody finds out by searching which private entries of others are callbacks."""
        domain = Domain(domain)
        asked = set() if self.env.su else {condition.field_expr.split(".")[0] for condition in domain.iter_conditions()}
        if asked & TELLING and "kehu_phone_call_id" not in asked:
            known = Domain("user_id", "=", self.env.uid) | Domain("partner_ids", "in", self.env.user.partner_id.ids)
            known |= Domain("privacy", "!=", "private") | Domain("kehu_phone_call_id", "=", False)
            if self.env["kehu.phone.call"].has_access("read"):
                known |= Domain("kehu_phone_call_id", "any", Domain.TRUE)
            domain &= known
        if "kehu_phone_call_id" in asked:
            known = Domain(self._get_default_privacy_domain()) | Domain("partner_ids", "in", self.env.user.partner_id.ids)
            if self.env["kehu.phone.call"].has_access("read"):
                known |= Domain("kehu_phone_call_id", "any", Domain.TRUE)
            domain &= known
        return super()._search(domain, offset=offset, limit=limit, order=order, **kwargs)

    def _kehu_customers(self):
        customers = super()._kehu_customers()
        others = self.filtered(lambda event: event not in customers)
        known = others if self.env.su else others.filtered(lambda event: not event._check_private_event_conditions())
        # sudo: calendar.event - the call of a callback; what may be shown is decided by the caller
        for event, event_sudo in zip(known, known.sudo(), strict=True):
            if event_sudo.kehu_phone_call_id:
                customers[event] = event_sudo.kehu_phone_call_id.partner_id.with_env(self.env)
        return customers

    def _kehu_write_completion(self, outcome, user):
        """Who completes the entry of a callback has called back."""
        result = super()._kehu_write_completion(outcome, user)
        # sudo: kehu.phone.call - the right to complete the entry was checked
        waiting = self.sudo().kehu_phone_call_id.filtered("is_callback_open")
        if waiting:
            as_engine(waiting, "call").write({"is_callback_open": False})
        return result

    def _kehu_check_phone_call(self, vals):
        """Nobody ties an entry to a call by hand, or unties it: the callback would not follow its customer any more.

        :raises KehuSystemFieldError: otherwise
        """
        if "kehu_phone_call_id" not in vals or is_engine(self.env, "call"):
            return
        # sudo: calendar.event - whether one of them is a callback, which private entries of others do not tell
        if vals["kehu_phone_call_id"] or self.sudo().kehu_phone_call_id:
            refuse_system_field(self, "kehu_phone_call_id")
