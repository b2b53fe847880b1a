from bisect import bisect_left, bisect_right
from datetime import date, timedelta

from odoo import models
from odoo.tools import SQL

MONEY_METRICS = ("ordered", "invoiced", "received", "margin")
METRICS = [
    ("ordered", "Order Total"),
    ("invoiced", "Invoiced"),
    ("received", "Received"),
    ("margin", "Margin"),
    ("new_customers", "New Customers"),
    ("contact_records", "Contact Records"),
]

SOURCES = {
    "ordered": ("sale.order",),
    "margin": ("sale.order",),
    "invoiced": ("account.move",),
    "received": ("account.move", "account.move.line", "account.partial.reconcile", "sale.order", "kehu.receipt"),
    "new_customers": (),
    "contact_records": ("kehu.contact.record",),
}

# who looked after each customer, up to when; from the ownership ledger. The first entry tells of the time before it, too.
LEDGER = """entry AS MATERIALIZED (
        SELECT a.partner_id, a.user_id, a.old_user_id, a.date,
               COALESCE(LEAD(a.date) OVER ledger, 'infinity') AS until, ROW_NUMBER() OVER ledger AS number
          FROM kehu_assignment a
         WHERE a.partner_id %s
        WINDOW ledger AS (PARTITION BY a.partner_id ORDER BY a.date, a.id)
    )"""
# of everybody's customers most of the ledger is read; those of one person are looked up one by one, which the database would not guess
OF_ALL = SQL("IN (SELECT customer_id FROM fact)")
OF_ONE = SQL("= ANY (ARRAY(SELECT DISTINCT customer_id FROM fact))")


