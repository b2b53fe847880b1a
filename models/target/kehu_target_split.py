from odoo import models

from ...tools import period
from ...tools.apportion import apportion
from .exceptions import KehuTargetSplitError

MODES = [("evenly", "Evenly by working days"), ("season", "Like last year's season")]
STEPS = ("value", "stretch", "challenge")


class KehuTarget(models.Model):
    """A year, or a quarter, is split over its months; quarters are the sum of theirs."""

    _inherit = "kehu.target"

    def action_split(self):
        """Open the dialog that splits these targets over their months.

        :raises KehuTargetSplitError: for one that has no months to be split over
        """
        self.check_access("write")
        self._kehu_check_splittable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Split over Months"),
            "res_model": "kehu.target.split",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_target_ids": self.ids},
        }

    def _kehu_check_splittable(self):
        for target in self:
            if target.period not in ("quarter", "year"):
                raise KehuTargetSplitError(
                    self.env._(
                        "“%(target)s” is neither a year nor a quarter, so there are no months to split it over.", target=target.display_name
                    )
                )

    def _kehu_split_weights(self, mode):
        """Weigh the months of these targets.

        By the working days of the person, or of the company; or by what was achieved in the same months a year before. Where nothing
        was, or less than nothing in a month, the working days decide.

        :return: {kehu.target: {(first day, last day): weight}}
        :rtype: dict
        """
        weights = {}
        credit = self.env["kehu.achievement"].sudo()  # sudo: kehu.achievement - figures of a target that the person may set
        for (company, metric), targets in self.grouped(lambda target: (target.company_id, target.metric)).items():
            spans = {target: period.split(target.date_from, target.date_to) for target in targets}
            days = company._kehu_working_days(targets.user_id, min(targets.mapped("date_from")), max(targets.mapped("date_to")))
            before = {}
            if mode == "season":
                wanted = {(target._kehu_who(), *period.year_before(first, last)) for target in targets for first, last in spans[target]}
                before = credit._kehu_totals(metric, company, wanted)
            for target in targets:
                season = {span: before.get((target._kehu_who(), *period.year_before(*span)), 0.0) for span in spans[target]}
                if min(season.values()) < 0 or sum(season.values()) <= 0:
                    own = days[target.user_id]
                    season = {span: sum(span[0] <= day <= span[1] for day in own) or 0 for span in spans[target]}
                if not sum(season.values()):
                    season = dict.fromkeys(season, 1)
                weights[target] = season
        return weights

    def _kehu_split(self, mode):
        """Split the three figures of each of these targets over its months; the parts add up to it exactly.

        Money is rounded as the currency is, numbers of customers and contacts to whole ones. E.g. 1,000 over a quarter of 21, 20 and 22
        working days: 333.33, 317.46, 349.21.

        :param str mode: one of MODES
        :return: {kehu.target: {(first day, last day): {"value", "stretch", "challenge"}}}
        :rtype: dict
        """
        parts = {}
        for target, weights in self._kehu_split_weights(mode).items():
            rounding = target._kehu_rounding()
            by_step = {step: apportion(target[step], weights, rounding) for step in STEPS}
            parts[target] = {span: {step: by_step[step][span] for step in STEPS} for span in weights}
        return parts

    def _kehu_rounding(self):
        """Smallest unit of this one target: that of the currency, or one; a hundredth where the target itself has fractions."""
        self.ensure_one()
        if self.currency_id:
            return self.currency_id.rounding
        return 1.0 if all(self[step] == int(self[step]) for step in STEPS) else 0.01

    def _kehu_make_parts(self, parts, quarters):
        """Make or change the targets of months, and of quarters, of these targets.

        :param dict parts: see :meth:`_kehu_split`
        :param bool quarters: whether a year gets quarters too, each the sum of its months
        :return: the targets of months and quarters
        :raises KehuTargetRightError: where the person may not set them
        """
        wanted = {}  # (target, first day, last day): figures
        for target in self:
            months = parts[target]
            for span, figures in months.items():
                wanted[(target, *span)] = figures
            if quarters and target.period == "year":
                for first, last in period.split(target.date_from, target.date_to, 3):
                    rounded = target.currency_id.round if target.currency_id else lambda amount: round(amount, 2)
                    wanted[target, first, last] = {
                        step: rounded(sum(figures[step] for span, figures in months.items() if first <= span[0] <= last)) for step in STEPS
                    }
        existing = self.sudo().search(  # sudo: kehu.target - found first, then changed with the rights of the person
            [
                ("company_id", "in", self.company_id.ids),
                ("metric", "in", list(set(self.mapped("metric")))),
                ("date_from", ">=", min(self.mapped("date_from"))),
                ("date_to", "<=", max(self.mapped("date_to"))),
            ]
        )
        by_key = {found._kehu_key(): found.sudo(self.env.su) for found in existing}
        made, created = self.browse(), []
        for (target, first, last), figures in wanted.items():
            company, metric, _first, _last, user, department = target._kehu_key()
            found = by_key.get((company, metric, first, last, user, department))
            if found:
                found.write(figures)
                made |= found
            else:
                created.append(
                    {
                        "company_id": company,
                        "metric": metric,
                        "date_from": first,
                        "date_to": last,
                        "user_id": user,
                        "department_id": department,
                        **figures,
                    }
                )
        return made | self.create(created)
