from bisect import bisect_left
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, float_compare, ormcache

from ..target.kehu_target import period_label
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
                "ask": self._kehu_ask_receivables,
                "load": self._kehu_panel_receivables,
            },
        }

    @api.model
    def _kehu_panel_targets(self, shared):
        """One's own targets that run today, with what must be achieved on each working day left.

        :return: {"count", "more", "behind": int, "rows": [{"id", "metric", "when", "value", "actual", "completion", "pace_needed",
            "days_left", "expected": share of the target that should be achieved by now, in per cent, "status", "label", "currency_id"}]}
        """
        company = self.env.company
        today = company._kehu_today()
        targets = self.env["kehu.target"].search_fetch(
            [
                ("user_id", "=", self.env.uid),
                ("company_id", "=", company.id),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ],
            ["metric", "date_from", "date_to", "value", "currency_id"],
            order="date_to, metric, id",
            limit=ROWS,
        )
        metrics = dict(targets._fields["metric"]._description_selection(self.env))
        states = dict(targets._fields["status"]._description_selection(self.env))
        actuals = self._kehu_my_actuals(company, targets)
        days = self._kehu_my_working_days(company, targets)
        rows = []
        for target in targets:
            # as kehu.target computes them, see tests/workbench
            total = bisect_left(days, target.date_to + timedelta(days=1)) - bisect_left(days, target.date_from)
            left = bisect_left(days, target.date_to + timedelta(days=1)) - bisect_left(days, today)
            actual, value = actuals[target], target.value
            share = (total - left) / total if total else 0.0
            reached = value and float_compare(actual, value, precision_digits=2) >= 0
            behind = not reached and float_compare(actual, value * share, precision_digits=2) < 0
            status = "reached" if reached else "behind" if behind else "on_track"
            rows.append(
                {
                    "id": target.id,
                    "metric": metrics[target.metric],
                    "when": period_label(self.env, target.date_from, target.date_to),
                    "value": value,
                    "actual": actual,
                    "completion": round(actual / value * 100, 1) if value else 0.0,
                    "expected": round(share * 100, 1),
                    "pace_needed": max(value - actual, 0.0) / left if left else 0.0,
                    "days_left": left,
                    "status": status,
                    "label": states[status],
                    "currency_id": target.currency_id.id,
                }
            )
        return {"count": len(rows), "more": False, "behind": sum(row["status"] == "behind" for row in rows), "rows": rows}

    @api.model
    def _kehu_my_actuals(self, company, targets):
        """Add up what is credited to this person for these targets of theirs, in one query for all metrics.

        :return: {kehu.target: amount}
        """
        # sudo: kehu.achievement - what a target counts does not depend on who looks at it
        credit, company = self.env["kehu.achievement"].sudo(), company.sudo()
        selects, limits = [], {}
        for metric, group in targets.grouped("metric").items():
            borders = {target.date_from for target in group} | {target.date_to + timedelta(days=1) for target in group}
            limits[metric] = borders = sorted(borders)
            credited = credit._kehu_credited(metric, company, borders[0], borders[-1] - timedelta(days=1), borders, self.env.uid)
            selects.append(
                SQL("SELECT %s AS metric, c.day, SUM(c.amount) FROM (%s) c WHERE c.user_id = %s GROUP BY 2", metric, credited, self.env.uid)
            )
        if not selects:
            return {}
        credit._kehu_flush(set(limits))
        sums = {(metric, bucket): float(amount) for metric, bucket, amount in self.env.execute_query(SQL(" UNION ALL ").join(selects))}
        return {
            target: sum(
                sums.get((target.metric, bucket), 0.0)
                for bucket in range(
                    limits[target.metric].index(target.date_from), limits[target.metric].index(target.date_to + timedelta(days=1))
                )
            )
            for target in targets
        }

    @api.model
    def _kehu_my_working_days(self, company, targets):
        """List the days on which this person works between the first and the last day of these targets.

        Kept in memory as long as nothing of the calendars has changed, which one query tells.

        :rtype: list[date]
        """
        if not targets:
            return []
        first, last = min(targets.mapped("date_from")), max(targets.mapped("date_to"))
        # sudo: res.company - its calendar, of which nothing is shown but a number of days
        calendar = company.sudo().resource_calendar_id.id
        for model in ("resource.calendar", "resource.calendar.attendance", "resource.calendar.leaves", "hr.employee", "hr.version"):
            self.env[model].flush_model()
        [state] = self.env.execute_query(
            SQL(
                """SELECT (SELECT concat(count(*), max(write_date)) FROM resource_calendar),
                          (SELECT concat(count(*), max(write_date)) FROM resource_calendar_attendance),
                          (SELECT concat(count(*), max(write_date)) FROM resource_calendar_leaves
                            WHERE date_to >= %(first)s AND date_from <= %(last)s),
                          (SELECT concat(count(*), max(v.write_date), max(e.write_date))
                             FROM hr_employee e JOIN hr_version v ON v.employee_id = e.id WHERE e.user_id = %(user)s)""",
                first=first - timedelta(days=1),
                last=last + timedelta(days=2),
                user=self.env.uid,
            )
        )
        return self._kehu_working_days_cached(company.id, company.kehu_timezone, calendar, first, last, state)

    @api.model
    @ormcache("self.env.uid", "company_id", "zone", "calendar", "first", "last", "state")
    def _kehu_working_days_cached(self, company_id, zone, calendar, first, last, state):
        user = self.env.user
        return self.env["res.company"].browse(company_id)._kehu_working_days(user, first, last)[user]

    @api.model
    def _kehu_ask_receivables(self, shared):
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
        return SQL(
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

    @api.model
    def _kehu_panel_receivables(self, shared):
        """Orders of which something was due before today, or is within a week, of those that this person may see; the oldest first.

        :return: {"count": overdue, "more", "soon": due within a week, "amount": sum of what the overdue ones owe, False when there are more
            than 1,000 or several currencies of companies, "currency_id", "rows": [{"id" of the order, "order", "customer", "salesperson",
            "date_due", "amount_due", "currency_id", "days_overdue"}]}
        """
        found = self._kehu_rows(shared, "receivables")
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
