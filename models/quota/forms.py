"""A form tells the phone of a customer as soon as the customer is chosen, before anything is saved."""

from odoo import models

from ..system.engine import is_record_id
from .beside import BESIDE
from .kehu_quota_mixin import names_of

CREATE, UPDATE, LINK, SET = 0, 1, 4, 6  # commands of lines
WORDS = ("phone", "mobile", "email")


def named_partners(model, values, depth=8):
    """Numbers of partners that the values of a form name, in lines of any sensible depth.

    :param dict values: as a client sends them
    :rtype: set[int]
    """
    found = set()
    for name, value in values.items():
        field = model._fields.get(name)
        if not field or not field.relational:
            continue
        numbers, lines = set(), []
        if field.type == "many2one":
            numbers.add(value.get("id") if isinstance(value, dict) else value[0] if isinstance(value, (list, tuple)) and value else value)
        else:
            for command in value if isinstance(value, (list, tuple)) else ():
                if not isinstance(command, (list, tuple)) or not command:
                    numbers.add(command if isinstance(command, int) else None)
                    continue
                code, number, sent = (*command, None, None)[:3]
                if code in (UPDATE, LINK):
                    numbers.add(number)
                if code == SET and isinstance(sent, (list, tuple)):
                    numbers.update(one for one in sent if isinstance(one, int))
                if code in (CREATE, UPDATE) and isinstance(sent, dict):
                    lines.append(sent)
        if field.comodel_name == "res.partner":
            found.update(number for number in numbers if is_record_id(number))
        for line in lines if depth else ():
            found |= named_partners(model.env[field.comodel_name], line, depth - 1)
    return found


class Base(models.AbstractModel):
    _inherit = "base"

    def onchange(self, values, field_names, fields_spec):
        """Customers that a form names count as opened where it shows phones or e-mails; the host would tell them by any number."""
        if self.env["kehu.quota.use"]._kehu_is_counting("view"):
            shown = names_of(str(fields_spec).split(), ())
            if self._name in BESIDE and not BESIDE[self._name].isdisjoint(shown):
                self._kehu_count_form_beside(values)
            ways = getattr(self, "_kehu_ways", frozenset())
            if not ways.isdisjoint(shown) or any(word in name for name in shown for word in WORDS):
                self._kehu_count_named(values)
        return super().onchange(values, field_names, fields_spec)

    def _kehu_count_named(self, values):
        defaults = {name[8:]: value for name, value in self.env.context.items() if name.startswith("default_")}
        numbers = named_partners(self, defaults) | named_partners(self, values)
        if self._name == "res.partner":
            numbers.update(self._origin.ids)
        # what the person may not read the form does not tell either
        self.env["res.partner"].browse(sorted(numbers))._filtered_access("read")._kehu_count_views()
