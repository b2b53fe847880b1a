"""Screens that tell the phone or e-mail of a customer without reading the customer."""

from odoo import models

from ...tools.lookup import mask_email
from ..system.engine import is_record_id

# fields that tell it, by model; some of them are of modules that need not be installed
BESIDE = {
    "calendar.attendee": frozenset({"email", "phone"}),
    "kehu.call.desk": frozenset({"number"}),
    "mail.followers": frozenset({"email"}),
    "mail.template.preview": frozenset({"email_to", "email_cc", "body_html"}),
    "payment.link.wizard": frozenset({"partner_email"}),
    "sms.composer": frozenset({"recipient_single_number", "recipient_single_number_itf", "sanitized_numbers", "body"}),
}
ABOUT = ("partner_id", "line_id", "mail_template_id", "resource_ref", "res_model", "res_id")  # fields that say which customer


class Base(models.AbstractModel):
    _inherit = "base"

    def _read_format(self, fnames, load="_classic_read"):
        if self._name in BESIDE and not BESIDE[self._name].isdisjoint(fnames):
            self._kehu_count_beside()
        return super()._read_format(fnames, load)

    def _kehu_count_beside(self):
        """Count the customers that these records are about as opened.

        :raises KehuQuotaError: when the person opens more customers than allowed
        """
        if self.env["kehu.quota.use"]._kehu_is_counting("view"):
            self._kehu_partners_beside()._kehu_count_views()

    def _kehu_partners_beside(self):
        """:return: partners whose phones or e-mails these records tell"""
        if "partner_id" in self:
            return self.partner_id
        partners = self.env["res.partner"]
        for record in self:
            document = record.resource_ref if "resource_ref" in record else None
            if "res_model" in record and record.res_model in self.env and is_record_id(record.res_id):
                document = self.env[record.res_model].browse(record.res_id).exists()
            if document and hasattr(document, "_mail_get_partners"):
                # sudo: any model - whom a document is about, to count only
                partners |= document.sudo()._mail_get_partners()[document.id].with_env(self.env)
        return partners

    def _kehu_count_form_beside(self, values):
        """Count what a form of one of these models is about before it is saved; see :meth:`_kehu_count_beside`.

        :param dict values: as a client sends them
        """
        names = [name for name in ABOUT if name in self._fields]
        sent = {name: value for name, value in values.items() if name in names}
        (self.browse(self._origin.ids) | self.new({**self.default_get(names), **sent}))._kehu_count_beside()

    def _message_get_suggested_recipients_batch(
        self, reply_discussion=False, reply_message=None, no_create=True, primary_email=False, additional_partners=None
    ):
        """The history below a document offers its customer by name: people with a limit are not told the e-mail with it."""
        result = super()._message_get_suggested_recipients_batch(
            reply_discussion=reply_discussion,
            reply_message=reply_message,
            no_create=no_create,
            primary_email=primary_email,
            additional_partners=additional_partners,
        )
        if self.env["kehu.quota.use"]._kehu_is_counting("view"):
            offered = [one for recipients in result.values() for one in recipients if one["partner_id"] and one["email"]]
            # sudo: res.partner - whether it is a customer
            partners = self.env["res.partner"].sudo().browse({one["partner_id"] for one in offered})
            customers = set(partners.filtered("kehu_customer_id").ids)
            for one in offered:
                if one["partner_id"] in customers:
                    one["email"] = mask_email(one["email"])
        return result
