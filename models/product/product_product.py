from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.search_key import search_key
from .product_search import KEY_HELP, add_specification, key_index, search_names, stored_texts, typed_domain


class ProductProduct(models.Model):
    _inherit = "product.product"

    kehu_search_key = fields.Char(
        string="Search Text",
        compute="_compute_kehu_search_key",
        store=True,
        copy=False,
        prefetch=False,
        exportable=False,
        export_string_translation=False,
        help=KEY_HELP,
    )

    _kehu_search_key_idx = models.Index(key_index)

    @api.depends(
        "default_code",
        "barcode",
        "product_tmpl_id.name",
        "product_tmpl_id.kehu_specification",
        "product_template_attribute_value_ids.product_attribute_value_id.name",
    )
    def _compute_kehu_search_key(self):
        products = stored_texts(self.product_tmpl_id, ["name", "kehu_specification"])
        values = self.product_template_attribute_value_ids.product_attribute_value_id
        words = stored_texts(values, ["name"]) if values else {}
        for variant in self:
            template = variant.product_tmpl_id
            texts = [*(products.get(template.id) or [template.name, template.kehu_specification]), variant.default_code, variant.barcode]
            for value in variant.product_template_attribute_value_ids.product_attribute_value_id:
                texts += words.get(value.id) or [value.name]
            variant.kehu_search_key = search_key(texts) or False

    @api.depends("kehu_specification")
    @api.depends_context("formatted_display_name")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        add_specification(self)
        return result

    @api.model
    def _search_display_name(self, operator, value):
        domain = typed_domain(self, operator, value)
        return super()._search_display_name(operator, value) if domain is None else domain

    @api.model
    def _kehu_whole_code(self, code):
        return Domain("default_code", "=", code) | Domain("barcode", "=", code)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """As the host's, by our search; what has the whole term for its code or barcode comes first."""
        name = name.strip() if isinstance(name, str) else name
        found = search_names(self, self._kehu_whole_code, name, domain, limit) if operator == "ilike" else None
        return super().name_search(name, domain, operator, limit) if found is None else found
