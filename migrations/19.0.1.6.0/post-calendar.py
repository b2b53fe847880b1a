"""The file of an invitation hangs on its message, not on the calendar entry: it names the addresses of all guests. Idempotent."""


def migrate(cr, version):
    cr.execute(
        """UPDATE ir_attachment file
              SET res_model = 'mail.message', res_id = message.id
             FROM message_attachment_rel link
             JOIN mail_message message ON message.id = link.message_id AND message.model = 'calendar.event'
            WHERE link.attachment_id = file.id AND file.res_model = 'calendar.event' AND file.mimetype = 'text/calendar'
              AND file.res_field IS NULL"""
    )
