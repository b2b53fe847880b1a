from odoo import models


class KehuPrint(models.AbstractModel):
    _inherit = "kehu.print"

    def _get_words(self):
        return {
            **super()._get_words(),
            "target_sheet": self.env._("Target Sheet"),
            "target_whose": self.env._("Set For"),
            "target_department": self.env._("Department"),
            "target_period": self.env._("Period"),
            "target_metric": self.env._("Metric"),
            "target_value": self.env._("Target"),
            "target_stretch": self.env._("Stretch"),
            "target_challenge": self.env._("Challenge"),
            "target_actual": self.env._("Achieved"),
            "target_completion": self.env._("Completion"),
            "target_as_of": self.env._("As of"),
            "target_person": self.env._("Signature of the Person"),
            "target_manager": self.env._("Signature of the Manager"),
        }
