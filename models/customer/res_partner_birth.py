from collections import defaultdict

from markupsafe import Markup
from odoo import api, models
from odoo.tools import ormcache

from ..system.engine import as_engine, is_engine
from .res_partner import NAMES_SHOWN


class ResPartner(models.Model):
    """Many customers or contacts are born together at a fixed number of queries, where the host asks again for each of them."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        # sudo: mail.message.subtype - which relations hand their followers down, the host's own question
        relation = self.env["mail.message.subtype"].sudo()._get_auto_subscription_subtypes(self._name)[4]
        if len(vals_list) < 2 or relation or self.env.context.get("tracking_disable"):
            return super().create(vals_list)
        partners = super(ResPartner, as_engine(self, "subscribe")).create(vals_list).with_env(self.env)
        groups = defaultdict(self.browse)
        for partner, vals in zip(partners, vals_list, strict=True):
            groups[vals.get("user_id", self.env.context.get("default_user_id"))] |= partner
        for user_id, group in groups.items():
            silent = group.with_context(mail_auto_subscribe_no_notify=True)
            silent._message_auto_subscribe({"user_id": user_id}, followers_existing_policy="update")
            # a contact follows the owner of its customer, who is not told of each
            told = group.filtered(lambda partner: partner.kehu_is_customer or not partner.kehu_customer_id)
            told._kehu_tell_owner(self.env["res.users"].browse(user_id or []))
        return partners

    def _fields_sync(self, values):
        """A subsidiary born into the pool takes the address of its parent too, though whoever entered it may not change it there."""
        if values.get("parent_id") and self.kehu_is_customer and not self.env.su and not self.has_access("write"):
            if self.parent_id.has_access("write"):
                # sudo: res.partner - what the host copies between a newborn and the parent that this person looks after
                return super(ResPartner, self.sudo())._fields_sync(values)
        return super()._fields_sync(values)

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        """Wait for the others that are born in the same breath, see :meth:`create`."""
        if is_engine(self.env, "subscribe"):
            return True
        return super()._message_auto_subscribe(updated_values, followers_existing_policy=followers_existing_policy)

    def _kehu_tell_owner(self, user):
        """Tell somebody in one message that these partners, made by somebody else, are theirs.

        :param res.users user: the owner; nobody is told when it is empty or the one who made them
        """
        if not self or not user or user == self.env.user or not self.env.registry.ready:
            return
        if self.env.context.get("mail_auto_subscribe_no_notify"):
            return
        owner = user.sudo()  # sudo: res.users - whether they work here, and their address
        if not owner.active:
            return
        env = self.env(context={**self.env.context, "lang": owner.lang})
        subject = env._("Yours from now on: %(what)s", what=env._("%(count)s customers", count=len(self)))
        names = Markup("").join(Markup("<li>%s</li>") % partner.display_name for partner in self[:NAMES_SHOWN])
        if len(self) > NAMES_SHOWN:
            names += Markup("<li>%s</li>") % env._("and %(count)s more", count=len(self) - NAMES_SHOWN)
        self.env["mail.thread"].message_notify(
            subject=subject,
            body=Markup("<p>%s</p><ul>%s</ul>") % (subject, names),
            partner_ids=owner.partner_id.ids,
            author_id=self.env.user.partner_id.id,
        )

    def _company_dependent_commercial_sync(self):
        """Spare the host's round through all companies where nothing differs in any of them; it makes it for each new contact."""
        names = self._company_dependent_commercial_fields()
        for company_id in self._kehu_company_ids():
            if company_id != self.env.company.id and names:
                here = self.with_company(company_id)
                for partner in here:
                    values = partner.commercial_partner_id._convert_fields_to_values(names)
                    if any(partner._fields[name].convert_to_write(partner[name], partner) != value for name, value in values.items()):
                        return super()._company_dependent_commercial_sync()
        return None

    @api.model
    @ormcache()
    def _kehu_company_ids(self):
        # sudo: res.company - the numbers of all companies; the host empties this cache when one is made, archived or deleted
        return tuple(self.env["res.company"].sudo().search([("active", "=", True)]).ids)
