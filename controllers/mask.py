from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError
from odoo.http import request

from ..models.mask.hidden import AMOUNT_DOCUMENTS


class KehuMaskPortal(CustomerPortal):
    """Pages of customers tell amounts: colleagues from whom these are hidden do not open them."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        """:raises AccessError: when amounts are hidden from who is logged in"""
        if model_name in AMOUNT_DOCUMENTS and "amount" in request.env["kehu.role"]._kehu_hidden_of(request.env.uid):
            raise AccessError(request.env._("Your role hides amounts, and the page of the customer tells them. Ask a colleague."))
        return super()._document_check_access(model_name, document_id, access_token)
