"""Exports that a role does not give are refused, whichever way they are asked for."""

from odoo import models

from .exceptions import KehuRoleRightsError


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        if not self.env.su and not self.env["kehu.role"]._kehu_may_export(self._name):
            raise KehuRoleRightsError(self.env._("Your role does not export these records. Ask a CRM administrator."))
        return super().export_data(fields_to_export)


class KehuImportTemplate(models.Model):
    _inherit = "kehu.import.template"

    def export_records(self, record_ids):
        model = self.sudo().model_id.model  # sudo: ir.model - technical name only
        if not self.env.su and not self.env["kehu.role"]._kehu_may_export(model):
            raise KehuRoleRightsError(self.env._("Your role does not export these records. Ask a CRM administrator."))
        return super().export_records(record_ids)


class KehuAnalysis(models.AbstractModel):
    _inherit = "kehu.analysis"

    def _kehu_may_export(self):
        """Figures are made of many areas: a role that exports any of them exports figures too."""
        return super()._kehu_may_export() and self.env["kehu.role"]._kehu_may_export(self._name)
