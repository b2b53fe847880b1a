"""Analyses and own reports without the figures that a role hides."""

from copy import copy

from odoo import api, models

from ..analysis.exceptions import KehuAnalysisRightError
from ..analysis.provider import words

COSTS = ("margin", "margin_rate", "cost")


class KehuAnalysis(models.AbstractModel):
    _inherit = "kehu.analysis"

    def _kehu_analysis(self, name):
        """:raises KehuAnalysisRightError: when nothing is left of it"""
        analysis = super()._kehu_analysis(name)
        kinds = self.env["kehu.role"]._kehu_hidden() & {"amount", "cost"}
        if not kinds:
            return analysis

        def shown(key):
            measure = analysis.known_measures[key]
            parts = [analysis.known_measures[part] for part in (measure.part, measure.whole) if part in analysis.known_measures]
            money = any(one.kind == "money" for one in (measure, *parts))
            return not ("amount" in kinds and money) and not ("cost" in kinds and key in COSTS)

        narrowed = copy(analysis)
        narrowed.measures = tuple(key for key in analysis.measures if shown(key))
        narrowed.extra = tuple(key for key in analysis.extra if shown(key))
        if not narrowed.measures:
            raise KehuAnalysisRightError(
                self.env._("Your role hides what “%(title)s” tells. Choose another analysis.", title=words(self.env, analysis.title))
            )
        return narrowed

    @api.model
    @api.readonly
    def check_total(self, name, conditions):
        """:raises KehuAnalysisRightError: for people from whom figures are hidden: the check names them all"""
        if not self.env["kehu.role"]._kehu_hidden().isdisjoint(("amount", "cost")):
            raise KehuAnalysisRightError(
                self.env._("Your role hides amounts or costs, and the check names them. Ask a colleague to run it.")
            )
        return super().check_total(name, conditions)


class KehuReport(models.Model):
    _inherit = "kehu.report"

    @api.model
    def _kehu_readable(self, records, path):
        """A hidden field is not open to the reader."""
        field = super()._kehu_readable(records, path)
        return None if field is not None and field.name in self.env[field.model_name]._kehu_covered_fields() else field

    def _kehu_check_readable(self, records, condition, field):
        if field.name in records._kehu_covered_fields():
            raise records._kehu_hidden_error(field.name)
        return super()._kehu_check_readable(records, condition, field)