class KehuAchievement(models.AbstractModel):
    """Who is credited with what.

    Each order, invoice, payment and new customer is credited to whoever **owned the customer on the booking date**, as the ownership ledger
    (`kehu.assignment`) tells: at the moment an order was confirmed, at the end of the day for what has only a date. A customer that changes
    hands later takes no past credit along. Where the ledger says that nobody owned the customer then (in the pool, or a partner who is
    no customer of the CRM), the salesperson of the document is credited. A contact record is credited to its author: it is work, not
    turnover. A department is credited with what those achieved who worked there on that day.

    ================ ================================================ =======================
    metric           what                                             booking date
    ================ ================================================ =======================
    ordered          total of confirmed orders, with tax              confirmation
    invoiced         posted customer invoices less credit notes       invoice date
    received         money on receivable accounts, less refunds       day of the bank or cash entry
    margin           margin of confirmed orders, without tax          confirmation
    new_customers    customers entered into the CRM                   day of the entry
    contact_records  contacts                                         their day
    ================ ================================================ =======================

    Money is in the currency of the company, at the rate of the booking date. `received` is read from the ledger: any posted bank or cash
    entry on a receivable account counts, whichever way it came in; a cancelled receipt goes with its entry, a refund counts negative, a
    credit note moves no money until it is paid back. A day is a day in the time zone of the company. Days are those of one company.
    """

    _name = "kehu.achievement"
    _description = "Credit by Ownership"

    def _kehu_facts(self, metric, company, date_from, date_to, limits=()):
        """Return the SQL of what happened between two days, both included, before anybody is credited.

        Columns: id, customer_id, moment (UTC; the owner just before it counts; NULL: the author counts), day, author_id, amount.

        :param limits: days, ascending and different; where given, ``day`` is the number of the bucket between them, from 0
        """
        zone = company.kehu_timezone or "UTC"
        midnight, end = company._kehu_midnight(date_from), company._kehu_midnight(date_to + timedelta(days=1))
        digits = company.currency_id.decimal_places
        midnights = [company._kehu_midnight(day) for day in limits]

        def when(day, moment=None):
            """The day, or its bucket: of the moment where there is one, as that saves turning each into a day."""
            if not limits:
                return day
            column, borders = (moment, SQL("%s::timestamp[]", midnights)) if moment else (day, SQL("%s::date[]", list(limits)))
            return SQL("WIDTH_BUCKET(%s, %s) - 1", column, borders)

        if metric in ("ordered", "margin"):
            return SQL(
                """SELECT o.id, o.kehu_customer_id AS customer_id, o.date_order + interval '1 second' AS moment,
                          %(day)s AS day, o.user_id AS author_id,
                          CASE WHEN o.currency_rate = 1 THEN COALESCE(%(amount)s, 0)
                               ELSE ROUND(COALESCE(%(amount)s, 0) / COALESCE(NULLIF(o.currency_rate, 0), 1), %(digits)s) END AS amount
                     FROM sale_order o
                    WHERE o.state = 'sale' AND o.company_id = %(company)s AND o.date_order >= %(midnight)s AND o.date_order < %(end)s""",
                day=when(SQL("(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone), SQL("o.date_order")),
                amount=SQL.identifier("o", "amount_total" if metric == "ordered" else "margin"),
                digits=digits,
                company=company.id,
                midnight=midnight,
                end=end,
            )
        if metric == "invoiced":
            return SQL(
                """SELECT m.id, p.kehu_customer_id AS customer_id, %(moment)s AS moment, %(day)s AS day,
                          m.invoice_user_id AS author_id, m.amount_total_signed AS amount
                     FROM account_move m LEFT JOIN res_partner p ON p.id = m.partner_id
                    WHERE m.move_type IN ('out_invoice', 'out_receipt', 'out_refund') AND m.state = 'posted'
                      AND m.company_id = %(company)s AND m.invoice_date BETWEEN %(date_from)s AND %(date_to)s""",
                moment=self._kehu_end_of_day(SQL("m.invoice_date"), zone),
                day=when(SQL("m.invoice_date")),
                company=company.id,
                date_from=date_from,
                date_to=date_to,
            )
        if metric == "received":
            return SQL(
                """SELECT l.id, COALESCE(o.kehu_customer_id, p.kehu_customer_id) AS customer_id, %(moment)s AS moment, %(day)s AS day,
                          COALESCE(o.user_id, (SELECT r.user_id FROM kehu_receipt r WHERE r.payment_id = m.origin_payment_id LIMIT 1),
                                   (SELECT i.invoice_user_id
                                      FROM account_partial_reconcile r
                                      JOIN account_move_line other
                                        ON other.id = CASE WHEN r.credit_move_id = l.id THEN r.debit_move_id ELSE r.credit_move_id END
                                      JOIN account_move i ON i.id = other.move_id AND i.invoice_user_id IS NOT NULL
                                     WHERE r.credit_move_id = l.id OR r.debit_move_id = l.id ORDER BY r.id LIMIT 1)) AS author_id,
                          -l.balance AS amount
                     FROM account_move_line l
                     JOIN account_move m ON m.id = l.move_id
                     JOIN account_journal j ON j.id = l.journal_id AND j.type IN ('bank', 'cash')
                     JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE
                     LEFT JOIN sale_order o ON o.id = l.kehu_order_id
                     LEFT JOIN res_partner p ON p.id = l.partner_id
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date BETWEEN %(date_from)s AND %(date_to)s""",
                moment=self._kehu_end_of_day(SQL("l.date"), zone),
                day=when(SQL("l.date")),
                company=company.id,
                date_from=date_from,
                date_to=date_to,
            )
        if metric == "new_customers":
            return SQL(
                """SELECT a.id, a.partner_id AS customer_id, %(moment)s AS moment, %(day)s AS day, NULL::int AS author_id, 1 AS amount
                     FROM kehu_assignment a
                    WHERE a.kind = 'create' AND (a.company_id = %(company)s OR a.company_id IS NULL)
                      AND a.date >= %(midnight)s AND a.date < %(end)s
                      AND NOT EXISTS (SELECT FROM kehu_assignment b
                                       WHERE b.partner_id = a.partner_id AND b.kind = 'create' AND (b.date, b.id) < (a.date, a.id))""",
                day=when(SQL("(a.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone), SQL("a.date")),
                moment=self._kehu_end_of_day(SQL("(a.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", zone), zone),
                company=company.id,
                midnight=midnight,
                end=end,
            )
        return SQL(
            """SELECT r.id, r.partner_id AS customer_id, NULL::timestamp AS moment, %(day)s AS day, r.user_id AS author_id, 1 AS amount
                 FROM kehu_contact_record r
                WHERE r.date BETWEEN %(date_from)s AND %(date_to)s AND (r.company_id = %(company)s OR r.company_id IS NULL)""",
            day=when(SQL("r.date")),
            company=company.id,
            date_from=date_from,
            date_to=date_to,
        )

    def _kehu_end_of_day(self, day, zone):
        """Return the SQL of the moment, UTC, at which a day is over in a time zone."""
        return SQL("((%s + 1)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')", day, zone)

    def _kehu_credited(self, metric, company, date_from, date_to, limits=(), user_id=None):
        """Return the SQL of what is credited to whom: id, customer_id, day, amount, user_id (NULL: to nobody).

        Where the ledger has nothing of a customer, who owns it now always did.

        :param int user_id: leave out what cannot be credited to this person; something of others is left
        """
        facts = self._kehu_facts(metric, company, date_from, date_to, limits)
        if user_id:
            facts = SQL(
                """SELECT own.* FROM (%(facts)s) own
                    WHERE own.author_id = %(user)s
                       OR own.customer_id IN (SELECT partner_id FROM kehu_assignment WHERE user_id = %(user)s
                                              UNION ALL SELECT partner_id FROM kehu_assignment WHERE old_user_id = %(user)s
                                              UNION ALL SELECT id FROM res_partner WHERE user_id = %(user)s)""",
                facts=facts,
                user=user_id,
            )
        if metric == "contact_records":
            return SQL("SELECT f.id, f.customer_id, f.day, f.amount, f.author_id AS user_id FROM (%s) f", facts)
        return SQL(
            """WITH fact AS MATERIALIZED (%s), %s
               SELECT f.id, f.customer_id, f.day, f.amount,
                      COALESCE(CASE WHEN e.date < f.moment THEN e.user_id
                                    WHEN e.partner_id IS NOT NULL THEN e.old_user_id
                                    ELSE (SELECT c.user_id FROM res_partner c WHERE c.id = f.customer_id) END, f.author_id) AS user_id
                 FROM fact f
                 LEFT JOIN entry e
                   ON e.partner_id = f.customer_id AND e.until >= f.moment AND (e.date < f.moment OR e.number = 1)""",
            facts,
            SQL(LEDGER, OF_ONE if user_id else OF_ALL),
        )

    def _kehu_flush(self, metrics):
        """Write what the SQL reads."""
        for name in {name for metric in metrics for name in SOURCES[metric]}:
            self.env[name].flush_model()
        for name in ("kehu.assignment", "hr.employee", "hr.version"):
            self.env[name].flush_model()
        self.env["res.partner"].flush_model(["kehu_customer_id", "user_id"])

    def _kehu_sums(self, metric, company, limits):
        """Add up what is credited to each person between days, in one query.

        :param list limits: days, ascending and different; bucket i reaches from ``limits[i]`` to the day before ``limits[i + 1]``
        :return: [(user id or None, bucket, amount)]
        """
        self._kehu_flush({metric})
        credited = self._kehu_credited(metric, company, limits[0], limits[-1] - timedelta(days=1), limits)
        rows = self.env.execute_query(SQL("SELECT c.user_id, c.day, SUM(c.amount) FROM (%s) c GROUP BY 1, 2", credited))
        return [(user_id, bucket, float(amount)) for user_id, bucket, amount in rows]

    def _kehu_careers(self):
        """Tell in which department each person worked from when on, by the employee that makes the person's home department.

        :return: {user id: ([first days, ascending; of the first one it is the beginning of time], [department ids or None])}
        :rtype: dict
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT p.user_id, v.date_version, v.department_id
                     FROM (SELECT DISTINCT ON (e.user_id) e.user_id, e.id
                             FROM hr_employee e WHERE e.user_id IS NOT NULL ORDER BY e.user_id, e.active DESC, e.id) p
                     JOIN hr_version v ON v.employee_id = p.id AND v.active
                    ORDER BY p.user_id, v.date_version, v.id"""
            )
        )
        careers = {}
        for user_id, day, department_id in rows:
            days, departments = careers.setdefault(user_id, ([], []))
            days.append(day if days else date.min)
            departments.append(department_id)
        return careers

    def _kehu_totals(self, metric, company, wanted):
        """Add up what is credited to people, departments with all below, and the company, in one query whatever their number.

        :param wanted: iterable of (("user", id) or ("department", id) or ("company", id), first day, last day)
        :return: {one of ``wanted``: amount}, 0.0 where there is nothing
        :rtype: dict
        """
        wanted = list(wanted)
        borders = {first for _who, first, _last in wanted} | {last + timedelta(days=1) for _who, _first, last in wanted}
        if not borders:
            return {}
        careers = {}
        if any(who[0] == "department" for who, _first, _last in wanted):
            careers = self._kehu_careers()
            # within a bucket nobody changes department
            changes = {day for days, _departments in careers.values() for day in days[1:]}
            borders |= {day for day in changes if min(borders) < day < max(borders)}
        limits = sorted(borders)
        rows = self._kehu_sums(metric, company, limits)
        # sudo: hr.department - the tree, whatever the reader may see of it
        departments = self.env["hr.department"].sudo().browse({one for _days, ones in careers.values() for one in ones if one})
        above = {department.id: [int(part) for part in department.parent_path.split("/")[:-1]] for department in departments}
        sums = {}
        for user_id, bucket, amount in rows:
            keys = [("user", user_id), ("company", company.id)]
            if user_id in careers:
                days, places = careers[user_id]
                place = places[bisect_right(days, limits[bucket]) - 1]
                keys += [("department", ancestor) for ancestor in above.get(place, ())]
            for key in keys:
                sums.setdefault(key, [0.0] * len(limits))[bucket] += amount
        totals = {}
        for who, first, last in wanted:
            buckets = sums.get(who)
            start, stop = bisect_left(limits, first), bisect_left(limits, last + timedelta(days=1))
            totals[who, first, last] = sum(buckets[start:stop]) if buckets else 0.0
        return totals
