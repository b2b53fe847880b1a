"""What people achieved, beside what they were to achieve: from the figures that targets are measured by."""

from datetime import date, timedelta

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from .exceptions import KehuAnalysisError
from .provider import Analysis, Dimension, Measure, register

_lt = LazyTranslate(__name__)

FIRST, LAST = date(1970, 1, 1), date(2999, 12, 31)  # of an open period
EVEN_ARCHIVED = Domain("active", "in", [True, False])
MOST_PEOPLE = 20_000
MOST_BEHIND = 10_000
CREDITED = {"customers": "new_customers", "ordered": "ordered", "received": "received"}  # by whom the customer was owned then
SPANS = ("month", "quarter", "year")  # targets of the shortest of these are added up


@register
class StaffPerformance(Analysis):
    name = "staff_performance"
    title = _lt("Staff Performance")
    formula = _lt(
        "New customers, confirmed orders with tax and receipts are credited as for targets: to who owned the customer then; contact "
        "records to their author, won opportunities to their salesperson. Target: order totals of months (else quarters, years) wholly in "
        "the period; people count for their present department."
    )
    agreement = _lt("Checked: the totals agree with orders, customers, contact records and opportunities, followed one by one.")
    records_model = "res.users"
    preset = "this_month"
    comparison = "last_period"
    known_dimensions = {
        "user": Dimension("user", _lt("Person"), "id", "res.users", "id"),
        "department": Dimension("department", _lt("Department"), "kehu_home_department_id", "hr.department", "kehu_home_department_id"),
    }
    dimensions = ("user", "department")
    conditions = ("department", "user")
    known_measures = {
        "ordered": Measure("ordered", _lt("Orders")),
        "target": Measure("target", _lt("Target")),
        "achievement": Measure("achievement", _lt("Achievement"), "percent", "ordered", "target"),
        "received": Measure("received", _lt("Receipts")),
        "won": Measure("won", _lt("Opportunities Won"), "number"),
        "customers": Measure("customers", _lt("New Customers"), "number"),
        "contacts": Measure("contacts", _lt("Contact Records"), "number"),
        "effective": Measure("effective", _lt("Of These Effective"), "number"),
    }
    measures = ("ordered", "target", "achievement", "received", "won", "customers", "contacts", "effective")

    # ------------------------------------------------------------
    # Whose figures
    # ------------------------------------------------------------

    def people(self, env, filters):
        """Return whose figures this person may see: the own ones, those of the departments that one oversees, all.

        :return: {user id: department id or None}
        """
        domain = Domain("share", "=", False)
        if not env.user.has_groups("kehu_crm.group_kehu_director,kehu_crm.group_kehu_finance"):
            mine = Domain("id", "=", env.uid)
            if env.user.has_group("kehu_crm.group_kehu_manager"):
                mine |= Domain("kehu_home_department_id.kehu_overseer_ids", "in", [env.uid])
            domain &= mine
        for name, keys in filters.items():
            domain &= Domain(self.known_dimensions[name].path, "in", [key or False for key in keys])
        # sudo: res.users - who works where; archived people achieved something too
        users = env["res.users"].sudo().with_context(active_test=False)
        found = users.search_fetch(domain, ["kehu_home_department_id"], limit=MOST_PEOPLE)
        return {user.id: user.kehu_home_department_id.id or None for user in found}

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    def figures(self, env, period, filters, dimension):
        people = self.people(env, filters)
        rows = {}

        def add(user, name, figure):
            if user in people and figure:
                key = None if not dimension else user if dimension.name == "user" else people[user]
                row = rows.setdefault(key, {})
                row[name] = row.get(name, 0) + figure

        days = period[0] or FIRST, period[1] or LAST
        for name, metric in CREDITED.items():
            for user, amount in self._credited(env, metric, days, people):
                add(user, name, float(amount))
        for user, contacts, effective in self._contacts(env, days, people):
            add(user, "contacts", contacts)
            add(user, "effective", effective)
        for user, won in self._won(env, period, people):
            add(user, "won", won)
        for user, target in self._targets(env, days, people):
            add(user, "target", target)
        return rows

    def _credited(self, env, metric, days, people):
        """:return: rows (user id, sum of what is credited)"""
        # sudo: kehu.achievement - what is credited to somebody does not depend on who looks at it; `people` says whose figures are told
        credit = env["kehu.achievement"].sudo()
        credit._kehu_flush({metric})
        facts = credit._kehu_credited(metric, env.company, *days)
        return env.execute_query(
            SQL("SELECT c.user_id, SUM(c.amount) FROM (%s) c WHERE c.user_id = ANY(%s) GROUP BY 1", facts, list(people))
        )

    def _contacts(self, env, days, people):
        env["kehu.contact.record"].flush_model()
        return env.execute_query(
            SQL(
                """SELECT user_id, COUNT(*), COUNT(*) FILTER (WHERE is_effective) FROM kehu_contact_record
                    WHERE date BETWEEN %s AND %s AND user_id = ANY(%s) AND (company_id = %s OR company_id IS NULL) GROUP BY 1""",
                *days,
                list(people),
                env.company.id,
            )
        )

    def _won(self, env, period, people):
        # sudo: crm.lead - won by the people whose figures are told
        groups = env["crm.lead"].sudo()._read_group(self._won_domain(env, period, people), ["user_id"], ["__count"])
        return [(user.id, count) for user, count in groups]

    def _won_domain(self, env, period, people):
        domain = Domain("won_status", "=", "won") & Domain("user_id", "in", list(people)) & EVEN_ARCHIVED
        domain &= Domain("company_id", "in", [False, env.company.id])
        first, last = period
        if first:
            domain &= Domain("date_closed", ">=", env.company._kehu_midnight(first))
        if last:
            domain &= Domain("date_closed", "<", env.company._kehu_midnight(last.fromordinal(last.toordinal() + 1)))
        return domain

    def _target_domain(self, env, days, people):
        return (
            Domain("metric", "=", "ordered")
            & Domain("user_id", "in", list(people))
            & Domain("company_id", "=", env.company.id)
            & Domain("period", "in", SPANS)
            & Domain("date_from", ">=", days[0])
            & Domain("date_to", "<=", days[1])
        )

    def _targets(self, env, days, people):
        """:return: rows (user id, sum of the targets of the shortest span that the person has), of targets that the reader may see"""
        found = {}
        targets = env["kehu.target"]
        if targets.has_access("read"):
            for user, span, value in targets._read_group(self._target_domain(env, days, people), ["user_id", "period"], ["value:sum"]):
                found.setdefault(user.id, {})[span] = value
        return [(user, next(by_span[span] for span in SPANS if span in by_span)) for user, by_span in found.items()]

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    def behind(self, env, period, filters, measure):
        people = self.people(env, filters)
        name = measure.part or measure.name if measure else ""
        days = period[0] or FIRST, period[1] or LAST
        if name == "won":
            return "crm.lead", "", self._won_domain(env, period, people)
        if name == "target":
            return "kehu.target", "", self._target_domain(env, days, people)
        if name in ("contacts", "effective"):
            domain = Domain("date", ">=", days[0]) & Domain("date", "<=", days[1]) & Domain("user_id", "in", list(people))
            domain &= Domain("company_id", "in", [False, env.company.id])
            return "kehu.contact.record", "", domain & (Domain("is_effective", "=", True) if name == "effective" else Domain.TRUE)
        if name in CREDITED:
            return self._credited_behind(env, name, days, people)
        return "res.users", "", Domain("id", "in", list(people)) & EVEN_ARCHIVED

    def _credited_behind(self, env, name, days, people):
        # sudo: kehu.achievement - see `_credited`; whoever opens the records sees those that they may see
        credit = env["kehu.achievement"].sudo()
        credit._kehu_flush({CREDITED[name]})
        facts = credit._kehu_credited(CREDITED[name], env.company, *days)
        wanted = SQL("SELECT c.id FROM (%s) c WHERE c.user_id = ANY(%s) LIMIT %s", facts, list(people), MOST_BEHIND + 1)
        ids = [number for (number,) in env.execute_query(wanted)]
        if len(ids) > MOST_BEHIND:
            raise KehuAnalysisError(
                env._("More than %(most)s records are behind this figure. Choose a person or a shorter period.", most=MOST_BEHIND)
            )
        if name == "ordered":
            return "sale.order", "", Domain("id", "in", ids)
        if name == "customers":
            # sudo: kehu.assignment - the customers of these entries
            customers = env["kehu.assignment"].sudo().browse(ids).partner_id
            return "res.partner", "kehu_crm.kehu_customer_action", Domain("id", "in", customers.ids) & EVEN_ARCHIVED
        if env["account.move.line"].has_access("read"):
            return "account.move.line", "", Domain("id", "in", ids)
        # sudo: account.move.line - the payments of these entries, to find their receipts
        payments = env["account.move.line"].sudo().browse(ids).move_id.origin_payment_id
        return "kehu.receipt", "", Domain("payment_id", "in", payments.ids)

    # ------------------------------------------------------------
    # Check
    # ------------------------------------------------------------

    def check(self, env, period, filters):
        """Order by order, in Python: who had the customer when it was confirmed, as the history of owners says."""
        ours = self.summed(self.figures(env, period, filters, self.known_dimensions["user"]))
        people = self.people(env, filters)
        days = period[0] or FIRST, period[1] or LAST
        company = env.company
        orders = (
            env["sale.order"]
            .sudo()  # sudo: sale.order, res.partner - what is credited does not depend on who looks at it; only sums are told
            .search_fetch(
                Domain("state", "=", "sale")
                & Domain("company_id", "=", company.id)
                & Domain("date_order", ">=", company._kehu_midnight(days[0]))
                & Domain("date_order", "<", company._kehu_midnight(date.fromordinal(days[1].toordinal() + 1))),
                ["kehu_customer_id", "date_order", "user_id", "amount_total", "currency_rate"],
                limit=MOST_BEHIND + 1,
            )
        )
        if len(orders) > MOST_BEHIND:
            raise KehuAnalysisError(
                env._("The check follows orders one by one, at most %(most)s. Choose a shorter period.", most=MOST_BEHIND)
            )
        ledger = (
            env["kehu.assignment"]
            .sudo()  # sudo: kehu.assignment - as above
            .search(Domain("partner_id", "in", orders.kehu_customer_id.ids), order="partner_id, date, id")
        )
        histories = ledger.grouped("partner_id")
        ordered = 0.0
        for order in orders:
            owner = order.kehu_customer_id.user_id
            rows = histories.get(order.kehu_customer_id, ledger.browse())
            before = [row for row in rows if row.date < order.date_order + timedelta(seconds=1)]  # as kehu.achievement credits it
            if rows:
                owner = before[-1].user_id if before else rows[0].old_user_id
            if (owner or order.user_id).id in people:
                ordered += company.currency_id.round(order.amount_total / (order.currency_rate or 1))
        records = (
            env["kehu.contact.record"]
            .sudo()  # sudo: kehu.contact.record - only numbers are told
            .search_fetch(self.behind(env, period, filters, self.known_measures["contacts"])[2], ["is_effective"])
        )
        leads = env["crm.lead"].sudo()  # sudo: crm.lead - only their number is told
        return {
            "ordered": (ours.get("ordered", 0.0), ordered),
            "contacts": (ours.get("contacts", 0), len(records)),
            "effective": (ours.get("effective", 0), len(records.filtered("is_effective"))),
            "won": (ours.get("won", 0), leads.search_count(self._won_domain(env, period, people))),
        }
