from odoo import api, models

from ..system.engine import as_engine


class IrQwebFieldContact(models.AbstractModel):
    _inherit = "ir.qweb.field.contact"

    @api.model
    def value_to_html(self, value, options):
        """Prints of a document show the address that belongs to it, see `_compute_display_name` of the partner."""
        return super().value_to_html(as_engine(value, "print") if isinstance(value, models.BaseModel) else value, options)
