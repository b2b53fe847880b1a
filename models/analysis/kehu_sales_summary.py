from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ...tools.analysis_period import month_of, whole_months
from .exceptions import KehuAnalysisError, KehuAnalysisRightError
from .ranked import largest
from .scope import split

# what each kind of row tells apart, besides company, month and department
FACETS = {
    "person": ("user_id",),
    "category": ("category_id",),
    "place": ("region_id", "state_id", "city_id"),
    "class": ("level_id", "nature_id", "source_id"),
}
ALWAYS = ("department_id", "month", "quarter", "year")
MEASURES = ("untaxed", "total", "margin", "quantity", "line_count")
NOTED = -1  # instead of a number of lines: something is noted
PARTS_AT_ONCE = 100  # that the job adds up in one query: with more conditions the database would read all lines instead
SLICE = 20000  # noted changes that are added up in one transaction
MOST_PARTS = 60  # parts to be added up that a reader takes from the lines one by one; with more, it takes all from the lines

# of a line: its column, and which tables have to be joined for it
LINE_COLUMNS = {
    "user_id": (SQL("sale_order.user_id"), None),
    "department_id": (SQL("sale_order.kehu_department_id"), None),
    "customer_id": (SQL("sale_order.kehu_customer_id"), None),
    "order_id": (SQL("sale_order.id"), None),
    "team_id": (SQL("sale_order.team_id"), None),
    "product_id": (SQL("line.product_id"), None),
    "category_id": (SQL("template.categ_id"), "product"),
    "region_id": (SQL("customer.kehu_region_id"), "customer"),
    "state_id": (SQL("customer.state_id"), "customer"),
    "city_id": (SQL("customer.city_id"), "customer"),
    "level_id": (SQL("customer.kehu_level_id"), "customer"),
    "nature_id": (SQL("customer.kehu_nature_id"), "customer"),
    "source_id": (SQL("customer.kehu_source_id"), "customer"),
    "industry_id": (SQL("customer.industry_id"), "customer"),
}
JOINS = {
    "product": SQL(
        "LEFT JOIN product_product product ON product.id = line.product_id "
        "LEFT JOIN product_template template ON template.id = product.product_tmpl_id"
    ),
    "customer": SQL("LEFT JOIN res_partner customer ON customer.id = sale_order.kehu_customer_id"),
    "unit": SQL("LEFT JOIN uom_uom sold ON sold.id = line.product_uom_id LEFT JOIN uom_uom unit ON unit.id = template.uom_id"),
}
COUNTED = SQL("line.product_id IS NOT NULL AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE")


