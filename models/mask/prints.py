"""Paper, PDF and files."""

from odoo import api, models

from .exceptions import KehuHiddenError
from .hidden import AMOUNT_DOCUMENTS, REACH, covered

DEFAULT = "application/octet-stream"  # as the host has it


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    @api.model
    def _kehu_note_print(self, report_ref, res_ids):
        """:raises KehuHiddenError: for documents with amounts, when these are hidden"""
        report = self._get_report(report_ref)
        if "amount" in self.env["kehu.role"]._kehu_hidden() and report.model in self.env:
            if "amount" in self.env[report.model]._kehu_covered_fields().values():
                raise KehuHiddenError(
                    self.env._("Your role hides amounts, and they stand on “%(report)s”. Ask a colleague to print it.", report=report.name)
                )
        return super()._kehu_note_print(report_ref, res_ids)


class IrQwebField(models.AbstractModel):
    _inherit = "ir.qweb.field"

    @api.model
    def record_to_html(self, record, field_name, options):
        kind = record._kehu_covered_fields().get(field_name)
        if kind and record[field_name] and not record.sudo()._kehu_uncovered():  # sudo: any model - whose partner it is
            return covered(kind, record[field_name]) or ""
        return super().record_to_html(record, field_name, options)


class IrQwebFieldContact(models.AbstractModel):
    _inherit = "ir.qweb.field.contact"

    @api.model
    def value_to_html(self, value, options):
        """The address of a partner, without the lines that are hidden."""
        hidden = self.env["kehu.role"]._kehu_hidden() & set(REACH)
        if value and hidden and not value.sudo()._kehu_uncovered():  # sudo: res.partner - whose it is
            wanted = (options or {}).get("fields") or ["name", "address", "phone", "email"]
            options = {**(options or {}), "fields": [name for name in wanted if name not in hidden]}
        return super().value_to_html(value, options)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"
    _kehu_copied_bare = True

    def _kehu_uncovered(self):
        """Files of documents with amounts tell these; others, and what the person put there, hide nothing."""
        uid = self.env.uid
        return self.filtered(lambda file: file.res_model not in AMOUNT_DOCUMENTS or file.create_uid.id == uid)

    def _kehu_is_closed(self):
        """Whether one of these files hangs on a document whose amounts are hidden from the person; the program hands files on as ever."""
        hidden = "amount" in self.env["kehu.role"]._kehu_hidden_of(self.env.uid)
        return hidden and bool(self.sudo() - self.sudo()._kehu_uncovered())  # sudo: ir.attachment - on which document it hangs

    def _get_raw_access_token(self):
        """Whoever has the token opens the file, without logging in."""
        return not self._kehu_is_closed() and super()._get_raw_access_token()

    def _get_thumbnail_token(self):
        return not self._kehu_is_closed() and super()._get_thumbnail_token()

    def generate_access_token(self):
        """:raises KehuHiddenError: for a file of a document with amounts, when these are hidden"""
        if not self.env.su and self._kehu_is_closed():
            raise self._kehu_closed_error()
        return super().generate_access_token()

    @api.model
    def _kehu_closed_error(self):
        return KehuHiddenError(self.env._("Your role hides amounts, and files of such documents tell them. Ask a colleague."))

    def copy_data(self, default=None):
        """The host adds the content itself, after everything else."""
        result = super().copy_data(default)
        if "raw" in self._kehu_covered_fields():
            own = self.sudo()  # sudo: ir.attachment - on which document it hangs
            for file, row in zip(own, result, strict=True):
                if not file._kehu_uncovered():
                    for name in ("raw", "datas", "db_datas", "store_fname", "index_content"):
                        row.pop(name, None)
        return result


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", filename=None, filename_field="name", mimetype=None, default_mimetype=DEFAULT):
        """:raises KehuHiddenError: for a file of a document with amounts, when these are hidden"""
        if record._name == "ir.attachment" and record._kehu_is_closed():
            raise record._kehu_closed_error()
        if filename_field in record.sudo(False)._kehu_covered_fields():
            filename_field = "name"
        return super()._get_stream_from(record, field_name, filename, filename_field, mimetype, default_mimetype)


class PortalMixin(models.AbstractModel):
    _inherit = "portal.mixin"

    def get_portal_url(self, suffix=None, report_type=None, download=None, query_string=None, anchor=None):
        """:raises KehuHiddenError: for documents with amounts, when these are hidden: whoever has the link reads them"""
        if self._name in AMOUNT_DOCUMENTS and "amount" in self.env["kehu.role"]._kehu_hidden():
            raise KehuHiddenError(self.env._("Your role hides amounts, and the page of the customer tells them. Ask a colleague."))
        return super().get_portal_url(suffix, report_type, download, query_string, anchor)


class KehuPrintTemplate(models.Model):
    _inherit = "kehu.print.template"

    @api.model
    def _kehu_text(self, record, field, value, form):
        kind = record.sudo(False)._kehu_covered_fields().get(field.name)
        if kind and not record.sudo()._kehu_uncovered():  # sudo: any model - whose partner it is
            return covered(kind, value) or ""
        return super()._kehu_text(record, field, value, form)
