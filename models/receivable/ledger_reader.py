"""What orders and customers owe, read off journal items and their matches by SQL alone.

The second opinion of the tie-out: it looks at neither the stored figures of orders and receipts nor at the balances that the accounting
keeps on invoices and journal items, only at amounts, matches and which order lines an invoice line came from. Written apart from
``account.move._kehu_order_shares`` and ``sale.order._compute_kehu_amounts``, so that a mistake in one of the two shows.
"""

from collections import defaultdict
from typing import NamedTuple

from odoo.tools import SQL

from ...tools.apportion import apportion

INVOICES = ("out_invoice", "out_receipt")
DOCUMENTS = (*INVOICES, "out_refund")

# what is open on a journal item: its amount less its matches
OPEN = SQL(
    """l.amount_currency
    - COALESCE((SELECT SUM(p.debit_amount_currency) FROM account_partial_reconcile p WHERE p.debit_move_id = l.id), 0)
    + COALESCE((SELECT SUM(p.credit_amount_currency) FROM account_partial_reconcile p WHERE p.credit_move_id = l.id), 0)"""
)


class OrderFigures(NamedTuple):
    """In the currency of the order."""

    invoiced: float
    received: float
    due: float
    uninvoiced: float
    foreign: bool  # a document is in another currency than the order


class Document:
    """One posted customer invoice or credit note, in its own currency, positive."""

    def __init__(self, row):
        (self.id, self.name, self.type, self.date, self.currency_id, self.company_id, self.partner_id) = row
        self.total = self.rounded = 0.0
        self.weights = defaultdict(float)  # order id, 0 for none: tax included
        self.line_weights = defaultdict(float)  # (order id, sale line id, down payment)
        self.tagged = defaultdict(float)  # order id: money of receipts for it
        self.by_documents = defaultdict(float)  # other document id: amount matched
        self.at_large = 0.0
        self.money = []  # (match, order id or None, amount), one by one
        self.shares = {}  # order id: (total, received, residual)
        self.goods = {}  # order id: {(sale line id, down payment): amount}

    @property
    def settled(self):
        return sum(self.tagged.values()) + sum(self.by_documents.values()) + self.at_large

    @property
    def sign(self):
        return 1 if self.type in INVOICES else -1


