from odoo import api, models

from ..system.engine import is_record_id
from .discuss_channel import check_members
from .form_links import linked_numbers
from .hidden import hidden_customers


class CalendarEvent(models.Model):
    """Guests are people whom one may read: an invitation shows the names and addresses of all of them, and is sent to them.

    Whoever is a guest already stays one, in the other entries of one's own series too.
    """

    _inherit = "calendar.event"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            default = self.default_get(["partner_ids"]).get("partner_ids")
            for vals in vals_list:
                hidden = self._kehu_hidden_guests(vals.get("partner_ids", default))
                check_members(hidden and hidden - self._kehu_guests_of_series(vals.get("recurrence_id")))
        return super().create(vals_list)

    def write(self, vals):
        hidden = self._kehu_hidden_guests(vals.get("partner_ids"))
        for event in hidden and self:
            check_members(hidden - event._kehu_guests())
        return super().write(vals)

    @api.model
    def _kehu_hidden_guests(self, commands):
        """Return those guests of a change whom the current user may not read.

        :param commands: as the field of the guests is written
        :raises KehuHiddenLinkError: for a number in disguise, which the database would take for one
        """
        numbers = {number for command in commands or () for number in linked_numbers(command) if number}
        if not self.env.su and not all(map(is_record_id, numbers)):
            self._kehu_refuse_hidden_link()
        return hidden_customers(self.env["res.partner"].browse(numbers))

    def _kehu_guests(self):
        """Return who is a guest of this entry, or of one's own series that it belongs to.

        :rtype: res.partner
        """
        self.ensure_one()
        event = self.sudo()  # sudo: calendar.event, calendar.attendee - who takes part, to compare only
        return event.partner_ids | event.attendee_ids.partner_id | self._kehu_guests_of_series(event.recurrence_id.id)

    @api.model
    def _kehu_guests_of_series(self, series_id):
        """Return the guests of those entries of a series in which the current user takes part.

        :param int series_id: of a ``calendar.recurrence``, may be empty
        :rtype: res.partner
        """
        # sudo: calendar.event - see _kehu_guests
        events = self.sudo().with_context(active_test=False)
        events = events.search([("recurrence_id", "=", series_id)]) if is_record_id(series_id) else events.browse()
        own = events.filtered(lambda event: self.env.user == event.user_id or self.env.user.partner_id in event.partner_ids)
        return own.partner_ids
