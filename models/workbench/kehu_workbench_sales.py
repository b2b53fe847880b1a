from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from .kehu_workbench import COUNTED, FINANCE, MANAGER, ROWS, SALES

STAGES = 8  # of a funnel
SOON_DAYS = 7


class KehuWorkbench(models.AbstractModel):
    """The panels of the sales: one's funnel, the largest deals, instalments to collect, the ranking; the team for managers."""

    _inherit = "kehu.workbench"

    @api.model
    def _kehu_panels(self):
        return {
            **super()._kehu_panels(),
            "instalments": {
                "title": self.env._("Instalments Due"),
                "groups": (SALES, FINANCE),
                "default": (FINANCE,),
                "ask": self._kehu_ask_instalments,
                "load": self._kehu_panel_instalments,
            },
            "funnel": {
                "title": self.env._("My Funnel"),
                "groups": (SALES,),
                "ask": self._kehu_ask_funnel,
                "load": self._kehu_panel_funnel,
            },
            "team": {
                "title": self.env._("Team at a Glance"),
                "groups": (MANAGER,),
                "first": (MANAGER,),
                "ask": self._kehu_ask_team,
                "load": self._kehu_panel_team,
            },
            "ranking": {
                "title": self.env._("Ranking This Month"),
                "groups": (SALES,),
                "default": (MANAGER,),
                "first": (MANAGER,),
                "ask": self._kehu_ask_ranking,
                "load": self._kehu_panel_ranking,
            },
            "deals": {
                "title": self.env._("Big Deals"),
                "groups": (SALES,),
                "default": (MANAGER,),
                "first": (MANAGER,),
                "ask": self._kehu_ask_deals,
                "load": lambda shared: self._kehu_panel_counted(shared, "deals"),
            },
        }

    @api.model
    def _kehu_panel_counted(self, shared, name):
        """Return rows of which each tells in ``total`` how many there are, at most 1,001.

        :return: {"count", "more", "rows"}
        """
        rows = [dict(row) for row in self._kehu_rows(shared, name)]
        number = max((row.pop("total") for row in rows), default=0)
        return {"count": min(number, COUNTED), "more": number > COUNTED, "rows": rows}

    # -- instalments ---------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_ask_instalments(self, shared):
        today = fields.Date.context_today(self)
        parts = self.env["kehu.instalment"]
        query = parts._search(
            [
                ("settlement", "in", ("waiting", "partial")),
                ("in_force", "=", True),
                ("date_due", "<=", today + timedelta(days=SOON_DAYS)),
            ],
            order="date_due, sequence, id",
            limit=COUNTED + 1,
        )
        columns = self._kehu_columns(
            parts, query, ("id", "name", "order_id", "contract_id", "partner_id", "user_id", "date_due", "amount_due", "currency_id")
        )
        return SQL(
            """SELECT page.id, page.name, COALESCE(o.name, c.name) AS document, customer.name AS customer, %(person)s AS salesperson,
                      page.date_due, page.amount_due, page.currency_id, GREATEST(%(today)s::date - page.date_due, 0) AS days_overdue,
                      page.overdue, page.total
                 FROM (SELECT part.*, count(*) OVER () AS total, count(*) FILTER (WHERE date_due < %(today)s) OVER () AS overdue
                         FROM (%(parts)s) part
                     ORDER BY date_due, id
                        LIMIT %(rows)s) page
            LEFT JOIN sale_order o ON o.id = page.order_id
            LEFT JOIN kehu_contract c ON c.id = page.contract_id
            LEFT JOIN res_partner customer ON customer.id = page.partner_id
             ORDER BY page.date_due, page.id""",
            person=self._kehu_sql_user_name(SQL("page.user_id")),
            today=today,
            parts=query.select(*columns),
            rows=ROWS,
        )

    @api.model
    def _kehu_panel_instalments(self, shared):
        """Parts of payment plans that are overdue, or fall due within a week, of those that this person may see; the oldest first.

        :return: {"count": overdue, "more", "soon": due within a week, "rows": [{"id", "name", "document", "customer", "salesperson",
            "date_due", "amount_due", "currency_id", "days_overdue"}]}
        """
        rows = [dict(row) for row in self._kehu_rows(shared, "instalments")]
        total = max((row.pop("total") for row in rows), default=0)
        overdue = max((row.pop("overdue") for row in rows), default=0)
        more = total > COUNTED
        return {"count": min(overdue, COUNTED), "more": overdue > COUNTED, "soon": 0 if more else total - overdue, "rows": rows}

    # -- opportunities -------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_open_deals(self, domain):
        """Search opportunities neither won nor lost whose amounts are in the currency of the company.

        :return: query of crm.lead
        """
        return self.env["crm.lead"]._search(
            [
                ("type", "=", "opportunity"),
                ("won_status", "=", "pending"),
                ("active", "=", True),
                ("company_id", "in", [False, self.env.company.id]),
                *domain,
            ]
        )

    @api.model
    def _kehu_sql_stage_name(self):
        """Return the name of the stage ``s`` in the language of this person, as SQL."""
        return SQL("COALESCE(s.name->>%s, s.name->>'en_US')", self.env.lang or "en_US")

    @api.model
    def _kehu_ask_funnel(self, shared):
        leads = self.env["crm.lead"]
        query = self._kehu_open_deals([("user_id", "=", self.env.uid)])
        return SQL(
            """SELECT s.id, %s AS name, f.deals, f.revenue, f.expected
                 FROM (SELECT d.stage_id, count(*) AS deals, sum(d.expected_revenue) AS revenue,
                              sum(d.expected_revenue * d.probability / 100) AS expected
                         FROM (%s) d GROUP BY d.stage_id) f
                 JOIN crm_stage s ON s.id = f.stage_id
             ORDER BY s.sequence, s.id
                LIMIT %s""",
            self._kehu_sql_stage_name(),
            query.select(*self._kehu_columns(leads, query, ("stage_id", "expected_revenue", "probability"))),
            STAGES,
        )

    @api.model
    def _kehu_panel_funnel(self, shared):
        """Open opportunities of this person, by stage.

        :return: {"count", "more", "amount": expected revenue of all, "weighted": the same by probability, "currency_id",
            "rows": [{"id" of the stage, "name", "deals": number, "revenue", "share": of the largest, in per cent}]}
        """
        rows = [dict(row) for row in self._kehu_rows(shared, "funnel")]
        largest = max((row["revenue"] or 0.0 for row in rows), default=0.0)
        weighted = sum(row.pop("expected") or 0.0 for row in rows)
        for row in rows:
            row["revenue"] = row["revenue"] or 0.0
            row["share"] = round(row["revenue"] / largest * 100) if largest else 0
        return {
            "count": sum(row["deals"] for row in rows),
            "more": False,
            "amount": sum(row["revenue"] for row in rows),
            "weighted": weighted,
            "currency_id": self.env.company.currency_id.id,
            "rows": rows,
        }

    @api.model
    def _kehu_ask_deals(self, shared):
        """The largest open opportunities that this person may see.

        Rows: {"id", "name", "customer_id", "customer", "salesperson", "stage", "amount", "currency_id", "probability", "closing": day,
        "total"}
        """
        leads = self.env["crm.lead"]
        query = self._kehu_open_deals([("expected_revenue", ">", 0)])
        names = ("id", "name", "partner_id", "user_id", "stage_id", "expected_revenue", "probability", "date_deadline")
        query.order = SQL("%s DESC, %s", *(leads._field_to_sql(query.table, name, query) for name in ("expected_revenue", "id")))
        query.limit = COUNTED + 1
        return SQL(
            """SELECT page.id, page.name, customer.id AS customer_id, customer.name AS customer, %(person)s AS salesperson,
                      %(stage)s AS stage, page.expected_revenue AS amount, %(currency)s AS currency_id, page.probability,
                      page.date_deadline AS closing, page.total
                 FROM (SELECT d.*, count(*) OVER () AS total
                         FROM (%(deals)s) d
                     ORDER BY expected_revenue DESC, id
                        LIMIT %(rows)s) page
            LEFT JOIN crm_stage s ON s.id = page.stage_id
            LEFT JOIN res_partner contact ON contact.id = page.partner_id
            LEFT JOIN res_partner customer ON customer.id = COALESCE(contact.commercial_partner_id, contact.id)
             ORDER BY page.expected_revenue DESC, page.id""",
            person=self._kehu_sql_user_name(SQL("page.user_id")),
            stage=self._kehu_sql_stage_name(),
            currency=self.env.company.currency_id.id,
            deals=query.select(*self._kehu_columns(leads, query, names)),
            rows=ROWS,
        )

    # -- ranking and team ----------------------------------------------------------------------------------------------

    @api.model
    def _kehu_ask_ranking(self, shared):
        company = self.env.company
        today = company._kehu_today()
        begin = company._kehu_midnight(today.replace(day=1))
        before = company._kehu_midnight(today.replace(day=1) - relativedelta(months=1))
        # the same days of the month before: to the end of that month at most
        until = company._kehu_midnight(min(today - relativedelta(months=1) + timedelta(days=1), today.replace(day=1)))
        orders = self.env["sale.order"]
        query = orders._search(
            [
                ("state", "=", "sale"),
                ("company_id", "=", company.id),
                ("user_id", "!=", False),
                ("date_order", ">=", before),
            ]
        )
        columns = self._kehu_columns(orders, query, ("user_id", "date_order", "amount_total", "currency_rate"))
        place = people = SQL("NULL")
        if not self.env.user.has_group(MANAGER):
            # one's place among all who sold, of whom one learns no more than their number: as of targets
            sold = SQL(
                """SELECT a.user_id, sum(a.amount_total / COALESCE(NULLIF(a.currency_rate, 0), 1)) AS amount FROM sale_order a
                    WHERE a.state = 'sale' AND a.company_id = %s AND a.user_id IS NOT NULL AND a.date_order >= %s GROUP BY a.user_id""",
                company.id,
                begin,
            )
            place = SQL("(SELECT count(*) + 1 FROM (%s) s WHERE s.amount > r.amount AND s.user_id <> r.user_id)", sold)
            people = SQL("(SELECT count(*) FROM (%s) s)", sold)
        return SQL(
            """SELECT r.user_id AS id, %(person)s AS name, r.orders, r.amount, r.before,
                      count(*) OVER () AS total, sum(r.amount) OVER () AS amount_all, sum(r.before) OVER () AS before_all,
                      %(place)s AS place, %(people)s AS people
                 FROM (SELECT o.user_id,
                              count(*) FILTER (WHERE o.date_order >= %(begin)s) AS orders,
                              COALESCE(sum(o.amount_total / o.rate) FILTER (WHERE o.date_order >= %(begin)s), 0) AS amount,
                              COALESCE(sum(o.amount_total / o.rate) FILTER (WHERE o.date_order < %(until)s), 0) AS before
                         FROM (SELECT d.*, COALESCE(NULLIF(d.currency_rate, 0), 1) AS rate FROM (%(orders)s) d) o
                     GROUP BY o.user_id) r
                WHERE r.amount <> 0 OR r.before <> 0
             ORDER BY r.amount DESC, r.before DESC, r.user_id
                LIMIT %(rows)s""",
            person=self._kehu_sql_user_name(SQL("r.user_id")),
            place=place,
            people=people,
            begin=begin,
            until=until,
            orders=query.select(*columns),
            rows=ROWS,
        )

    @api.model
    def _kehu_panel_ranking(self, shared):
        """Who sold most this month, of the orders that this person may see, beside the same days of the month before.

        :return: {"count": 0, "more", "amount", "before": of all people, "currency_id", "place", "people": of those who do not lead, their
            own place among all who sold this month, and how many these are; otherwise 0, "rows": [{"id" of the user, "name",
            "orders": number, "amount", "before", "share": of the first one, in per cent}]}
        """
        rows = [dict(row) for row in self._kehu_rows(shared, "ranking")]
        first = rows[0] if rows else {}
        answer = {
            "count": 0,
            "more": first.get("total", 0) > ROWS,
            "amount": first.get("amount_all", 0.0),
            "before": first.get("before_all", 0.0),
            "currency_id": self.env.company.currency_id.id,
            "place": 0,
            "people": 0,
        }
        mine = next((row for row in rows if row["id"] == self.env.uid and row["orders"] and row["people"]), None)
        if mine:
            answer.update(place=mine["place"], people=mine["people"])
        largest = max((row["amount"] for row in rows), default=0.0)
        for row in rows:
            row["share"] = max(round(row["amount"] / largest * 100), 0) if largest > 0 else 0
            for name in ("total", "amount_all", "before_all", "place", "people"):
                del row[name]
        return {**answer, "rows": rows}

    @api.model
    def _kehu_ask_team(self, shared):
        today = fields.Date.context_today(self)
        monday = today - timedelta(days=today.weekday())
        partners, records, leads = self.env["res.partner"], self.env["kehu.contact.record"], self.env["crm.lead"]
        late = partners._search([("kehu_is_customer", "=", True), ("user_id", "!=", False), ("kehu_next_contact", "<", today)])
        contacts = records._search([("date", ">=", monday), ("user_id", "!=", False)])
        deals = self._kehu_open_deals([("user_id", "!=", False)])
        parts = [
            SQL(
                "SELECT t.user_id, %s AS kind, count(*) AS number FROM (%s) t GROUP BY t.user_id",
                kind,
                query.select(*self._kehu_columns(model, query, ("user_id",))),
            )
            for kind, model, query in (("late", partners, late), ("contacts", records, contacts), ("deals", leads, deals))
        ]
        return SQL(
            """SELECT w.user_id AS id, %(person)s AS name, w.late, w.contacts, w.deals, count(*) OVER () AS total,
                      sum(w.late) OVER () AS late_all, sum(w.contacts) OVER () AS contacts_all
                 FROM (SELECT p.user_id,
                              COALESCE(sum(p.number) FILTER (WHERE p.kind = 'late'), 0)::int AS late,
                              COALESCE(sum(p.number) FILTER (WHERE p.kind = 'contacts'), 0)::int AS contacts,
                              COALESCE(sum(p.number) FILTER (WHERE p.kind = 'deals'), 0)::int AS deals
                         FROM (%(parts)s) p
                     GROUP BY p.user_id) w
                 JOIN res_users u ON u.id = w.user_id AND u.active
                WHERE w.user_id <> %(me)s
             ORDER BY w.late DESC, w.contacts, w.user_id
                LIMIT %(rows)s""",
            person=self._kehu_sql_user_name(SQL("w.user_id")),
            parts=SQL(" UNION ALL ").join(parts),
            me=self.env.uid,
            rows=ROWS,
        )

    @api.model
    def _kehu_panel_team(self, shared):
        """What the people whose customers this person may see have on their hands; first those who let most customers wait.

        :return: {"count": people, "more": False, "late", "contacts": of all, "rows": [{"id" of the user, "name",
            "late": customers whose next contact is overdue, "contacts": logged this week, "deals": open opportunities}]}
        """
        rows = [dict(row) for row in self._kehu_rows(shared, "team")]
        first = rows[0] if rows else {}
        answer = {"count": first.get("total", 0), "more": False, "late": first.get("late_all", 0), "contacts": first.get("contacts_all", 0)}
        for row in rows:
            for name in ("total", "late_all", "contacts_all"):
                del row[name]
        return {**answer, "rows": rows}
