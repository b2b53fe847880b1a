from odoo.addons.account.controllers.download_docs import AccountDocumentDownloadController
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError
from odoo.http import request, route

from ..models.mask.hidden import AMOUNT_DOCUMENTS


class KehuMaskPortal(CustomerPortal):
    """Pages of customers tell amounts: colleagues from whom these are hidden do not open them."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        """:raises AccessError: when amounts are hidden from who is logged in"""
        if model_name in AMOUNT_DOCUMENTS and "amount" in request.env["kehu.role"]._kehu_hidden_of(request.env.uid):
            raise AccessError(request.env._("Your role hides amounts, and the page of the customer tells them. Ask a colleague."))
        return super()._document_check_access(model_name, document_id, access_token)


class KehuMaskFiles(AccountDocumentDownloadController):
    """Files and papers of invoices, which the host hands out here by itself."""

    @route()
    def download_invoice_attachments(self, attachments):
        """:raises KehuHiddenError: when amounts are hidden from who is logged in"""
        _refuse_files()
        return super().download_invoice_attachments(attachments)

    @route()
    def download_invoice_documents_filetype(self, invoices, filetype, allow_fallback=True):
        """:raises KehuHiddenError: when amounts are hidden from who is logged in"""
        _refuse_files()
        return super().download_invoice_documents_filetype(invoices, filetype, allow_fallback)

    @route()
    def download_move_attachments(self, moves):
        """:raises KehuHiddenError: when amounts are hidden from who is logged in"""
        _refuse_files()
        return super().download_move_attachments(moves)


def _refuse_files():
    if "amount" in request.env["kehu.role"]._kehu_hidden_of(request.env.uid):
        raise request.env["ir.attachment"]._kehu_closed_error()
