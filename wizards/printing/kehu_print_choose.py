from odoo import api, fields, models

from ...models.printing.exceptions import KehuPrintChoiceError


class KehuPrintChoose(models.TransientModel):
    """Asks in which layout documents are printed."""

    _name = "kehu.print.choose"
    _description = "Print in a Layout"

    document = fields.Char(compute="_compute_document")
    template_id = fields.Many2one(
        "kehu.print.template", string="Layout", domain="[('document', '=', document)]", help="Empty: the shipped layout."
    )
    both = fields.Boolean(string="In Chinese and English")
    count = fields.Integer(string="Documents", compute="_compute_document")

    @api.depends_context("active_model", "active_ids")
    def _compute_document(self):
        records = self._kehu_records()
        for choice in self:
            choice.document = records and self.env["kehu.print.template"]._kehu_document_of(records[0])
            choice.count = len(records)

    @api.model
    def _kehu_records(self):
        name, ids = self.env.context.get("active_model"), self.env.context.get("active_ids") or []
        if name not in self.env["kehu.print.template"]._kehu_models() or not isinstance(ids, list):
            return self.env["sale.order"]
        return self.env[name].browse([number for number in ids if isinstance(number, int)]).exists()

    def action_print(self):
        """Print them; several become one file.

        :raises KehuPrintChoiceError: when there is nothing to print, or the layout is one of other documents
        """
        self.ensure_one()
        records = self._kehu_records()
        if not records:
            raise KehuPrintChoiceError(self.env._("Choose what shall be printed in its list or form first."))
        records.check_access("read")
        template = self.template_id
        template.check_access("read")
        strange = template and records.filtered(lambda record: template._kehu_document_of(record) != template.document)
        if strange:
            raise KehuPrintChoiceError(
                self.env._(
                    "“%(name)s” is no layout for %(record)s. Choose another one.", name=template.name, record=strange[0].display_name
                )
            )
        return {**template._kehu_print(records, both=self.both), "close_on_report_download": True}
