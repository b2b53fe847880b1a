"""Receipts that take an early payment discount, as the host's own dialog for payments does.

The host says which invoices grant a discount at a day, how much, and which journal items it becomes (with its taxes, by the rule of the
payment term). Ours is only when a receipt takes it: when what it allocates to an order is just what the order's open invoices ask for
with their discounts, the invoice due first before the others, or what the whole order owes less the discounts.
"""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_amount


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _kehu_early_discounts(self, currency, day):
        """What the open invoices of this one order ask for, when paid at a day in a currency; needs the rights of accounting.

        An invoice of several orders grants its discount for all of itself only, so not to a receipt for one of them.

        :return: triples of an invoice, what is open on it for this order, and the discount on that, in the order in which money is
            matched with them; nothing when none grants a discount
        :rtype: list[tuple[account.move, float, float]]
        """
        self.ensure_one()
        invoices = self._kehu_open_invoices()
        if not any(move.invoice_payment_term_id.early_discount for move in invoices):
            return []
        asked = []
        for move in invoices:
            if move.currency_id != currency:
                break  # money in this currency does not settle it, and what comes after is not reached
            lines = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
            discount = 0.0
            if len(move.line_ids.sale_line_ids.order_id) == 1:
                parts = lines._get_installments_data(payment_currency=currency, payment_date=day)
                discount = sum(part["discount_amount_currency"] for part in parts if part["type"] == "early_payment_discount")
            asked.append((move, move._kehu_order_shares()[move][self].residual, discount))
        return asked if any(discount for _move, _open, discount in asked) else []

    def _kehu_discounts_taken(self, currency, day, amount):
        """Which invoices of this one order are settled with their discount by so much money.

        E.g. 1,000 ordered, 600 invoiced with 2 % for paying early: 588 settle the invoice, 988 the whole order; 600 take no discount.

        :return: the invoices
        :rtype: account.move
        """
        asked = self._kehu_early_discounts(currency, day)
        sum_asked = sum_discount = 0.0
        taken = self.env["account.move"]
        for move, residual, discount in asked:
            sum_asked += residual - discount
            sum_discount += discount
            if discount:
                taken |= move
            if taken and currency.compare_amounts(amount, sum_asked) == 0:
                return taken
        if taken and currency.compare_amounts(amount, self.kehu_amount_due - sum_discount) == 0:
            return taken
        return taken.browse()


class KehuReceiptAllocation(models.Model):
    _inherit = "kehu.receipt.allocation"

    order_discount = fields.Monetary(
        string="Discount Offered",
        compute="_compute_discounts",
        help="Early payment discount that the order's open invoices grant on the day of the receipt.",
    )
    discount = fields.Monetary(
        string="Early Payment Discount",
        compute="_compute_discounts",
        help="Taken by this receipt: it brings just what the invoices ask for with their discount, so they are settled in full.",
    )

    @api.depends("order_id", "amount", "receipt_id.date", "receipt_id.currency_id", "receipt_id.state", "receipt_id.allocation_ids.amount")
    @api.depends_context("uid")
    def _compute_discounts(self):
        """On the last line of an order. What an approved receipt took is on its payment; of an open one it is what it would take now."""
        telling = self._kehu_telling()
        for line in self:
            # sudo: account.move, sale.order - what the invoices offer, for those who may know what the order owes
            receipt, order = line.receipt_id.sudo(), line.order_id.sudo()
            mine = receipt.allocation_ids.filtered(lambda other, order=order: other.order_id == order)
            line.order_discount = line.discount = 0.0
            if not order or line not in telling or (mine and mine[-1]._origin.id != line._origin.id):
                continue
            order = order._origin
            if receipt.payment_id:
                posted = receipt.payment_id.move_id.line_ids.filtered(lambda item, order=order: item.kehu_order_id == order)
                line.discount = -sum(posted.mapped("amount_currency")) - sum(mine.mapped("amount"))
            else:
                asked = order._kehu_early_discounts(receipt.currency_id, receipt.date)
                taken = asked and order._kehu_discounts_taken(receipt.currency_id, receipt.date, sum(mine.mapped("amount")))
                line.order_discount = sum(discount for _move, _open, discount in asked)
                line.discount = sum(discount for move, _open, discount in asked if move in taken)


class KehuReceipt(models.Model):
    _inherit = "kehu.receipt"

    has_discount = fields.Boolean(compute="_compute_discount_hint", export_string_translation=False)
    discount_hint = fields.Char(
        string="Early Payment",
        compute="_compute_discount_hint",
        help="Which amount is enough for an order when its invoices grant a discount for paying early.",
    )

    @api.depends("allocation_ids.order_discount", "allocation_ids.discount", "allocation_ids.order_due")
    @api.depends_context("lang", "uid")
    def _compute_discount_hint(self):
        for receipt in self:
            lines = receipt.allocation_ids
            receipt.has_discount = any(line.order_discount or line.discount for line in lines)
            missed = lines.filtered(lambda line: line.order_discount and not line.discount)[:1]
            receipt.discount_hint = bool(missed) and self.env._(
                "Order %(order)s: paid on this day, %(amount)s is enough; its invoices grant %(discount)s for paying early.",
                order=missed.order_name,
                amount=format_amount(self.env, missed.order_due - missed.order_discount, receipt.currency_id),
                discount=format_amount(self.env, missed.order_discount, receipt.currency_id),
            )

    def _kehu_payment_parts(self):
        """Parts that take a discount get the journal items of it, as ``write_off``: values of the host."""
        parts = super()._kehu_payment_parts()
        for order in self.allocation_ids.order_id:
            mine = [part for part in parts if part["order"] == order]
            invoices = order._kehu_discounts_taken(self.currency_id, self.date, sum(part["amount"] for part in mine))
            if invoices:
                mine[-1]["write_off"] = self._kehu_discount_items(invoices)
        return parts

    def _kehu_discount_items(self, invoices):
        """:return: values of the journal items that the discounts of these invoices become, as the host makes them of a payment"""
        items = invoices.line_ids.filtered(lambda line: line.display_type == "payment_term" and not line.reconciled)
        company, currency = self.company_id, self.currency_id
        discount = sum(line.amount_currency - line.discount_amount_currency for line in items)
        made = self.env["account.move"]._get_invoice_counterpart_amls_for_early_payment_discount(
            [
                {
                    "aml": line,
                    "amount_currency": -line.amount_residual_currency,
                    "balance": currency._convert(-line.amount_residual_currency, company.currency_id, company, self.date),
                }
                for line in items
            ],
            currency._convert(discount, company.currency_id, company, self.date),
        )
        return [values for kind in made.values() for values in kind]

    def _kehu_prepare_payment(self, parts, known):
        """What the discount takes off goes onto accounts of its own, and the part of the order becomes greater by it."""
        values, account, lines = super()._kehu_prepare_payment(parts, known)
        for part, (_command, _id, item) in zip(parts, lines[1:], strict=True):
            for write_off in part.get("write_off", ()):
                item["amount_currency"] -= write_off["amount_currency"]
                item["credit"] += write_off["balance"]
                lines.append(Command.create({"partner_id": part["partner"].id, "currency_id": self.currency_id.id, **write_off}))
        return values, account, lines
