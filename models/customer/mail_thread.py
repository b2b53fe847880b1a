from odoo import api, models
from odoo.fields import Domain

from .hidden import hidden_customers


class MailThread(models.AbstractModel):
    """Documents that are one's own name customers that are no longer one's own: the chatter shows everything but them."""

    _inherit = "mail.thread"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Customers whom one may not read do not follow, unless the documents are theirs and the host has them follow."""
        if partner_ids and not self.env.su:
            hidden = hidden_customers(self.env["res.partner"].browse(partner_ids))
            if hidden:
                # sudo: the documents - whom they name already, to compare only
                named = self.env["res.partner"].concat(*self.sudo()._mail_get_partners().values())
                strangers = set((hidden - named).ids)
                partner_ids = [partner_id for partner_id in partner_ids if partner_id not in strangers]
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)

    @api.model
    def _search_message_partner_ids(self, operator, operand):
        """Followers are told by what one may read of them: the host looks through all partners for a condition of the caller."""
        if not self.env.su and self.env.user._is_internal() and operator not in Domain.NEGATIVE_OPERATORS:
            partners = self.env["res.partner"].with_context(active_test=False)
            if operator in ("any", "any!") and isinstance(operand, Domain):
                operator, operand = "in", partners._search(operand)
            elif operator.endswith("like"):
                operator, operand = "in", partners._search(Domain("display_name", operator, operand))
        return super()._search_message_partner_ids(operator, operand)

    def _message_get_suggested_recipients_batch(
        self, reply_discussion=False, reply_message=None, no_create=True, primary_email=False, additional_partners=None
    ):
        """Leave out customers whom one may not read; the host stumbles over them."""
        values = {
            "reply_discussion": reply_discussion,
            "reply_message": reply_message,
            "no_create": no_create,
            "primary_email": primary_email,
            "additional_partners": additional_partners,
        }
        if self.env.su or not hidden_customers(self._kehu_mail_partners(reply_discussion, reply_message)):
            return super()._message_get_suggested_recipients_batch(**values)
        values["no_create"] = True  # made with more rights than the user's, contacts would join the hidden customer
        if additional_partners:
            values["additional_partners"] = additional_partners.sudo()  # sudo: res.partner - in the mode of the others
        if reply_message:
            values["reply_message"] = reply_message.sudo()  # sudo: mail.message - in the mode of the documents
        # sudo: the documents, res.partner - recipients whom the user may not read are taken out below
        suggested = super(MailThread, self.sudo())._message_get_suggested_recipients_batch(**values)
        partner_ids = {recipient["partner_id"] for recipients in suggested.values() for recipient in recipients if recipient["partner_id"]}
        readable = set(self.env["res.partner"].browse(partner_ids)._filtered_access("read").ids)
        return {
            record_id: [recipient for recipient in recipients if not recipient["partner_id"] or recipient["partner_id"] in readable]
            for record_id, recipients in suggested.items()
        }

    def _kehu_mail_partners(self, reply_discussion, reply_message):
        """Return all partners from whom the host takes recipients of these documents, as the current user."""
        # sudo: the documents, mail.message, mail.followers - whom they name, to compare only
        records = self.sudo()
        partners = records.env["res.partner"].concat(*records._mail_get_partners().values())
        if "message_partner_ids" in records:
            partners |= records.message_partner_ids
        messages = reply_message.sudo() if reply_message else self.env["mail.message"]  # sudo: see above
        if not messages and reply_discussion and "message_ids" in records:
            messages = records._sort_suggested_messages(records.message_ids)
        partners |= messages.partner_ids | messages.author_id
        return partners.with_env(self.env)
