from odoo import models


class MailComposeMessage(models.TransientModel):
    """The sender of a message is chosen by number and shown by name, so it is somebody whom one may read."""

    _name = "mail.compose.message"
    _inherit = ["mail.compose.message", "kehu.seen.links.mixin"]
    _kehu_seen_links = ("author_id",)
