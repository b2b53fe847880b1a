from odoo import api, models

from ..system.engine import is_record_id
from .exceptions import KehuHiddenMemberError
from .hidden import hidden_customers


def check_members(partners):
    """Refuse members whom the current user may not read: a conversation shows the name and e-mail of everybody in it.

    :raises KehuHiddenMemberError: in a sentence that names nobody
    """
    if hidden_customers(partners):
        raise KehuHiddenMemberError(
            partners.env._(
                "You have no access to a customer among these people. Invite people whom you see, or ask a manager to invite them."
            )
        )


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def _add_members(self, *, partners=None, **kwargs):
        """See :func:`check_members`; the host makes members of a thread inside a channel as superuser."""
        if partners:
            check_members(partners)
        return super()._add_members(partners=partners, **kwargs)


class DiscussChannelMember(models.Model):
    _inherit = "discuss.channel.member"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            default = self.default_get(["partner_id"]).get("partner_id")
            numbers = {vals.get("partner_id", default) for vals in vals_list}
            check_members(self.env["res.partner"].browse(filter(is_record_id, numbers)))
        return super().create(vals_list)
