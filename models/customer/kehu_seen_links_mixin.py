from odoo import api, models

from ..system.engine import is_record_id
from .form_links import form_links
from .hidden import sent_link


class KehuSeenLinksMixin(models.AbstractModel):
    """Records that hang on a customer or contact name only what their writer may read.

    A form shows names before anything is saved, and a refusal may repeat them; nobody learns names by trying numbers. A model tells its
    links in ``_kehu_seen_links``, and may refuse in words of its own in ``_kehu_refuse_link``.
    """

    _name = "kehu.seen.links.mixin"
    _description = "Links to What One May Read"

    _kehu_seen_links = ("partner_id",)

    def onchange(self, values, field_names, fields_spec):
        """The first look at a form, defaults included, and each change in it.

        :raises KehuHiddenLinkError: for a link to what one may not read
        """
        names = [name for name in self._kehu_seen_links if name not in values]
        self._kehu_check_seen(values if self else {**self.default_get(names), **values})
        return super().onchange(values, field_names, fields_spec)

    def _update_cache(self, values, validate=True):
        """A record nested in the form of another one."""
        self._kehu_check_seen(values)
        return super()._update_cache(values, validate=validate)

    def update(self, values):
        """A changed line of a form comes in here."""
        for record in self:
            record._kehu_check_seen(values)
        return super().update(values)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            defaults = self.default_get(list(self._kehu_seen_links))
            for name in self._kehu_seen_links:
                values = (sent_link(vals.get(name, defaults.get(name))) for vals in vals_list)
                self._kehu_check_linked(name, set(filter(is_record_id, values)))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            for name in vals.keys() & set(self._kehu_seen_links):
                value = sent_link(vals[name])
                # sudo: the records themselves - what they name already, to compare only
                if is_record_id(value) and any(record[name].id != value for record in self.sudo()):
                    self._kehu_check_linked(name, {value})
        return super().write(vals)

    def _kehu_check_seen(self, values):
        """Check the links in values that a form sends; what the saved record names already may stay.

        :raises KehuHiddenLinkError: see :meth:`_kehu_check_linked`
        """
        if self.env.su:
            return
        for name in values.keys() & set(self._kehu_seen_links):
            value = sent_link(values[name])
            if is_record_id(value) and value != self._origin.sudo()[name].id:  # sudo: the record itself - what it names already
                self._kehu_check_linked(name, {value})

    @api.model
    def _kehu_check_linked(self, name, ids):
        """Refuse links to what the current user may not read.

        :param str name: of the field
        :param set ids: of what is to be linked
        :raises KehuHiddenLinkError: see :meth:`_kehu_refuse_link`
        """
        comodel = self.env[self._fields[name].comodel_name]
        links = form_links(self.env)
        seen = links.seen(comodel._name) if links else ()  # looked up for the whole form at once
        linked = comodel.browse(ids.difference(seen)).exists()
        if linked - linked._filtered_access("read"):
            self._kehu_refuse_link(name)

    @api.model
    def _kehu_refuse_link(self, name):
        """Refuse a link to what the current user may not read, in a sentence that names nobody.

        :param str name: of the field
        :raises KehuHiddenLinkError: always; a model raises an error of its room instead
        """
        self._kehu_refuse_hidden_link()
