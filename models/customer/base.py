from odoo import api, models
from odoo.fields import Domain

from ..system.engine import is_record_id
from .hidden import hidden_customers, sent_link

DOCUMENTS = frozenset({"account.move", "account.payment", "calendar.event", "crm.lead", "res.partner", "sale.order", "sale.order.line"})


class Base(models.AbstractModel):
    """A new form of any model shows the names of what its defaults link to, whoever may read them; customers out of sight are none."""

    _inherit = "base"

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find nothing by a name with the character NUL, instead of stumbling over it: no text in the database has one."""
        if isinstance(name, str) and "\0" in name and operator not in Domain.NEGATIVE_OPERATORS:
            return []
        return super().name_search(name, domain, operator, limit)

    def onchange(self, values, field_names, fields_spec):
        """Leave out of a new form the customers, contacts and documents that one may not read, be they sent as values or as defaults."""
        if self or field_names or self.env.su:
            return super().onchange(values, field_names, fields_spec)
        given = {key.removeprefix("default_"): value for key, value in self.env.context.items() if key.startswith("default_")}
        defaults = {**self.env["ir.default"]._get_model_defaults(self._name), **given}
        links = [name for name in fields_spec if name in self._fields and self._fields[name].type == "many2one"]
        sent = {
            name: sent_link(values[name]) if name in values else defaults.get(name)
            for name in links
            if _is_kept(self._fields[name].comodel_name)
        }
        empty = {name for name, value in sent.items() if is_record_id(value) and self._kehu_is_hidden(name, value)}
        if not empty:
            return super().onchange(values, field_names, fields_spec)
        form = self.with_context(**{f"default_{name}": False for name in empty})
        shown = {name: value for name, value in values.items() if name not in empty}
        return super(Base, form).onchange(shown, field_names, fields_spec)

    def _kehu_is_hidden(self, name, record_id):
        """Tell whether a link of a new form would name what the user may not read.

        :param str name: of a many2one
        :param int record_id: what it would link to
        """
        linked = self.env[self._fields[name].comodel_name].browse(record_id)
        if linked._name == "res.partner":
            return bool(hidden_customers(linked))
        return bool(linked.exists()) and not linked.has_access("read")


def _is_kept(model_name):
    """Tell whether the name of a record of this model says something about a customer."""
    return model_name in DOCUMENTS or model_name.startswith("kehu.")
