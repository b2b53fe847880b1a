"""The analyses of pools, from the ledger of owners: what came in and went out, and what came of it."""

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from ..pool.kehu_pool_policy import IDLE, NO_DEAL, NO_OPPORTUNITY
from .kehu_assignment import NO_RULE, UNTIL, rule_of
from .provider import TIME_DIMENSIONS, TIMES, Analysis, Dimension, Measure, register

_lt = LazyTranslate(__name__)

KINDS = (
    ("create", _lt("New in the CRM")),
    ("return", _lt("Returned by the Owner")),
    ("recycle", _lt("Recycled by a Rule")),
    ("claim", _lt("Claimed")),
    ("assign", _lt("Assigned")),
    ("transfer", _lt("Transferred")),
)
RULES = (
    (IDLE, _lt("No Effective Contact")),
    (NO_OPPORTUNITY, _lt("No Opportunity")),
    (NO_DEAL, _lt("No Confirmed Order")),
    (NO_RULE, _lt("No Rule")),
)
DIMENSIONS = (
    *TIME_DIMENSIONS,
    Dimension("pool", _lt("Pool"), "pool_id", "kehu.pool", "pool_id"),
    Dimension("kind", _lt("What Happened"), "kind", None, "kind", KINDS),
    Dimension("rule", _lt("Rule"), "", None, "kehu_rule", RULES),
    Dimension("reason", _lt("Reason"), "reason", None, "reason", is_text=True),
    Dimension("old_user", _lt("Former Owner"), "old_user_id", "res.users", "old_user_id"),
    Dimension("user", _lt("New Owner"), "user_id", "res.users", "user_id"),
    Dimension("author", _lt("Done By"), "author_id", "res.users", "author_id"),
)
INTO = Domain("user_id", "=", False) & (Domain("old_user_id", "!=", False) | Domain("kind", "=", "create"))
OUT = Domain("user_id", "!=", False) & Domain("old_user_id", "=", False) & Domain("kind", "!=", "create")
SQL_INTO = SQL("kehu_assignment.user_id IS NULL AND (kehu_assignment.old_user_id IS NOT NULL OR kehu_assignment.kind = 'create')")
SQL_OUT = SQL("kehu_assignment.user_id IS NOT NULL AND kehu_assignment.old_user_id IS NULL AND kehu_assignment.kind <> 'create'")


class LedgerAnalysis(Analysis):
    """Base of the analyses of the ledger of owners, of the rows that this person may read."""

    records_model = "kehu.assignment"
    records_action = "kehu_crm.kehu_assignment_action"
    moment = "date"
    preset = "last_12_months"

    def base_domain(self, env):
        return Domain("company_id", "in", [False, env.company.id])

    def records_domain(self, env, period, filters):
        return self.base_domain(env) & super().records_domain(env, period, filters)

    def condition(self, env, dimension, keys):
        if dimension.name != "department":
            return super().condition(env, dimension, keys)
        ids = [key or False for key in keys]
        return Domain("user_id.kehu_home_department_id", "in", ids) | Domain("old_user_id.kehu_home_department_id", "in", ids)

    def _key(self, env, dimension):
        """:return: the SQL of the key"""
        if not dimension:
            return SQL("NULL::int")
        if dimension.name in TIMES:
            zone = env.company._kehu_zone()
            return SQL("DATE_TRUNC(%s, kehu_assignment.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", dimension.name, zone)
        if dimension.name == "rule":
            return rule_of("kehu_assignment")
        if dimension.is_text:
            return SQL("NULLIF(%s, '')", SQL.identifier("kehu_assignment", dimension.column))
        return SQL.identifier("kehu_assignment", dimension.column)

    def _query(self, env, period, filters):
        rows = env[self.records_model]
        rows.flush_model()
        env["kehu.pool.run.line"].flush_model()
        query = rows._search(self.records_domain(env, period, filters), order="id")
        query.order = None
        return query

    def figures(self, env, period, filters, dimension):
        return self._rows(env, self._query(env, period, filters), dimension)

    def top(self, env, period, filters, dimension, measure, most):
        """Totals are added up apart: how many were worked out of rows does not matter."""
        figures, _total, left = super().top(env, period, filters, dimension, measure, most)
        return figures, self.figures(env, period, filters, None).get(None, {}), left


