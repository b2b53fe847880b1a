from odoo import api, models

from ..system.engine import is_engine, is_uninstalling
from .guard import FROZEN_STATES, open_reason
from .kehu_approval_mixin import ENGINE

CONTENT_FIELDS = frozenset({"datas", "raw", "db_datas", "store_fname", "url", "type", "res_model", "res_id", "res_field"})


class IrAttachment(models.Model):
    """The host keeps the content of most file fields here; a protected one of a frozen document is not exchanged behind its back."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._kehu_check_frozen_files()  # of the records: the field may also come from a default of the context
        return attachments

    def write(self, vals):
        if CONTENT_FIELDS.isdisjoint(vals):
            return super().write(vals)
        self._kehu_check_frozen_files()
        result = super().write(vals)
        if not {"res_model", "res_id", "res_field"}.isdisjoint(vals):
            self._kehu_check_frozen_files()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_frozen_files(self):
        if not is_uninstalling(self.env):
            self._kehu_check_frozen_files()

    def _kehu_check_frozen_files(self):
        """:raises KehuApprovalFrozenError: for the file of a protected field of a document that is pending or approved"""
        if is_engine(self.env, ENGINE) or open_reason(self.env):
            return
        mixins = tuple(self.env.registry[name] for name in ("kehu.approval.mixin", "kehu.approval.line.mixin"))
        # sudo: ir.attachment - of which field they are, whoever asks
        for file in self.sudo().filtered(lambda file: file.res_field and file.res_id):
            model = self.env.registry.get(file.res_model)
            if model is None or not issubclass(model, mixins):
                continue
            # sudo: document - the guard holds for those who cannot read it
            record = self.env[file.res_model].sudo().browse(file.res_id).exists()
            if issubclass(model, mixins[0]):
                document, names = record, record._kehu_frozen_fields(record.kehu_approval_state)
                if not self.env.su:
                    record._kehu_check_file(file.res_field)
                    names = names | record._kehu_system_fields()
            else:
                document, names = record[record._kehu_document_field], record._kehu_frozen_line_fields() or ()
            if document.kehu_approval_state in FROZEN_STATES and file.res_field in names:
                document._kehu_raise_frozen()
