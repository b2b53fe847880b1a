from odoo import models

from .discuss_channel import check_members
from .hidden import sent_link


class CalendarAttendee(models.Model):
    """A guest shows the name, e-mail and phone of a person, also before it is saved; guests are people whom one may read."""

    _inherit = "calendar.attendee"

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
