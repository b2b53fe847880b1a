from urllib.parse import quote

from odoo import api, fields, models

from ...models.importer.exceptions import KehuImportTemplateError


class KehuImportExport(models.TransientModel):
    """Choose the template through which the marked records of a list are exported."""

    _name = "kehu.import.export"
    _description = "Export with Template"

    res_model = fields.Char(readonly=True, default=lambda self: self._default_res_model())
    res_ids = fields.Json(string="Records", readonly=True, default=lambda self: self._default_res_ids())
    record_count = fields.Integer(string="Chosen Records", compute="_compute_record_count")
    template_id = fields.Many2one(
        "kehu.import.template",
        required=True,
        domain="[('model', '=', res_model)]",
        default=lambda self: self._default_template(),
        help="Says which columns the workbook has. The same template imports it again.",
    )
    file = fields.Binary(readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    @api.model
    def _default_res_model(self):
        model = self.env.context.get("active_model")
        return model if isinstance(model, str) and model in self.env else False

    @api.model
    def _default_res_ids(self):
        ids = self.env.context.get("active_ids") or []
        return [one for one in ids if isinstance(one, int)] if isinstance(ids, list) else []

    @api.model
    def _default_template(self):
        return self.env["kehu.import.template"].search([("model", "=", self._default_res_model())], limit=1)

    @api.depends("res_ids")
    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = len(wizard.res_ids or [])

    def action_export(self):
        """Write the workbook and hand it over."""
        self.ensure_one()
        self.check_access("write")
        if self.template_id.model != self.res_model:
            raise KehuImportTemplateError(
                self.env._(
                    "Template “%(name)s” is for other records than those of the list. Choose one that fits.",
                    name=self.template_id.name,
                )
            )
        self.file = self.template_id.export_records(self.res_ids or [])
        self.filename = f"{self.template_id.name}.xlsx"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/kehu.import.export/{self.id}/file/{quote(self.filename)}?download=true",
            "target": "download",
        }
