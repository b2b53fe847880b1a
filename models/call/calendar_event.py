from odoo import api, fields, models

from ..customer.exceptions import refuse_system_field
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

    def _kehu_check_phone_call(self, vals):
        if vals.get("kehu_phone_call_id") and not is_engine(self.env, "call"):
            refuse_system_field(self, "kehu_phone_call_id")
