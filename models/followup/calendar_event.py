import pytz
from odoo import api, fields, models

from ..customer.exceptions import refuse_system_field
from ..system.engine import is_engine


class CalendarEvent(models.Model):
    """Entries that a contact record planned. Only the contact engine says which record that is."""

    _inherit = "calendar.event"

    kehu_contact_record_id = fields.Many2one(
        "kehu.contact.record",
        string="Contact Record",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The contact record that planned this entry.",
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        defaults.pop("kehu_contact_record_id", None)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_contact_record(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_contact_record(vals)
        return super().write(vals)

    def _kehu_check_contact_record(self, vals):
        if vals.get("kehu_contact_record_id") and not is_engine(self.env, "contact"):
            refuse_system_field(self, "kehu_contact_record_id")

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
