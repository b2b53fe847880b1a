from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .exceptions import KehuStatementRightError

# days overdue of what is open: key of the bucket, first day, last day
BUCKETS = (("due_current", None, 0), ("due_1_30", 1, 30), ("due_31_60", 31, 60), ("due_61_90", 61, 90), ("due_over_90", 91, None))
ACCOUNT_READERS = "kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin"
UNUSED = "unused"  # credit notes and money not matched with anything, negative


class ResPartner(models.Model):
    """What the ledger says of a customer and everybody who belongs to it: the entries of a period, and how old what is open is.

    One account per currency. An entry counts in its own currency. Where an item is settled by one of another currency or of another
    customer, both accounts get a line of it, so that the balance of an account is always the sum of what is open on it.
    """

    _inherit = "res.partner"

    def _kehu_with_visible_account(self):
        """A customer's account has all of its business, colleagues' too: for finance, and for those who look after the customer.

        Not for all who see the customer: one in the pool is seen by everybody in the CRM.

        :return: those of these customers whose account the person may see
        """
        if self.env.su:
            return self
        if self.env.user.has_groups(ACCOUNT_READERS):
            return self._filtered_access("read")
        return self._filtered_access("write") if self.env.user.has_group("kehu_crm.group_kehu_user") else self.browse()

    @api.model
    def _kehu_visible_account_domain(self):
        """:return: the same as a domain, for searches on figures of the account; who reads the customer at all is not asked here"""
        if self.env.su or self.env.user.has_groups(ACCOUNT_READERS):
            return Domain.TRUE
        if not self.env.user.has_group("kehu_crm.group_kehu_user"):
            return Domain.FALSE
        return Domain(self.env["ir.rule"]._compute_domain("res.partner", "write"))

    def _kehu_check_may_see_account(self):
        """:raises AccessError: for a customer whom the person may not see
        :raises KehuStatementRightError: for one that they see and do not look after
        """
        self.check_access("read")
        for customer in self - self._kehu_with_visible_account():
            raise KehuStatementRightError(
                self.env._(
                    "You do not look after “%(customer)s”, so its account is not shown to you. Ask its owner or finance.",
                    customer=customer.display_name,
                )
            )

    def _kehu_flush_account(self):
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move"].flush_model(["state", "move_type", "name"])
        self.env["res.partner"].flush_model(["kehu_customer_id"])

    def _kehu_account_items(self, company):
        """The receivable items of these customers as SQL: id, customer_id, currency_id, date, due, move_id, amount (its currency)."""
        return SQL(
            """SELECT l.id, p.kehu_customer_id AS customer_id, l.currency_id, l.date, COALESCE(l.date_maturity, l.date) AS due,
                      l.move_id, l.amount_currency AS amount
                 FROM res_partner p
                 JOIN account_move_line l ON l.partner_id = p.id
                 JOIN account_account a ON a.id = l.account_id
                WHERE p.kehu_customer_id IN %(customers)s
                  AND l.company_id = %(company)s
                  AND l.parent_state = 'posted'
                  AND a.account_type = 'asset_receivable'""",
            customers=tuple(self.ids),
            company=company.id,
        )

    def _kehu_account_rows(self, company, date_to):
        """Everything that moved the accounts of these customers up to a day, as SQL: entries, and settlements by another account."""
        sides = SQL(" UNION ALL ").join(
            SQL(
                """SELECT i.customer_id, i.currency_id, r.max_date AS date, i.move_id, other.move_id AS other_id, %(amount)s AS amount
                     FROM item i
                     JOIN account_partial_reconcile r ON r.%(mine)s = i.id
                     JOIN account_move_line other ON other.id = r.%(theirs)s
                     LEFT JOIN res_partner op ON op.id = other.partner_id
                    WHERE other.currency_id <> i.currency_id OR op.kehu_customer_id IS DISTINCT FROM i.customer_id""",
                amount=amount,
                mine=SQL.identifier(mine),
                theirs=SQL.identifier(theirs),
            )
            for mine, theirs, amount in (
                ("debit_move_id", "credit_move_id", SQL("-r.debit_amount_currency")),
                ("credit_move_id", "debit_move_id", SQL("r.credit_amount_currency")),
            )
        )
        return SQL(
            """WITH item AS MATERIALIZED (%(items)s)
               SELECT * FROM (
                   SELECT customer_id, currency_id, date, move_id, NULL AS other_id, amount FROM item WHERE amount <> 0
                   UNION ALL %(sides)s
               ) entry
               WHERE date <= %(date_to)s""",
            items=self._kehu_account_items(company),
            sides=sides,
            date_to=date_to,
        )

    def _kehu_account_currencies(self, company, date_to):
        """The currencies in which these customers have an account at a day.

        :return: {customer id: set of currency ids}
        """
        found = {number: set() for number in self.ids}
        if self.ids:
            self._kehu_flush_account()
            rows = self.env.execute_query(
                SQL("SELECT DISTINCT customer_id, currency_id FROM (%s) row", self._kehu_account_rows(company, date_to))
            )
            for customer_id, currency_id in rows:
                found[customer_id].add(currency_id)
        return found

    def _kehu_account(self, company, date_from, date_to):
        """The accounts of these customers: what was open before, what happened, how old what is open is; a constant number of queries.

        E.g. open 500 before, invoiced 300, received 200: {"opening": 500, "entries": [(day, move, other, 300), (day, move, other, -200)],
        "closing": 600, "ages": {"due_current": 300, "due_over_90": 300, …}}.

        Reads the ledger as superuser; whoever shows it calls :meth:`_kehu_check_may_see_account` first.

        :param res.company company: whose ledger
        :param date date_from: first day of the period
        :param date date_to: last day; what is open is what was open at its end
        :return: {(customer id, currency id): {"opening", "closing": amounts, positive: owes us; "entries": [(date, id of the move, id of
            the move on another account that it was settled with or None, amount)], by date; "ages": {bucket: amount}, ``unused`` is
            negative; their sum is the closing balance}}
        """
        accounts = {}
        if not self.ids:
            return accounts
        self._kehu_flush_account()

        def account(*key):
            empty = {
                "opening": 0.0,
                "closing": 0.0,
                "entries": [],
                "ages": dict.fromkeys([name for name, *_days in BUCKETS] + [UNUSED], 0.0),
            }
            return accounts.setdefault(key, empty)

        rows = self.env.execute_query(
            SQL(
                """SELECT customer_id, currency_id, CASE WHEN date < %(date_from)s THEN NULL ELSE date END AS day,
                          CASE WHEN date < %(date_from)s THEN NULL ELSE move_id END AS move,
                          CASE WHEN date < %(date_from)s THEN NULL ELSE other_id END AS other, SUM(amount)
                     FROM (%(rows)s) row
                    GROUP BY customer_id, currency_id, day, move, other
                    ORDER BY day, move, other""",
                date_from=date_from,
                rows=self._kehu_account_rows(company, date_to),
            )
        )
        for customer_id, currency_id, day, move_id, other_id, amount in rows:
            found = account(customer_id, currency_id)
            found["closing"] += amount
            if day is None:
                found["opening"] += amount
            elif amount:
                found["entries"].append((day, move_id, other_id, amount))
        for customer_id, currency_id, days, amount in self._kehu_account_open(company, date_to):
            ages = account(customer_id, currency_id)["ages"]
            ages[UNUSED if days is None else self._kehu_bucket(days)] += amount
        for (_customer, currency_id), found in accounts.items():
            currency = self.env["res.currency"].browse(currency_id)
            found["opening"], found["closing"] = currency.round(found["opening"]), currency.round(found["closing"])
            found["ages"] = {key: currency.round(amount) for key, amount in found["ages"].items()}
        return accounts

    def _kehu_account_open(self, company, date_to):
        """What was open at the end of a day: rows of customer id, currency id, days overdue (None: credit not used), amount."""
        return self.env.execute_query(
            SQL(
                """WITH item AS MATERIALIZED (%(items)s AND l.date <= %(date_to)s),
                        matched AS (
                            SELECT i.id, SUM(m.amount) AS amount
                              FROM item i
                              JOIN (SELECT debit_move_id AS item_id, debit_amount_currency AS amount, max_date
                                      FROM account_partial_reconcile
                                     UNION ALL
                                    SELECT credit_move_id, -credit_amount_currency, max_date
                                      FROM account_partial_reconcile) m ON m.item_id = i.id AND m.max_date <= %(date_to)s
                             GROUP BY i.id
                        )
                   SELECT customer_id, currency_id, CASE WHEN rest > 0 THEN %(date_to)s::date - due END AS days, SUM(rest)
                     FROM (SELECT i.customer_id, i.currency_id, i.due, i.amount - COALESCE(m.amount, 0) AS rest
                             FROM item i LEFT JOIN matched m ON m.id = i.id) open
                    WHERE rest <> 0
                    GROUP BY customer_id, currency_id, days""",
                items=self._kehu_account_items(company),
                date_to=date_to,
            )
        )

    def _kehu_bucket(self, days):
        """:return: key of the bucket for so many days overdue; 0 and less: not overdue"""
        return next(key for key, _first, last in BUCKETS if last is None or days <= last)

    def _kehu_money_contact(self):
        """To whom at this one customer letters about money go: its invoice address with an e-mail, else the customer itself.

        :rtype: res.partner, empty when nobody has an e-mail
        """
        self.ensure_one()
        contact = self.browse(self.address_get(["invoice"])["invoice"])
        return next((partner for partner in (contact, self) if partner.email and partner.kehu_customer_id == self), self.browse())
