"""Where floor prices and discount limits are kept: products, their categories, and people. 0 means none everywhere."""

from odoo import api, fields, models
from odoo.fields import Domain

from ..system.values import check_types
from .exceptions import KehuOrderNumberError

PRODUCT_TRIGGERS = {"kehu_floor_price", "kehu_discount_limit", "list_price", "categ_id", "uom_id"}
LIMITS = frozenset({"kehu_discount_limit", "kehu_floor_percent", "kehu_floor_price"})
CATEGORY_TRIGGERS = {"kehu_floor_percent", "kehu_discount_limit", "parent_id"}


class ProductTemplate(models.Model):
    _inherit = "product.template"

    kehu_floor_price = fields.Monetary(
        string="Floor Price",
        currency_field="currency_id",
        groups="base.group_user",
        help="Lowest price of one unit, counted as the sales price is: same currency, same unit, taxes included or not. An order below it "
        "raises the level of approval. 0: the floor of the category, or none.",
    )
    kehu_discount_limit = fields.Float(
        string="Discount Limit (%)",
        digits="Discount",
        groups="base.group_user",
        help="A discount above it raises the level of approval of an order. It counts how far the price lies below the sales price, "
        "whatever brought it there. 0: the limit of the category, or none.",
    )

    _kehu_floor_price_positive = models.Constraint(
        "CHECK (kehu_floor_price >= 0)", "A floor price is not negative. Enter 0 if there is none."
    )
    _kehu_discount_limit_range = models.Constraint(
        "CHECK (kehu_discount_limit BETWEEN 0 AND 100)", "A discount limit is between 0 and 100. Enter 0 if there is none."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuOrderNumberError, LIMITS)
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuOrderNumberError, LIMITS)
        result = super().write(vals)
        if not PRODUCT_TRIGGERS.isdisjoint(vals):
            self.env["sale.order"]._kehu_refresh_price_alert([("order_line.product_id.product_tmpl_id", "in", self.ids)])
        return result


class ProductTemplateAttributeValue(models.Model):
    _inherit = "product.template.attribute.value"

    def write(self, vals):
        result = super().write(vals)
        if "price_extra" in vals:
            self.env["sale.order"]._kehu_refresh_price_alert([("order_line.product_id.product_tmpl_id", "in", self.product_tmpl_id.ids)])
        return result


class ProductCategory(models.Model):
    _inherit = "product.category"

    kehu_floor_percent = fields.Float(
        string="Floor Price (% of Sales Price)",
        digits="Discount",
        groups="base.group_user",
        help="Products of this category and those below it without a floor price of their own are not sold below this share of their "
        "sales price. 0: as the category above says, or none.",
    )
    kehu_discount_limit = fields.Float(
        string="Discount Limit (%)",
        digits="Discount",
        groups="base.group_user",
        help="For products of this category and those below it without a limit of their own. 0: as the category above says, or none.",
    )

    _kehu_floor_percent_range = models.Constraint(
        "CHECK (kehu_floor_percent BETWEEN 0 AND 100)", "A floor price is between 0 and 100 percent. Enter 0 if there is none."
    )
    _kehu_discount_limit_range = models.Constraint(
        "CHECK (kehu_discount_limit BETWEEN 0 AND 100)", "A discount limit is between 0 and 100. Enter 0 if there is none."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuOrderNumberError, LIMITS)
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuOrderNumberError, LIMITS)
        result = super().write(vals)
        if not CATEGORY_TRIGGERS.isdisjoint(vals):
            self.env["sale.order"]._kehu_refresh_price_alert([("order_line.product_id.categ_id", "child_of", self.ids)])
        return result

    def _kehu_nearest(self, name):
        """The category, this one or the next above it, in which a limit is set; empty when none has it.

        :param str name: field of the limit
        """
        category = self
        while category and not category[name]:
            category = category.parent_id
        return category


class ResUsers(models.Model):
    _inherit = "res.users"

    kehu_discount_limit = fields.Float(
        string="Discount Limit (%)",
        digits="Discount",
        groups="base.group_user",
        help="Discounts that this person gives without raising the level of approval; a stricter limit of the product counts all the same. "
        "0: no limit of their own.",
    )

    _kehu_discount_limit_range = models.Constraint(
        "CHECK (kehu_discount_limit BETWEEN 0 AND 100)", "A discount limit is between 0 and 100. Enter 0 if there is none."
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuOrderNumberError, LIMITS)
        return super().create(vals_list)

    def write(self, vals):
        """Administrators of the CRM set limits of people, though users are not theirs to change otherwise."""
        check_types(self, vals, KehuOrderNumberError, LIMITS)
        users = self
        if vals.keys() == {"kehu_discount_limit"} and self.env.user.has_group("kehu_crm.group_kehu_admin"):
            users = self.sudo()  # sudo: res.users - this one field, by the administrator of the CRM
        result = super(ResUsers, users).write(vals)
        if "kehu_discount_limit" in vals:
            made = Domain("user_id", "=", False) & Domain("create_uid", "in", self.ids)
            self.env["sale.order"]._kehu_refresh_price_alert(Domain("user_id", "in", self.ids) | made)
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model
    def _kehu_refresh_price_alert(self, domain):
        """A limit has changed: look again at what is still open and not submitted. What waits or is confirmed keeps what was judged."""
        openness = Domain("state", "in", ("draft", "sent")) & Domain("kehu_approval_state", "in", ("draft", "rejected"))
        # sudo: sale.order - the limit holds for orders that its administrator does not see
        orders = self.sudo().search(openness & Domain("kehu_customer_id", "!=", False) & Domain(domain))
        self.env.add_to_compute(self._fields["kehu_price_alert"], orders)
        orders.invalidate_recordset(["kehu_price_alert_text"])
