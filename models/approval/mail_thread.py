from odoo import models

from ..system.engine import is_engine
from .mail_activity import ACTIVITY_ENGINE


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Who is asked to approve is reminded by the activity and does not get every later note of the document.

        The host makes followers of all to whom it gives an activity; approvers of hundreds of documents would drown in messages.
        """
        if is_engine(self.env, ACTIVITY_ENGINE):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)
