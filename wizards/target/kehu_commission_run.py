from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ...models.system.values import check_days
from ...models.target.exceptions import KehuCommissionError
from ...tools import period


class KehuCommissionRun(models.TransientModel):
    """Compute the commissions of a period for everybody, or for some."""

    _name = "kehu.commission.run"
    _description = "Compute Commissions"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date_from = fields.Date(string="From", required=True, default=lambda self: self._default_span()[0])
    date_to = fields.Date(string="Until", required=True, default=lambda self: self._default_span()[1])
    user_ids = fields.Many2many(
        "res.users",
        string="Salespeople",
        domain="[('share', '=', False)]",
        context={"active_test": False},  # somebody who has left is not everybody
        help="Empty: everybody whom a rule is for.",
    )

    def _default_span(self):
        """Last month."""
        return period.span("month", self.env.company._kehu_today().replace(day=1) - timedelta(days=1))

    @api.constrains("date_from", "date_to")
    def _check_days(self):
        for run in self:
            check_days(run, {"date_from": run.date_from, "date_to": run.date_to}, KehuCommissionError)
            if run.date_to < run.date_from:
                raise KehuCommissionError(self.env._("The period ends before it begins. Correct one of the two days."))

    def action_compute(self):
        """Compute, and show what came out.

        :raises KehuCommissionRightError: without the right to
        :raises KehuCommissionError: when no rule holds in the period
        """
        self.ensure_one()
        commissions = self.env["kehu.commission"]
        commissions._kehu_check_may_compute()
        if self.company_id not in self.env.companies:
            raise KehuCommissionError(self.env._("Choose a company that you work for."))
        if not commissions._kehu_rules(self.company_id, self.date_from, self.date_to):
            raise KehuCommissionError(
                self.env._(
                    "No commission rule of %(company)s holds from %(first)s until %(last)s. Make one under Configuration, "
                    "Commission Rules.",
                    company=self.company_id.name,
                    first=format_date(self.env, self.date_from),
                    last=format_date(self.env, self.date_to),
                )
            )
        made = commissions._kehu_compute(self.company_id, self.date_from, self.date_to, self.user_ids or None)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Commissions"),
            "res_model": "kehu.commission",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", made.ids)],
        }
