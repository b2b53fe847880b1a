"""Customers, contacts and colleagues: whose phones and e-mails are hidden, and the ways of their own by which they are told."""

from odoo import api, models
from odoo.fields import Domain

from ..customer import partner_search_sql as search_sql
from .exceptions import KehuHiddenError
from .hidden import AMOUNT_DOCUMENTS, REACH, covered, is_whole

TEMPLATES = "mail.group_mail_template_editor"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _kehu_uncovered(self):
        return self.filtered(lambda partner: not partner.partner_share or partner.ref_company_ids)

    def _compute_display_name(self):
        """Names with e-mails, which any model shows of its partners, with the rights of the system too."""
        result = super()._compute_display_name()
        if self.env.context.get("show_email") and "email" in self.env["kehu.role"]._kehu_hidden_of(self.env.uid):
            shown = set(self.sudo()._kehu_uncovered()._ids)  # sudo: res.partner - whose partner it is
            for partner in self:
                email = partner.sudo().email  # sudo: res.partner - what the name that was just made holds
                if email and partner.display_name and partner.id not in shown:
                    partner.display_name = partner.display_name.replace(email, covered("email", email))
        return result

    def _kehu_term_domain(self, value):
        """Phones and e-mails are found as a whole only; what else is found must stand in something that is shown."""
        domain = super()._kehu_term_domain(value)
        hidden = self._kehu_covered_fields()
        kinds = set(hidden.values()) & set(REACH)
        if not kinds or any(is_whole(kind, value) for kind in kinds):
            return domain
        columns = [name for name in (*search_sql.TEXTS, *search_sql.PHONES) if name not in hidden]
        for word in search_sql.words(value):
            domain &= Domain.OR(Domain(name, "ilike", needle) for name in columns for needle in search_sql.needles(word))
        return domain

    def _build_vcard(self):
        """A card for the address book of a telephone shows all there is.

        :raises KehuHiddenError: for people from whom phones or e-mails are hidden
        """
        if not self.env["kehu.role"]._kehu_hidden_of(self.env.uid).isdisjoint(REACH):
            raise KehuHiddenError(self.env._("Your role hides phones or e-mails, so “%(name)s” has no card to take along.", name=self.name))
        return super()._build_vcard()


class ResUsers(models.Model):
    _inherit = "res.users"

    def _kehu_uncovered(self):
        return self.filtered(lambda user: not user.share)

    def has_group(self, group_ext_id):
        """Whoever writes templates writes what they show of a record: people with hidden fields write none."""
        if group_ext_id == TEMPLATES and self.env["kehu.role"]._kehu_hidden_of(self.id or self.env.uid):
            return False
        return super().has_group(group_ext_id)


class KehuContactPhone(models.Model):
    _inherit = "kehu.contact.phone"

    @api.depends_context("uid")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        if "phone" in self.env["kehu.role"]._kehu_hidden_of(self.env.uid):
            for phone in self:
                phone.display_name = covered("phone", phone.display_name)
        return result


class MailMessage(models.Model):
    _inherit = "mail.message"
    _kehu_copied_bare = True

    def _kehu_uncovered(self):
        return self.filtered(lambda message: message.author_id and not message.author_id.partner_share)


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_template(self, template_src, model, res_ids, engine="inline_template", add_context=None, options=None):
        """:raises KehuHiddenError: for texts about documents with amounts, when these are hidden"""
        if model in AMOUNT_DOCUMENTS and "amount" in self.env["kehu.role"]._kehu_hidden():
            raise KehuHiddenError(
                self.env._("Your role hides amounts, and texts of mails about such documents tell them. Write the text yourself.")
            )
        return super()._render_template(template_src, model, res_ids, engine, add_context, options)


class KehuImportRow(models.Model):
    _inherit = "kehu.import.row"
    _kehu_copied_bare = True

    def _kehu_uncovered(self):
        return self.filtered(lambda row: row.batch_id.create_uid.id == self.env.uid)


class MailFollowers(models.Model):
    _inherit = "mail.followers"
    _kehu_copied_bare = True

    def _kehu_uncovered(self):
        return self.filtered(lambda follower: not follower.partner_id.partner_share)


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"
    _kehu_copied_bare = True

    def _kehu_uncovered(self):
        return self.filtered(lambda attendee: not attendee.partner_id.partner_share)


class MailTrackingValue(models.Model):
    _inherit = "mail.tracking.value"

    def _filter_has_field_access(self, env):
        """Old and new values of hidden fields are not told either."""
        found = super()._filter_has_field_access(env)
        return found.filtered(
            lambda value: not value.field_id or value.field_id.name not in env[value.field_id.model]._kehu_covered_fields()
        )


class BaseRecipients(models.AbstractModel):
    _inherit = "base"

    def _message_get_suggested_recipients_batch(
        self, reply_discussion=False, reply_message=None, no_create=True, primary_email=False, additional_partners=None
    ):
        """Whom a message may go to is offered by name; an address without a partner is not offered."""
        result = super()._message_get_suggested_recipients_batch(
            reply_discussion=reply_discussion,
            reply_message=reply_message,
            no_create=no_create,
            primary_email=primary_email,
            additional_partners=additional_partners,
        )
        if "email" in self.env["kehu.role"]._kehu_hidden():
            for number, offered in result.items():
                result[number] = [{**one, "email": covered("email", one["email"])} for one in offered if one["partner_id"]]
        return result
