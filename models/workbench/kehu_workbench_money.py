from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .kehu_workbench import COUNTED, FINANCE, ROWS, SALES

SOON_DAYS = 7


class KehuWorkbench(models.AbstractModel):
    """The panels of results and money: one's targets, and what customers owe."""

    _inherit = "kehu.workbench"

    @api.model
    def _kehu_panels(self):
        return {
            **super()._kehu_panels(),
            "targets": {"title": self.env._("My Targets"), "groups": (SALES,), "load": self._kehu_panel_targets},
            "receivables": {
                "title": self.env._("Receivables Overdue"),
                "groups": (SALES, FINANCE),
                "load": self._kehu_panel_receivables,
            },
        }

    @api.model
    def _kehu_panel_targets(self, shared):
        """One's own targets that run today, with what must be achieved on each working day left.

        :return: {"count", "more", "behind": int, "rows": [{"id", "metric", "when", "value", "actual", "completion", "pace_needed",
            "days_left", "expected": share of the target that should be achieved by now, in per cent, "status", "label", "currency_id"}]}
        """
        today = self.env.company._kehu_today()
        targets = self.env["kehu.target"].search_fetch(
            [("user_id", "=", self.env.uid), ("date_from", "<=", today), ("date_to", ">=", today)],
            [
                "metric",
                "date_from",
                "date_to",
                "value",
                "stretch",
                "challenge",
                "currency_id",
                "company_id",
                "user_id",
                "department_id",
                "period",
            ],
            order="date_to, metric, id",
            limit=ROWS,
        )
        metrics = dict(targets._fields["metric"]._description_selection(self.env))
        states = dict(targets._fields["status"]._description_selection(self.env))
        rows = [
            {
                "id": target.id,
                "metric": metrics[target.metric],
                "when": target.when,
                "value": target.value,
                "actual": target.actual,
                "completion": target.completion,
                "expected": round(target.expected / target.value * 100, 1) if target.value else 0.0,
                "pace_needed": target.pace_needed,
                "days_left": target.days_left,
                "status": target.status,
                "label": states.get(target.status, ""),
                "currency_id": target.currency_id.id,
            }
            for target in targets
        ]
        return {"count": len(rows), "more": False, "behind": sum(row["status"] == "behind" for row in rows), "rows": rows}

    @api.model
    def _kehu_panel_receivables(self, shared):
        """Orders of which something was due before today, or is within a week, of those that this person may see; the oldest first.

        :return: {"count": overdue, "more", "soon": due within a week, "amount": sum of what the overdue ones owe, False when there are more
            than 1,000 or several currencies of companies, "currency_id", "rows": [{"id" of the order, "order", "customer", "salesperson",
            "date_due", "amount_due", "currency_id", "days_overdue"}]}
        """
        today = fields.Date.context_today(self)
        receivables = self.env["kehu.receivable"]
        query = receivables._search(
            [
                ("receipt_state", "in", ("none", "partial")),
                ("amount_due", ">", 0),
                ("date_due", "<=", today + timedelta(days=SOON_DAYS)),
            ],
            order="date_due, id",
            limit=COUNTED + 1,
        )
        columns = self._kehu_columns(
            receivables,
            query,
            (
                "id",
                "date_due",
                "amount_due",
                "currency_id",
                "days_overdue",
                "partner_id",
                "user_id",
                "amount_due_company",
                "company_currency_id",
            ),
        )
        found = self.env.execute_query_dict(
            SQL(
                """SELECT page.*, o.name AS order, customer.name AS customer, %(salesperson)s AS salesperson
                     FROM (SELECT due.*,
                                  count(*) OVER () AS total,
                                  count(*) FILTER (WHERE date_due < %(today)s) OVER () AS overdue,
                                  sum(amount_due_company) FILTER (WHERE date_due < %(today)s) OVER () AS amount,
                                  min(company_currency_id) OVER () = max(company_currency_id) OVER () AS alike
                             FROM (%(due)s) due
                         ORDER BY date_due, id
                            LIMIT %(rows)s) page
                     JOIN sale_order o ON o.id = page.id
                LEFT JOIN res_partner customer ON customer.id = page.partner_id
                 ORDER BY page.date_due, page.id""",
                salesperson=self._kehu_sql_user_name(SQL("page.user_id")),
                today=today,
                due=query.select(*columns),
                rows=ROWS,
            )
        )
        first = found[0] if found else {}
        more = first.get("total", 0) > COUNTED
        overdue = first.get("overdue", 0)
        names = ("id", "order", "customer", "salesperson", "date_due", "amount_due", "currency_id", "days_overdue")
        return {
            "count": min(overdue, COUNTED),
            "more": overdue > COUNTED,
            "soon": 0 if more else first.get("total", 0) - overdue,
            "amount": float(first["amount"]) if first.get("alike") and first.get("amount") and not more else False,
            "currency_id": first.get("company_currency_id") or False,
            "rows": [{name: float(row[name]) if name == "amount_due" else self._kehu_plain(row[name]) for name in names} for row in found],
        }
