from odoo import api, fields, models

from ...tools.workbook import fold
from .engine import is_uninstalling
from .exceptions import KehuNameError, KehuUsedError
from .usage import uses_in_words


class KehuWordMixin(models.AbstractModel):
    """Words that administrators maintain and others choose from: levels, pools, choices of a dictionary.

    Two words that read the same cannot be told apart in a drop-down, and a word in use is archived, not deleted.
    """

    _name = "kehu.word.mixin"
    _description = "Word to Choose From"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, help="Archived choices stay on old records and are not offered any more.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._kehu_trim_name(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._kehu_trim_name(vals))

    def _kehu_trim_name(self, vals):
        """Return the values with a name that has no space around it.

        :raises KehuNameError: when nothing is left of it
        """
        if "name" not in vals:
            return vals
        name = " ".join(str(vals["name"] or "").split())
        if not name:
            raise KehuNameError(
                self.env._(
                    "A “%(kind)s” needs a name that people can read. Type one.",
                    kind=self.env["ir.model"]._get(self._name).sudo().name,  # sudo: ir.model - name of the model only
                )
            )
        return {**vals, "name": name}

    @api.constrains("name", "active")
    def _check_name_is_free(self):
        """No two of them read the same, upper and lower case, full and half width apart."""
        words = self.filtered("active")
        others = words and self.search([("active", "=", True)])
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
            raise KehuUsedError(
                self.env._(
                    "“%(name)s” is still used and cannot be deleted: %(uses)s. Archive it, and nobody is offered it any more.",
                    name=word.name,
                    uses=uses,
                )
            )
