from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .kehu_workbench import COUNTED, ROLES, ROWS, SALES, SERVICE

BIRTHDAY_DAYS = 7


class KehuWorkbench(models.AbstractModel):
    """The panels of people: notices of the company, birthdays, customers visited last, customers to claim."""

    _inherit = "kehu.workbench"

    @api.model
    def _kehu_panels(self):
        return {
            **super()._kehu_panels(),
            "notices": {
                "title": self.env._("Notices"),
                "groups": ROLES,
                "ask": self._kehu_ask_notices,
                "load": self._kehu_panel_notices,
            },
            "birthdays": {
                "title": self.env._("Birthdays"),
                "groups": (SALES, SERVICE),
                "ask": self._kehu_ask_birthdays,
                "load": self._kehu_panel_birthdays,
            },
            "recent": {
                "title": self.env._("Last Visited Customers"),
                "groups": (SALES, SERVICE),
                "ask": self._kehu_ask_recent,
                "load": self._kehu_panel_recent,
            },
            "claim": {
                "title": self.env._("Claim from the Pool"),
                "groups": (SALES,),
                "ask": self._kehu_ask_claim,
                "load": lambda shared: self._kehu_panel_counted(shared, "claim"),
            },
        }

    # -- notices -------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_ask_notices(self, shared):
        notices = self.env["kehu.notice"]
        query = notices._search(notices._kehu_shown_domain(), order="date_from DESC, id DESC", limit=COUNTED + 1)
        return SQL(
            """SELECT n.*, count(*) OVER () AS total, count(*) FILTER (WHERE NOT is_read) OVER () AS unread
                 FROM (SELECT page.*, EXISTS(SELECT FROM kehu_notice_reader_rel rel
                                              WHERE rel.notice_id = page.id AND rel.user_id = %(me)s) AS is_read
                         FROM (%(notices)s) page) n
             ORDER BY n.is_read, n.date_from DESC, n.id DESC
                LIMIT %(rows)s""",
            me=self.env.uid,
            notices=query.select(*self._kehu_columns(notices, query, ("id", "name", "body", "date_from"))),
            rows=ROWS,
        )

    @api.model
    def _kehu_panel_notices(self, shared):
        """Notices that hold today and are meant for this person, those not read first.

        :return: {"count": not read, "more", "rows": [{"id", "name", "body", "date_from", "is_read"}]}
        """
        rows = [dict(row) for row in self._kehu_rows(shared, "notices")]
        unread = max((row.pop("unread") for row in rows), default=0)
        for row in rows:
            del row["total"]
        return {"count": min(unread, COUNTED), "more": unread > COUNTED, "rows": rows}

    # -- customers and contacts ----------------------------------------------------------------------------------------

    @api.model
    def _kehu_can_contact(self):
        """Tell whether this person logs contacts; service looks at customers only."""
        return self.env.user.has_group(SALES)

    @api.model
    def _kehu_ask_birthdays(self, shared):
        today = fields.Date.context_today(self)
        days, names = [], []
        for number in range(BIRTHDAY_DAYS):
            day = today + timedelta(days=number)
            days.append(day)
            names.append(day.strftime("%m-%d"))
            if names[-1] == "02-28" and (day + timedelta(days=1)).month == 3:
                days.append(day)  # who was born on 29 February celebrates on the 28th
                names.append("02-29")
        partners = self.env["res.partner"]
        query = partners._search([("kehu_birthday_day", "in", names), ("user_id", "!=", False)])
        columns = self._kehu_columns(partners, query, ("id", "name", "phone", "kehu_birthday_day", "kehu_customer_id"))
        return SQL(
            """SELECT p.id, p.name, p.phone, customer.name AS customer,
                      (%(days)s::date[])[array_position(%(names)s::varchar[], p.kehu_birthday_day)] AS day, count(*) OVER () AS total
                 FROM (%(people)s) p
            LEFT JOIN res_partner customer ON customer.id = p.kehu_customer_id
             ORDER BY day, p.id
                LIMIT %(rows)s""",
            days=days,
            names=names,
            people=query.select(*columns),
            rows=ROWS,
        )

    @api.model
    def _kehu_panel_birthdays(self, shared):
        """Contacts of customers with an owner, of those that this person may see, whose birthday is within seven days.

        :return: {"count", "more", "rows": [{"id", "name", "phone", "customer", "day", "can_contact"}]}
        """
        data = self._kehu_panel_counted(shared, "birthdays")
        for row in data["rows"]:
            row["can_contact"] = self._kehu_can_contact()
        return data

    @api.model
    def _kehu_ask_recent(self, shared):
        partners = self.env["res.partner"]
        visited = SQL("(SELECT v.partner_id FROM kehu_visit v WHERE v.user_id = %s)", self.env.uid)
        self.env["kehu.visit"].flush_model()
        query = partners._search([("id", "in", visited), ("kehu_is_customer", "=", True)])
        columns = self._kehu_columns(partners, query, ("id", "name", "phone", "kehu_next_contact", "user_id"))
        return SQL(
            """SELECT p.id, p.name, p.phone, p.kehu_next_contact, v.date, p.user_id = %(me)s AS is_mine
                 FROM (%(customers)s) p
                 JOIN kehu_visit v ON v.partner_id = p.id AND v.user_id = %(me)s
             ORDER BY v.date DESC, v.id DESC
                LIMIT %(rows)s""",
            me=self.env.uid,
            customers=query.select(*columns),
            rows=ROWS,
        )

    @api.model
    def _kehu_panel_recent(self, shared):
        """Customers whose card this person opened last, of those that this person may still see.

        :return: {"count": 0, "more": False, "rows": [{"id", "name", "phone", "kehu_next_contact", "date", "can_contact"}]}
        """
        rows = [dict(row) for row in self._kehu_rows(shared, "recent")]
        for row in rows:
            row["can_contact"] = bool(row.pop("is_mine")) and self._kehu_can_contact()
        return {"count": 0, "more": False, "rows": rows}

    @api.model
    def _kehu_ask_claim(self, shared):
        """Customers in the pools open to this person, without those who have just come and those whom this person had lately.

        Rows: {"id", "name", "pool", "place", "last": last contact, "total"}. Limits per day are asked by the claim itself. The
        newest of each pool come by its index, and no more than are counted.
        """
        partners = self.env["res.partner"]
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        pools = [policy.pool_id for policy in policies if not policy.members or self.env.uid in policy.members]
        query = partners._search([("kehu_is_customer", "=", True), ("user_id", "=", False)])
        customer = SQL.identifier(query.table, "id")
        pool = partners._field_to_sql(query.table, "kehu_pool_id", query)
        query.add_where(SQL("%s = waiting.pool_id", pool))
        self.env["kehu.assignment"].flush_model()
        query.add_where(
            SQL(
                """NOT EXISTS (SELECT FROM kehu_assignment a
                                 JOIN kehu_pool terms ON terms.id = %(pool)s
                                WHERE a.partner_id = %(customer)s
                                  AND (a.old_user_id = %(me)s AND a.date > %(now)s - terms.cooldown_days * interval '1 day'
                                       OR a.user_id IS NULL AND a.pool_id = terms.id
                                          AND a.date > %(now)s - terms.quiet_days * interval '1 day'))""",
                pool=pool,
                customer=customer,
                me=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        query.order = SQL("%s DESC", customer)
        query.limit = COUNTED + 1
        columns = self._kehu_columns(partners, query, ("id", "name", "kehu_pool_id", "kehu_last_contact", "state_id", "kehu_level_id"))
        return SQL(
            """SELECT c.id, c.name,
                      COALESCE(pool.name->>%(lang)s, pool.name->>'en_US') AS pool, place.name AS place,
                      c.kehu_last_contact AS last, c.total
                 FROM (SELECT p.*, count(*) OVER () AS total
                         FROM unnest(%(pools)s::int[]) waiting(pool_id)
                   CROSS JOIN LATERAL (%(customers)s) p
                    LEFT JOIN kehu_customer_level l ON l.id = p.kehu_level_id
                     ORDER BY l.sequence NULLS LAST, p.id DESC
                        LIMIT %(rows)s) c
            LEFT JOIN kehu_pool pool ON pool.id = c.kehu_pool_id
            LEFT JOIN res_country_state place ON place.id = c.state_id""",
            pools=pools,
            customers=query.select(*columns),
            lang=self.env.lang or "en_US",
            rows=ROWS,
        )
