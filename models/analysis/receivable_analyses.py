"""What customers owe, and for how long."""

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from ...report.receivable.kehu_receivable import AGEING
from .ledger import from_ledger
from .provider import Analysis, Dimension, Measure, register
from .ranked import largest

_lt = LazyTranslate(__name__)

OVERDUE = tuple(name for name in AGEING if name != "due_current")
NAMES = ("amount_due", *AGEING, "overdue", "order_count")
CUSTOMER = "order_id.kehu_customer"  # see sale_order.py
AGES = {
    "due_current": _lt("Not Due Yet"),
    "due_1_30": _lt("1–30 Days"),
    "due_31_60": _lt("31–60 Days"),
    "due_61_90": _lt("61–90 Days"),
    "due_over_90": _lt("Over 90 Days"),
}


@register
class SalesReceivables(Analysis):
    name = "sales_receivables"
    title = _lt("Sales Receivables")
    formula = _lt(
        "Adds up what is due today on the orders that you may see, by the days since it fell due, in the currency of the company at the "
        "rate of the order; what we owe customers counts against what is not due yet."
    )
    agreement = _lt("Checked: what is due agrees with the invoices and payments of the ledger, to the cent.")
    records_model = "kehu.receivable"
    records_action = "kehu_crm.kehu_receivable_action"
    known_dimensions = {
        "customer": Dimension("customer", _lt("Customer"), "partner_id", "res.partner", "partner_id"),
        "user": Dimension("user", _lt("Salesperson"), "user_id", "res.users", "user_id"),
        "department": Dimension("department", _lt("Department"), "kehu_department_id", "hr.department", "kehu_department_id"),
        "age": Dimension("age", _lt("Age"), "age", choices=tuple(AGES.items())),
        "region": Dimension("region", _lt("Region"), "", "kehu.dictionary.value", f"{CUSTOMER}_region_id"),
        "state": Dimension("state", _lt("Province"), "", "res.country.state", f"{CUSTOMER}_state_id"),
        "city": Dimension("city", _lt("City"), "", "res.city", f"{CUSTOMER}_city_id"),
        "level": Dimension("level", _lt("Level"), "", "kehu.customer.level", f"{CUSTOMER}_level_id"),
    }
    dimensions = ("customer", "age", "user", "department")
    known_measures = {
        "amount_due": Measure("amount_due", _lt("Due")),
        "overdue": Measure("overdue", _lt("Overdue")),
        "overdue_rate": Measure("overdue_rate", _lt("Overdue Share"), "percent", "overdue", "amount_due"),
        **{name: Measure(name, label) for name, label in AGES.items()},
        "order_count": Measure("order_count", _lt("Orders"), "number"),
    }
    measures = ("amount_due", "overdue", "overdue_rate", *AGEING, "order_count")
    conditions = ("department", "user", "region", "state", "city", "level")
    has_period = False
    preset = "all"

    def records_domain(self, env, period, filters):
        return (
            Domain("receipt_state", "in", ("none", "partial"))
            & Domain("company_id", "=", env.company.id)
            & super().records_domain(env, period, filters)
        )

    def condition(self, env, dimension, keys):
        if dimension.name != "age":
            return super().condition(env, dimension, keys)
        return Domain.OR(Domain(key, "!=", 0) for key in keys)

    def measure_domain(self, env, measure):
        if measure.name in AGEING:
            return Domain(measure.name, "!=", 0)
        if measure.name in ("overdue", "overdue_rate"):
            return Domain.OR(Domain(name, "!=", 0) for name in OVERDUE)
        return Domain.TRUE

    def _rows(self, env, filters, column):
        """Return the query of a row per key: key and the figures."""
        receivables = env["kehu.receivable"]
        env.flush_all()
        query = receivables._search(self.records_domain(env, (None, None), filters), order="id")
        query.order = None
        digits = env.company._kehu_digits()

        def money(name):
            amount, rate = (SQL.identifier(receivables._table, part) for part in (name, "rate"))
            return SQL("COALESCE(SUM(ROUND(%s::numeric / %s::numeric, %s)), 0)", amount, rate, digits)

        sums = {name: money(name) for name in AGEING}
        key = SQL("NULL::int4")
        if column:
            key = query.groupby = SQL.identifier(receivables._table, column)
        return query.select(
            SQL("%s AS key", key),
            SQL("%s AS amount_due", money("amount_due")),
            *(SQL("%s AS %s", one, SQL.identifier(name)) for name, one in sums.items()),
            SQL("%s AS overdue", SQL(" + ").join(sums[name] for name in OVERDUE)),
            SQL("COUNT(*) AS order_count"),
        )

    def figures(self, env, period, filters, dimension):
        if dimension and dimension.name == "age":
            return self._by_age(env, filters)
        rows = env.execute_query(self._rows(env, filters, dimension and dimension.column))
        return {row[0]: dict(zip(NAMES, row[1:], strict=True)) for row in rows if row[-1]}

    def _by_age(self, env, filters):
        """What an order owes may fall due on several days: it counts in each age that it owes something of."""
        total = self.figures(env, (None, None), filters, None).get(None, {})
        receivables = env["kehu.receivable"]
        domain = self.records_domain(env, (None, None), filters)
        found = {}
        for name in AGEING:
            count = receivables.search_count(domain & Domain(name, "!=", 0))
            if count:
                due = total.get(name, 0)
                found[name] = {"amount_due": due, name: due, "overdue": due if name in OVERDUE else 0, "order_count": count}
        return found

    def top(self, env, period, filters, dimension, measure, most):
        if dimension.name == "customer":
            ratio = (measure.part, measure.whole) if measure.part else (measure.name,)
            return largest(env, self._rows(env, filters, dimension.column), NAMES, ratio, most)
        figures, total, left = super().top(env, period, filters, dimension, measure, most)
        if dimension.name == "age":  # orders in several ages are counted once in the total
            total = self.figures(env, period, filters, None).get(None, total)
        return figures, total, left

    def check(self, env, period, filters):
        """The ledger says what each of these orders still owes: journal items and their matches, no stored figure of ours."""
        ours = self.summed(self.figures(env, period, filters, self.known_dimensions["customer"]))
        env.flush_all()
        visible = env["kehu.receivable"]._search(self.records_domain(env, period, filters), order="id")
        visible.order = None
        orders = env.execute_query(
            SQL(
                "SELECT id, state, amount_total, currency_id, COALESCE(NULLIF(currency_rate, 0), 1) FROM sale_order WHERE id IN %s",
                visible.subselect(),
            )
        )
        _received, due = from_ledger(env, orders)
        return {"amount_due": (float(ours.get("amount_due", 0)), due)}
