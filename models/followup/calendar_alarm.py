from odoo import api, models


class CalendarAlarm(models.Model):
    _inherit = "calendar.alarm"

    @api.model
    def _kehu_use_reminder(self):
        """Let the alarm of planned contacts use the add-on's own e-mail, at each update, unless somebody chose another one."""
        alarm = self.env.ref("kehu_crm.kehu_calendar_alarm_email", raise_if_not_found=False)
        template = self.env.ref("kehu_crm.calendar_attendee_template_kehu_reminder", raise_if_not_found=False)
        if (
            alarm
            and template
            and alarm.mail_template_id
            in (
                self.env["mail.template"],
                self.env.ref("calendar.calendar_template_meeting_reminder", raise_if_not_found=False),
            )
        ):
            alarm.mail_template_id = template
