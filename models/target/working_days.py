"""Which days people work: by their calendar, without public holidays and their own leaves."""

from datetime import datetime, time, timedelta

import pytz
from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _kehu_working_days(self, users, date_from, date_to):
        """List the days on which people of this company work between two days, both included.

        By the calendar of their employee, else of the company, else Monday to Friday. Public holidays and leaves of a person are left out,
        a day on which somebody works in part counts. People who share a calendar and have no leave of their own are looked up once.

        :param res.users users: the people
        :return: {user: days, ascending}; under the empty user those of the company itself
        :rtype: dict[res.users, list[date]]
        """
        self.ensure_one()
        nobody = users.browse()
        if date_to < date_from:
            return {user: [] for user in [*users, nobody]}
        zone = pytz.timezone(self.kehu_timezone or "UTC")
        begin = zone.localize(datetime.combine(date_from, time.min))
        end = zone.localize(datetime.combine(date_to + timedelta(days=1), time.min))
        # sudo: hr.employee, resource.calendar - hours of work are no secret of anybody whose target one may see
        employees = self.env["hr.employee"].sudo().with_context(active_test=False).search([("user_id", "in", users.ids)])
        employees = employees.sorted(lambda employee: (employee.company_id != self, not employee.active, employee.id))
        employees.version_id.fetch(["resource_calendar_id"])  # the host reads it of one employee after the other
        by_user = employees.grouped("user_id")
        # sudo: resource.calendar - see above
        own = self.sudo().resource_calendar_id
        # sudo: resource.calendar.leaves - days only, no reasons
        leaves = self.env["resource.calendar.leaves"].sudo()
        resources = employees.resource_id
        away = leaves.search(
            [
                ("resource_id", "in", resources.ids),
                ("date_to", ">=", begin.astimezone(pytz.utc).replace(tzinfo=None)),
                ("date_from", "<=", end.astimezone(pytz.utc).replace(tzinfo=None)),
            ]
        ).resource_id
        wanted = {}  # calendar: {user: resource, empty without leaves of its own}
        for user in [*users, nobody]:
            employee = by_user.get(user, employees.browse())[:1]
            calendar = employee.resource_calendar_id if employee else own
            wanted.setdefault(calendar, {})[user] = employee.resource_id & away
        days = {}
        for calendar, people in wanted.items():
            if not calendar:
                count = (date_to - date_from).days + 1
                week = [day for day in (date_from + timedelta(days=number) for number in range(count)) if day.weekday() < 5]
                days.update(dict.fromkeys(people, week))
                continue
            several = resources.browse().union(*people.values())
            intervals = calendar._work_intervals_batch(begin, end, resources=several, tz=zone)
            by_resource = {
                key: sorted({day for start, _stop, _meta in found if date_from <= (day := start.date()) <= date_to})
                for key, found in intervals.items()
            }
            days.update({user: by_resource[resource.id] for user, resource in people.items()})
        return days
