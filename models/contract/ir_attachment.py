from odoo import api, models

from ..approval.ir_attachment import CONTENT_FIELDS
from ..system.engine import is_uninstalling
from .exceptions import KehuContractInUseError


class IrAttachment(models.Model):
    """Files that hung on a contract when it was submitted stay as the approver saw them; further ones may be added."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if not CONTENT_FIELDS.isdisjoint(vals):
            self._kehu_check_contract_files()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_on_contract(self):
        if not is_uninstalling(self.env):
            self._kehu_check_contract_files()

    def _kehu_check_contract_files(self):
        """:raises KehuContractInUseError: for a file of a contract that waits for approval, is in force or has ended"""
        # sudo: ir.attachment - on which contract they hang, whoever asks
        files = self.sudo().filtered(lambda file: file.res_model == "kehu.contract" and file.res_id and not file.res_field)
        if not files:
            return
        # sudo: kehu.contract, kehu.approval.request - the guard holds for those who cannot read them
        contracts = self.env["kehu.contract"].sudo().browse(files.mapped("res_id")).exists()
        for file in files:
            contract = contracts.filtered(lambda contract, file=file: contract.id == file.res_id)
            if contract.kehu_approval_state not in ("pending", "approved"):
                continue
            if file in contract.kehu_request_id.file_ids:
                raise KehuContractInUseError(
                    self.env._(
                        "“%(file)s” hung on contract %(contract)s when it was submitted, and is kept as the approver saw it. Add another "
                        "file, or take the contract back to draft first.",
                        file=file.name,
                        contract=contract.name,
                    )
                )
