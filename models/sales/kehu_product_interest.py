from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command

from ..customer.exceptions import KehuInterestError

OPEN_QUOTE = ("draft", "sent")


class KehuProductInterest(models.Model):
    """An interest becomes a line of a quote: the product with its quantity, or a note when only a category is known."""

    _inherit = "kehu.product.interest"

    def action_kehu_quote(self):
        """Open a new quote with these interests as its lines. Nothing is saved before the salesperson does.

        :raises KehuInterestError: for interests of several customers, or when none of them is open
        """
        self.check_access("read")
        self.env["sale.order"].check_access("create")
        wanted = self.filtered(lambda interest: interest.state == "open")
        if len(wanted.partner_id) > 1:
            raise KehuInterestError(
                self.env._(
                    "A quote is for one customer, and these interests are of “%(one)s” and “%(other)s”. Choose those of one of them.",
                    one=wanted.partner_id[0].complete_name,
                    other=wanted.partner_id[1].complete_name,
                )
            )
        if not wanted:
            raise KehuInterestError(
                self.env._(
                    "There is no open interest to quote. Enter what the customer would like to buy, or set one to “Still Interested”."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Quote"),
            "res_model": "sale.order",
            "views": [(False, "form")],
            "context": {"default_partner_id": wanted.partner_id.id, "default_order_line": wanted._kehu_quote_lines()},
        }

    def _kehu_quote_lines(self):
        """Return the commands that make lines of these interests, in the order in which the customer spoke of them.

        :rtype: list[Command]
        """
        return [Command.create(interest._prepare_kehu_quote_line_values()) for interest in self.sorted(lambda one: (one.date, one.id))]

    def _prepare_kehu_quote_line_values(self):
        """Return the values of the line of a quote; what it costs is the pricelist's to say.

        :rtype: dict
        """
        self.ensure_one()
        if self.product_id:
            return {"product_id": self.product_id.id, "product_uom_qty": self.quantity}
        quantity = self.env["ir.qweb.field.float"].value_to_html(self.quantity, {"decimal_precision": "Product Unit"})
        text = self.env._("Asked for %(quantity)s of “%(category)s”", quantity=quantity, category=self.display_name)
        return {"display_type": "line_note", "name": f"{text}\n{self.note}" if self.note else text}

    def _kehu_is_in(self, order):
        """Tell whether a quote has this interest already: its product, one of its category, or a note that names the category."""
        products = order.order_line.product_id
        if self.product_id:
            return self.product_id in products
        # sudo: product.category - where the products stand in the tree
        path = self.sudo().category_id.parent_path
        if any(category.parent_path.startswith(path) for category in products.sudo().categ_id):  # sudo: see above
            return True
        notes = order.order_line.filtered(lambda line: line.display_type == "line_note")
        return any(self.display_name in (note.name or "") for note in notes)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    kehu_interest_count = fields.Integer(
        string="Open Interests",
        compute="_compute_kehu_interest_count",
        help="Products and categories that the customer is still interested in and that are not in this quote.",
    )

    @api.depends("partner_id", "state", "order_line.product_id", "order_line.name")
    @api.depends_context("uid")
    def _compute_kehu_interest_count(self):
        found = self._kehu_open_interests()
        for order in self:
            order.kehu_interest_count = len(found[order])

    def _kehu_open_interests(self):
        """Find the open interests of the customers of these quotes that are not in them yet; one query.

        :rtype: dict[sale.order, kehu.product.interest]
        """
        interests = self.env["kehu.product.interest"]
        found = defaultdict(interests.browse)
        quotes = self.filtered(lambda order: order.state in OPEN_QUOTE and order.partner_id)
        if not quotes or not interests.has_access("read"):
            return found
        # sudo: res.partner - to which customer a contact belongs
        customers = {order: order.partner_id.sudo().kehu_customer_id.id for order in quotes}
        open_ones = interests.search([("partner_id", "in", list(set(customers.values()) - {False})), ("state", "=", "open")])
        by_customer = open_ones.grouped(lambda interest: interest.partner_id.id)
        for order in quotes:
            found[order] = by_customer.get(customers[order], interests).filtered(
                lambda interest, order=order: not interest._kehu_is_in(order)
            )
        return found

    def action_kehu_add_interests(self):
        """Add what the customer is still interested in as lines of this quote.

        :raises KehuInterestError: when there is nothing to add, or the quote is a quote no more
        """
        self.ensure_one()
        self.check_access("write")
        interests = self._kehu_open_interests()[self]
        if not interests:
            raise KehuInterestError(
                self.env._(
                    "There is nothing to add to “%(order)s”: what its customer is still interested in is in it, or it is no quote "
                    "any more. Enter a new interest on the card of the customer.",
                    order=self.display_name,
                )
            )
        self.write({"order_line": interests._kehu_quote_lines()})
        return True


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_kehu_quote_interests(self):
        """Open a new quote with the open interests of this customer as its lines.

        :raises KehuInterestError: when there is none
        """
        self.ensure_one()
        self.check_access("read")
        interests = self.env["kehu.product.interest"].search([("partner_id", "=", self.id), ("state", "=", "open")])
        return interests.action_kehu_quote()
