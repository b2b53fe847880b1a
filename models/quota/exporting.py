"""What leaves in a workbook or on paper is counted, whichever way it is asked for."""

import re

from odoo import api, models

from .beside import BESIDE
from .kehu_quota_mixin import CONTACT_WAYS

COUNTED = ("res.partner", "crm.lead", "kehu.contact.phone", "kehu.call.line", "kehu.phone.call")
PRINTED = "kehu_quota_printed"  # prints of this transaction: a PDF is rendered through its page


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        """Rows of customers, contacts and opportunities count; of other records those, or the people whose phones or e-mails a column
        leads to, whichever are more."""
        use = self.env["kehu.quota.use"]
        if use._kehu_is_counting("export"):
            reached, columns = self._kehu_reached(fields_to_export)
            if columns or self._name in COUNTED:
                use._kehu_count("export", max(len(self), reached))
        return super().export_data(fields_to_export)

    def _kehu_reached(self, paths):
        """Return how many partners columns of these paths tell the phones or e-mails of, and whether there is such a column."""
        reached, columns = set(), False
        for path in paths:
            *way, end = re.split(r"[/.]", str(path))
            if end not in self._kehu_ways_behind(way) and way[-1:] != ["kehu_phone_ids"]:
                continue
            columns = True
            records = self.sudo()  # sudo: any model - how many there are; what they hold is read by the host
            for step in way:
                field = records._fields.get(step)
                if not field or not field.relational:
                    break
                records = records[step]
            reached.update((records._name, number) for number in records.ids)
        return len(reached), columns

    def _kehu_ways_behind(self, way):
        """Return the fields that tell phones or e-mails of the model at the end of links.

        :param list way: names of links
        """
        model = self.browse()
        for step in way:
            field = model._fields.get(step)
            if not field or not field.relational:
                return CONTACT_WAYS
            model = self.env[field.comodel_name]
        return CONTACT_WAYS | getattr(model, "_kehu_ways", CONTACT_WAYS) | BESIDE.get(model._name, CONTACT_WAYS)


class KehuImportTemplate(models.Model):
    _inherit = "kehu.import.template"

    def export_records(self, record_ids):
        if self.sudo().model_id.model in COUNTED:  # sudo: ir.model - technical name only
            self.env["kehu.quota.use"]._kehu_count("export", len(set(record_ids)))
        return super().export_records(record_ids)


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def _kehu_note_print(self, report_ref, res_ids):
        """Prints of customers and opportunities leave the house as workbooks do."""
        result = super()._kehu_note_print(report_ref, res_ids)
        if self.env["kehu.quota.use"]._kehu_is_counting("export"):
            report = self._get_report(report_ref)
            ids = {res_ids} if isinstance(res_ids, int) else {number for number in res_ids or () if isinstance(number, int)}
            printed = self.env.cr.precommit.data.setdefault(PRINTED, set())
            fresh = {(report.id, number) for number in ids} - printed
            printed |= fresh
            if report.model in COUNTED and fresh:
                self.env["kehu.quota.use"]._kehu_count("export", len(fresh))
        return result
