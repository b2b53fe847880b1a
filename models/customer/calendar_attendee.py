from odoo import api, models

from ..system.engine import is_record_id
from .discuss_channel import check_members
from .hidden import hidden_customers, sent_link


class CalendarAttendee(models.Model):
    """A guest shows the name, e-mail and phone of a person, also before it is saved; guests are people whom one may read."""

    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            default = self.default_get(["partner_id", "event_id"])
            for vals in vals_list:
                self._kehu_check_invited({**default, **vals}, self.env["calendar.event"])
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("partner_id") and not self.env.su:
            for attendee in self:
                attendee._kehu_check_invited(vals, attendee.event_id)
        return super().write(vals)

    @api.model
    def _kehu_check_invited(self, values, event):
        """Refuse to save a guest whom one may not read, unless the entry has that guest already.

        :param dict values: of the guest
        :param calendar.event event: where the values do not tell it
        :raises KehuHiddenMemberError: in a sentence that names nobody
        """
        number = values.get("partner_id")
        hidden = hidden_customers(self.env["res.partner"].browse(number if is_record_id(number) else ()))
        if hidden:
            number = values.get("event_id")
            event = event.browse(number).exists() if is_record_id(number) else event
            check_members(hidden - event._kehu_guests() if event else hidden)

    def onchange(self, values, field_names, fields_spec):
        self._kehu_check_guest(values)
        return super().onchange(values, field_names, fields_spec)

    def _update_cache(self, values, validate=True):
        """A guest in the form of a meeting."""
        self._kehu_check_guest(values)
        return super()._update_cache(values, validate=validate)

    def update(self, values):
        """A changed line of a form comes in here."""
        for attendee in self:
            attendee._kehu_check_guest(values)
        return super().update(values)

    def _kehu_check_guest(self, values):
        """:raises KehuHiddenMemberError: for a customer or contact out of sight, unless the saved guest is that person already"""
        guest = self.env["res.partner"].browse(sent_link(values.get("partner_id")) or [])
        if not self.env.su and guest and guest != self._origin.sudo().partner_id.sudo(False):  # sudo: calendar.attendee - to compare only
            check_members(guest)