class KehuSalesSummary(models.Model):
    """Confirmed sales, added up by month: what the analyses read instead of a million order lines.

    Rows are of four kinds (`facet`), each of which adds up to the same total: by salesperson; by product category; by region, province and
    city; by level, nature and source of the customer. All tell company, month and department apart. One cube of everything would have as
    many rows as there are lines; these four have less than a quarter, and one of them answers each usual question. What none of them
    answers (two kinds in one question, single products or customers, days) is added up from the lines.

    **Right at any moment.** Triggers note in `kehu.sales.change` which part (department and month) a change touched, in the same
    transaction. A reader leaves noted parts out of the summary and adds them up from their lines; a job adds noted parts up again, from
    scratch, so that no error lives on. Changes are thus seen at once and exactly, whether or not the job has run, and nobody waits for
    anybody. Nobody but the job writes rows; two jobs meet on the row ``stamp``, of which the later one gives way.

    **What a row means.** Lines of confirmed orders with a product, without down payments; amounts in the currency of the company at the
    rate of the order, rounded per line (but for the margin, which the host does not round either); quantities in the unit of the
    product; months in the time zone of the company. Salesperson and department are those of the order. Province, level and the like are
    those that the customer has **now**: history follows a customer who moves to another province or level, as in the host's own report, so
    that the records behind a figure are found by it.
    """

    _name = "kehu.sales.summary"
    _description = "Summary of Sales"
    _auto = False
    _log_access = False
    _rec_name = "facet"
    _order = "month desc, id"

    facet = fields.Selection(
        [("person", "Salesperson"), ("category", "Product Category"), ("place", "Place"), ("class", "Class"), ("stamp", "Stamp")],
        readonly=True,
        help="What this row tells apart, besides company, month and department.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(readonly=True, help="Its first day.")
    kehu_department_id = fields.Many2one("hr.department", string="Department", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    category_id = fields.Many2one("product.category", readonly=True)
    region_id = fields.Many2one("kehu.dictionary.value", readonly=True)
    state_id = fields.Many2one("res.country.state", string="Province", readonly=True)
    city_id = fields.Many2one("res.city", readonly=True)
    level_id = fields.Many2one("kehu.customer.level", readonly=True)
    nature_id = fields.Many2one("kehu.dictionary.value", readonly=True)
    source_id = fields.Many2one("kehu.dictionary.value", readonly=True)
    untaxed = fields.Float(digits=0, readonly=True, help="Untaxed, discounts deducted; currency of the company.")
    total = fields.Float(digits=0, readonly=True, help="With tax; currency of the company.")
    margin = fields.Float(digits=0, readonly=True, help="Untaxed less cost; currency of the company.")
    quantity = fields.Float(digits=0, readonly=True, help="In the unit of each product.")
    line_count = fields.Integer(string="Lines", readonly=True)
    stamped = fields.Datetime(string="Added Up", readonly=True, help="When the job last ran; of the row “stamp”.")

    def init(self):
        """Make the table, without foreign keys: they would make each run of the job look at eight tables per row."""
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kehu_sales_summary (
                id serial PRIMARY KEY, facet varchar NOT NULL, company_id int4, month date, kehu_department_id int4, user_id int4,
                category_id int4, region_id int4, state_id int4, city_id int4, level_id int4, nature_id int4, source_id int4,
                untaxed numeric, total numeric, margin numeric, quantity numeric, line_count int4, stamped timestamp);
            CREATE INDEX IF NOT EXISTS kehu_sales_summary_facet_index ON kehu_sales_summary (facet, company_id, month);
            CREATE INDEX IF NOT EXISTS kehu_sales_summary_part_index ON kehu_sales_summary (company_id, month, kehu_department_id);
            INSERT INTO kehu_sales_summary (facet) SELECT 'stamp' WHERE NOT EXISTS (SELECT FROM kehu_sales_summary WHERE facet = 'stamp');
            INSERT INTO kehu_sales_change (company_id)
            SELECT id FROM res_company WHERE NOT EXISTS (SELECT FROM kehu_sales_summary WHERE facet <> 'stamp');
            """
        )

    # ------------------------------------------------------------
    # Adding up
    # ------------------------------------------------------------

    @api.model
    def action_rebuild(self):
        """Add up everything again from the lines, in this transaction. Readers lose nothing meanwhile.

        :return: number of rows made
        :raises KehuAnalysisRightError: unless the person is a CRM administrator
        :raises KehuAnalysisError: while somebody else does
        """
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuAnalysisRightError(
                self.env._("Only CRM administrators add up the summary of sales again. Ask one of them; the figures are right meanwhile.")
            )
        self.env.flush_all()
        if not self._kehu_stamp():
            raise KehuAnalysisError(self.env._("The summary of sales is being added up at this moment. Try again in a minute."))
        selling = [row[0] for row in self.env.execute_query(SQL("SELECT DISTINCT company_id FROM sale_order WHERE state = 'sale'"))]
        # sudo: res.company - of all companies, as the table is of all
        companies = self.env["res.company"].sudo().browse(selling)
        self.env.cr.execute("DELETE FROM kehu_sales_change")
        self.env.cr.execute("DELETE FROM kehu_sales_summary WHERE facet <> 'stamp'")
        # after a mass import the database still takes the tables for empty, and would look up each line by itself: minutes, not seconds
        self.env.cr.execute("ANALYZE sale_order, sale_order_line, product_product, product_template")
        made = sum(self._kehu_add_up(company) for company in companies)
        self.env.cr.execute("ANALYZE kehu_sales_summary")
        self.env.invalidate_all(flush=False)
        return made

    @api.model
    def action_rebuild_told(self):
        """The administrator's button: :meth:`action_rebuild`, say so, and show an analysis."""
        made = self.action_rebuild()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The summary of sales was added up again: %(rows)s rows.", rows=made),
                "next": self.env["ir.actions.client"]._for_xml_id("kehu_crm.kehu_analysis_action_sales_trend"),
            },
        }

    @api.model
    def _cron_fold(self):
        """Add up what was noted, in slices; whoever comes while another job works leaves it to that one."""
        while True:
            noted, left = self._kehu_fold()
            if not self.env["ir.cron"]._commit_progress(noted, remaining=left) or not left or not noted:
                return

    def _kehu_fold(self):
        """Add up the parts that were noted, from their lines.

        :return: (number of changes that are done, number left)
        """
        self.env.flush_all()
        if not self._kehu_stamp():
            return 0, 0
        cr = self.env.cr
        cr.execute(
            "DELETE FROM kehu_sales_change WHERE id IN (SELECT id FROM kehu_sales_change ORDER BY id LIMIT %s) "
            "RETURNING company_id, department_id, moment, customer_id, template_id",
            (SLICE,),
        )
        noted, customers, templates = defaultdict(set), defaultdict(set), defaultdict(set)
        rows = cr.fetchall()
        for number, department, moment, customer, template in rows:
            if customer:
                customers[number].add(customer)
            elif template:
                templates[number].add(template)
            else:
                noted[number].add((department, moment))
        for number in {*customers, *templates}:
            noted[number].update(self._kehu_moments(number, [*customers[number]], [*templates[number]]))
        # sudo: res.company - of all companies, as the table is of all
        companies = self.env["res.company"].sudo().browse(noted).exists()
        for company in companies:
            parts = {(department, moment and month_of(company._kehu_local_day(moment))) for department, moment in noted[company.id]}
            if not parts:
                continue  # customers and products without orders
            if any(month is None for _department, month in parts):
                cr.execute("DELETE FROM kehu_sales_change WHERE company_id = %s", (company.id,))
                cr.execute("DELETE FROM kehu_sales_summary WHERE company_id = %s", (company.id,))
                self._kehu_add_up(company)
            else:
                for some in split_every(PARTS_AT_ONCE, sorted(parts, key=lambda part: (part[1], part[0] or 0))):
                    self._kehu_fold_parts(company, some)
        cr.execute("SELECT count(*) FROM kehu_sales_change")
        self.env.invalidate_all(flush=False)
        return len(rows), cr.fetchone()[0]

    def _kehu_fold_parts(self, company, parts):
        """Add up some parts of a company again."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM kehu_sales_summary row USING (VALUES %s) part(department_id, month)
                    WHERE row.company_id = %s AND row.month = part.month
                      AND row.kehu_department_id IS NOT DISTINCT FROM part.department_id""",
                SQL(", ").join(SQL("(%s::int4, %s::date)", *part) for part in parts),
                company.id,
            )
        )
        self._kehu_add_up(company, parts)

    def _kehu_moments(self, company_id, customers, templates):
        """Return (id of a department or None, moment) of the orders of some customers, or of products of some templates."""
        return self.env.execute_query(
            SQL(
                """SELECT kehu_department_id, date_order FROM sale_order
                    WHERE company_id = %(company)s AND state = 'sale' AND kehu_customer_id = ANY(%(customers)s)
                    UNION
                   SELECT sale.kehu_department_id, sale.date_order
                     FROM product_product product
                     JOIN sale_order_line line ON line.product_id = product.id
                     JOIN sale_order sale ON sale.id = line.order_id
                    WHERE sale.company_id = %(company)s AND sale.state = 'sale' AND product.product_tmpl_id = ANY(%(templates)s)""",
                company=company_id,
                customers=customers,
                templates=templates,
            )
        )

    def _kehu_stamp(self):
        """Take the one row that everybody who adds up writes; whose view of the data is older than the last run fails and is run again.

        :return: False when somebody else is adding up
        """
        self.env.cr.execute("SELECT FROM kehu_sales_summary WHERE facet = 'stamp' FOR UPDATE SKIP LOCKED")
        if not self.env.cr.rowcount:
            return False
        self.env.cr.execute("UPDATE kehu_sales_summary SET stamped = now() AT TIME ZONE 'UTC' WHERE facet = 'stamp'")
        return True

    def _kehu_add_up(self, company, parts=None):
        """Insert the rows of a company, or of some parts of it, whose old rows are gone.

        :param set parts: of (id of a department or None, first day of a month)
        :return: number of rows
        """
        month = SQL("date_trunc('month', %s)::date", self._kehu_local(company))
        limits = SQL("TRUE")
        if parts is not None:
            limits = SQL(" OR ").join(
                SQL(
                    "(sale_order.kehu_department_id IS NOT DISTINCT FROM %s"
                    " AND sale_order.date_order >= %s AND sale_order.date_order < %s)",
                    department,
                    company._kehu_midnight(first),
                    company._kehu_midnight(first + relativedelta(months=1)),
                )
                for department, first in parts
            )
        names = [name for facet in FACETS.values() for name in facet]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kehu_sales_summary (facet, company_id, month, kehu_department_id, %(names)s, %(measures)s)
                SELECT CASE WHEN GROUPING(user_id) = 0 THEN 'person' WHEN GROUPING(category_id) = 0 THEN 'category'
                            WHEN GROUPING(state_id) = 0 THEN 'place' ELSE 'class' END,
                       %(company)s, month, department_id, %(names)s, %(sums)s
                  FROM (SELECT %(month)s AS month, sale_order.kehu_department_id AS department_id, %(columns)s, %(facts)s
                          FROM sale_order
                          JOIN sale_order_line line ON line.order_id = sale_order.id %(joins)s
                         WHERE sale_order.state = 'sale' AND sale_order.company_id = %(company)s AND %(counted)s AND (%(limits)s)) fact
                 GROUP BY GROUPING SETS (%(sets)s)
                """,
                names=SQL(", ").join(map(SQL.identifier, names)),
                measures=SQL(", ").join(map(SQL.identifier, MEASURES)),
                company=company.id,
                sums=self._kehu_sums(),
                month=month,
                columns=SQL(", ").join(SQL("%s AS %s", LINE_COLUMNS[name][0], SQL.identifier(name)) for name in names),
                facts=self._kehu_facts(company),
                joins=SQL(" ").join(JOINS.values()),
                counted=COUNTED,
                limits=limits,
                sets=SQL(", ").join(
                    SQL("(month, department_id, %s)", SQL(", ").join(map(SQL.identifier, facet))) for facet in FACETS.values()
                ),
            )
        )
        return self.env.cr.rowcount

    def _kehu_local(self, company):
        """Return the SQL of an order's day and hour in the time zone of the company."""
        return SQL("(sale_order.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)", company._kehu_zone())

    def _kehu_facts(self, company):
        """Return the SQL of the measures of one line."""
        digits = company._kehu_digits()

        def money(column):
            return SQL(
                "ROUND(COALESCE(%s, 0)::numeric / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)::numeric, %s)",
                SQL.identifier("line", column),
                digits,
            )

        return SQL(
            "%s AS untaxed, %s AS total, "
            "ROUND(COALESCE(line.margin, 0)::numeric / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)::numeric, 6) AS margin, "
            "%s AS quantity, 1 AS line_count",
            money("price_subtotal"),
            money("price_total"),
            SQL("COALESCE(line.product_uom_qty * sold.factor / NULLIF(unit.factor, 0), 0)::numeric"),
        )

    def _kehu_sums(self):
        return SQL(", ").join(SQL("SUM(%s)", SQL.identifier(name)) for name in MEASURES)

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    @api.model
    def _kehu_figures(self, date_from, date_to, filters, groups, from_lines=False):
        """Add up the sales of the current company that this person may see, right at this moment.

        :param date date_from: first day, None: from the beginning
        :param date date_to: last day, None: without end
        :param dict filters: {column: ids; None among them: those without}
        :param groups: names of columns, or ``day``, ``month``, ``quarter``, ``year``
        :param bool from_lines: leave the summary aside, to compare
        :return: {tuple of keys in the order of the groups: dict of MEASURES}; amounts are exact to six decimals
        :raises AccessError: when the person may see no orders at all
        """
        orders = self.env["sale.order"]
        orders.check_access("read")
        self.env.flush_all()
        company = self.env.company
        rule = Domain.TRUE if self.env.su else self.env["ir.rule"]._compute_domain("sale.order", "read")
        inside = self._kehu_between(company, date_from, date_to)
        needed = ({*groups} | {*filters}) - {*ALWAYS}
        facet = next((name for name, columns in FACETS.items() if needed <= {*columns}), None)
        months = whole_months(date_from, date_to)
        totals, parts = {}, None
        if facet and months and not from_lines:
            told, left = split(rule, {"company_id", "kehu_department_id"} | ({"user_id"} if facet == "person" else set()))
            first, end = months
            noted = True
            if not told.is_false():  # the usual case in one query: nothing is noted
                noted = self._kehu_collect(totals, self._kehu_summary_query(company, facet, told, first, end, None, filters, groups))
            parts = self._kehu_noted_parts(company) if noted else ()
            if noted and parts is not None and not told.is_false():
                self._kehu_collect(totals, self._kehu_summary_query(company, facet, told, first, end, parts, filters, groups))
        if parts is None:
            self._kehu_collect(totals, self._kehu_lines_query(company, rule & inside, filters, groups))
            return totals
        # beside the summary: days of broken months, parts that are not added up yet, what the rule tells by the document itself
        beside = Domain.FALSE
        if date_from and date_from != first:
            beside |= self._kehu_between(company, date_from, first - timedelta(days=1))
        if date_to and date_to + timedelta(days=1) != end:
            beside |= self._kehu_between(company, end, date_to)
        for department, month in parts:
            if (not first or month >= first) and (not end or month < end):
                beside |= Domain("kehu_department_id", "=", department or False) & self._kehu_between(
                    company, month, month + relativedelta(months=1, days=-1)
                )
        if not (beside & told).is_false():
            self._kehu_collect(totals, self._kehu_lines_query(company, told & beside, filters, groups))
        if not left.is_false():
            self._kehu_collect(totals, self._kehu_lines_query(company, left & ~told & inside, filters, groups))
        return totals

    @api.model
    def _kehu_largest(self, date_from, date_to, filters, group, ratio, most):
        """Add up as :meth:`_kehu_figures`, by one column, but tell only the largest apart: a million keys stay in the database.

        :param str group: name of a column, with keys that are ids
        :param tuple ratio: the measure that decides, or two of which the first is divided by the second
        :param int most: how many
        :return: ({key: dict of MEASURES}, dict of MEASURES of all, number of keys left out)
        :raises AccessError: when the person may see no orders at all
        """
        orders = self.env["sale.order"]
        orders.check_access("read")
        self.env.flush_all()
        company = self.env.company
        rule = Domain.TRUE if self.env.su else self.env["ir.rule"]._compute_domain("sale.order", "read")
        lines, _width = self._kehu_lines_query(company, rule & self._kehu_between(company, date_from, date_to), filters, (group,))
        return largest(self.env, lines, MEASURES, ratio, most)

    @api.model
    def _kehu_is_left_alone(self):
        """Tell whether the job that adds up is off, or has not come to it for a day: readers then take more and more from the lines."""
        job = self.env["ir.model.data"]._xmlid_to_res_id("kehu_crm.kehu_sales_summary_ir_cron")
        self.env["ir.cron"].flush_model(["active"])
        return self.env.execute_query(
            SQL(
                """SELECT NOT EXISTS (SELECT FROM ir_cron WHERE id = %s AND active) OR EXISTS (
                       SELECT FROM kehu_sales_summary WHERE facet = 'stamp' AND stamped < now() AT TIME ZONE 'UTC' - interval '1 day'
                          AND EXISTS (SELECT FROM kehu_sales_change))""",
                job or 0,
            )
        )[0][0]

    def _kehu_noted_parts(self, company):
        """Return the parts of a company that have to be added up, or None when they are too many.

        :rtype: set of (id of a department or None, first day of a month)
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT department_id, date_trunc('month', moment AT TIME ZONE 'UTC' AT TIME ZONE %(timezone)s)::date
                     FROM (SELECT department_id, moment FROM kehu_sales_change
                            WHERE company_id = %(company)s AND customer_id IS NULL AND template_id IS NULL
                            UNION ALL
                           SELECT sale.kehu_department_id, sale.date_order
                             FROM (SELECT DISTINCT customer_id FROM kehu_sales_change WHERE company_id = %(company)s) change
                             JOIN sale_order sale ON sale.kehu_customer_id = change.customer_id
                            WHERE sale.company_id = %(company)s AND sale.state = 'sale'
                            UNION ALL
                           SELECT sale.kehu_department_id, sale.date_order
                             FROM (SELECT DISTINCT template_id FROM kehu_sales_change WHERE company_id = %(company)s) change
                             JOIN product_product product ON product.product_tmpl_id = change.template_id
                             JOIN sale_order_line line ON line.product_id = product.id
                             JOIN sale_order sale ON sale.id = line.order_id
                            WHERE sale.company_id = %(company)s AND sale.state = 'sale') noted
                    LIMIT %(most)s""",
                timezone=company._kehu_zone(),
                company=company.id,
                most=MOST_PARTS + 1,
            )
        )
        if len(rows) > MOST_PARTS or any(month is None for _department, month in rows):
            return None
        return set(rows)

    def _kehu_between(self, company, first, last):
        domain = Domain.TRUE
        if first:
            domain &= Domain("date_order", ">=", company._kehu_midnight(first))
        if last:
            domain &= Domain("date_order", "<", company._kehu_midnight(last + timedelta(days=1)))
        return domain

    def _kehu_summary_query(self, company, facet, told, first, end, parts, filters, groups):
        """Return the query of the summary and the number of its keys.

        :param parts: that are left out; None: while anything is noted, one row says so, without figures, and there are no others
        """
        # sudo: kehu.sales.summary - nobody reads it directly; the rule of the orders is in the domain
        query = self.sudo()._search(told & Domain("facet", "=", facet) & Domain("company_id", "=", company.id))
        query.add_where(SQL("TRUE"))
        if first:
            query.add_where(SQL("kehu_sales_summary.month >= %s", first))
        if end:
            query.add_where(SQL("kehu_sales_summary.month < %s", end))
        noted, said = SQL("EXISTS (SELECT FROM kehu_sales_change WHERE company_id = %s)", company.id), SQL()
        if parts is None:
            query.add_where(SQL("NOT %s", noted))
            empty = SQL(", ").join(SQL("NULL") for _column in (*groups, *MEASURES[1:]))
            said = SQL("UNION ALL SELECT %s, %s WHERE %s", empty, NOTED, noted)
        elif parts:
            query.add_where(
                SQL(
                    """NOT EXISTS (SELECT FROM (VALUES %s) part(department_id, month) WHERE part.month = kehu_sales_summary.month
                        AND part.department_id IS NOT DISTINCT FROM kehu_sales_summary.kehu_department_id)""",
                    SQL(", ").join(SQL("(%s::int4, %s::date)", *part) for part in parts),
                )
            )

        def column(name):
            if name in ("quarter", "year"):
                return SQL("date_trunc(%s, kehu_sales_summary.month)::date", name)
            return SQL.identifier("kehu_sales_summary", "kehu_department_id" if name == "department_id" else name)

        for name, ids in filters.items():
            query.add_where(self._kehu_one_of(column(name), ids))
        keys = [column(name) for name in groups]
        return SQL(
            "SELECT %s FROM %s WHERE %s %s %s",
            SQL(", ").join([*self._kehu_named(keys), *(SQL("SUM(%s)", SQL.identifier("kehu_sales_summary", name)) for name in MEASURES)]),
            query.from_clause,
            query.where_clause,
            self._kehu_group_by(keys),
            said,
        ), len(keys)

    def _kehu_lines_query(self, company, domain, filters, groups):
        # sudo: sale.order - the rule of the orders is in the domain
        orders = self.env["sale.order"].sudo()
        query = orders._search(domain & Domain("state", "=", "sale") & Domain("company_id", "=", company.id))

        def column(name):
            if name in ("day", "month", "quarter", "year"):
                return SQL("date_trunc(%s, %s)::date", name, self._kehu_local(company))
            return LINE_COLUMNS[name][0]

        needed = {"product", "unit"} | {LINE_COLUMNS[name][1] for name in {*groups, *filters} if name in LINE_COLUMNS}
        wheres = [query.where_clause, COUNTED, *(self._kehu_one_of(column(name), ids) for name, ids in filters.items())]
        keys = [column(name) for name in groups]
        named = [SQL.identifier(f"key{number}") for number in range(len(keys))]
        return SQL(
            "SELECT %s FROM (SELECT %s FROM %s JOIN sale_order_line line ON line.order_id = sale_order.id %s WHERE %s) fact %s",
            SQL(", ").join([*named, self._kehu_sums()]),
            SQL(", ").join([*self._kehu_named(keys), self._kehu_facts(company)]),
            query.from_clause,
            SQL(" ").join(join for name, join in JOINS.items() if name in needed),
            SQL(" AND ").join(SQL("(%s)", where) for where in wheres),
            self._kehu_group_by(keys),
        ), len(keys)

    @staticmethod
    def _kehu_named(keys):
        """Return the keys with names: repeated after GROUP BY, an expression with a parameter is another one to the database."""
        return [SQL("%s AS %s", key, SQL.identifier(f"key{number}")) for number, key in enumerate(keys)]

    @staticmethod
    def _kehu_group_by(keys):
        return SQL("GROUP BY %s", SQL(", ").join(SQL.identifier(f"key{number}") for number in range(len(keys)))) if keys else SQL()

    @staticmethod
    def _kehu_one_of(column, ids):
        known = [number for number in ids if number]
        if len(known) == len(ids):
            return SQL("%s = ANY(%s)", column, known)
        return SQL("(%s IS NULL OR %s = ANY(%s))", column, column, known)

    def _kehu_collect(self, totals, query_and_width):
        """Add what a query finds.

        :return: whether it said that something is noted
        """
        query, width = query_and_width
        noted = False
        for row in self.env.execute_query(query):
            figures = row[width:]
            if not figures[-1] or figures[-1] == NOTED:
                noted = noted or bool(figures[-1])
                continue
            key = row[:width]
            if key not in totals:
                totals[key] = {name: figure or 0 for name, figure in zip(MEASURES, figures, strict=True)}
                continue
            kept = totals[key]
            for name, figure in zip(MEASURES, figures, strict=True):
                kept[name] = round(kept[name] + (figure or 0), 6)  # the database adds exactly; here two or three floats meet
        return noted

    @api.model
    def _kehu_freshness(self):
        """:return: (moment of the last run of the job, UTC, or None; number of changes noted since)"""
        return self.env.execute_query(
            SQL("SELECT (SELECT max(stamped) FROM kehu_sales_summary WHERE facet = 'stamp'), (SELECT count(*) FROM kehu_sales_change)")
        )[0]
