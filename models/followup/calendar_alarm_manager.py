from odoo import models


class CalendarAlarmManager(models.AbstractModel):
    _inherit = "calendar.alarm_manager"

    def _get_next_potential_limit_alarm(self, alarm_type, seconds=None, partners=None):
        """Nothing pops up for an entry that is completed."""
        result = super()._get_next_potential_limit_alarm(alarm_type, seconds=seconds, partners=partners)
        # sudo: calendar.event - whether they are completed
        completed = self.env["calendar.event"].sudo().browse(result).filtered("kehu_done_on")
        return {event_id: alarm for event_id, alarm in result.items() if event_id not in completed._ids}
