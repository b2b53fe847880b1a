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

    @api.model
    def get_dialog(self, report_name, record_ids):
        """Return the dialog that asks for the layout, or False where there is nothing to choose.

        There is where these documents are of one kind and have another layout than the one that they are printed in anyhow.

        :param str report_name: technical name of the report that was asked for
        :param list record_ids: ids of the documents
        """
        templates = self.env["kehu.print.template"]
        report = self.env["ir.actions.report"]._get_report_from_name(report_name)
        if not report.kehu_print or report.model not in templates._kehu_models() or not isinstance(record_ids, list):
            return False
        asked = self.with_context(active_model=report.model, active_ids=record_ids)
        records = asked._kehu_records()._filtered_access("read")
        kinds = {templates._kehu_document_of(record) for record in records}
        if len(kinds) != 1:
            return False
        companies = records.company_id if "company_id" in records._fields else self.env.company
        offered = templates.search([("document", "in", list(kinds)), ("company_id", "in", [*companies.ids, False])])
        usual = {templates._kehu_template_of(record).id for record in records}
        if not offered or usual == set(offered.ids):
            return False
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print in a Layout"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": report.model,
                "active_ids": records.ids,
                "default_template_id": usual.pop() if len(usual) == 1 else False,
                "default_both": report.kehu_print == "both",
            },
        }

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
