from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kehu_workbench import ROLES, ROWS, SALES

FALLING_DAYS = 14  # as the list of those about to fall
MADE_BY_HAND_DAYS = 30  # as the filter of the schedule: nobody completes meetings of years ago


class KehuWorkbench(models.AbstractModel):
    """The panels of the day: whom to meet, to call, to keep."""

    _inherit = "kehu.workbench"

    @api.model
    def _kehu_panels(self):
        return {
            **super()._kehu_panels(),
            "schedule": {
                "title": self.env._("Today's Schedule"),
                "groups": ROLES,
                "default": (SALES, "kehu_crm.group_kehu_service"),
                "ask": self._kehu_ask_schedule,
                "load": self._kehu_panel_schedule,
            },
            "contacts": {
                "title": self.env._("Customers to Contact"),
                "groups": (SALES,),
                "ask": self._kehu_ask_customers,
                "asked": "customers",
                "load": self._kehu_panel_contacts,
            },
            "new_customers": {
                "title": self.env._("New Customers, Not Yet Contacted"),
                "groups": (SALES,),
                "ask": self._kehu_ask_customers,
                "asked": "customers",
                "load": self._kehu_panel_new_customers,
            },
            "falling": {
                "title": self.env._("About to Fall into the Pool"),
                "groups": (SALES,),
                "ask": self._kehu_ask_customers,
                "asked": "customers",
                "load": self._kehu_panel_falling,
            },
        }

    @api.model
    def _kehu_day(self):
        """Return today of this person: (day, moment at which it begins, moment at which it ends), moments naive and UTC."""
        today = fields.Date.context_today(self)
        zone = pytz.timezone(self.env.tz.zone or "UTC")
        return today, *(
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (today, today + timedelta(days=1))
        )

    @api.model
    def _kehu_ask_schedule(self, shared):
        today, begin, end = self._kehu_day()
        events = self.env["calendar.event"]
        by_day = Domain("allday", "=", True) & Domain("start_date", "<=", today)
        query = events._search(
            (Domain("user_id", "=", self.env.uid) | Domain("partner_ids", "in", self.env.user.partner_id.ids))
            & Domain("kehu_done_on", "=", False)
            & (by_day | (Domain("allday", "=", False) & Domain("start", "<", end)))
            & (Domain("kehu_contact_record_id", "!=", False) | Domain("stop", ">=", begin - timedelta(days=MADE_BY_HAND_DAYS)))
        )
        columns = self._kehu_columns(events, query, ("id", "name", "start", "stop", "allday", "start_date", "stop_date", "location"))
        planned = events._field_to_sql(query.table, "kehu_contact_record_id", query)
        columns.append(SQL("%s IS NOT NULL AS planned", planned))
        late = SQL("CASE WHEN page.allday THEN page.stop_date < %s ELSE page.stop < %s END", today, begin)
        return self._kehu_sql_select(
            query, columns, SQL("(%s), page.start, page.id", late), {"overdue": late, "today": SQL("NOT (%s)", late)}
        )

    @api.model
    def _kehu_panel_schedule(self, shared):
        """What is still to be done today, and what is overdue.

        :return: {"count": of today, "overdue", "more", "rows": [{"id", "name", "start", "stop", "allday", "start_date", "is_late",
            "location", "planned": by a contact record}]}, today's first
        """
        today, begin, _end = self._kehu_day()
        counts, rows = self._kehu_counted(self._kehu_rows(shared, "schedule"), ("overdue", "today"))
        now = fields.Datetime.to_string(fields.Datetime.now())
        today_text, begin_text = fields.Date.to_string(today), fields.Datetime.to_string(begin)
        for row in rows:
            row["is_late"] = row["stop_date"] < today_text if row["allday"] else row["stop"] < now
            row["is_today"] = not (row["stop_date"] < today_text if row["allday"] else row["stop"] < begin_text)
        return {**counts, "count": counts["today"], "rows": rows}

    @api.model
    def _kehu_my_customers(self, domain):
        """Search those customers of this person that match.

        :return: query of res.partner
        """
        mine = Domain("kehu_is_customer", "=", True) & Domain("user_id", "=", self.env.uid)
        return self.env["res.partner"]._search(mine & domain)

    @api.model
    def _kehu_customer_panels(self, shared):
        """Read the three panels of customers at once, in one query.

        :return: {"contacts", "new_customers", "falling": (counts, rows)}; rows have "id", "name", "phone", "kehu_next_contact",
            "kehu_last_contact", "kehu_assigned_on", "kehu_fall_on" and "fall_rule"
        """
        return self._kehu_counted_each(
            self._kehu_rows(shared, "customers"), {"contacts": ("overdue", "today", "week"), "new_customers": (), "falling": ("week",)}
        )

    @api.model
    def _kehu_ask_customers(self, shared):
        """Go through the person's customers once; each panel takes its own from them."""
        partners, pools = self.env["res.partner"], self.env["kehu.pool"]
        policies, zones = pools._kehu_policies()
        today = fields.Date.context_today(self)
        zone = self.env.tz.zone or "UTC"
        query = self._kehu_my_customers(Domain.TRUE)
        names = ("id", "kehu_next_contact", "kehu_last_contact", "kehu_assigned_on", "kehu_fall_on")
        mine = query.select(*self._kehu_columns(partners, query, names))
        assigned_day = SQL("(mine.kehu_assigned_on AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone)
        asked = {
            "contacts": (
                SQL("mine.kehu_next_contact < %s", today + timedelta(days=7 - today.weekday())),
                SQL("EXTRACT(EPOCH FROM mine.kehu_next_contact)"),
                {
                    "overdue": SQL("mine.kehu_next_contact < %s", today),
                    "today": SQL("mine.kehu_next_contact = %s", today),
                    "week": SQL("mine.kehu_next_contact > %s", today),
                },
            ),
            "new_customers": (
                SQL("(mine.kehu_last_contact IS NULL OR %s > mine.kehu_last_contact)", assigned_day),
                SQL("- EXTRACT(EPOCH FROM mine.kehu_assigned_on)"),
                {},
            ),
            "falling": (
                SQL("mine.kehu_fall_on <= %s", today + timedelta(days=FALLING_DAYS)),
                SQL("EXTRACT(EPOCH FROM mine.kehu_fall_on)"),
                {"week": SQL("mine.kehu_fall_on <= %s", today + timedelta(days=7))},
            ),
        }
        most = max(len(counts) for _condition, _key, counts in asked.values())
        panels = [
            SQL(
                """(SELECT mine.*, %s AS panel, %s AS panel_key, count(*) OVER () AS panel_count %s
                      FROM mine WHERE %s ORDER BY panel_key NULLS LAST, id LIMIT %s)""",
                name,
                key,
                SQL().join(
                    SQL(", count(*) FILTER (WHERE %s) OVER () AS %s", condition, SQL.identifier(f"panel_total_{index}"))
                    for index, condition in enumerate([*counts.values(), *[SQL("FALSE")] * (most - len(counts))])
                ),
                condition,
                ROWS,
            )
            for name, (condition, key, counts) in asked.items()
        ]
        return SQL(
            """WITH mine AS MATERIALIZED (%(mine)s)
             SELECT found.*, customer.name, customer.phone, CASE found.panel WHEN 'falling' THEN %(rule)s END AS fall_rule
               FROM (%(panels)s) found
               JOIN res_partner customer ON customer.id = found.id
           ORDER BY found.panel_key NULLS LAST, found.id""",
            mine=mine,
            rule=pools._kehu_sql_rule("customer", policies, zones),
            panels=SQL(" UNION ALL ").join(panels),
        )

    @api.model
    def _kehu_panel_contacts(self, shared):
        """Customers whose next contact is overdue, today, or by the end of this week.

        :return: {"count", "more", "overdue", "today", "week": later this week, "rows": see :meth:`_kehu_customer_panels`}
        """
        counts, rows = self._kehu_customer_panels(shared)["contacts"]
        return {**counts, "rows": rows}

    @api.model
    def _kehu_panel_new_customers(self, shared):
        """Customers with whom nobody spoke since they came to this person; the newest first.

        :return: {"count", "more", "rows": see :meth:`_kehu_customer_panels`}
        """
        counts, rows = self._kehu_customer_panels(shared)["new_customers"]
        return {**counts, "rows": rows}

    @api.model
    def _kehu_panel_falling(self, shared):
        """Customers that go back to the pool within 14 days, by the rules of their pool.

        :return: {"count", "more", "week": within 7 days, "rows": see :meth:`_kehu_customer_panels`, with "hint": what keeps the customer}
        """
        counts, rows = self._kehu_customer_panels(shared)["falling"]
        for row in rows:
            row["hint"] = self.env["res.partner"]._kehu_reset_hint(row["fall_rule"])
        return {**counts, "rows": rows}
