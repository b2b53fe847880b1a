from odoo import api, fields, models
from odoo.fields import Domain

from ..system.values import check_text
from .exceptions import KehuCategoryCodeError

LONGEST_CODE = 32


class ProductCategory(models.Model):
    """Categories are shared by all companies, as the host has them, and so are their codes."""

    _inherit = "product.category"

    kehu_code = fields.Char(
        string="Code",
        copy=False,
        help="Short code of the category, such as 0102. Each code occurs once; upper and lower case are the same. "
        "Categories are found by it, and workbooks of products name them by it.",
    )

    _kehu_code_unique = models.UniqueIndex(
        "(lower(kehu_code)) WHERE kehu_code IS NOT NULL", "Another category has this code. Give each category a code of its own."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._kehu_with_clean_code(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._kehu_with_clean_code(vals))

    @api.model
    def _kehu_with_clean_code(self, vals):
        """Return the values with the code as it is kept: without blanks around it.

        :raises KehuCategoryCodeError: for what is no code
        """
        code = vals.get("kehu_code")
        if not code:
            return {**vals, "kehu_code": False} if code is not None and "kehu_code" in vals else vals
        field = self._fields["kehu_code"]
        if not isinstance(code, str) or len(code.strip()) > LONGEST_CODE:
            raise KehuCategoryCodeError(
                self.env._("The code of a category is a text of at most %(most)s characters. Shorten it.", most=LONGEST_CODE)
            )
        check_text(self, field, code, KehuCategoryCodeError)
        return {**vals, "kehu_code": code.strip() or False}

    @api.model
    def _search_display_name(self, operator, value):
        """Categories are found by their code as well as by name and path."""
        domain = super()._search_display_name(operator, value)
        if operator in ("=", "in", "like", "ilike", "=ilike", "=like") and value:
            return domain | Domain("kehu_code", operator, value)
        if operator in Domain.NEGATIVE_OPERATORS and value:
            return domain & (Domain("kehu_code", operator, value) | Domain("kehu_code", "=", False))
        return domain
