from collections import defaultdict
from contextlib import suppress
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import formatLang, groupby

from ...tools import period
from ...tools.apportion import apportion
from ...tools.commission import amount_upto, pieces
from ..system.engine import as_engine
from .exceptions import KehuCommissionError
from .kehu_commission import ENGINE, OPEN_STATES

MOST_ORDERS = 3  # named on the line of one payment
HISTORY_MONTHS = 24  # so far back is looked for what has changed after it was paid


class KehuCommission(models.Model):
    """How commissions are computed.

    For each rule and person, in the order of the days, what is credited to the person in the period is commissioned at the step that the
    running total has reached; each amount is the difference of two rounded totals, so the lines add up to what the rule gives on the
    whole. What was commissioned in an earlier period and is not what it was (a cancelled receipt, a changed or cancelled order, a customer
    whose ownership history was corrected) is corrected by the difference, at the rate it was commissioned at. What is entered late, with a
    day in a period that is submitted or approved, counts in the period that is computed now. Nothing is ever counted twice: what other
    commissions of the person have of a source is taken off.
    """

    _inherit = "kehu.commission"

    @api.model
    def _kehu_compute(self, company, date_from, date_to, users=None):
        """Compute the commissions of a period: make those that are missing, compute drafts and rejected ones anew, leave the others.

        :param res.users users: only theirs; by default everybody's
        :return: what was computed
        :raises KehuCommissionError: where another commission of a person covers some of the days
        """
        # sudo: kehu.commission - called after the right to compute was checked, or by the job; covers everybody
        engine = as_engine(self.env["kehu.commission"].sudo().with_company(company), ENGINE)
        lock = engine.search([("company_id", "=", company.id), ("date_from", "=", date_from), ("date_to", "=", date_to)])
        drafts = lock.filtered(lambda commission: commission.kehu_approval_state in OPEN_STATES)
        if users is not None:
            drafts = drafts.filtered(lambda commission: commission.user_id in users)
        fixed = lock - drafts
        ledger = engine._kehu_commission_ledger(company, date_from, date_to, drafts)
        wanted = {}
        for user_id, rows in ledger.items():
            user = self.env["res.users"].browse(user_id)
            if user in fixed.user_id or (users is not None and user not in users):
                continue
            wanted[user] = rows
        by_user = {commission.user_id.id: commission for commission in drafts}
        missing = [user for user in wanted if user.id not in by_user]
        made = engine.create(
            [{"company_id": company.id, "user_id": user.id, "date_from": date_from, "date_to": date_to} for user in missing]
        )
        by_user.update({commission.user_id.id: commission for commission in made})
        drafts |= made
        drafts.line_ids.unlink()
        names = engine._kehu_source_names(wanted)
        engine._kehu_explain_shares(wanted)
        lines = []
        for user, rows in wanted.items():
            for row in rows:
                rule = row.pop("rule")
                lines.append(
                    {
                        **row,
                        "commission_id": by_user[user.id].id,
                        "rule_id": rule.id,
                        "name": names.get((rule.base, row["source_id"])) or self.env._("taken back, no longer there"),
                    }
                )
        as_engine(self.env["kehu.commission.line"].sudo(), ENGINE).create(lines)  # sudo: kehu.commission.line - see above
        rules = engine._kehu_rules(company, date_from, date_to)
        drafts.write({"rule_ids": [(6, 0, rules.ids)], "computed_on": fields.Datetime.now()})
        return drafts.with_env(self.env)

    def _kehu_rules(self, company, date_from, date_to):
        """Return the rules of a company that hold on some day of a period."""
        # sudo: kehu.commission.rule - see _kehu_compute
        rules = self.env["kehu.commission.rule"].sudo().search([("company_id", "=", company.id)])
        return rules.filtered(
            lambda rule: (not rule.date_from or rule.date_from <= date_to) and (not rule.date_to or rule.date_to >= date_from)
        )

    def _kehu_commission_ledger(self, company, date_from, date_to, drafts):
        """Tell what each person gets in a period, as lines without their names.

        :param kehu.commission drafts: those that are computed anew; what they have now does not count
        :return: {user id: [{"rule", "source_id", "date", "base", "rate", "amount", "correction", "explanation"}]}
        :rtype: dict
        """
        start = date_from - relativedelta(months=HISTORY_MONTHS)
        others = self.search([("company_id", "=", company.id), ("date_to", ">=", start), ("id", "not in", drafts.ids)])
        closed = others.filtered(lambda other: other.kehu_approval_state not in OPEN_STATES and other.date_to < date_from)
        start = max(start, min(closed.mapped("date_from"), default=date_from))
        had = self._kehu_counted(others, closed, start)
        late = self._kehu_late_days(others, closed)
        rules = self._kehu_rules(company, date_from, date_to)
        # sudo: kehu.commission.rule - see _kehu_compute
        former = self.env["kehu.commission.rule"].sudo().browse({rule_id for rule_id, _user, _source in had})
        ledger = defaultdict(list)
        for rule in (rules | former).sorted(lambda rule: (rule.sequence, rule.id)):
            now = rule._kehu_sources(start, date_to)
            counted = {(user_id, source): figures for (rule_id, user_id, source), figures in had.items() if rule_id == rule.id}
            fresh = defaultdict(list)
            for (user_id, source), (day, amount) in now.items() if rule in rules else ():
                figures = counted.get((user_id, source))
                if figures and not rule.currency_id.is_zero(figures["base"]):
                    continue  # corrected below, where it is to be
                if day >= date_from or late(rule, user_id, day):
                    fresh[user_id].append((day, source, amount))
            for user_id, rows in fresh.items():
                if rule._kehu_applies(*self._kehu_place(user_id)):
                    ledger[user_id] += self._kehu_lines(rule, sorted(rows))
            for (user_id, source), figures in counted.items():
                if figures["correctable"] and not rule.currency_id.is_zero(figures["base"]):
                    day, amount = now.get((user_id, source), (date_to, 0.0))
                    ledger[user_id] += self._kehu_correction(rule, source, max(day, date_from), amount, figures)
        return {user_id: rows for user_id, rows in ledger.items() if rows}

    def _kehu_place(self, user_id):
        """Return a person and the ids of the departments above."""
        user = self.env["res.users"].browse(user_id)
        path = user.kehu_home_department_id.parent_path or ""
        return user, [int(part) for part in path.split("/")[:-1]]

    def _kehu_late_days(self, others, closed):
        """Return a function that tells whether what happened on a former day comes late: its period is closed, and the person has no
        open commission for it.

        :return: function of a rule, a user's id and a day
        """
        spans, waiting = defaultdict(set), defaultdict(list)
        for other in closed:
            spans[other.date_from, other.date_to] |= set(other.rule_ids.ids)
        for other in others - closed:
            waiting[other.user_id.id].append((other.date_from, other.date_to))

        def late(rule, user_id, day):
            if any(first <= day <= last for first, last in waiting[user_id]):
                return False
            return any(first <= day <= last and rule.id in rules for (first, last), rules in spans.items())

        return late

    def _kehu_counted(self, others, closed, start):
        """Add up what other commissions have of each source since a day, and of those corrected since then what they had before it.

        :return: {(rule id, user id, source id): {"base", "amount", "correctable": whether an earlier one, submitted or approved, has it,
            and it happened since that day, so that what it is now is known}}
        :rtype: dict
        """
        counted, corrected = {}, set()
        lines = self.env["kehu.commission.line"]
        keys, sums = ["rule_id", "user_id", "source_id"], ["base:sum", "amount:sum"]
        rows = lines._read_group([("commission_id", "in", others.ids), ("date", ">=", start)], [*keys, "commission_id", "correction"], sums)
        for rule, user, source, commission, correction, base, amount in rows:
            key = (rule.id, user.id, source)
            figures = counted.setdefault(key, {"base": 0.0, "amount": 0.0, "closed": False, "happened": False})
            figures["base"] += base
            figures["amount"] += amount
            figures["closed"] |= commission in closed
            figures["happened"] |= not correction
            corrected |= {source} if correction else set()
        former = [("company_id", "in", others.company_id.ids), ("date", "<", start), ("source_id", "in", list(corrected))]
        for rule, user, source, base, amount in lines._read_group(former, keys, sums) if corrected else ():
            if figures := counted.get((rule.id, user.id, source)):
                figures["base"] += base
                figures["amount"] += amount
        for figures in counted.values():
            figures["correctable"] = figures.pop("closed") and figures.pop("happened")
        return counted

    def _kehu_lines(self, rule, rows):
        """Commission sources in their order, each at the step that the running total has reached."""
        bands, money = rule._kehu_bands(), rule.currency_id
        total = sum(amount for _day, _source, amount in rows)
        reached = total if rule.whole else None
        lines, running, paid = [], 0.0, 0.0
        for day, source, base in rows:
            parts = pieces(bands, running, running + base, reached)
            running = money.round(running + base)
            upto = money.round(amount_upto(bands, running, reached))
            amount, paid = money.round(upto - paid), upto
            lines.append(
                {
                    "rule": rule,
                    "source_id": source,
                    "date": day,
                    "base": base,
                    "rate": amount / base * 100 if base else 0.0,
                    "amount": amount,
                    "correction": False,
                    "explanation": " + ".join(
                        self.env._(
                            "%(base)s × %(percent)s %%",
                            base=formatLang(self.env, part, digits=money.decimal_places),
                            percent=f"{percent:g}",
                        )
                        for part, percent in parts
                    ),
                }
            )
        return lines

    def _kehu_correction(self, rule, source, day, now, figures):
        """Correct what an earlier period had of a source by the difference to what it is now, at the rate it had."""
        money = rule.currency_id
        base = money.round(now - figures["base"])
        if money.is_zero(base):
            return []
        amount = money.round(now * figures["amount"] / figures["base"] - figures["amount"])
        return [
            {
                "rule": rule,
                "source_id": source,
                "date": day,
                "base": base,
                "rate": amount / base * 100,
                "amount": amount,
                "correction": True,
                "explanation": self.env._(
                    "Was %(before)s when it was commissioned, is %(now)s now",
                    before=formatLang(self.env, figures["base"], digits=money.decimal_places),
                    now=formatLang(self.env, now, digits=money.decimal_places),
                ),
            }
        ]

    def _kehu_source_names(self, wanted):
        """Name orders and payments with their customers.

        :return: {(base, source id): text}, for those that exist still
        :rtype: dict
        """
        ids = defaultdict(set)
        for rows in wanted.values():
            for row in rows:
                ids[row["rule"].base].add(row["source_id"])
        # sudo: account.move.line, sale.order - names of what the person is credited with
        items = self.env["account.move.line"].sudo().browse(ids["received"]).exists()
        orders = self.env["sale.order"].sudo().browse(ids["margin"]).exists()  # sudo: sale.order - see above
        names = {("margin", order.id): f"{order.name} · {order.partner_id.name}" for order in orders}
        for item in items:
            orders = item.kehu_order_id or self._kehu_paid_orders(item)
            shown = ", ".join(orders[:MOST_ORDERS].mapped("name")) + ("…" if len(orders) > MOST_ORDERS else "")
            parts = (item.move_id.name, shown, item.partner_id.name)
            names["received", item.id] = " · ".join(part for part in parts if part)
        return names

    def _kehu_explain_shares(self, wanted):
        """Add to the explanation of a payment that was registered on an invoice of several orders what of it is for which of them.

        The shares add up to what the commission is computed on, to the cent.
        """
        money = self.env.company.currency_id  # of the company whose commissions are computed, see _kehu_compute
        received = [row for rows in wanted.values() for row in rows if row["rule"].base == "received"]
        # sudo: account.move.line - see _kehu_source_names
        items = self.env["account.move.line"].sudo().browse({row["source_id"] for row in received}).exists()
        items = {item.id: item for item in items if not item.kehu_order_id and len(self._kehu_paid_orders(item)) > 1}
        for row in received:
            if not (item := items.get(row["source_id"])):
                continue
            shares = apportion(row["base"], self._kehu_paid_shares(item, row["rule"]), money.rounding)
            told = ", ".join(
                f"{order.name or self.env._('other')} {formatLang(self.env, share, digits=money.decimal_places)}"
                for order, share in shares.items()
                if not money.is_zero(share)
            )
            if told:
                row["explanation"] = self.env._("%(explanation)s; of it %(shares)s", explanation=row["explanation"], shares=told)

    def _kehu_paid_shares(self, item, rule):
        """Tell in which proportion a payment without an order is for which orders. Runs as superuser.

        :return: {sale.order, the empty one for all else: amount in the currency of the company}
        :rtype: dict
        """
        weights = defaultdict(float)
        matches = [(match, match.debit_move_id) for match in item.matched_debit_ids]
        matches += [(match, match.credit_move_id) for match in item.matched_credit_ids]
        # sudo: product.category - those below, whoever computes
        categories = rule.category_ids and self.env["product.category"].sudo().search([("id", "child_of", rule.category_ids.ids)])
        for move, group in groupby(matches, key=lambda pair: pair[1].move_id):
            if categories:  # as in kehu.commission.rule._kehu_of_categories
                parts = move._kehu_order_weights(lambda line: line.product_id.categ_id in categories)
                whole = sum(move._kehu_order_weights().values())
            else:
                parts = move._kehu_shares_of(item)
                whole = sum(parts.values())
            amount = sum(match.amount for match, _line in group)
            for order, part in parts.items():
                weights[order] += amount * part / whole if whole else 0.0
        if not categories:
            weights[self.env["sale.order"]] += abs(item.amount_residual)
        return weights

    @api.model
    def _kehu_paid_orders(self, item):
        """Return the orders whose invoices a payment is matched with, for one that was registered on the invoice. Runs as superuser."""
        others = item.matched_debit_ids.debit_move_id | item.matched_credit_ids.credit_move_id
        return others.move_id.invoice_line_ids.sale_line_ids.order_id.sorted("id")

    @api.model
    def _cron_compute(self):
        """Compute the commissions of last month in each company that has rules: drafts are fresh every morning until they are submitted."""
        # sudo: kehu.commission.rule - of all companies
        companies = self.env["kehu.commission.rule"].sudo()._read_group([], ["company_id"])
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(companies))
        for (company,) in companies:
            first = company._kehu_today().replace(day=1) - timedelta(days=1)
            # refused where somebody has computed a quarter that covers the month
            with suppress(KehuCommissionError), self.env.cr.savepoint():
                self._kehu_compute(company, *period.span("month", first))
            if not cron._commit_progress(1):
                break
