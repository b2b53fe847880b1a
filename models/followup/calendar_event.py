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
