from odoo import api, fields, models
from odoo.tools import format_list

from ...models.system.exceptions import KehuValidationError


class KehuWordMerge(models.TransientModel):
    """Merge choices of one drop-down into another of its choices, after a look at what that changes."""

    _name = "kehu.word.merge"
    _description = "Merge Choices"

    value_ids = fields.Many2many("kehu.dictionary.value", string="Choices", context={"active_test": False})
    dictionary = fields.Char(compute="_compute_dictionary", export_string_translation=False)
    target_value_id = fields.Many2one(
        "kehu.dictionary.value", string="Into", domain="[('dictionary', '=', dictionary), ('id', 'not in', value_ids)]"
    )
    level_ids = fields.Many2many("kehu.customer.level", string="Levels", context={"active_test": False})
    target_level_id = fields.Many2one("kehu.customer.level", string="Into the Level", domain="[('id', 'not in', level_ids)]")
    preview = fields.Text(string="What Happens", compute="_compute_preview")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        names = {"kehu.dictionary.value": "value_ids", "kehu.customer.level": "level_ids"}
        name = names.get(self.env.context.get("active_model"))
        if name and self.env.context.get("active_ids"):
            values[name] = [(6, 0, self.env.context["active_ids"])]
        return values

    @api.depends("value_ids")
    def _compute_dictionary(self):
        for wizard in self:
            wizard.dictionary = wizard.value_ids[:1].dictionary

    @api.depends("value_ids", "target_value_id", "level_ids", "target_level_id")
    def _compute_preview(self):
        for wizard in self:
            words, target = wizard._kehu_choice()
            words = words._origin
            if not words or not target:
                wizard.preview = self.env._("Choose into which one.") if words else self.env._("Choose what is merged.")
                continue
            lines = words._kehu_uses_in_words()
            names = format_list(self.env, words.mapped("name"))
            if lines:
                head = self.env._(
                    "These records will bear “%(target)s” instead of “%(names)s”, whoever they belong to:", target=target.name, names=names
                )
            else:
                head = self.env._("No record bears “%(names)s”.", names=names)
            end = self.env._(
                "“%(names)s” is archived afterwards and stays readable. Histories keep it; saved searches and conditions that name it are "
                "not changed. This cannot be undone.",
                names=names,
            )
            wizard.preview = "\n".join([head, *(f"• {line}" for line in lines), "", end])

    def _kehu_choice(self):
        self.ensure_one()
        if self.level_ids:
            return self.level_ids, self.target_level_id
        return self.value_ids, self.target_value_id

    def action_apply(self):
        """Merge.

        :raises KehuValidationError: when nothing, or no target was chosen
        """
        words, target = self._kehu_choice()
        if self.level_ids and self.value_ids:
            raise KehuValidationError(self.env._("Levels and other choices are merged separately."))
        if not words or not target:
            raise KehuValidationError(self.env._("Choose what is merged, and into which choice of the same drop-down."))
        count = words._kehu_merge_into(target)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Merged into “%(target)s”. Records changed: %(count)s.", target=target.name, count=count),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
