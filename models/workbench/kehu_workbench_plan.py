from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kehu_workbench import ROLES, SALES

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
        partners, pools = self.env["res.partner"], self.env["kehu.pool"]
        policies, zones = pools._kehu_policies()
        today = fields.Date.context_today(self)
        zone = self.env.tz.zone or "UTC"

        def not_since(model, alias, query):
            last, since = (model._field_to_sql(alias, name, query) for name in ("kehu_last_contact", "kehu_assigned_on"))
            return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date > %s", since, zone, last)

        domains = {
            "contacts": Domain("kehu_next_contact", "<", today + timedelta(days=7 - today.weekday())),
            "new_customers": Domain("kehu_last_contact", "=", False) | Domain.custom(to_sql=not_since),
            "falling": Domain("kehu_fall_on", "<=", today + timedelta(days=FALLING_DAYS)),
        }
        branches = {}
        for name, domain in domains.items():
            query = self._kehu_my_customers(domain)
            column = {
                field: partners._field_to_sql(query.table, field, query)
                for field in ("kehu_next_contact", "kehu_assigned_on", *(("kehu_fall_on",) if name == "falling" else ()))
            }
            fall_on, rule = SQL("NULL::date"), SQL("NULL::text")
            if name == "falling":
                fall_on, rule = column["kehu_fall_on"], pools._kehu_sql_rule(query.table, policies, zones)
            key, counts = {
                "contacts": (
                    column["kehu_next_contact"],
                    {
                        "overdue": SQL("%s < %s", column["kehu_next_contact"], today),
                        "today": SQL("%s = %s", column["kehu_next_contact"], today),
                        "week": SQL("%s > %s", column["kehu_next_contact"], today),
                    },
                ),
                "new_customers": (column["kehu_assigned_on"], {}),
                "falling": (fall_on, {"week": SQL("%s <= %s", fall_on, today + timedelta(days=7))}),
            }[name]
            sign = SQL("-") if name == "new_customers" else SQL()
            branches[name] = (
                query,
                [
                    *self._kehu_columns(
                        partners, query, ("id", "name", "phone", "kehu_next_contact", "kehu_last_contact", "kehu_assigned_on")
                    ),
                    SQL("%s AS kehu_fall_on", fall_on),
                    SQL("%s AS fall_rule", rule),
                ],
                SQL("%s EXTRACT(EPOCH FROM %s)", sign, key),
                counts,
            )
        return self._kehu_sql_select_each(branches)

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
