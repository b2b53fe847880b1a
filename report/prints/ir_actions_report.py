from odoo import fields, models

from ...tools.page_numbers import number_pages


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    kehu_print = fields.Selection(
        [("one", "In the customer's language"), ("both", "In Chinese and English")],
        string="Business Print",
        help="Printed in the business layout of the CRM: document by document, only by who may read it, with the number of each page. "
        "Empty for any other report.",
    )

    def _get_rendering_context(self, report, docids, data):
        """Documents in the business layout are printed by those who may read them, and get its words.

        :raises AccessError: when one of the documents may not be read
        """
        values = super()._get_rendering_context(report, docids, data)
        if report.kehu_print:
            values["docs"].check_access("read")
            values["kehu_print"] = self.env["kehu.print"]._get_print(report.kehu_print == "both")
        return values

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """One document after the other, as unpatched wkhtmltopdf cannot take two at once; then the pages are numbered."""
        if not res_ids or not self._get_report(report_ref).kehu_print:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        streams = {}
        for res_id in dict.fromkeys(res_ids):
            found = super()._render_qweb_pdf_prepare_streams(report_ref, dict(data or {}), res_ids=[res_id])
            if not found[res_id]["attachment"]:  # an attachment has its numbers already
                found[res_id]["stream"] = number_pages(found[res_id]["stream"])
            streams.update(found)
        return streams
