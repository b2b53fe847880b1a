from odoo import models


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def _notify_attendees(self, mail_template, notify_author=False, force_send=False):
        """Remind of a planned contact only whoever looks after the customer now, by e-mail, and of nothing that is completed.

        Guests of a planned contact, the customer among them, are not told what the salesperson wrote down for it.
        """
        attendees = self.filtered(lambda attendee: not attendee.event_id.kehu_done_on)
        reminder = self.env.ref("kehu_crm.calendar_attendee_template_kehu_reminder", raise_if_not_found=False)
        if mail_template and mail_template == reminder:
            attendees = attendees.filtered(lambda attendee: attendee._kehu_is_reminded()).with_context(kehu_reminder_by_email=True)
        return super(CalendarAttendee, attendees)._notify_attendees(mail_template, notify_author=notify_author, force_send=force_send)

    def _kehu_is_reminded(self):
        """Tell whether the e-mail of a planned contact is for this attendee. Entries made by hand remind everybody, as with the host.

        :rtype: bool
        """
        self.ensure_one()
        # sudo: kehu.contact.record - customer and owner, to compare only
        record = self.event_id.sudo().kehu_contact_record_id
        if not record:
            return True
        owner = record.partner_id.user_id or record.user_id
        return record.partner_id.active and owner == self.event_id.user_id and self.partner_id == owner.partner_id
