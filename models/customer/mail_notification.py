from odoo import api, models
from odoo.addons.mail.tools.discuss import Store

from .hidden import hidden_customers


class MailNotification(models.Model):
    """Who was notified of a message is named to everybody who may read the notice; nobody learns names by making notices."""

    _inherit = "mail.notification"

    @api.model_create_multi
    def create(self, vals_list):
        notices = super().create(vals_list)
        if not self.env.su:
            # sudo: mail.notification - whom they name, to compare only
            by_message = notices.sudo().grouped(lambda notice: notice.mail_message_id.id)
            messages = self.env["mail.message"].browse(by_message)
            messages._kehu_check_people({number: about.res_partner_id | about.author_id for number, about in by_message.items()})
        return notices

    def write(self, vals):
        result = super().write(vals)
        if "author_id" in vals and not self.env.su:
            # sudo: mail.notification - see above
            for notice in self.sudo():
                notice.mail_message_id.sudo(False)._kehu_check_people({notice.mail_message_id.id: notice.author_id})
        return result

    def _to_store_defaults(self, target):
        """Whom the author of a message wrote to is named, also when it is a customer no more theirs; the address is not told.

        The host reads both as the person whom the browser shows them to, and stumbles, or with the rights of the system.
        """
        # sudo: mail.notification, res.partner - whom the notices name
        people = self.sudo().res_partner_id
        hidden = set(hidden_customers(people.sudo(False))._ids)
        fields = super()._to_store_defaults(target)
        if not hidden:
            return fields
        recipient = Store.One(
            "res_partner_id",
            [
                "name",
                Store.Attr("email", lambda partner: False if partner.id in hidden else partner.email),
                Store.Attr("display_name", predicate=lambda partner: not partner.name),
            ],
            sudo=True,
        )
        return [recipient if getattr(field, "field_name", None) == "res_partner_id" else field for field in fields]
