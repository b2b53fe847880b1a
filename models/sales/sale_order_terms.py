from odoo import api, fields, models
from odoo.tools import sql

from ..approval.guard import changed_fields
from ..system.exceptions import KehuValidationError


class SaleOrder(models.Model):
    """Sale type and delivery terms, chosen from the business dictionary."""

    _inherit = "sale.order"

    kehu_sale_type_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Sale Type",
        domain=[("dictionary", "=", "sale_type")],
        default=lambda self: self._default_kehu_word("kehu_sale_type_id"),
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="What kind of sale this is. Administrators maintain the choices in the business dictionary.",
    )
    kehu_sale_type_color = fields.Integer(related="kehu_sale_type_id.color", export_string_translation=False)
    kehu_delivery_terms_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Delivery Terms",
        domain=[("dictionary", "=", "delivery_terms")],
        default=lambda self: self._default_kehu_word("kehu_delivery_terms_id"),
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="How the goods reach the customer, and who pays for it. Administrators maintain the choices in the business dictionary.",
    )

    def _default_kehu_word(self, name):
        """The choice that the company proposes, unless it was archived."""
        value = self.env.company.sudo()[name]  # sudo: res.company, kehu.dictionary.value - what the company proposes
        return value.sudo(False) if value.active else value.browse().sudo(False)

    def _auto_init(self):
        """Orders that are there already get no default: nobody chose it for them."""
        for name in ("kehu_sale_type_id", "kehu_delivery_terms_id"):
            if not sql.column_exists(self.env.cr, "sale_order", name):
                sql.create_column(self.env.cr, "sale_order", name, "int4")
        return super()._auto_init()

    @api.constrains("kehu_sale_type_id", "kehu_delivery_terms_id")
    def _check_kehu_words(self):
        """A choice comes from its own dictionary, whichever door it enters by."""
        for order in self:
            for name, dictionary in (("kehu_sale_type_id", "sale_type"), ("kehu_delivery_terms_id", "delivery_terms")):
                if order[name] and order[name].dictionary != dictionary:
                    raise KehuValidationError(
                        self.env._(
                            "“%(order)s”: “%(value)s” is no choice for “%(field)s”. Choose one of the list.",
                            order=order.display_name,
                            value=order[name].display_name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    def _kehu_protected_fields(self):
        return super()._kehu_protected_fields() | {"kehu_sale_type_id", "kehu_delivery_terms_id"}


class SaleOrderLine(models.Model):
    """Specification and delivery date of each line."""

    _inherit = "sale.order.line"

    kehu_specification = fields.Char(
        string="Specification",
        compute="_compute_kehu_specification",
        store=True,
        readonly=False,
        precompute=True,
        help="Model, size and attributes of what is sold. Proposed from the product.",
    )
    kehu_delivery_date = fields.Date(
        string="Delivery Date",
        compute="_compute_kehu_delivery_date",
        store=True,
        readonly=False,
        precompute=True,
        help="When this line is due at the customer. Empty: the delivery date of the order.",
    )

    def _auto_init(self):
        """Lines that are there already keep what they said: an empty specification and delivery date."""
        for name, kind in (("kehu_specification", "varchar"), ("kehu_delivery_date", "date")):
            if not sql.column_exists(self.env.cr, "sale_order_line", name):
                sql.create_column(self.env.cr, "sale_order_line", name, kind)
        return super()._auto_init()

    @api.depends("product_id", "product_no_variant_attribute_value_ids")
    def _compute_kehu_specification(self):
        for line in self:
            line.kehu_specification = line._kehu_product_specification()

    def _kehu_product_specification(self):
        """What the product says of itself, in the customer's language: specification, then the values of its attributes."""
        self.ensure_one()
        lang = self.order_id._get_lang() if self.order_id else self.env.lang
        product = self.product_id.with_context(lang=lang)
        attributes = product.product_template_attribute_value_ids._get_combination_name()
        chosen = ", ".join(self.product_no_variant_attribute_value_ids.with_context(lang=lang).mapped("name"))
        return " ".join(part for part in (product.kehu_specification, attributes, chosen) if part) or False

    @api.depends("order_id.commitment_date")
    def _compute_kehu_delivery_date(self):
        """A line that has a date keeps it; the others follow the order's."""
        for line in self:
            moment = line.order_id.commitment_date
            line.kehu_delivery_date = line.kehu_delivery_date or (moment and fields.Datetime.context_timestamp(line, moment).date())

    def _kehu_protected_line_fields(self):
        return super()._kehu_protected_line_fields() | {"kehu_specification"}

    def write(self, vals):
        """Delivery dates are agreed anew after approval; while somebody decides, they stay."""
        if "kehu_delivery_date" in vals:
            for line in self:
                # sudo: sale.order - the guard holds for every writer
                if line.order_id.sudo().kehu_approval_state == "pending" and changed_fields(line, vals, {"kehu_delivery_date"}):
                    line.order_id._kehu_raise_frozen()
        return super().write(vals)
