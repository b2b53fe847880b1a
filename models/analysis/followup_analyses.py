"""Customers that nobody looks after, and those about to leave their owner for the pool."""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from .customer_analyses import DIMENSIONS, CustomerAnalysis
from .provider import Dimension, Measure, register

_lt = LazyTranslate(__name__)

NEGLECTED = 30  # days without a contact
LEAVING = 14  # days until the pool
NAMES = ("count", "overdue", "neglected", "never", "leaving")


@register
class CustomersFollowup(CustomerAnalysis):
    name = "customers_followup"
    title = _lt("Follow-up of Customers")
    formula = _lt(
        "Counts the customers with an owner that you may see, as they are today: overdue are those whose next contact is past, neglected "
        "those without a contact for more than 30 days or, never contacted, held as long; leaving those who fall into a pool in 14 days."
    )
    has_period = False
    preset = "all"
    records_action = "kehu_crm.kehu_customer_action"
    known_dimensions = {
        **{dimension.name: dimension for dimension in DIMENSIONS},
        "last": Dimension(
            "last",
            _lt("Last Contact"),
            "last",
            choices=tuple(
                {
                    "week": _lt("Within 7 Days"),
                    "month": _lt("8 to 30 Days Ago"),
                    "quarter": _lt("31 to 90 Days Ago"),
                    "older": _lt("More Than 90 Days Ago"),
                    "never": _lt("Never"),
                }.items()
            ),
        ),
        "fall": Dimension(
            "fall",
            _lt("Leaves the Owner"),
            "fall",
            choices=tuple(
                {
                    "now": _lt("Within 3 Days"),
                    "week": _lt("In 4 to 7 Days"),
                    "fortnight": _lt("In 8 to 14 Days"),
                    "later": _lt("Later"),
                    "never": _lt("Not by Itself"),
                }.items()
            ),
        ),
    }
    known_measures = {
        "count": Measure("count", _lt("Customers"), "number"),
        "overdue": Measure("overdue", _lt("Overdue"), "number"),
        "neglected": Measure("neglected", _lt("Neglected"), "number"),
        "never": Measure("never", _lt("Never Contacted"), "number"),
        "leaving": Measure("leaving", _lt("Leaving"), "number"),
        "neglected_rate": Measure("neglected_rate", _lt("Neglected Share"), "percent", "neglected", "count"),
    }
    dimensions = ("user", "department", "level", "last", "fall", "state", "source")
    measures = ("neglected", "overdue", "never", "leaving", "count", "neglected_rate")

    def base_domain(self):
        return super().base_domain() & Domain("user_id", "!=", False)

    def figures(self, env, period, filters, dimension):
        """All measures in one look at the customers."""
        partners = env["res.partner"]
        env.flush_all()
        query = partners._search(self.records_domain(env, period, filters), order="id")
        query.order = None
        last, next_contact, assigned, fall = (
            partners._field_to_sql(query.table, name, query)
            for name in ("kehu_last_contact", "kehu_next_contact", "kehu_assigned_on", "kehu_fall_on")
        )
        today = env.company._kehu_today()
        limit, moment = today - timedelta(days=NEGLECTED), env.company._kehu_midnight(today - timedelta(days=NEGLECTED))
        keys = {
            "last": SQL(
                "CASE WHEN %(last)s IS NULL THEN 'never' WHEN %(last)s >= %(week)s THEN 'week' WHEN %(last)s >= %(month)s THEN 'month' "
                "WHEN %(last)s >= %(quarter)s THEN 'quarter' ELSE 'older' END",
                last=last,
                **{name: today - timedelta(days=days) for name, days in (("week", 7), ("month", 30), ("quarter", 90))},
            ),
            "fall": SQL(
                "CASE WHEN %(fall)s IS NULL THEN 'never' WHEN %(fall)s <= %(now)s THEN 'now' WHEN %(fall)s <= %(week)s THEN 'week' "
                "WHEN %(fall)s <= %(fortnight)s THEN 'fortnight' ELSE 'later' END",
                fall=SQL("clock.fall_on"),
                **{name: today + timedelta(days=days) for name, days in (("now", 3), ("week", 7), ("fortnight", 14))},
            ),
        }
        key = SQL("NULL")
        if dimension:
            key = keys.get(dimension.name) or SQL.identifier(query.table, dimension.column)
        rows = env.execute_query(
            SQL(
                """
                SELECT %(key)s AS key, COUNT(*), COUNT(*) FILTER (WHERE %(next)s < %(today)s),
                       COUNT(*) FILTER (WHERE %(last)s < %(limit)s OR %(last)s IS NULL AND %(assigned)s < %(moment)s),
                       COUNT(*) FILTER (WHERE %(last)s IS NULL), COUNT(*) FILTER (WHERE clock.fall_on <= %(soon)s)
                  FROM %(tables)s CROSS JOIN LATERAL (SELECT %(fall)s AS fall_on OFFSET 0) clock
                 WHERE %(where)s GROUP BY 1
                """,
                key=key,
                next=next_contact,
                today=today,
                last=last,
                limit=limit,
                assigned=assigned,
                moment=moment,
                soon=today + timedelta(days=LEAVING),
                tables=query.from_clause,
                fall=fall,
                where=query.where_clause,
            )
        )
        return {row[0]: dict(zip(NAMES, row[1:], strict=True)) for row in rows}

    def condition(self, env, dimension, keys):
        if not dimension.choices:
            return super().condition(env, dimension, keys)
        today = env.company._kehu_today()

        def between(name, first, last):
            """From one day to another, as days from today."""
            domain = Domain(name, "!=", False)
            if first is not None:
                domain &= Domain(name, ">=", today + timedelta(days=first))
            if last is not None:
                domain &= Domain(name, "<=", today + timedelta(days=last))
            return domain

        spans = {
            "last": {"week": (-7, None), "month": (-30, -8), "quarter": (-90, -31), "older": (None, -91)},
            "fall": {"now": (None, 3), "week": (4, 7), "fortnight": (8, 14), "later": (15, None)},
        }[dimension.name]
        name = {"last": "kehu_last_contact", "fall": "kehu_fall_on"}[dimension.name]
        return Domain.OR(between(name, *spans[key]) if key in spans else Domain(name, "=", False) for key in keys)

    def measure_domain(self, env, measure):
        today = env.company._kehu_today()
        limit = today - timedelta(days=NEGLECTED)
        never = Domain("kehu_last_contact", "=", False)
        long_held = never & Domain("kehu_assigned_on", "<", env.company._kehu_midnight(limit))
        neglected = Domain("kehu_last_contact", "<", limit) | long_held
        return {
            "overdue": Domain("kehu_next_contact", "<", today),
            "neglected": neglected,
            "neglected_rate": neglected,
            "never": never,
            "leaving": Domain("kehu_fall_on", "<=", today + timedelta(days=LEAVING)),
        }.get(measure.name, Domain.TRUE)

    def check(self, env, period, filters):
        """The host counts each measure by itself, with the filters of its own list; our sum over people must be the same."""
        ours = self.summed(self.figures(env, period, filters, self.known_dimensions["user"]))
        partners = env["res.partner"]
        domain = self.records_domain(env, period, filters)
        return {
            name: (ours.get(name, 0), partners.search_count(domain & self.measure_domain(env, self.known_measures[name]))) for name in NAMES
        }
