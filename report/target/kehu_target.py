from odoo import models
from odoo.tools import format_date

from ...models.target.kehu_target import period_label


class KehuTarget(models.Model):
    """What the print asks the target for. It shows what its reader may see."""

    _inherit = "kehu.target"

    def _kehu_print_name(self):
        """Name of the printed file."""
        self.ensure_one()
        return self.env._("Target Sheet - %(target)s", target=self.display_name)

    def _kehu_print_facts(self):
        """The head of the sheet of this one target, as [(key of a word, text)]."""
        self.ensure_one()
        facts = [("target_whose", self._kehu_whose())]
        if self.user_id and self.kehu_department_id:
            facts.append(("target_department", self.kehu_department_id.name))
        return [
            *facts,
            ("target_period", period_label(self.env, self.date_from, self.date_to)),
            ("target_as_of", format_date(self.env, self.company_id._kehu_today())),
        ]

    def _kehu_print_rows(self):
        """All targets of the same person, department or company in the period of this one: by metric, the longest period first.

        :return: dicts: ``metric`` (text, on the first row of each), ``period`` (text), ``whole`` (nothing above it), ``figures`` (target,
            stretch, challenge and achieved as text, empty for none), ``completion`` (text)
        :rtype: list[dict]
        """
        self.ensure_one()
        targets = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("user_id", "=", self.user_id.id),
                ("department_id", "=", self.department_id.id),
                ("date_from", ">=", self.date_from),
                ("date_to", "<=", self.date_to),
            ]
        )
        metrics = dict(self._fields["metric"]._description_selection(self.env))
        order = list(metrics)
        rows, before = [], None
        for target in targets.sorted(lambda target: (order.index(target.metric), target.date_from, -target.date_to.toordinal())):
            rows.append(
                {
                    "metric": "" if target.metric == before else metrics[target.metric],
                    "period": period_label(self.env, target.date_from, target.date_to),
                    "whole": target.period == "year",
                    "figures": [
                        target._kehu_figure(amount) if amount or index in (0, 3) else ""
                        for index, amount in enumerate((target.value, target.stretch, target.challenge, target.actual))
                    ],
                    "completion": f"{target.completion:.1f} %",
                }
            )
            before = target.metric
        return rows
