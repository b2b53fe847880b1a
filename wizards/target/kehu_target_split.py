from odoo import Command, api, fields, models

from ...models.target.exceptions import KehuTargetSplitError
from ...models.target.kehu_target_split import MODES, STEPS


class KehuTargetSplit(models.TransientModel):
    """Split targets of a year or a quarter over their months, after seeing and correcting what each month gets."""

    _name = "kehu.target.split"
    _description = "Split over Months"

    target_ids = fields.Many2many("kehu.target", string="Targets", required=True, readonly=True)
    mode = fields.Selection(
        MODES,
        string="How",
        required=True,
        default="evenly",
        help="By working days: a month with more of them gets more. Like last year's season: as what was achieved in the same months a "
        "year before; by working days where nothing was.",
    )
    quarters = fields.Boolean(default=True, help="Make the targets of the quarters too: each is the sum of its months.")
    line_ids = fields.One2many(
        "kehu.target.split.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False, string="Months"
    )
    preview = fields.Char(compute="_compute_preview", help="What will happen.")
    difference = fields.Char(compute="_compute_preview", help="Which months do not add up to their target.")

    @api.depends("target_ids", "mode")
    def _compute_line_ids(self):
        for wizard in self:
            targets = wizard.target_ids._origin
            lines = [
                {"target_id": target.id, "date_from": first, "date_to": last, **figures}
                for target, parts in (targets._kehu_split(wizard.mode) if targets and wizard.mode else {}).items()
                for (first, last), figures in parts.items()
            ]
            wizard.line_ids = [Command.clear(), *(Command.create(line) for line in lines)]

    @api.depends("line_ids.value", "line_ids.stretch", "line_ids.challenge", "quarters")
    def _compute_preview(self):
        for wizard in self:
            lines = wizard.line_ids
            replaced = len(lines.filtered("replaces"))
            wizard.preview = self.env._(
                "%(new)s months are made, %(replaced)s that exist are changed.", new=len(lines) - replaced, replaced=replaced
            )
            wizard.difference = wizard._kehu_difference() or False

    def _kehu_difference(self):
        """:return: a sentence on the first target whose months do not add up to it; nothing when all do"""
        self.ensure_one()
        for target, lines in self.line_ids.grouped(lambda line: line.target_id._origin).items():
            for step in STEPS:
                amount = sum(lines.mapped(step))
                if target._kehu_compare(amount, target[step]):
                    return self.env._(
                        "The months of “%(target)s” add up to %(sum)s instead of %(wanted)s. Correct them, or choose again how to split.",
                        target=target.display_name,
                        sum=target._kehu_figure(amount),
                        wanted=target._kehu_figure(target[step]),
                    )
        return ""

    def action_apply(self):
        """Make the months, and show them.

        :raises KehuTargetSplitError: when the months do not add up to their target
        """
        self.ensure_one()
        targets = self.target_ids
        targets._kehu_check_splittable()
        difference = self._kehu_difference()
        if difference:
            raise KehuTargetSplitError(difference)
        parts = {
            target: {(line.date_from, line.date_to): {step: line[step] for step in STEPS} for line in lines}
            for target, lines in self.line_ids.grouped("target_id").items()
        }
        if set(parts) != set(targets):
            raise KehuTargetSplitError(self.env._("A target has no months. Choose again how to split."))
        made = targets._kehu_make_parts(parts, self.quarters)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Targets"),
            "res_model": "kehu.target",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", made.ids)],
        }


class KehuTargetSplitLine(models.TransientModel):
    _name = "kehu.target.split.line"
    _description = "Month of a Target"
    _order = "target_id, date_from"

    wizard_id = fields.Many2one("kehu.target.split", required=True, index=True, ondelete="cascade")
    target_id = fields.Many2one("kehu.target", string="Split Target", required=True, readonly=True, ondelete="cascade")
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Until", required=True, readonly=True)
    currency_id = fields.Many2one(related="target_id.currency_id")
    value = fields.Monetary(string="Target")
    stretch = fields.Monetary()
    challenge = fields.Monetary()
    replaces = fields.Boolean(compute="_compute_replaces", help="There is a target for this month already; it is changed.")

    @api.depends("target_id", "date_from", "date_to")
    def _compute_replaces(self):
        targets = self.target_id._origin
        # sudo: kehu.target - whether there is one
        existing = targets.sudo().search(
            [
                ("company_id", "in", targets.company_id.ids),
                ("metric", "in", list(set(targets.mapped("metric")))),
                ("date_from", "in", list(set(self.mapped("date_from")))),
            ]
        )
        taken = {found._kehu_key() for found in existing}
        for line in self:
            company, metric, _first, _last, user, department = line.target_id._origin._kehu_key()
            line.replaces = (company, metric, line.date_from, line.date_to, user, department) in taken
