from odoo import api, fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    duplicate_summary = fields.Text(string="Active Rules", compute="_compute_duplicate_summary")

    @api.depends("company_id")
    def _compute_duplicate_summary(self):
        """Say which rules are active, those that block apart from those that tell."""
        rules = self.env["kehu.duplicate.rule"].search([], limit=50)
        names = {action: "; ".join(group.mapped("display_name")) for action, group in rules.grouped("action").items()}
        lines = []
        if "block" in names:
            lines.append(self.env._("Cannot be saved: %(rules)s", rules=names["block"]))
        if "tell" in names:
            lines.append(self.env._("Told while typing: %(rules)s", rules=names["tell"]))
        self.duplicate_summary = "\n".join(lines)
