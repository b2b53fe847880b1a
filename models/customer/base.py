from odoo import api, models
from odoo.fields import Domain

from ..system.engine import is_record_id
from .hidden import hidden_customers, sent_link


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
        """Leave out of a new form the customers and contacts that one may not read, be they sent as values or as defaults."""
        if self or field_names or self.env.su:
            return super().onchange(values, field_names, fields_spec)
        context = self.env.context
        links = [name for name in fields_spec if name in self._fields and self._fields[name].type == "many2one"]
        sent = {
            name: sent_link(values[name]) if name in values else context.get(f"default_{name}")
            for name in links
            if self._fields[name].comodel_name == "res.partner"
        }
        hidden = hidden_customers(self.env["res.partner"].browse({value for value in sent.values() if is_record_id(value)})).ids
        if not hidden:
            return super().onchange(values, field_names, fields_spec)
        empty = {name for name, value in sent.items() if value in hidden}
        form = self.with_context(**{f"default_{name}": False for name in empty})
        shown = {name: value for name, value in values.items() if name not in empty}
        return super(Base, form).onchange(shown, field_names, fields_spec)
