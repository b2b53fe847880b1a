from odoo import api, fields, models

from ..system.values import check_links_exist, check_types
from .exceptions import KehuCustomerError, KehuInterestAccessError, KehuInterestError
from .res_partner_history import READERS

STATES = [
    ("open", "Still Interested"),
    ("bought", "Bought"),
    ("dropped", "No Longer Interested"),
]


class KehuProductInterest(models.Model):
    """What a customer would like to buy: a product, or any product of a category. It follows the customer in who may see and change it."""

    _name = "kehu.product.interest"
    _inherit = ["kehu.seen.links.mixin"]
    _description = "Product Interest"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("kehu_is_customer", "=", True)],
    )
    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("sale_ok", "=", True)],
        help="The product the customer asks for. Leave it empty and choose a category when it is not known yet.",
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="restrict",
        help="The kind of product the customer asks for, when no single product is known yet.",
    )
    quantity = fields.Float(default=1.0, required=True, digits="Product Unit", aggregator=None, help="How many the customer thinks of.")
    date = fields.Date(required=True, index=True, default=fields.Date.context_today, help="When the customer said so.")
    state = fields.Selection(
        STATES,
        required=True,
        default="open",
        help="Customers still interested are found by the customer filter. Change it when one has bought, or wants it no more.",
    )
    note = fields.Char(help="E.g. the budget, or when the customer needs it.")

    # -- computes, constraints -----------------------------------------------------------------------------------------

    @api.depends("product_id.name", "category_id.name")
    def _compute_display_name(self):
        # sudo: product.product, product.category - names, for those who read customers but no products
        for interest, interest_sudo in zip(self, self.sudo(), strict=True):
            interest.display_name = interest_sudo.product_id.name or interest_sudo.category_id.name

    @api.constrains("product_id", "category_id")
    def _check_one_kind(self):
        for interest in self:
            if bool(interest.product_id) == bool(interest.category_id):
                raise KehuInterestError(
                    self.env._(
                        "A product interest of “%(customer)s” names either a product or a category. Choose one of the two.",
                        customer=interest.partner_id.complete_name,
                    )
                )

    @api.constrains("quantity")
    def _check_quantity(self):
        for interest in self:
            if interest.quantity <= 0:
                raise KehuInterestError(
                    self.env._(
                        "The quantity of “%(interest)s” must be more than zero. Leave 1 when it is not known.",
                        interest=interest.display_name,
                    )
                )

    @api.constrains("partner_id")
    def _check_customer(self):
        for interest in self:
            if not interest.partner_id.kehu_is_customer:
                raise KehuInterestError(
                    self.env._(
                        "“%(name)s” is not a customer of the CRM. Choose the customer it belongs to, or mark it as a customer.",
                        name=interest.partner_id.complete_name,
                    )
                )

    @api.onchange("product_id")
    def _onchange_product_id(self):
        if self.product_id:
            self.category_id = False

    @api.onchange("category_id")
    def _onchange_category_id(self):
        if self.category_id:
            self.product_id = False

    @api.model
    def _kehu_refuse_link(self, name):
        """:raises KehuInterestAccessError: always"""
        raise KehuInterestAccessError(
            self.env._("You have no access to the customer of this product interest. Choose one of yours, or ask its owner.")
        )

    # -- create, write -------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuInterestError)
        check_links_exist(self, vals_list, KehuInterestError)
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuInterestError)
        check_links_exist(self, [vals], KehuInterestError)
        if "partner_id" in vals and any(interest.partner_id.id != vals["partner_id"] for interest in self):
            raise KehuInterestError(
                self.env._("A product interest stays with its customer. Delete it here and enter it at the other customer.")
            )
        return super().write(vals)


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_interest_ids = fields.One2many("kehu.product.interest", "partner_id", string="Product Interests", groups=READERS)

    def _kehu_check_unmark(self):
        # sudo: kehu.product.interest - interests of all customers that leave
        interest = self.env["kehu.product.interest"].sudo().search([("partner_id", "in", self.ids)], limit=1)
        if interest:
            raise KehuCustomerError(
                self.env._(
                    "“%(name)s” has product interests and stays a customer. Delete them first, or archive the customer.",
                    name=interest.partner_id.display_name,
                )
            )
        return super()._kehu_check_unmark()
