from odoo import fields, models

from .exceptions import KehuUsedError
from .usage import uses_in_words


class KehuDictionaryValue(models.Model):
    """One choice of a drop-down that administrators maintain (business dictionary).

    A room adds its own dictionary with ``dictionary = fields.Selection(selection_add=…)`` and points a many2one at this model with a
    domain on it.
    """

    _name = "kehu.dictionary.value"
    _inherit = ["kehu.word.mixin"]
    _description = "Dictionary Value"
    _order = "dictionary, sequence, id"
    _kehu_configuration = ("dictionary", "name")

    dictionary = fields.Selection(
        [("customer_source", "Customer Source")],
        required=True,
        index=True,
        help="The drop-down in which this choice is offered.",
    )
    sequence = fields.Integer(default=10)
    color = fields.Integer(help="Shown behind the choice in lists.")
    merged_into_id = fields.Many2one("kehu.dictionary.value", readonly=True, copy=False, index="btree_not_null", ondelete="set null")

    _kehu_mergeable = True

    _name_uniq = models.UniqueIndex(
        "(dictionary, (name->>'en_US')) WHERE active IS TRUE",
        "This dictionary already has a choice of that name. Use the existing one, or archive it first.",
    )

    _check_color = models.Constraint("CHECK (color BETWEEN 0 AND 11)", "Choose one of the colors that are offered, 0 to 11.")

    def write(self, vals):
        """:raises KehuUsedError: when a choice that records bear would become one of another drop-down"""
        if "dictionary" in vals:
            moved = self.filtered(lambda word: word.dictionary != vals["dictionary"])
            for word, uses in uses_in_words(moved).items():
                raise KehuUsedError(
                    self.env._(
                        "“%(name)s” is used and stays in its drop-down: %(uses)s. Make a new choice in the other one.",
                        name=word.name,
                        uses=uses,
                    )
                )
        return super().write(vals)

    def _kehu_beside(self, other):
        return self.dictionary == other.dictionary
