from datetime import date, timedelta

from odoo import models
from odoo.fields import Command

# who, orders of the year, money of the year
PEOPLE = [("zhangwei", 2400000, 2000000), ("lina", 1800000, 1500000), ("zhaolei", 1500000, 1200000)]
# of this month: new customers, contact records
WORK = [("zhangwei", 4, 40), ("lina", 3, 40), ("zhaolei", 3, 30)]


class KehuDemo(models.AbstractModel):
    """What the people of the demo company are to achieve this year, what it costs, and what they earn on top."""

    _inherit = "kehu.demo"

    def _load_targets(self):
        today = self._day(0)
        first, last = date(today.year, 1, 1), date(today.year, 12, 31)
        targets = self._as("chenzhiqiang", "kehu.target")
        years = targets.browse()
        for metric, index in (("ordered", 1), ("received", 2)):
            span = {"metric": metric, "date_from": first, "date_to": last}
            for row in PEOPLE:
                person = self._ref(f"user_{row[0]}")
                years |= targets.create(
                    {**span, "user_id": person.id, "value": row[index], "stretch": row[index] * 1.2, "challenge": row[index] * 1.5}
                )
            for department, people in (
                years.filtered(lambda year, metric=metric: year.metric == metric and year.user_id).grouped("kehu_department_id").items()
            ):
                years |= targets.create({**span, "department_id": department.id, "value": sum(people.mapped("value"))})
            years |= targets.create({**span, "value": sum(row[index] for row in PEOPLE) + 300000})
        self._as("chenzhiqiang", "kehu.target.split").create({"target_ids": [Command.set(years.ids)]}).action_apply()
        month = today.replace(day=1)
        for login, customers, records in WORK:
            person = self._ref(f"user_{login}")
            targets.create(
                [
                    {"user_id": person.id, "metric": metric, "date_from": month, "value": value}
                    for metric, value in (("new_customers", customers), ("contact_records", records))
                ]
            )
        departments = years.department_id
        budgets = self._as("wujing", "kehu.budget")
        span = {"date_from": first, "date_to": last}
        for department in departments:
            budgets.create([{**span, "department_id": department.id, "kind": "expenses", "planned": 360000, "note": "差旅、招待与展会"}])
        budgets.create([{**span, "kind": "sales", "planned": 6000000}, {**span, "kind": "receipts", "planned": 5000000}])
        rule = self._as("chenzhiqiang", "kehu.commission.rule").create(
            {"name": "回款提成", "base": "received", "percent": 1.5, "step_ids": [Command.create({"amount_from": 100000, "percent": 2})]}
        )
        self._keep("commission_rule_received", rule)
        before = month - timedelta(days=1)
        run = self._as("wujing", "kehu.commission.run").create({"date_from": before.replace(day=1), "date_to": before})
        run.action_compute()
