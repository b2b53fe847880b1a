from odoo import models

from ..system.engine import as_engine
from .mail_activity import ACTIVITY_ENGINE


class ResUsers(models.Model):
    _inherit = "res.users"

    def action_archive(self):
        """The host removes the activities of people who leave, also those that ask them to approve; the document says what is next."""
        return super(ResUsers, as_engine(self, ACTIVITY_ENGINE)).action_archive()
