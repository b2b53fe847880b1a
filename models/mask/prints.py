"""Paper and PDF."""

from odoo import api, models

from .exceptions import KehuHiddenError
from .hidden import REACH, covered


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def _kehu_note_print(self, report_ref, res_ids):
        """:raises KehuHiddenError: for documents with amounts, when these are hidden"""
        report = self._get_report(report_ref)
        if "amount" in self.env["kehu.role"]._kehu_hidden() and report.model in self.env:
            if "amount" in self.env[report.model]._kehu_covered_fields().values():
                raise KehuHiddenError(
                    self.env._("Your role hides amounts, and they stand on “%(report)s”. Ask a colleague to print it.", report=report.name)
                )
        return super()._kehu_note_print(report_ref, res_ids)


class IrQwebField(models.AbstractModel):
    _inherit = "ir.qweb.field"

    @api.model
    def record_to_html(self, record, field_name, options):
        kind = record._kehu_covered_fields().get(field_name)
        if kind and record[field_name] and not record.sudo()._kehu_uncovered():  # sudo: any model - whose partner it is
            return covered(kind, record[field_name]) or ""
        return super().record_to_html(record, field_name, options)


class IrQwebFieldContact(models.AbstractModel):
    _inherit = "ir.qweb.field.contact"

    @api.model
    def value_to_html(self, value, options):
        """The address of a partner, without the lines that are hidden."""
        hidden = self.env["kehu.role"]._kehu_hidden() & set(REACH)
        if value and hidden and not value.sudo()._kehu_uncovered():  # sudo: res.partner - whose it is
            wanted = (options or {}).get("fields") or ["name", "address", "phone", "email"]
            options = {**(options or {}), "fields": [name for name in wanted if name not in hidden]}
        return super().value_to_html(value, options)
