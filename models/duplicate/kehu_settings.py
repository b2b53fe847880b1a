from odoo import api, fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    duplicate_summary = fields.Text(string="Active Rules", compute="_compute_duplicate_summary")

    @api.depends("company_id")
    def _compute_duplicate_summary(self):
        """Say which rules are active, those that block apart from those that tell."""
        rules = self.env["kehu.duplicate.rule"].search([], limit=50)
        labels = {
            "block": self.env._("Cannot be saved: %(rules)s"),
            "tell": self.env._("Told while typing: %(rules)s"),
        }
        lines = []
        for action, label in labels.items():
            names = rules.filtered(lambda rule, action=action: rule.action == action).mapped("display_name")
            if names:
                lines.append(label % {"rules": "; ".join(names)})
        self.duplicate_summary = "\n".join(lines)
