from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.http import request, route

from ..models.sales.ir_actions_report import HOUSE_LAYOUT


class KehuOrderPaper(CustomerPortal):
    """What the customer downloads or signs in the portal is the paper that our people print."""

    @route()
    def portal_order_page(self, order_id, report_type=None, **kwargs):
        request.update_context(**{HOUSE_LAYOUT: True})
        return super().portal_order_page(order_id, report_type=report_type, **kwargs)

    @route()
    def portal_quote_accept(self, order_id, **kwargs):
        request.update_context(**{HOUSE_LAYOUT: True})
        return super().portal_quote_accept(order_id, **kwargs)
