"""What each customer contributes: sales, profit, money received, and by that the classes A, B and C."""

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from .exceptions import KehuAnalysisError
from .ledger import from_ledger
from .provider import Analysis, Dimension, Measure, register
from .ranked import largest

_lt = LazyTranslate(__name__)

NAMES = ("untaxed", "margin", "received", "order_count", "customer_count")
CLASSES = (("a", _lt("A – the first 80 %")), ("b", _lt("B – up to 95 %")), ("c", _lt("C – the rest")))
SHARES = 80, 95  # where class A and class B end, per cent of the sales
EVERYBODY = 2**31
MOST_CUSTOMERS = 10_000  # of one class, that a list is asked for


@register
class CustomerContribution(Analysis):
    name = "customers_contribution"
    title = _lt("Contribution of Customers")
    formula = _lt(
        "Adds up confirmed orders by the day of confirmation, with what was received for them until now, in the currency of the company at "
        "the rate of the order. Class A are the largest customers that together make 80 % of the untaxed sales, class B those up to 95 %."
    )
    agreement = _lt("Checked: sales and profit agree with the order lines, receipts with the ledger, to the cent.")
    records_model = "sale.order"
    records_action = "kehu_crm.sale_order_action_kehu_orders"
    moment = "date_order"
    known_dimensions = {
        "customer": Dimension("customer", _lt("Customer"), "kehu_customer_id", "res.partner", "kehu_customer_id"),
        "abc": Dimension("abc", _lt("Class"), "abc", choices=CLASSES),
        "user": Dimension("user", _lt("Salesperson"), "user_id", "res.users", "user_id"),
        "department": Dimension("department", _lt("Department"), "kehu_department_id", "hr.department", "kehu_department_id"),
        "region": Dimension("region", _lt("Region"), "", "kehu.dictionary.value", "kehu_customer_region_id"),
        "state": Dimension("state", _lt("Province"), "", "res.country.state", "kehu_customer_state_id"),
        "city": Dimension("city", _lt("City"), "", "res.city", "kehu_customer_city_id"),
        "level": Dimension("level", _lt("Level"), "", "kehu.customer.level", "kehu_customer_level_id"),
    }
    dimensions = ("customer", "abc")
    known_measures = {
        "untaxed": Measure("untaxed", _lt("Sales (untaxed)")),
        "margin": Measure("margin", _lt("Profit")),
        "margin_rate": Measure("margin_rate", _lt("Profit Rate"), "percent", "margin", "untaxed"),
        "received": Measure("received", _lt("Received")),
        "order_count": Measure("order_count", _lt("Orders"), "number"),
        "customer_count": Measure("customer_count", _lt("Customers"), "number"),
        "running": Measure("running", _lt("Cumulative Share"), "percent"),
        "abc": Measure("abc", _lt("Class"), "text"),
    }
    measures = ("untaxed", "margin", "margin_rate", "received", "order_count", "customer_count")
    extra = ("running", "abc")
    conditions = ("department", "user", "region", "state", "city", "level")

    def figures(self, env, period, filters, dimension):
        if dimension is None or dimension.name == "customer":
            figures, total, _left = self._largest(env, period, filters, ("untaxed",), EVERYBODY if dimension else 0)
            return figures if dimension else {None: total}
        names = SQL(", ").join(SQL("SUM(%s)", SQL.identifier(name)) for name in NAMES)
        rows = env.execute_query(SQL("SELECT abc, %s FROM (%s) customer GROUP BY abc", names, self._customers(env, period, filters)))
        return {row[0]: dict(zip(NAMES, row[1:], strict=True)) for row in rows}

    def top(self, env, period, filters, dimension, measure, most):
        if dimension.name != "customer":
            return super().top(env, period, filters, dimension, measure, most)
        return self._largest(env, period, filters, (measure.part, measure.whole) if measure.part else (measure.name,), most)

    def _largest(self, env, period, filters, ratio, most):
        rows = SQL("SELECT key, %s, abc FROM (%s) customer", self._names(), self._customers(env, period, filters))
        return largest(env, rows, NAMES, ratio, most, ("abc",))

    def _names(self):
        return SQL(", ").join(map(SQL.identifier, NAMES))

    def _customers(self, env, period, filters):
        """Return the query of a row per customer: key, the figures, the class."""
        orders = env["sale.order"]
        env.flush_all()
        query = orders._search(self.records_domain(env, period, filters), order="id")
        query.order = None
        digits = env.company._kehu_digits()

        def money(name, places):
            rate = SQL("COALESCE(NULLIF(%s, 0), 1)::numeric", SQL.identifier(orders._table, "currency_rate"))
            return SQL("SUM(ROUND(COALESCE(%s, 0)::numeric / %s, %s))", SQL.identifier(orders._table, name), rate, places)

        customer = SQL.identifier(orders._table, "kehu_customer_id")
        query.groupby = customer
        sold = query.select(
            SQL("%s AS key", customer),
            SQL("%s AS untaxed", money("amount_untaxed", digits)),
            SQL("%s AS margin", money("margin", 6)),
            SQL("%s AS received", money("kehu_amount_received", digits)),
            SQL("COUNT(*) AS order_count"),
            SQL("1 AS customer_count"),
        )
        return SQL(
            """
            SELECT key, %(names)s,
                   CASE WHEN untaxed > 0 AND ahead < whole * %(a)s / 100.0 THEN 'a'
                        WHEN untaxed > 0 AND ahead < whole * %(b)s / 100.0 THEN 'b' ELSE 'c' END AS abc
              FROM (SELECT *, SUM(untaxed) OVER (ORDER BY untaxed DESC, key) - untaxed AS ahead, SUM(untaxed) OVER () AS whole
                      FROM (%(sold)s) sold) ranked
            """,
            names=self._names(),
            a=SHARES[0],
            b=SHARES[1],
            sold=sold,
        )

    def complete(self, env, rows, total, dimension, measure):
        """What all until this row have of the total, and the class, which goes by the untaxed sales whatever is looked at."""
        running, classes = 0.0, dict(CLASSES)
        for row in rows:
            values = row["values"]
            key = values.get("abc") if dimension.name == "customer" else row["key"]
            values["abc"] = key.upper() if key in classes else None
            values["running"] = None
            if measure.kind != "percent" and total.get(measure.name):
                running += values.get(measure.name) or 0
                values["running"] = round(running / total[measure.name] * 100, 1)

    def records_domain(self, env, period, filters):
        filters = dict(filters)
        classes = filters.pop("abc", None)
        domain = (
            Domain("state", "=", "sale")
            & Domain("company_id", "=", env.company.id)
            & Domain("kehu_customer_id", "!=", False)
            & super().records_domain(env, period, filters)
        )
        if classes:
            customers = SQL("SELECT key FROM (%s) customer WHERE abc = ANY(%s)", self._customers(env, period, filters), list(classes))
            found = env.execute_query(SQL("%s LIMIT %s", customers, MOST_CUSTOMERS + 1))
            if len(found) > MOST_CUSTOMERS:
                raise KehuAnalysisError(
                    env._(
                        "This class has more than %(most)s customers. Choose a shorter period or narrower conditions to list their orders.",
                        most=MOST_CUSTOMERS,
                    )
                )
            domain &= Domain("kehu_customer_id", "in", [row[0] for row in found])
        return domain

    def check(self, env, period, filters):
        """Sales and profit from the order lines, receipts from the journal items of these orders."""
        ours = self.figures(env, period, filters, None)[None]
        orders = env["sale.order"]
        query = orders._search(self.records_domain(env, period, filters), order="id")
        query.order = None
        names = ("id", "state", "amount_total", "currency_id")
        rate = SQL("COALESCE(NULLIF(%s, 0), 1)", SQL.identifier(orders._table, "currency_rate"))
        rows = env.execute_query(query.select(*(SQL.identifier(orders._table, name) for name in names), rate))
        received, _due = from_ledger(env, rows)
        rates = {row[0]: float(row[4]) for row in rows}
        round_ = env.company.currency_id.round
        untaxed = margin = 0.0
        lines = env["sale.order.line"]._read_group(
            Domain("order_id", "in", list(rates)) & Domain("display_type", "=", False),
            ["order_id"],
            ["price_subtotal:sum", "margin:sum", "__count"],
        )
        for order, subtotal, profit, count in lines:
            # where taxes are rounded per tax, the host lets an order differ from its lines by up to a cent a line
            near = abs((subtotal or 0) - order.amount_untaxed) <= count * order.currency_id.rounding
            untaxed += round_((order.amount_untaxed if near else subtotal or 0) / rates[order.id])
            margin += (profit or 0) / rates[order.id]
        host = {"untaxed": untaxed, "margin": margin, "received": received}
        return {name: (float(ours.get(name) or 0), figure) for name, figure in host.items()}
