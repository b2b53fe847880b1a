from odoo import api, models
from odoo.fields import Domain

from .form_links import FORM, FormLinks, form_links, is_kept


class Base(models.AbstractModel):
    """A form of any model shows the names of what it links to, whoever may read them; customers out of sight are none."""

    _inherit = "base"

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find nothing by a name with the character NUL, instead of stumbling over it: no text in the database has one."""
        if isinstance(name, str) and "\0" in name and operator not in Domain.NEGATIVE_OPERATORS:
            return []
        return super().name_search(name, domain, operator, limit)

    @api.model
    def default_get(self, fields):
        """Within a form no default names what one may not read, in lines of any depth either."""
        defaults = super().default_get(fields)
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

    @api.model
    def _kehu_form_may_name(self, model_name, values):
        """Tell which records a form of this model may name although the person may not read them; a model adds its reasons.

        :param str model_name: of the records
        :param dict values: that the form sends for one record of this model
        :return: their numbers
        :rtype: set
        """
        return set()
