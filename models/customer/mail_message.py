from odoo import api, models
from odoo.tools import email_normalize

from ..system.engine import is_record_id
from .exceptions import KehuHiddenRecipientError
from .hidden import hidden_customers, is_hidden_document, names_by_number


class MailMessage(models.Model):
    _inherit = "mail.message"

    def onchange(self, values, field_names, fields_spec):
        """A form of a message that is not saved points to no document that one may not read; the host would name it in several fields."""
        known = values if self else {**self.default_get(["model", "res_id"]), **values}
        if not self.env.su and is_hidden_document(self.env, known.get("model"), known.get("res_id")):
            return super(MailMessage, self.with_context(default_res_id=False)).onchange(
                {**values, "res_id": False}, field_names, fields_spec
            )
        return super().onchange(values, field_names, fields_spec)

    def _compute_record_name(self):
        """A message that a form merely asks about tells no name of what one may not read."""
        hidden = self.filtered(lambda message: names_by_number(message, message.model, message.res_id))
        hidden.record_name = False
        return super(MailMessage, self - hidden)._compute_record_name()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            default = self.default_get(["parent_id"])
            self._kehu_check_parents([{**default, **vals} for vals in vals_list])
        messages = super().create(vals_list)
        messages._kehu_check_people()
        return messages

    def write(self, vals):
        self._kehu_check_parents([vals])
        result = super().write(vals)
        if not vals.keys().isdisjoint({"partner_ids", "author_id", "model", "res_id"}):
            self._kehu_check_people()
        return result

    @api.model
    def _kehu_check_parents(self, vals_list):
        """Refuse to answer a message that one may not read: the answer shows its subject.

        :raises KehuHiddenLinkError: in a sentence that names nobody
        """
        if self.env.su:
            return
        parents = self.browse({vals["parent_id"] for vals in vals_list if is_record_id(vals.get("parent_id"))})
        if (parents - parents._filtered_access("read")).exists():
            self._kehu_refuse_hidden_link()

    def _kehu_check_people(self, others=None):
        """Refuse recipients and authors whom the user may not read: a message shows their name and e-mail.

        Whoever works on a document may write to its customer, and to the address that the document itself has.

        :param dict others: {id of a message: partners whom it is to name besides}
        :raises KehuHiddenRecipientError: in a sentence that names nobody
        """
        if self.env.su:
            return
        # sudo: mail.message - whom they name, to compare only
        messages = self.sudo()
        named = {message.id: message.partner_ids | message.author_id for message in messages}
        for message_id, partners in (others or {}).items():
            named[message_id] |= partners.sudo()  # sudo: res.partner - see above
        people = messages.partner_ids.concat(*named.values()).with_env(self.env) - self.env.user.partner_id
        hidden = hidden_customers(people)
        if not hidden:
            return
        for model, about in messages.grouped("model").items():
            theirs, addresses = {}, {}
            if model in self.env:
                # sudo: the documents, res.partner - whose they are, to compare only
                documents = self.env[model].sudo().browse({message.res_id for message in about if message.res_id}).exists()
                theirs = documents._mail_get_partners()
                addresses = documents._mail_get_primary_email()
            for message in about:
                strangers = named[message.id] & hidden.sudo()  # sudo: res.partner - to compare only
                customers = theirs.get(message.res_id, messages.partner_ids.browse()).kehu_customer_id
                address = email_normalize(addresses.get(message.res_id))
                if address:
                    strangers = strangers.filtered(lambda partner, address=address: partner.email_normalized != address)
                if strangers.kehu_customer_id - customers:
                    raise KehuHiddenRecipientError(
                        self.env._(
                            "You have no access to a customer whom this message names. Write to people whom you see, or ask a manager."
                        )
                    )
