from odoo import models


class CalendarFilters(models.Model):
    """Colleagues and contacts whose calendar one looks at: such a row shows a name, so it links only to whom one may read."""

    _name = "calendar.filters"
    _inherit = ["calendar.filters", "kehu.seen.links.mixin"]
