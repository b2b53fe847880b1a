"""The analyses of sales. All are about confirmed orders and their lines, and read `kehu.sales.summary`."""

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from .provider import TIME_DIMENSIONS, Analysis, Dimension, Measure, register

_lt = LazyTranslate(__name__)

CUSTOMER = "order_id.kehu_customer"  # the customer of an order, and what it is now; see sale_order.py
DIMENSIONS = (
    *TIME_DIMENSIONS,
    Dimension("user", _lt("Salesperson"), "user_id", "res.users", "order_id.user_id"),
    Dimension("department", _lt("Department"), "department_id", "hr.department", "order_id.kehu_department_id"),
    Dimension("customer", _lt("Customer"), "customer_id", "res.partner", f"{CUSTOMER}_id"),
    Dimension("order", _lt("Order"), "order_id", "sale.order", "order_id"),
    Dimension("product", _lt("Product"), "product_id", "product.product", "product_id"),
    Dimension("category", _lt("Product Category"), "category_id", "product.category", "kehu_category_id"),
    Dimension("region", _lt("Region"), "region_id", "kehu.dictionary.value", f"{CUSTOMER}_region_id"),
    Dimension("state", _lt("Province"), "state_id", "res.country.state", f"{CUSTOMER}_state_id"),
    Dimension("city", _lt("City"), "city_id", "res.city", f"{CUSTOMER}_city_id"),
    Dimension("level", _lt("Level"), "level_id", "kehu.customer.level", f"{CUSTOMER}_level_id"),
    Dimension("nature", _lt("Nature"), "nature_id", "kehu.dictionary.value", f"{CUSTOMER}_nature_id"),
    Dimension("source", _lt("Source"), "source_id", "kehu.dictionary.value", f"{CUSTOMER}_source_id"),
    Dimension("industry", _lt("Industry"), "industry_id", "res.partner.industry", f"{CUSTOMER}_industry_id"),
)
MEASURES = (
    Measure("untaxed", _lt("Sales (untaxed)")),
    Measure("total", _lt("Sales (with tax)")),
    Measure("margin", _lt("Profit")),
    Measure("margin_rate", _lt("Profit Rate"), "percent", "margin", "untaxed"),
    Measure("quantity", _lt("Quantity"), "number"),
    Measure("line_count", _lt("Order Lines"), "number"),
)
MANY = ("customer", "order", "product")  # dimensions that may have a million keys
FORMULA = _lt(
    "Sales are the lines of confirmed orders by the day of confirmation, discounts deducted, without down payments, in the currency of the "
    "company at the rate of the order."
)


