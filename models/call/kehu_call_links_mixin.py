from odoo import models

from ..customer.hidden import sent_link
from ..system.engine import is_record_id
from .exceptions import KehuPhoneCallRightsError


class KehuCallLinksMixin(models.AbstractModel):
    """Forms of calls show the names of what they link to before anything is saved; nobody learns names by trying numbers.

    A model names its links in ``_kehu_call_links``.
    """

    _name = "kehu.call.links.mixin"
    _description = "Links of a Call"

    _kehu_call_links = ()

    def onchange(self, values, field_names, fields_spec):
        """The first look at a form, defaults included, and each change in it."""
        names = [name for name in self._kehu_call_links if name not in values]
        self._kehu_check_call_links(values if self else {**self.default_get(names), **values})
        return super().onchange(values, field_names, fields_spec)

    def _update_cache(self, values, validate=True):
        """A record nested in the form of another one."""
        self._kehu_check_call_links(values)
        return super()._update_cache(values, validate=validate)

    def update(self, values):
        """A changed line of a form comes in here."""
        for record in self:
            record._kehu_check_call_links(values)
        return super().update(values)

    def _kehu_check_call_links(self, values):
        """Refuse to show in an unsaved form what one may not read; what the saved record names already may stay.

        :param dict values: as a form sends them
        :raises KehuPhoneCallRightsError: in a sentence that names nobody
        """
        if self.env.su:
            return
        for name in values.keys() & set(self._kehu_call_links):
            value = sent_link(values[name])
            if not is_record_id(value) or value == self._origin.sudo()[name].id:  # sudo: the record itself - what it names already
                continue
            linked = self.env[self._fields[name].comodel_name].browse(value).exists()
            if linked and not linked.has_access("read"):
                raise KehuPhoneCallRightsError(
                    self.env._("You have no access to the customer of this call. Choose one of yours, or ask its owner.")
                )
