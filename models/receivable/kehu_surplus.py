"""What was collected for orders that were lowered, credited or cancelled afterwards: freed, it is an advance of the receipt it came by.

An entry takes the money off the orders and puts it on the advance of the receipt, see :class:`kehu.advance.use` of the kind "free". From
there it is used for other orders, or refunded with approval to whoever paid. Never more is freed than an order has too much, nor more than
that receipt brought for it; taking any of it back in another order is refused, so that no cent is ever an advance twice.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import format_amount

from .account_move import CREDIT_TYPES
from .exceptions import KehuAdvanceError, KehuOverAllocationError, KehuReceiptPostingError, KehuReceiptStateError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    kehu_surplus_text = fields.Char(
        string="Collected Too Much",
        compute="_compute_kehu_surplus_text",
        help="How much more was collected for this order than it owes, and what to do with it.",
    )

    @api.depends("kehu_amount_due", "kehu_amount_received")
    @api.depends_context("lang")
    def _compute_kehu_surplus_text(self):
        for order in self:
            surplus = order._kehu_surplus()
            order.kehu_surplus_text = surplus > 0 and self.env._(
                "%(amount)s more was collected for this order than it owes. Free it: it becomes an advance of the receipt that brought it, "
                "to be used for other orders or refunded.",
                amount=format_amount(self.env, surplus, order.currency_id),
            )

    def _kehu_surplus(self):
        """:return: what was collected for this one order beyond what it owes, positive, in its currency; 0.0 where nothing was received"""
        self.ensure_one()
        if not self.currency_id or self.currency_id.compare_amounts(self.kehu_amount_received, 0.0) <= 0:
            return 0.0
        return self.currency_id.round(max(min(-self.kehu_amount_due, self.kehu_amount_received), 0.0))

    def action_kehu_free_surplus(self):
        """Open a new document that frees what this one order has too much, of the last receipt that brought money for it.

        :raises KehuReceiptStateError: when nothing is too much, or none of the receipts that the user sees brought it
        """
        self.check_access("read")
        if len(self) != 1:
            raise KehuReceiptStateError(self.env._("Choose one order. You chose %(count)s.", count=len(self)))
        surplus = self._kehu_surplus()
        if not surplus:
            raise KehuReceiptStateError(
                self.env._("Order %(order)s did not receive more than it owes, so there is nothing to free.", order=self.name)
            )
        for receipt in self.env["kehu.receipt"].search(self._kehu_givers_domain(), order="date desc, id desc"):
            # sudo: kehu.receipt - its parts, for who sees the receipt and the order
            given = receipt.sudo()._kehu_given().get(self.sudo(), 0.0)
            if self.currency_id.compare_amounts(given, 0.0) > 0:
                line = {"order_id": self.id, "amount": min(surplus, given)}
                return receipt._kehu_open_new_use(
                    self.env._("Free From Orders"), {"default_kind": "free", "default_line_ids": [Command.create(line)]}
                )
        raise KehuReceiptStateError(
            self.env._(
                "%(amount)s too much was collected for order %(order)s, but none of your receipts brought it: it came by a payment in the "
                "accounting, or by a colleague's receipt. Ask finance to pay it back there, or to free it.",
                order=self.name,
                amount=format_amount(self.env, surplus, self.currency_id),
            )
        )

    def _kehu_givers_domain(self):
        """:return: domain of the approved receipts that brought money for these orders, at once or by a use of their advance"""
        given = Domain("allocation_ids.order_id", "in", self.ids) | Domain("advance_use_ids.line_ids.order_id", "in", self.ids)
        return Domain("state", "=", "approved") & given

    def _kehu_open_credit(self, use):
        """What is open on the receivables in favour of this one order: parts of receipts, those of the use's own receipt first, then its
        credit notes. Superuser.

        :return: pairs of a journal item and how much of it is this order's at most, positive
        :rtype: list[tuple]
        """
        self.ensure_one()
        parts = self.env["account.move.line"].search(
            [
                ("kehu_order_id", "=", self.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual_currency", "<", 0),
                ("currency_id", "=", use.currency_id.id),
            ],
            order="date desc, id desc",
        )
        receipt = use.receipt_id
        own = receipt.payment_id.move_id | receipt.advance_use_ids.move_id
        found = [(part, -part.amount_residual_currency) for part in parts.sorted(lambda part: part.move_id not in own)]
        notes = self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type in CREDIT_TYPES and move.currency_id == use.currency_id
        )
        shares = notes._kehu_order_shares()
        for note in notes:
            room = shares[note][self].residual if self in shares[note] else 0.0
            for item in note.line_ids.filtered(lambda line: line.account_type == "asset_receivable" and line.amount_residual_currency < 0):
                most = min(-item.amount_residual_currency, room)
                found.append((item, most))
                room -= most
        return found


class KehuReceipt(models.Model):
    _inherit = "kehu.receipt"

    freed_text = fields.Char(
        string="Freed",
        compute="_compute_freed_text",
        compute_sudo=True,
        help="What of this receipt was taken off its orders later, as they did not owe it any more.",
    )

    @api.depends("advance_use_ids.state", "advance_use_ids.kind", "advance_use_ids.amount")
    @api.depends_context("lang")
    def _compute_freed_text(self):
        for receipt in self:
            freed = receipt.advance_use_ids.filtered(lambda use: use.kind == "free" and use.state == "approved")
            receipt.freed_text = bool(freed) and self.env._(
                "%(amount)s of this receipt is not with its orders any more, which did not owe it: %(uses)s made it an advance.",
                amount=format_amount(self.env, sum(freed.mapped("amount")), receipt.currency_id),
                uses=freed.mapped("name"),
            )

    def _kehu_given(self):
        """Tell what this one approved receipt brought for which order, by allocation or by use of its advance, less what was freed.

        Superuser.

        :return: {sale.order: amount}, positive
        :rtype: dict
        """
        self.ensure_one()
        given = defaultdict(float)
        for line in self.allocation_ids:
            given[line.order_id] += line.amount
        for line in self.advance_use_ids.filtered(lambda use: use.state == "approved" and use.kind != "refund").line_ids:
            given[line.order_id] += line.amount if line.use_id.kind == "use" else -line.amount
        return {order: self.currency_id.round(amount) for order, amount in given.items()}


class KehuAdvanceUse(models.Model):
    _inherit = "kehu.advance.use"

    def _kehu_post_free(self):
        """One entry: money off the receivables of the orders, each part at the rate that it has there, and onto the advance."""
        self.ensure_one()
        receipt = self.receipt_id
        partner = receipt.partner_id.commercial_partner_id
        debits = []
        for line in self.line_ids:
            order = line.order_id
            taken = self._kehu_take(order._kehu_open_credit(self), line.amount)
            if self.currency_id.compare_amounts(sum(amount for _source, amount, _balance in taken), line.amount) < 0:
                raise KehuReceiptPostingError(
                    self.env._(
                        "Less than %(amount)s is open in the accounting for order %(order)s, so %(use)s cannot free it. Ask the accountant "
                        "which of its invoices and credit notes are in another currency.",
                        use=self.name,
                        order=order.name,
                        amount=format_amount(self.env, line.amount, self.currency_id),
                    )
                )
            debits += [(part, {"name": f"{self.name} {order.name}", "kehu_order_id": order.id}) for part in taken]
        self._kehu_post_entry(
            debits,
            [
                {
                    "name": f"{self.name} {receipt.name}",
                    "account_id": receipt._kehu_receivable_account(partner).id,
                    "partner_id": partner.id,
                    "amount_currency": -self.amount,
                    "credit": sum(balance for (_source, _amount, balance), _more in debits),
                    "kehu_advance_receipt_id": receipt.id,
                }
            ],
        )

    def _kehu_check_given_stays(self):
        """What this one posted use or freeing gave must still be where it gave it to, before it can be taken back. Superuser.

        :raises KehuReceiptStateError: naming what to cancel first
        """
        self.ensure_one()
        currency, receipt = self.currency_id, self.receipt_id
        if self.kind == "free" and currency.compare_amounts(receipt.advance_open, self.amount) < 0:
            raise KehuReceiptStateError(
                self.env._(
                    "What %(use)s made an advance of receipt %(receipt)s was used or refunded since: only %(open)s is left. Cancel the "
                    "use or refund first.",
                    use=self.name,
                    receipt=receipt.name,
                    open=format_amount(self.env, receipt.advance_open, currency),
                )
            )
        if self.kind == "use":
            given = receipt._kehu_given()
            freed = self.line_ids.filtered(lambda line: currency.compare_amounts(given[line.order_id], line.amount) < 0)[:1]
            if freed:
                raise KehuReceiptStateError(
                    self.env._(
                        "What %(use)s gave to order %(order)s was taken off it again. Cancel that first; it is among the uses of receipt "
                        "%(receipt)s.",
                        use=self.name,
                        order=freed.order_id.name,
                        receipt=receipt.name,
                    )
                )

    def _kehu_match_advances(self):
        """Once freed money is back with the orders, uses and refunds stand against what else is open of the advance. Superuser."""
        for receipt in self.filtered(lambda use: use.kind == "free").receipt_id:
            items = receipt.advance_line_ids.filtered(lambda line: line.parent_state == "posted" and not line.reconciled)
            for mine in items.grouped("account_id").values():
                if len(set(mine.mapped(lambda line: line.amount_residual_currency > 0))) > 1:
                    mine.reconcile()


class KehuAdvanceUseLine(models.Model):
    _inherit = "kehu.advance.use.line"

    def _kehu_check_surplus(self):
        """Check this part of a freeing against its order and its receipt as the ledger has them now. Comes with sudo.

        :raises KehuAdvanceError: with the sentence that says which rule is broken and what to do
        """
        self.ensure_one()
        order, use = self.order_id, self.use_id
        given = use.receipt_id._kehu_given().get(order, 0.0)
        surplus = order._kehu_surplus()
        names = {
            "use": use.name,
            "order": order.name,
            "receipt": use.receipt_id.name,
            "amount": format_amount(self.env, self.amount, use.currency_id),
        }
        if use.currency_id.compare_amounts(given, 0.0) <= 0:
            raise KehuAdvanceError(
                self.env._(
                    "Receipt %(receipt)s brought nothing for order %(order)s that %(use)s could free. Choose an order of that receipt.",
                    **names,
                )
            )
        if use.currency_id.compare_amounts(self.amount, surplus) > 0:
            raise KehuOverAllocationError(
                self.env._(
                    "%(use)s frees %(amount)s, but only %(surplus)s more was collected for order %(order)s than it owes. Lower the amount.",
                    **names,
                    surplus=format_amount(self.env, surplus, use.currency_id),
                )
            )
        if use.currency_id.compare_amounts(self.amount, given) > 0:
            raise KehuOverAllocationError(
                self.env._(
                    "%(use)s frees %(amount)s, but receipt %(receipt)s brought only %(given)s for order %(order)s. Lower the amount, and "
                    "free the rest of the other receipts.",
                    **names,
                    given=format_amount(self.env, given, use.currency_id),
                )
            )