@register
class PoolFlow(LedgerAnalysis):
    name = "pool_flow"
    title = _lt("Pool Flow")
    formula = _lt(
        "Counts in the ownership history of customers that you may see how many came into a pool (new without an owner, returned, recycled "
        "by a rule) and how many went out to an owner; moves from one pool to another are left out."
    )
    agreement = _lt("Checked: the totals agree with the ownership history, followed customer by customer.")
    known_dimensions = {
        **{dimension.name: dimension for dimension in DIMENSIONS},
        "department": Dimension("department", _lt("Department"), "", "hr.department", ""),
    }
    dimensions = ("month", "day", "pool", "kind", "rule", "reason", "old_user", "user", "author", "quarter")
    conditions = ("department", "user", "old_user", "author", "pool")
    known_measures = {
        "into": Measure("into", _lt("In"), "number"),
        "out": Measure("out", _lt("Out"), "number"),
        "net": Measure("net", _lt("In Less Out"), "number"),
        "recycled": Measure("recycled", _lt("Recycled"), "number"),
        "returned": Measure("returned", _lt("Returned"), "number"),
    }
    measures = ("into", "out", "net", "recycled", "returned")
    COUNTED = {
        "into": INTO,
        "out": OUT,
        "net": INTO | OUT,
        "recycled": INTO & Domain("kind", "=", "recycle"),
        "returned": INTO & Domain("kind", "=", "return"),
    }

    def base_domain(self, env):
        return super().base_domain(env) & (INTO | OUT)

    def measure_domain(self, env, measure):
        return self.COUNTED[measure.name]

    def _rows(self, env, query, dimension):
        if dimension:
            query.groupby = SQL("1")
        found = env.execute_query(
            query.select(
                self._key(env, dimension),
                SQL("COUNT(*) FILTER (WHERE %s)", SQL_INTO),
                SQL("COUNT(*) FILTER (WHERE %s)", SQL_OUT),
                SQL("COUNT(*) FILTER (WHERE %s AND kehu_assignment.kind = 'recycle')", SQL_INTO),
                SQL("COUNT(*) FILTER (WHERE %s AND kehu_assignment.kind = 'return')", SQL_INTO),
            )
        )
        return {
            key: {"into": into, "out": out, "net": into - out, "recycled": recycled, "returned": returned}
            for key, into, out, recycled, returned in found
        }

    def check(self, env, period, filters):
        """Follow each customer through all its rows: whoever had an owner before and has none after came into a pool."""
        ours = self.figures(env, period, filters, None).get(None, {})
        counted = self.followed(env, "kehu.assignment", self.records_domain(env, period, filters), ["kind"])
        into = out = 0
        for row in counted.read(["old_user_id", "user_id", "kind"], load=None):
            had, has = bool(row["old_user_id"]), bool(row["user_id"])
            into += not has and (had or row["kind"] == "create")
            out += has and not had and row["kind"] != "create"
        return {"into": (ours.get("into", 0), into), "out": (ours.get("out", 0), out)}


