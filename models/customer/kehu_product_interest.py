from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..system.engine import is_record_id
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
    _description = "Product Interest"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    # links that a form shows by name before anything is saved, see onchange; rooms extend it
    _kehu_links = ("partner_id",)

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

    def onchange(self, values, field_names, fields_spec):
        """A form shows the names of what it links to before anything is saved, defaults included."""
        names = [name for name in self._kehu_links if name not in values]
        self._kehu_check_links(values if self else {**self.default_get(names), **values})
        return super().onchange(values, field_names, fields_spec)

    def _update_cache(self, values, validate=True):
        """An interest nested in the form of another record."""
        self._kehu_check_links(values)
        return super()._update_cache(values, validate=validate)

    def update(self, values):
        """A changed line of a form comes in here."""
        for interest in self:
            interest._kehu_check_links(values)
        return super().update(values)

    def _kehu_check_links(self, values):
        """Refuse to show in an unsaved form what one may not read, so that nobody learns names by trying numbers.

        :param dict values: as a form sends them; what the saved record names already may stay
        :raises KehuInterestAccessError: otherwise
        """
        if self.env.su:
            return
        for name in self._kehu_links:
            value = values.get(name)
            if isinstance(value, dict):
                value = value.get("id")
            elif isinstance(value, (list, tuple)):
                value = value[0] if value else False
            # sudo: kehu.product.interest - what it names already, to compare only
            if is_record_id(value) and value != self._origin.sudo()[name].id:
                self._kehu_check_readable(self.env[self._fields[name].comodel_name].browse(value))

    @api.model
    def _kehu_check_readable(self, records):
        """:raises KehuInterestAccessError: when one of these may not be read"""
        try:
            records.exists().check_access("read")
        except AccessError:
            raise KehuInterestAccessError(
                self.env._("You have no access to the customer of this product interest. Choose one of yours, or ask its owner.")
            )

    # -- create, write -------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuInterestError)
        check_links_exist(self, vals_list, KehuInterestError)
        self._kehu_check_saved_links(vals_list, self._kehu_links)
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuInterestError)
        check_links_exist(self, [vals], KehuInterestError)
        self._kehu_check_saved_links([vals], self._kehu_links[1:])  # the customer stays
        if "partner_id" in vals and any(interest.partner_id.id != vals["partner_id"] for interest in self):
            raise KehuInterestError(
                self.env._("A product interest stays with its customer. Delete it here and enter it at the other customer.")
            )
        return super().write(vals)

    def _kehu_check_saved_links(self, vals_list, names):
        """:raises KehuInterestAccessError: for a link to what one may not read; a later refusal could repeat its name"""
        if self.env.su:
            return
        for name in names:
            linked = {vals[name] for vals in vals_list if vals.get(name)}
            self._kehu_check_readable(self.env[self._fields[name].comodel_name].browse(linked))


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
