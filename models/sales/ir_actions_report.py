from odoo import models

# Set where a paper goes to the customer: mail and portal. Who chooses the host's print in the menu gets the host's print.
HOUSE_LAYOUT = "kehu_house_layout"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        return super()._render_qweb_pdf(self._kehu_house_report(report_ref, res_ids), res_ids=res_ids, data=data)

    def _kehu_house_report(self, report_ref, res_ids):
        """The print of the house instead of the host's quote or order, where a paper goes to customers of the CRM.

        :return: what the host understands as a report
        """
        if not self.env.context.get(HOUSE_LAYOUT) or not res_ids:
            return report_ref
        if self._get_report(report_ref) != self.env.ref("sale.action_report_saleorder").sudo():  # sudo: ir.actions.report - as the host
            return report_ref
        orders = self.env["sale.order"].browse(res_ids)
        return "kehu_crm.print_order_report" if all(order.kehu_customer_id for order in orders) else report_ref