@register
class PoolYield(LedgerAnalysis):
    name = "pool_yield"
    title = _lt("Yield of Rounds")
    formula = _lt(
        "A round is the time from a customer's coming to an owner until the next change of hands, counted by its first day; its deals are "
        "the orders confirmed in it that you may see, with tax in the currency of the company. Yield: rounds with a deal divided by rounds."
    )
    agreement = _lt("Checked: rounds and deals agree with the ownership history and the orders, followed order by order.")
    known_dimensions = {
        **{dimension.name: dimension for dimension in DIMENSIONS},
        "department": Dimension("department", _lt("Department"), "", "hr.department", "user_id.kehu_home_department_id"),
    }
    dimensions = ("user", "kind", "pool", "old_user", "author", "month", "quarter", "year")
    conditions = ("department", "user", "old_user", "pool")
    known_measures = {
        "rounds": Measure("rounds", _lt("Rounds"), "number"),
        "won": Measure("won", _lt("Rounds with a Deal"), "number"),
        "yield": Measure("yield", _lt("Yield"), "percent", "won", "rounds"),
        "deals": Measure("deals", _lt("Deals"), "number"),
        "amount": Measure("amount", _lt("Amount of the Deals")),
        "per_round": Measure("per_round", _lt("Deals per Round"), "number", "deals", "rounds"),
        "days": Measure("days", _lt("Days per Round"), "number", "stay", "rounds"),
    }
    measures = ("yield", "rounds", "won", "deals", "amount", "per_round", "days")

    def base_domain(self, env):
        return super().base_domain(env) & Domain("user_id", "!=", False)

    def condition(self, env, dimension, keys):
        return Analysis.condition(self, env, dimension, keys)

    def measure_domain(self, env, measure):
        return Domain("kehu_has_deal", "=", True) if measure.name in ("won", "deals", "amount", "per_round") else Domain.TRUE

    def _rows(self, env, query, dimension):
        deals = env["kehu.assignment"]._kehu_deals()
        # of the customers and of the time of these rounds only, not of all that was ever sold
        deals.add_where(SQL("sale_order.kehu_customer_id IN (SELECT partner_id FROM round)"))
        deals.add_where(SQL("sale_order.date_order >= (SELECT MIN(date) FROM round)"))
        deals.add_where(SQL("sale_order.date_order < (SELECT MAX(COALESCE(until, 'infinity')) FROM round)"))
        amount = SQL(
            "ROUND((sale_order.amount_total / COALESCE(NULLIF(sale_order.currency_rate, 0), 1))::numeric, %s)",
            env.company._kehu_digits(),
        )
        columns = [SQL.identifier("kehu_assignment", name) for name in ("id", "partner_id", "date")]
        found = env.execute_query(
            SQL(
                """WITH round(key, id, partner_id, date, until) AS MATERIALIZED (%(rounds)s),
                        deal(customer_id, date, amount) AS MATERIALIZED (%(deals)s),
                        made AS (SELECT r.id, COUNT(*) AS deals, SUM(d.amount) AS amount
                                   FROM round r JOIN deal d ON d.customer_id = r.partner_id AND d.date >= r.date
                                    AND d.date < COALESCE(r.until, 'infinity')
                                  GROUP BY r.id)
                   SELECT r.key, COUNT(*), COUNT(m.id), COALESCE(SUM(m.deals), 0)::int, COALESCE(SUM(m.amount), 0),
                          SUM(EXTRACT(EPOCH FROM COALESCE(r.until, %(now)s) - r.date)) / 86400
                     FROM round r LEFT JOIN made m ON m.id = r.id GROUP BY r.key""",
                rounds=query.select(self._key(env, dimension), *columns, UNTIL),
                deals=deals.select(SQL("sale_order.kehu_customer_id"), SQL("sale_order.date_order"), amount),
                now=env.cr.now(),
            )
        )
        return {
            key: {"rounds": rounds, "won": won, "deals": deals, "amount": amount, "stay": float(stay or 0)}
            for key, rounds, won, deals, amount, stay in found
        }

    def summed(self, figures):
        return {}  # see `top`: the total is added up apart

    def check(self, env, period, filters):
        """Order by order, in Python: who came to an owner last before it was confirmed."""
        ours = self.figures(env, period, filters, None).get(None, {})
        rounds = self.followed(env, "kehu.assignment", self.records_domain(env, period, filters), ["partner_id", "date"])
        ledger = (
            env["kehu.assignment"]
            .sudo()  # sudo: kehu.assignment - when each customer changed hands, whoever may see it
            .search_fetch(Domain("partner_id", "in", rounds.partner_id.ids), ["partner_id", "date"], order="partner_id, date, id")
        )
        orders = env["sale.order"].search_fetch(
            Domain("state", "=", "sale")
            & Domain("company_id", "=", env.company.id)
            & Domain("kehu_customer_id", "in", rounds.partner_id.ids),
            ["kehu_customer_id", "date_order", "amount_total", "currency_rate"],
        )
        by_customer, known = ledger.grouped("partner_id"), set(rounds.ids)
        won, deals, amount = set(), 0, 0.0
        for order in orders.sudo():  # sudo: res.partner - the customer of an order that this person sees
            rows = by_customer.get(order.kehu_customer_id, ())
            current = next((row.id for row in reversed(list(rows)) if row.date <= order.date_order), None)
            if current in known:
                won.add(current)
                deals += 1
                amount += env.company.currency_id.round(order.amount_total / (order.currency_rate or 1))
        return {
            "rounds": (ours.get("rounds", 0), len(rounds)),
            "won": (ours.get("won", 0), len(won)),
            "deals": (ours.get("deals", 0), deals),
            "amount": (float(ours.get("amount", 0)), amount),
        }
