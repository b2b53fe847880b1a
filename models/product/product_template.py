from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.search_key import search_key
from .product_search import KEY_HELP, add_specification, key_index, search_names, stored_texts, typed_domain


class ProductTemplate(models.Model):
    _inherit = "product.template"

    kehu_specification = fields.Char(
        string="Specification",
        translate=True,
        help="Model and size of the product, such as DN80 PN16. Lines of quotes and orders start with it, and the product is found by it.",
    )
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

    @api.depends("name", "kehu_specification", "product_variant_ids.default_code", "product_variant_ids.barcode")
    def _compute_kehu_search_key(self):
        """Whatever any of the variants bears, archived ones included, finds the product."""
        texts = stored_texts(self, ["name", "kehu_specification"])
        codes = {}
        if texts:
            variants = self.env["product.product"].with_context(active_test=False)
            variants.flush_model(["product_tmpl_id", "default_code", "barcode"])
            domain = Domain("product_tmpl_id", "in", list(texts)) & (Domain("default_code", "!=", False) | Domain("barcode", "!=", False))
            for template, default_codes, barcodes in variants._read_group(
                domain, ["product_tmpl_id"], ["default_code:array_agg", "barcode:array_agg"]
            ):
                codes[template.id] = default_codes + barcodes
        for template in self:
            given = texts.get(template.id) or [template.name, template.kehu_specification]
            template.kehu_search_key = search_key([*given, *codes.get(template.id, ())]) or False

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
        return Domain("product_variant_ids", "any", Domain("default_code", "=", code) | Domain("barcode", "=", code))

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """As the host's, by our search; what has the whole term for its code or barcode comes first."""
        name = name.strip() if isinstance(name, str) else name
        found = search_names(self, self._kehu_whole_code, name, domain, limit) if operator == "ilike" else None
        return super().name_search(name, domain, operator, limit) if found is None else found
