from collections import defaultdict
from operator import itemgetter
from typing import NamedTuple

from odoo import models

from ...tools.apportion import apportion
from ..system.engine import is_engine, is_uninstalling
from .exceptions import KehuReceiptLedgerError

INVOICE_TYPES = ("out_invoice", "out_receipt")
CREDIT_TYPES = ("out_refund",)


class OrderShare(NamedTuple):
    """What one posted customer invoice or credit note means for one order, in the currency of the document, positive."""

    total: float  # part of the document that stems from the order
    received: float  # money matched with it (on a credit note: money paid back)
    residual: float  # still open
    goods: dict  # {sale.order.line: its part}, without cash rounding


class AccountMove(models.Model):
    _inherit = "account.move"

    # ------------------------------------------------------------------
    # An approved receipt stands in the ledger until it is cancelled
    # ------------------------------------------------------------------

    def write(self, vals):
        if vals.get("state") in ("draft", "cancel"):
            self._kehu_check_receipts_stand()
        elif "origin_payment_id" in vals:
            self.filtered(lambda move: move.origin_payment_id.id != vals["origin_payment_id"])._kehu_check_receipts_stand()
        return super().write(vals)

    def unlink(self):
        """A context that the client sends lets the host delete what is posted; it takes the matches apart before it looks."""
        if not is_uninstalling(self.env):
            self._kehu_check_receipts_stand()
        return super().unlink()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._kehu_check_receipts_stand()
        return super()._reverse_moves(default_values_list, cancel)

    def _kehu_check_receipts_stand(self):
        """Refuse to take back the entry of an approved receipt behind its back.

        :raises KehuReceiptLedgerError: unless the receipt itself does it
        """
        if is_engine(self.env, "receipt"):
            return
        # sudo: kehu.receipt - accountants without a CRM role are told which receipt to cancel
        receipts = self.sudo().origin_payment_id.kehu_receipt_ids.filtered(lambda receipt: receipt.state == "approved")
        if receipts:
            raise KehuReceiptLedgerError(
                self.env._(
                    "This payment was posted by the approved receipt %(receipt)s. Cancel the receipt instead; that takes the "
                    "payment back too.",
                    receipt=receipts.mapped("name"),
                )
            )
        entries = self.filtered(lambda move: move.move_type == "entry" and move.state == "posted")
        # sudo: kehu.advance.use - see above
        use = entries and self.env["kehu.advance.use"].sudo()._kehu_of_moves(entries).filtered(lambda use: use.state == "approved")[:1]
        if use:
            raise KehuReceiptLedgerError(
                self.env._(
                    "This entry was posted by %(use)s, which moves money of receipt %(receipt)s. Cancel that instead; "
                    "it takes the entry back too.",
                    use=use.name,
                    receipt=use.receipt_id.name,
                )
            )

    # ------------------------------------------------------------------
    # Receipts that came before the invoice
    # ------------------------------------------------------------------

    def _post(self, soft=True):
        """Match open parts of approved receipts with the invoices of their orders as soon as these are posted."""
        posted = super()._post(soft)
        invoices = posted.filtered(lambda move: move.move_type in INVOICE_TYPES)
        # sudo: sale.order - whoever posts an invoice also matches what was received for its orders
        invoices.sudo().line_ids.sale_line_ids.order_id._kehu_match_receipts()
        return posted

    # ------------------------------------------------------------------
    # What an invoice means for its orders
    # ------------------------------------------------------------------

    def _kehu_order_shares(self):
        """Tell what each of these posted customer documents means for the orders it was made from.

        The total goes to orders by line amounts, tax included. Money from a receipt allocated to an order counts for that order, up to its
        part; credit counts for the orders that the lines of the credit note name, also beyond their part: we then owe that back. All other
        money is apportioned by what was left of the parts when it was matched, so that what an order was said to owe stays so when another
        pays; other credit by what is left. E.g. invoice 1,000 = order A 300 + order B 700, with 300 from a receipt for A and then 350 paid
        directly: A total 300, received 300, residual 0; B total 700, received 350, residual 350. Paid the other way round, the 350 are 105
        of A and 245 of B, and a receipt for A may bring 195.
        Lines of no order take their part too and belong to nobody. Reads as superuser, writes nothing, a constant number of queries.

        :return: {account.move: {sale.order: OrderShare}}
        :rtype: dict
        """
        shares = {}
        documents = self.sudo()  # sudo: account.move - sums of invoices that a salesperson may not open
        settled = documents._kehu_settled_by()
        for move in documents:
            matches, by_documents = settled[move]
            events = [(item.kehu_order_id, amount) for item, amount in matches]
            rounding = move.currency_id.rounding
            totals = apportion(move.amount_total, move._kehu_order_weights(), rounding)
            named = move._kehu_named_credit(by_documents, totals)
            matched = sum(by_documents.values())
            paid = move.currency_id.round(move.amount_total - move.amount_residual - matched)
            received = move._kehu_received(totals, named, events, paid)
            left = {order: total - named[order] - received[order] for order, total in totals.items()}
            credit = apportion(move.currency_id.round(matched - sum(named.values())), _open_parts(left, named), rounding)
            goods = move._kehu_goods()
            shares[move] = {
                order: OrderShare(total, received[order], left[order] - credit[order], goods[order])
                for order, total in totals.items()
                if order
            }
        return shares

    def _kehu_received(self, totals, named, events, paid):
        """Give the money on this document to its orders, one match after the other.

        :param dict totals: {sale.order: its part of this document}
        :param dict named: {sale.order: credit that names it}
        :param list events: pairs of an order, or none, and an amount, in the order in which they were matched
        :param float paid: all the money
        :return: {sale.order: money}, for every key of ``totals``
        :rtype: dict
        """
        self.ensure_one()
        currency = self.currency_id
        for_order = dict.fromkeys(totals, 0.0)
        at_large = dict.fromkeys(totals, 0.0)

        def left():
            return {order: total - named[order] - for_order[order] - at_large[order] for order, total in totals.items()}

        rest = currency.round(paid - sum(amount for _order, amount in events))
        for order, amount in [*events, (self.env["sale.order"], rest)]:
            if order in totals and order:
                part = max(0.0, min(amount, totals[order] - for_order[order]))
                for_order[order] += part
                amount -= part
            if not currency.is_zero(amount):
                for other, part in apportion(currency.round(amount), _open_parts(left(), named), currency.rounding).items():
                    at_large[other] += part
        # an order that its own money paid beyond what others' had left gives theirs to those that still owe
        still = left()
        given = {order: max(0.0, min(at_large[order], -part)) for order, part in still.items()}
        taken = apportion(currency.round(sum(given.values())), {order: max(0.0, part) for order, part in still.items()}, currency.rounding)
        return {order: for_order[order] + at_large[order] - given[order] + taken[order] for order in totals}

    def _kehu_shares_of(self, item):
        """Tell how much of the money of a journal item counts for which order of this document, as in :meth:`_kehu_order_shares`: what the
        orders have with it less what they had without it. Runs as superuser.

        :param account.move.line item: matched with this document
        :return: {sale.order, the empty one for lines of no order: amount in the currency of this document}; adds up to what is matched
        :rtype: dict
        """
        self.ensure_one()
        matches, by_documents = self._kehu_settled_by()[self]
        totals = apportion(self.amount_total, self._kehu_order_weights(), self.currency_id.rounding)
        named = self._kehu_named_credit(by_documents, totals)
        shares = dict.fromkeys(totals, 0.0)
        for number, (counterpart, _amount) in enumerate(matches):
            if counterpart == item:
                for count, sign in ((number + 1, 1), (number, -1)):
                    events = [(one.kehu_order_id, amount) for one, amount in matches[:count]]
                    received = self._kehu_received(totals, named, events, sum(amount for _order, amount in events))
                    for order, amount in received.items():
                        shares[order] += sign * amount
        return {order: self.currency_id.round(amount) for order, amount in shares.items()}

    def _kehu_goods(self):
        """Split this document over the order lines it was made from, tax included; cash rounding is no part of what was ordered.

        :return: {sale.order: {sale.order.line: amount}}
        :rtype: dict
        """
        self.ensure_one()
        weights = defaultdict(float)
        for line in self.invoice_line_ids:
            if line.display_type == "product":
                for sale_line in line.sale_line_ids or [line.sale_line_ids]:
                    weights[sale_line] += line.price_total / (len(line.sale_line_ids) or 1)
        rounded = sum(line.amount_currency for line in self.line_ids if line.display_type == "rounding") * self.direction_sign
        goods = defaultdict(dict)
        for sale_line, amount in apportion(self.amount_total - rounded, weights, self.currency_id.rounding).items():
            goods[sale_line.order_id][sale_line] = amount
        return goods

    def _kehu_order_weights(self, wanted=None):
        """:param wanted: function of an invoice line; without it all lines count
        :return: {sale.order: amount of the lines of this document made from it, tax included}; the empty order for all other lines
        """
        self.ensure_one()
        weights = defaultdict(float)
        for line in self.invoice_line_ids:
            if line.display_type == "product" and (wanted is None or wanted(line)):
                orders = line.sale_line_ids.order_id or self.env["sale.order"]
                for order in orders or [orders]:
                    weights[order] += line.price_total / (len(orders) or 1)
        return dict(sorted(weights.items(), key=lambda item: item[0].id or 0))

    def _kehu_named_credit(self, by_documents, totals):
        """Give the credit on this invoice to those of its orders that the lines of the credit notes name.

        A credit note itself is used up by its invoices in proportion to its own lines, so that both sides tell the same.

        :param dict by_documents: {credit note: amount matched with this invoice}
        :param dict totals: {sale.order: its part of this invoice}
        :return: {sale.order: credit}, for every key of ``totals``
        :rtype: dict
        """
        self.ensure_one()
        named = dict.fromkeys(totals, 0.0)
        for document, amount in by_documents.items():
            if self.move_type in INVOICE_TYPES and document.move_type in CREDIT_TYPES:
                parts = apportion(self.currency_id.round(amount), document._kehu_order_weights(), self.currency_id.rounding)
                for order, part in parts.items():
                    if order and order in named:
                        named[order] += part
        return named

    def _kehu_settled_by(self):
        """Split what is matched with each of these documents by its kind.

        :return: {account.move: ([(account.move.line of money, amount)] in the order in which they were matched,
            {invoice or credit note: amount matched with it})}
        :rtype: dict[account.move, tuple[list, dict]]
        """
        events = {move: [] for move in self}
        by_documents = {move: defaultdict(float) for move in self}
        # one recordset for all documents, so that their matches are fetched together
        for line in self.line_ids.filtered(lambda line: line.account_type == "asset_receivable"):
            matches = [(part.id, part.credit_move_id, part.debit_amount_currency) for part in line.matched_credit_ids]
            matches += [(part.id, part.debit_move_id, part.credit_amount_currency) for part in line.matched_debit_ids]
            for number, counterpart, amount in matches:
                if counterpart.move_id.move_type in INVOICE_TYPES + CREDIT_TYPES:
                    by_documents[line.move_id][counterpart.move_id] += amount
                else:
                    events[line.move_id].append((number, counterpart, amount))
        return {
            move: ([(item, amount) for _number, item, amount in sorted(events[move], key=itemgetter(0))], by_documents[move])
            for move in self
        }


def _open_parts(left, named):
    """:return: what is left of the parts; who was credited more than is open takes no part in the rest"""
    return {order: 0.0 if named[order] and part < 0 else part for order, part in left.items()}
