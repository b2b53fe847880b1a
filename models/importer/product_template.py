from odoo import api, fields, models
from odoo.fields import Command, Domain

from .exceptions import KehuImportNameError
from .words import find_in_tree, joined_words, names_in, split_names


class ProductTemplate(models.Model):
    """Products come in by their code; category by code, path or name, unit and taxes by name."""

    _inherit = "product.template"

    kehu_tax_names = fields.Char(
        string="Sales Taxes (Names)",
        compute="_compute_kehu_tax_names",
        inverse="_inverse_kehu_tax_names",
        export_string_translation=False,
        help="The names of the sales taxes of the company, with a semicolon between them, as workbooks of products hold them.",
    )

    @api.depends("taxes_id.name")
    @api.depends_context("company", "lang")
    def _compute_kehu_tax_names(self):
        for product in self:
            product.kehu_tax_names = "; ".join(product._kehu_company_taxes().mapped("name")) or False

    def _inverse_kehu_tax_names(self):
        """:raises KehuImportNameError: for a name that no sales tax of the company has, or several have"""
        cells = {product: split_names(product.kehu_tax_names or "") for product in self}
        found = self._kehu_find_taxes({name for parts in cells.values() for name in joined_words(parts)})
        for product in self:
            taxes = self.env["account.tax"]
            for name in names_in(cells[product], found):
                if len(found[name]) != 1:
                    raise KehuImportNameError(self._kehu_tax_message(name, found[name]))
                taxes |= found[name]
            others = product._kehu_company_taxes() - taxes
            product.taxes_id = [*(Command.link(tax.id) for tax in taxes), *(Command.unlink(tax.id) for tax in others)]

    def _kehu_company_taxes(self):
        return self.taxes_id.filtered(lambda tax: tax.company_id == self.env.company)

    @api.model
    def _kehu_find_taxes(self, names):
        """Return {name: sales taxes of the company that bear it}, in any language; written the same wins over upper and lower case.

        :rtype: dict[str, account.tax]
        """
        taxes = self.env["account.tax"]
        found = dict.fromkeys(names, taxes)
        if not names:
            return found
        domain = Domain("type_tax_use", "=", "sale") & Domain("company_id", "=", self.env.company.id)
        exact, folded = {}, {}
        for lang in self.env["kehu.import.batch"]._kehu_languages():
            for tax in taxes.with_context(lang=lang).search_fetch(domain, ["name"]):
                name = (tax.name or "").strip()
                for by_name, key in ((exact, name), (folded, name.lower())):
                    by_name[key] = by_name.get(key, taxes) | tax.with_env(self.env)
        return {name: exact.get(name) or folded.get(name.lower()) or taxes for name in found}

    @api.model
    def _kehu_tax_message(self, name, taxes):
        if taxes:
            return self.env._("%(count)s sales taxes are called “%(name)s”. Give them different names first.", count=len(taxes), name=name)
        return self.env._("There is no sales tax “%(name)s”. Correct the cell, or add the tax first.", name=name)

    # -- for the import ----------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_import_hidden_fields(self):
        return super()._kehu_import_hidden_fields() | {"kehu_search_key"}

    @api.model
    def _kehu_import_default_keys(self):
        return ["default_code"]

    @api.model
    def _kehu_import_match(self, batch, domain, names, keys):
        """Codes have an index on the variants only."""
        if names != ["default_code"]:
            return super()._kehu_import_match(batch, domain, names, keys)
        # sudo: product.product - as the rest of the search for what exists
        variants = self.env["product.product"].sudo().with_context(active_test=False)
        domain = Domain("default_code", "in", [code for (code,) in keys.values()])
        domain &= Domain("product_tmpl_id.company_id", "in", [batch.company_id.id, False])
        by_code = {}
        for variant in variants.search_fetch(domain, ["default_code", "product_tmpl_id"]):
            by_code[variant.default_code] = by_code.get(variant.default_code, self.sudo()) | variant.product_tmpl_id  # sudo: see above
        return {number: by_code[code] for number, (code,) in keys.items() if code in by_code}

    def _kehu_import_check(self, batch, rows):
        result = super()._kehu_import_check(batch, rows)
        cells = {row.number: split_names(row.values.get("kehu_tax_names") or "") for row in rows}
        names = {name for parts in cells.values() for name in joined_words(parts)}
        found = self.with_company(batch.company_id)._kehu_find_taxes(names)
        for row in rows:
            for name in names_in(cells[row.number], found):
                if len(found[name]) != 1:
                    row.refuse(self._kehu_tax_message(name, found[name]), value=name, field="kehu_tax_names", kind="unknown")
            for name in ("list_price", "standard_price", "kehu_floor_price"):
                if row.values.get(name, 0) < 0:
                    row.refuse(
                        self.env._("“%(field)s” is less than zero. Correct it.", field=self._fields[name]._description_string(self.env)),
                        value=str(row.values[name]),
                        field=name,
                        kind="cell",
                    )
        return result


class ProductCategory(models.Model):
    _inherit = "product.category"

    @api.model
    def _kehu_import_default_keys(self):
        return ["kehu_code"]

    @api.model
    def _kehu_import_find(self, batch, domain, words):
        return find_in_tree(self, domain, words, batch._kehu_languages())
