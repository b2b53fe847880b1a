from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_html(self, report_ref, docids, data=None):
        """Print in the layouts that administrators have written, where there are such."""
        page, kind = super()._render_qweb_html(report_ref, docids, data=data)
        report = self._get_report(report_ref)
        if report.kehu_print and docids:
            page = self.env["kehu.print.template"]._kehu_apply(report, page)
        return page, kind
