from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

from ..system.engine import is_record_id
from .exceptions import KehuHiddenLinkError
from .form_links import FORM, FormLinks, form_links, is_kept
from .hidden import hidden_customers
from .named_links import check_named, check_sent, hidden_users, is_guarded, link_names, named_by_documents, saved_links


class Base(models.AbstractModel):
    """A form of any model shows the names of what it links to, whoever may read them; customers out of sight are none."""

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            check_sent(self, vals_list)
            if is_guarded(self):
                check_named(self.browse(), vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            check_sent(self, [vals])
            if is_guarded(self):
                check_named(self, [vals])
        return super().write(vals)

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find nothing by a name with the character NUL, instead of stumbling over it: no text in the database has one."""
        if isinstance(name, str) and "\0" in name and operator not in Domain.NEGATIVE_OPERATORS:
            return []
        return super().name_search(name, domain, operator, limit)

    @api.model
    def default_get(self, fields):
        """Within a form no default names what one may not read, in lines of any depth either; outside of one no guest of the portal."""
        defaults = super().default_get(fields)
        if not self.env.su:
            logins = {name for name in defaults if name in self._fields and self._fields[name].comodel_name == "res.users"}
            sent = {defaults[name] for name in logins if is_record_id(defaults[name])} - {self.env.uid}
            hidden = set(hidden_users(self.env, sent)._ids)
            for name in logins if hidden else ():
                if defaults[name] in hidden:
                    defaults = {other: value for other, value in defaults.items() if other != name}
        links = None if self.env.su else form_links(self.env)
        return links.shown(self.browse(), defaults) if links and defaults else defaults

    def onchange(self, values, field_names, fields_spec):
        """Leave out of a form the customers, contacts and documents that one may not read, be they sent as values or as defaults.

        Links to one record or many, and those of nested lines; what the saved record names already stays. What a form does not send has
        a default that models fill in as they like, so the defaults of all links are looked at, not only of those that are shown.
        """
        if self.env.su:
            return super().onchange(values, field_names, fields_spec)
        links = FormLinks()
        form = self.with_context(**{FORM: links})
        asked = [] if field_names else [name for name in fields_spec if name in self._fields and name not in values]
        others = [] if self else [name for name in self._kehu_kept_links() if name not in values and name not in asked]
        defaults = form.default_get([*asked, *others]) if asked or others else {}
        sent = {**values, **{name: value for name, value in defaults.items() if name not in values}}
        shown = links.shown(self, sent)
        told = {
            name: value for name, value in shown.items() if name in values or (name in asked and name in defaults) or value != sent[name]
        }
        return super(Base, form).onchange(told, field_names, fields_spec)

    @api.model
    def _kehu_kept_links(self):
        """Return the names of the fields that link to one customer, contact or document."""
        return [name for name, field in self._fields.items() if field.type == "many2one" and is_kept(field.comodel_name)]

    def _kehu_form_may_name(self, model_name, values):
        """Tell which records a form of this model may name although the person may not read them; a model adds its reasons.

        A dialog may name what the documents name that it is about.

        :param str model_name: of the records
        :param dict values: that the form sends for one record of this model
        :return: their numbers
        :rtype: set
        """
        if not self._transient:
            return set()
        saved = saved_links(self, link_names(self)) if self else {}
        return named_by_documents(self, {**saved, **values}, model_name)

    def _sms_get_recipients_info(self, force_field=False, partner_fallback=True):
        """Text messages, when installed, show the phone of the customer whom a document names: to whom the customer is shown.

        A number of the document itself stays. The dialog asks with the rights of the system, and is answered by those of the person.
        """
        result = super()._sms_get_recipients_info(force_field=force_field, partner_fallback=partner_fallback)
        if self.env.uid == SUPERUSER_ID or not self.env.user._is_internal():
            return result
        theirs = {number: info for number, info in result.items() if info and info["partner_store"]}
        partners = self.env["res.partner"].union(*(info["partner"] for info in theirs.values()))
        hidden = set(hidden_customers(partners.sudo(False))._ids)
        for info in theirs.values():
            if info["partner"].id in hidden:
                info.update(sanitized=False, number=False)
        return result

    @api.model
    def _kehu_refuse_hidden_link(self):
        """Refuse a link to what the current user may not read, in a sentence that names nobody.

        :raises KehuHiddenLinkError: always
        """
        raise KehuHiddenLinkError(
            self.env._("You have no access to the customer of this document. Choose one of yours, or ask a manager to assign it.")
        )
