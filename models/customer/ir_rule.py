from odoo import models

MOST_NAMED = 6  # the host names no more


class IrRule(models.Model):
    """The host names in a refusal the records it concerns, to whoever adds ``?debug=1`` to the address; nobody learns names by numbers."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        error = super()._make_access_error(operation, records)
        if self.env.user.has_group("base.group_system") or not self.env.user.has_group("base.group_no_one"):
            return error
        text = str(error)
        named = records[:MOST_NAMED]
        hidden = named - named._filtered_access("read")
        # sudo: any model - the names as the host has written them, to take them out
        for record in hidden.sudo():
            place = f" ({record._name}: {record.id}"
            text = text.replace(f", {record.display_name}{place}", place)
        hidden.invalidate_recordset()
        error.args = (text,)
        return error