class LedgerReader:
    """Reads the documents of some orders, and of some customers' accounts, once; then answers."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.documents = {}  # id: Document
        self.documents_by_order = defaultdict(list)  # order id: [Document]

    def _rows(self, query):
        return self.env.execute_query(query)

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def documents_of_orders(self, order_ids):
        """Read the documents made from these orders.

        :return: {order id: [Document]}
        """
        links = self._rows(
            SQL(
                """SELECT DISTINCT sol.order_id, m.id
                     FROM sale_order_line sol
                     JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                     JOIN account_move_line l ON l.id = rel.invoice_line_id
                     JOIN account_move m ON m.id = l.move_id
                    WHERE sol.order_id IN %s AND m.state = 'posted' AND m.move_type IN %s
                 ORDER BY 1, 2""",
                tuple(order_ids),
                DOCUMENTS,
            )
        )
        self.learn({move_id for _order, move_id in links})
        for order_id, move_id in links:
            self.documents_by_order[order_id].append(self.documents[move_id])
        return self.documents_by_order

    def learn(self, move_ids):
        """Read documents that are not known yet, with the credit notes that are matched with them, and share them out to orders."""
        new = set(move_ids) - self.documents.keys()
        todo = new
        while todo:  # a credit note matched with an invoice names orders by its own lines
            self._read_heads(todo)
            todo = {other for move_id in todo for other in self.documents[move_id].by_documents} - self.documents.keys()
            new |= todo
        for move_id in sorted(new):
            self._share(self.documents[move_id])

    def _read_heads(self, move_ids):
        ids = tuple(move_ids)
        heads = self._rows(
            SQL(
                """SELECT m.id, m.name, m.move_type, COALESCE(m.invoice_date, m.date), m.currency_id, m.company_id,
                          COALESCE(m.commercial_partner_id, 0)
                     FROM account_move m WHERE m.id IN %s""",
                ids,
            )
        )
        for row in heads:
            self.documents[row[0]] = Document(row)
        for move_id, total, rounded in self._rows(
            SQL(
                """SELECT l.move_id,
                          SUM(CASE WHEN a.account_type = 'asset_receivable' THEN l.amount_currency ELSE 0 END),
                          SUM(CASE WHEN l.display_type = 'rounding' THEN l.amount_currency ELSE 0 END)
                     FROM account_move_line l JOIN account_account a ON a.id = l.account_id
                    WHERE l.move_id IN %s GROUP BY l.move_id""",
                ids,
            )
        ):
            document = self.documents[move_id]
            document.total, document.rounded = float(total) * document.sign, -float(rounded) * document.sign
        weights = self._rows(
            SQL(
                """WITH links AS (
                       SELECT l.move_id, l.id AS line_id, l.price_total, rel.order_line_id, sol.order_id, sol.is_downpayment
                         FROM account_move_line l
                    LEFT JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = l.id
                    LEFT JOIN sale_order_line sol ON sol.id = rel.order_line_id
                        WHERE l.move_id IN %s AND l.display_type = 'product')
                   SELECT move_id, line_id, price_total, array_agg(COALESCE(order_line_id, 0) ORDER BY order_line_id),
                          array_agg(COALESCE(order_id, 0) ORDER BY order_line_id),
                          array_agg(COALESCE(is_downpayment, FALSE) ORDER BY order_line_id)
                     FROM links GROUP BY move_id, line_id, price_total ORDER BY line_id""",
                ids,
            )
        )
        for move_id, _line_id, price_total, sale_lines, orders, downs in weights:
            document = self.documents[move_id]
            for order_id in set(orders):
                document.weights[order_id] += float(price_total) / len(set(orders))
            for sale_line, order_id, down in zip(sale_lines, orders, downs, strict=True):
                document.line_weights[order_id, sale_line, down] += float(price_total) / len(sale_lines)
        matches = self._rows(
            SQL(
                """SELECT l.move_id, p.debit_amount_currency, o.move_id, om.move_type, o.kehu_order_id, p.id
                     FROM account_move_line l
                     JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                     JOIN account_partial_reconcile p ON p.debit_move_id = l.id
                     JOIN account_move_line o ON o.id = p.credit_move_id
                     JOIN account_move om ON om.id = o.move_id
                    WHERE l.move_id IN %(ids)s
                UNION ALL
                   SELECT l.move_id, p.credit_amount_currency, o.move_id, om.move_type, o.kehu_order_id, p.id
                     FROM account_move_line l
                     JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                     JOIN account_partial_reconcile p ON p.credit_move_id = l.id
                     JOIN account_move_line o ON o.id = p.debit_move_id
                     JOIN account_move om ON om.id = o.move_id
                    WHERE l.move_id IN %(ids)s
                 ORDER BY 6""",
                ids=ids,
            )
        )
        for move_id, amount, other_id, other_type, order_id, match_id in matches:
            document = self.documents[move_id]
            if other_type in DOCUMENTS:
                document.by_documents[other_id] += float(amount)
                continue
            document.money.append((match_id, order_id, float(amount)))
            if order_id:
                document.tagged[order_id] += float(amount)
            else:
                document.at_large += float(amount)

    def _share(self, document):
        """Give each order its part of the total, of the money and of the credit; see ``account.move._kehu_order_shares`` for the rules."""
        currency = self.env["res.currency"].browse(document.currency_id)
        rounding = currency.rounding
        totals = apportion(document.total, dict(sorted(document.weights.items())), rounding)
        named = dict.fromkeys(totals, 0.0)
        if document.type in INVOICES:
            for other_id, amount in document.by_documents.items():
                other = self.documents[other_id]
                if other.type not in INVOICES:
                    for order_id, part in apportion(currency.round(amount), dict(sorted(other.weights.items())), rounding).items():
                        if order_id and order_id in named:
                            named[order_id] += part
        open_now = {order_id: total - named[order_id] for order_id, total in totals.items()}
        own, common = dict.fromkeys(totals, 0.0), dict.fromkeys(totals, 0.0)
        for _match, order_id, amount in document.money:
            beyond = amount
            if order_id and order_id in totals:
                used = max(0.0, min(amount, totals[order_id] - own[order_id]))
                own[order_id] += used
                open_now[order_id] -= used
                beyond -= used
            beyond = currency.round(beyond)
            if beyond:  # money for nobody, and money for orders beyond their part, is everybody's
                for other, part in apportion(beyond, self._willing(open_now, named), rounding).items():
                    common[other] += part
                    open_now[other] -= part
        # common money that an order no longer needs goes to those that owe
        over = {order_id: max(0.0, min(common[order_id], -part)) for order_id, part in open_now.items()}
        owing = {order_id: max(0.0, part) for order_id, part in open_now.items()}
        moved = apportion(currency.round(sum(over.values())), owing, rounding)
        for order_id in totals:
            common[order_id] += moved[order_id] - over[order_id]
            open_now[order_id] -= moved[order_id] - over[order_id]
        matched = sum(document.by_documents.values())
        credit_parts = apportion(currency.round(matched - sum(named.values())), self._willing(open_now, named), rounding)
        for order_id, total in totals.items():
            document.shares[order_id] = (total, own[order_id] + common[order_id], open_now[order_id] - credit_parts[order_id])
            document.goods[order_id] = {}
        for (order_id, line_id, down), amount in apportion(document.total - document.rounded, document.line_weights, rounding).items():
            document.goods[order_id][line_id, down] = amount

    @staticmethod
    def _willing(open_now, named):
        """Leave out the orders that were credited more than they owe."""
        return {order_id: 0.0 if part < 0 and named[order_id] else part for order_id, part in open_now.items()}

    # ------------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------------

    def figures(self, orders):
        """Compute what these orders received and owe.

        :param orders: rows (id, state, amount_total, currency id)
        :return: {order id: OrderFigures}
        """
        if not orders:
            return {}
        order_ids = [row[0] for row in orders]
        documents = self.documents_of_orders(order_ids)
        unmatched = {
            order_id: -float(amount)
            for order_id, amount in self._rows(
                SQL(
                    "SELECT l.kehu_order_id, SUM(%s) FROM account_move_line l"
                    " WHERE l.kehu_order_id IN %s AND l.parent_state = 'posted' GROUP BY 1",
                    OPEN,
                    tuple(order_ids),
                )
            )
        }
        result = {}
        for order_id, state, amount_total, currency_id in orders:
            result[order_id] = self._figures_of(
                order_id, state, float(amount_total or 0.0), currency_id, documents[order_id], unmatched.get(order_id, 0.0)
            )
        return result

    def _figures_of(self, order_id, state, amount_total, currency_id, documents, unmatched):
        currency = self.env["res.currency"].browse(currency_id)
        invoiced = received = residual = credited = 0.0
        for document in documents:
            total, paid, still_open = (self.convert(document, amount, currency) for amount in document.shares[order_id])
            invoiced += document.sign * total
            received += document.sign * paid
            residual += document.sign * still_open
            credited += total if document.sign < 0 else 0.0
        uninvoiced = 0.0
        if state == "sale":
            uninvoiced = (
                self._uninvoiced(order_id, amount_total, currency, documents) if amount_total > 0 else min(amount_total + credited, 0.0)
            )
        return OrderFigures(
            currency.round(invoiced),
            currency.round(received + unmatched),
            currency.round(uninvoiced + residual - unmatched),
            currency.round(uninvoiced),
            any(document.currency_id != currency_id for document in documents),
        )

    def _uninvoiced(self, order_id, amount_total, currency, documents):
        """Neither invoiced nor credited, where invoicing again what was credited is no new invoicing; by date of the documents."""
        credit_left = defaultdict(float)
        left = amount_total
        for document in sorted(documents, key=lambda document: (document.date, document.id)):
            for (line_id, down), amount in document.goods[order_id].items():
                place = 0 if down else line_id
                rest = self.convert(document, amount, currency)
                if document.sign < 0:
                    credit_left[place] += rest
                    continue
                for source in (place, 0):
                    if credit_left[source] * rest > 0:
                        again = min(credit_left[source], rest, key=abs)
                        credit_left[source] -= again
                        rest -= again
                left -= rest
        return max(currency.round(left), 0.0)

    def convert(self, document, amount, currency):
        """Convert an amount of a document into another currency, at the date of the document."""
        if document.currency_id == currency.id:
            return amount
        own = self.env["res.currency"].browse(document.currency_id)
        return own._convert(amount, currency, self.env["res.company"].browse(document.company_id), document.date)

    # ------------------------------------------------------------------
    # Accounts of customers
    # ------------------------------------------------------------------

    def open_items(self, partner_ids):
        """Everything open on the receivable accounts of some customers.

        :param partner_ids: ids of commercial partners
        :return: rows (partner id, currency id, journal item id, move id, move name, move type, order id, receipt id, open amount)
        """
        return self._rows(
            SQL(
                """SELECT * FROM (
                       SELECT cp.commercial_partner_id, l.currency_id, l.id, m.id AS move_id, m.name, m.move_type,
                              l.kehu_order_id, l.kehu_advance_receipt_id, %s AS open_amount
                         FROM account_move_line l
                         JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                         JOIN account_move m ON m.id = l.move_id
                         JOIN res_partner cp ON cp.id = l.partner_id
                        WHERE l.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id IN %s)
                          AND l.parent_state = 'posted' AND l.company_id = %s) items
                    WHERE open_amount <> 0 ORDER BY 1, 2, 3""",
                OPEN,
                tuple(partner_ids),
                self.company.id,
            )
        )
