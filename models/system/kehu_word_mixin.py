from odoo import api, fields, models

from ...tools.workbook import fold
from .engine import is_uninstalling
from .exceptions import KehuNameError, KehuUsedError
from .usage import uses_in_words
from .values import check_length, check_text


class KehuWordMixin(models.AbstractModel):
    """Words that administrators maintain and others choose from: levels, pools, choices of a dictionary.

    Two words that read the same cannot be told apart in a drop-down, and a word in use is archived, not deleted.
    """

    _name = "kehu.word.mixin"
    _description = "Word to Choose From"

    _kehu_mergeable = False  # see kehu_word_merge.py

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, help="Archived choices stay on old records and are not offered any more.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._kehu_trim_name(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._kehu_trim_name(vals))

    def copy_data(self, default=None):
        """A copy has a name of its own: “Fair (copy)”, “Fair (copy 2)” …"""
        vals_list = super().copy_data(default)
        if "name" in (default or {}):
            return vals_list
        taken = {fold(word.name or "") for word in self.search([("active", "=", True)])}
        for word, vals in zip(self, vals_list, strict=True):
            number = 1
            name = self.env._("%(name)s (copy)", name=word.name)
            while fold(name) in taken:
                number += 1
                name = self.env._("%(name)s (copy %(number)s)", name=word.name, number=number)
            taken.add(fold(name))
            vals["name"] = name
        return vals_list

    def copy_translations(self, new, excluded=()):
        """The name of a copy is its own in every language."""
        return super().copy_translations(new, excluded={*excluded, "name"})

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """A translated name is a name; without a translation the English one is shown."""
        if field_name == "name":
            translations = {
                lang: name if name is False or name is None else self._kehu_trim_name({"name": name})["name"]
                for lang, name in translations.items()
            }
        result = super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
        if field_name == "name":
            for lang in translations:
                self._kehu_check_name_is_free(lang)
        return result

    def _kehu_trim_name(self, vals):
        """Return the values with a name that has no space around it.

        :raises KehuNameError: when nothing is left of it, or it is no text
        """
        if "name" not in vals:
            return vals
        name = " ".join(vals["name"].split()) if isinstance(vals["name"], str) else ""
        if not name:
            raise KehuNameError(
                self.env._(
                    "A “%(kind)s” needs a name that people can read. Type one.",
                    kind=self.env["ir.model"]._get(self._name).sudo().name,  # sudo: ir.model - name of the model only
                )
            )
        check_text(self, self._fields["name"], name, KehuNameError)
        check_length(self, self._fields["name"], name, KehuNameError)
        return {**vals, "name": name}

    @api.constrains("name", "active")
    def _check_name_is_free(self):
        """No two of them read the same, upper and lower case, full and half width apart."""
        self._kehu_check_name_is_free(self.env.lang)

    def _kehu_check_name_is_free(self, lang):
        """Compare the names in one language; the sentence is in that of the person.

        :raises KehuNameError: naming the first word that reads the same
        """
        words = self.filtered("active").with_context(lang=lang)
        others = words and words.search([("active", "=", True)])
        for word in words:
            for other in others - word:
                if fold(other.name or "") == fold(word.name or "") and word._kehu_beside(other):
                    raise KehuNameError(
                        self.env._(
                            "There is already a “%(kind)s” called “%(name)s”. Use that one, or choose a different name.",
                            kind=self.env["ir.model"]._get(self._name).sudo().name,  # sudo: ir.model - name of the model only
                            name=other.name,
                        )
                    )

    def _kehu_beside(self, other):
        """Tell whether one meets both in the same drop-down."""
        self.ensure_one()
        return True

    @api.ondelete(at_uninstall=True)
    def _unlink_except_used(self):
        if is_uninstalling(self.env):
            return
        for word, uses in uses_in_words(self).items():
            if self._kehu_mergeable:
                raise KehuUsedError(
                    self.env._(
                        "“%(name)s” is still used and cannot be deleted: %(uses)s. Archive it, and nobody is offered it any more, or "
                        "merge it into another choice.",
                        name=word.name,
                        uses=uses,
                    )
                )
            raise KehuUsedError(
                self.env._(
                    "“%(name)s” is still used and cannot be deleted: %(uses)s. Archive it, and nobody is offered it any more.",
                    name=word.name,
                    uses=uses,
                )
            )
