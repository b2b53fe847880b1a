from odoo import fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    kehu_contact_record_id = fields.Many2one(
        "kehu.contact.record",
        string="Contact Record",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="The contact record that planned this entry.",
    )
