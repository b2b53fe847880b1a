"""What leaves in a workbook is counted, whichever way it is asked for."""

from odoo import models

from .kehu_quota_mixin import CONTACT_WAYS

COUNTED = ("res.partner", "crm.lead")


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        """Rows of customers, contacts and opportunities count; rows of other records where a column leads to a phone or an e-mail."""
        use = self.env["kehu.quota.use"]
        if use._kehu_is_counting("export"):
            ends = {str(path).replace(".", "/").rsplit("/", 1)[-1] for path in fields_to_export}
            if self._name in COUNTED or not CONTACT_WAYS.isdisjoint(ends):
                use._kehu_count("export", len(self))
        return super().export_data(fields_to_export)


class KehuImportTemplate(models.Model):
    _inherit = "kehu.import.template"

    def export_records(self, record_ids):
        if self.sudo().model_id.model in COUNTED:  # sudo: ir.model - technical name only
            self.env["kehu.quota.use"]._kehu_count("export", len(set(record_ids)))
        return super().export_records(record_ids)
