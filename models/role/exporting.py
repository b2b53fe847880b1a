"""Exports that a role does not give are refused, whichever way they are asked for."""

import re

from odoo import models

from .exceptions import KehuRoleRightsError
from .matrix import AREA_OF_MODEL

NAMES = ([], ["id"], [".id"], ["name"], ["display_name"])  # ends of a path that merely name what a link leads to


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        roles = self.env["kehu.role"]
        if not self.env.su and not (roles._kehu_may_export(self._name) and self._kehu_may_export_paths(fields_to_export)):
            raise KehuRoleRightsError(self.env._("Your role does not export these records. Ask a CRM administrator."))
        return super().export_data(fields_to_export)

    def _kehu_may_export_paths(self, paths):
        """Tell whether the roles of the current user let them export what these columns lead to: records of another area leave with those
        of this one. A link to one record may be named.

        :param list paths: columns as the client names them, e.g. ``order_ids/amount_total``
        """
        roles, mine = self.env["kehu.role"], AREA_OF_MODEL.get(self._name, (None,))[0]
        for path in paths:
            model, steps = self, [step for step in re.split(r"/|(?<=\w)\.(?=\w)", str(path)) if step]
            while steps:
                field = model._fields.get(steps.pop(0))
                if not field or not field.relational:
                    break
                area = AREA_OF_MODEL.get(field.comodel_name, (None,))[0]
                is_named = field.type == "many2one" and steps in NAMES
                if area and area != mine and not is_named and not roles._kehu_may_export(field.comodel_name):
                    return False
                model = self.env[field.comodel_name]
        return True


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