class SalesAnalysis(Analysis):
    """Base of the analyses of sales."""

    formula = FORMULA
    records_model = "sale.order.line"
    moment = "order_id.date_order"
    known_dimensions = {dimension.name: dimension for dimension in DIMENSIONS}
    known_measures = {measure.name: measure for measure in MEASURES}
    measures = ("untaxed", "total", "margin", "margin_rate", "quantity", "line_count")
    conditions = ("department", "user", "region", "state", "city", "level", "category")

    def figures(self, env, period, filters, dimension):
        columns = {self.known_dimensions[name].column: ids for name, ids in filters.items()}
        totals = env["kehu.sales.summary"]._kehu_figures(*period, columns, (dimension.column,) if dimension else ())
        return {key[0] if key else None: row for key, row in totals.items()}

    def top(self, env, period, filters, dimension, measure, most):
        if dimension.name not in MANY:
            return super().top(env, period, filters, dimension, measure, most)
        columns = {self.known_dimensions[name].column: ids for name, ids in filters.items()}
        ratio = (measure.part, measure.whole) if measure.part else (measure.name,)
        return env["kehu.sales.summary"]._kehu_largest(*period, columns, dimension.column, ratio, most)

    def notes(self, env):
        if env["kehu.sales.summary"]._kehu_is_left_alone():
            return [
                env._(
                    "The figures are right, but slow: the job “CRM: Add Up Sales for the Analyses” has not run lately. "
                    "Ask an administrator to switch it on under Scheduled Actions."
                )
            ]
        return []

    def records_domain(self, env, period, filters):
        return (
            Domain("state", "=", "sale")
            & Domain("company_id", "=", env.company.id)
            & Domain("product_id", "!=", False)
            & Domain("display_type", "=", False)
            & Domain("is_downpayment", "=", False)
            & super().records_domain(env, period, filters)
        )

    def check(self, env, period, filters):
        """The host adds up the order lines that this person may search; those in other currencies are converted line by line."""
        ours = self.figures(env, period, filters, None).get(None, {})
        lines = env["sale.order.line"]
        domain = self.records_domain(env, period, filters)
        currency = env.company.currency_id
        own = domain & Domain("currency_id", "=", currency.id) & Domain("order_id.currency_rate", "=", 1)
        host = lines._read_group(own, [], ["price_subtotal:sum", "price_total:sum", "margin:sum"])[0]
        foreign = self._converted(lines, domain & ~own, currency)
        names = ("untaxed", "total", "margin")
        return {
            name: (float(ours.get(name, 0)), (figure or 0) + float(converted or 0))
            for name, figure, converted in zip(names, host, foreign, strict=True)
        }

    def _converted(self, lines, domain, currency):
        """:return: untaxed, total and margin of some lines, each converted at the rate of its order"""
        lines.flush_model(["order_id", "price_subtotal", "price_total", "margin"])
        lines.env["sale.order"].flush_model(["currency_rate"])
        query = lines._search(domain, order="id")
        query.order = None
        order = query.join(lines._table, "order_id", "sale_order", "id", "kehu_order")

        def money(column, digits):
            return SQL(
                "SUM(ROUND(%s::numeric / COALESCE(NULLIF(%s, 0), 1)::numeric, %s))",
                SQL.identifier(lines._table, column),
                SQL.identifier(order, "currency_rate"),
                digits,
            )

        digits = currency.decimal_places
        # the host does not round margins
        wanted = (money("price_subtotal", digits), money("price_total", digits), money("margin", 6))
        return lines.env.execute_query(query.select(*wanted))[0]


@register
class SalesDetails(SalesAnalysis):
    name = "sales_details"
    title = _lt("Sales Details")
    dimensions = ("customer", "product", "category", "order", "user", "department", "month")


@register
class SalesByClass(SalesAnalysis):
    name = "sales_by_class"
    title = _lt("Sales by Class")
    dimensions = ("level", "nature", "source", "industry", "category")


@register
class SalesTrend(SalesAnalysis):
    name = "sales_trend"
    title = _lt("Sales Trend")
    dimensions = ("month", "quarter", "year", "day")
    chart = "line"
    comparison = "last_year"


@register
class SalesProducts(SalesAnalysis):
    name = "sales_products"
    title = _lt("Sales by Product")
    dimensions = ("category", "product")


@register
class SalesDistribution(SalesAnalysis):
    name = "sales_distribution"
    title = _lt("Sales Distribution")
    dimensions = ("state", "region", "city")


@register
class SalesRanking(SalesAnalysis):
    name = "sales_ranking"
    title = _lt("Sales Ranking")
    dimensions = ("user", "department", "customer", "product")
    comparison = "last_period"
    preset = "this_month"


@register
class SalesProfit(SalesAnalysis):
    name = "sales_profit"
    title = _lt("Sales Profit")
    formula = _lt(
        "Profit is the untaxed amount of the lines of confirmed orders less the cost that each line had at its entry, by the day of "
        "confirmation, in the currency of the company at the rate of the order; the rate is profit divided by untaxed sales."
    )
    dimensions = ("month", "category", "product", "customer", "user", "department", "level")
    measures = ("margin", "margin_rate", "untaxed")
