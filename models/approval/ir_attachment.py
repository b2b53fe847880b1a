from odoo import api, models

from ..system.engine import is_uninstalling
from .exceptions import KehuApprovalFrozenError
from .guard import FROZEN_STATES, open_reason

# what makes a file another one, shows it as another one, or takes it off its document
CONTENT_FIELDS = frozenset(
    {"datas", "raw", "db_datas", "store_fname", "url", "type", "name", "mimetype", "res_model", "res_id", "res_field"}
)


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
        self._kehu_check_submitted_files()
        result = super().write(vals)
        if not {"res_model", "res_id", "res_field"}.isdisjoint(vals):
            self._kehu_check_frozen_files()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_frozen_files(self):
        if not is_uninstalling(self.env):
            self._kehu_check_frozen_files()

    @api.ondelete(at_uninstall=True)
    def _unlink_except_submitted_files(self):
        if not is_uninstalling(self.env):
            self._kehu_check_submitted_files()

    def _kehu_check_submitted_files(self):
        """Files that hung on a document when it was submitted stay as the approver saw them; further ones may be added.

        :raises KehuApprovalFrozenError: naming the file and the document
        """
        if open_reason(self.env):
            return
        # sudo: ir.attachment - of what they are, whoever asks
        files = self.sudo().filtered(lambda file: not file.res_field)
        if not files:
            return
        # sudo: kehu.approval.request, document - the guard holds for those who cannot read them
        requests = self.env["kehu.approval.request"].sudo().search([("file_ids", "in", files.ids), ("state", "in", FROZEN_STATES)])
        for documents in requests._kehu_documents():
            for document in documents.filtered(lambda document: document.kehu_request_id in requests and document._kehu_keeps_files()):
                file = (files & document.kehu_request_id.file_ids)[:1]
                if file:
                    raise KehuApprovalFrozenError(
                        self.env._(
                            "“%(file)s” was on “%(document)s” when it was submitted, and is kept as the approver saw it. Add another "
                            "file, or take the document back first.",
                            file=file.name,
                            document=document.display_name,
                        )
                    )

    def _kehu_check_frozen_files(self):
        """:raises KehuApprovalFrozenError: for the file of a protected field of a document that is pending or approved"""
        if open_reason(self.env):
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
