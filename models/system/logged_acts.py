"""What people do with many records at once: export, import, print, mail."""

from odoo import api, models

PRINTED = "kehu_printed"  # prints of this transaction: a PDF is rendered through its page


class Base(models.AbstractModel):
    _inherit = "base"

    def export_data(self, fields_to_export):
        result = super().export_data(fields_to_export)
        names = ", ".join(str(name) for name in fields_to_export)[:500]
        self.env["kehu.operation.log"]._kehu_note_many("export", self, names)
        return result

    @api.model
    def load(self, fields, data):
        result = super().load(fields, data)
        if result.get("ids"):
            names = ", ".join(str(name) for name in fields)[:500]
            self.env["kehu.operation.log"]._kehu_note_many("import", self.browse(result["ids"]), names)
        return result


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        self._kehu_note_print(report_ref, res_ids)
        return super()._render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    def _render_qweb_html(self, report_ref, docids, data=None):
        self._kehu_note_print(report_ref, docids)
        return super()._render_qweb_html(report_ref, docids, data=data)

    @api.model
    def _kehu_note_print(self, report_ref, res_ids):
        """Keep that records are printed, once for the page and the PDF made of it."""
        report = self._get_report(report_ref)
        ids = [res_ids] if isinstance(res_ids, int) else [number for number in res_ids or [] if isinstance(number, int)]
        if not ids or report.model not in self.env:
            return
        printed = self.env.cr.precommit.data.setdefault(PRINTED, set())
        fresh = [number for number in ids if (report.id, number) not in printed]
        if fresh:
            printed.update((report.id, number) for number in fresh)
            self.env["kehu.operation.log"]._kehu_note_many("print", self.env[report.model].browse(fresh), report.name)


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        for mail in mails:
            # mails to colleagues are notices of the program
            outside = mail.recipient_ids.filtered("partner_share")
            if mail.model in self.env and mail.res_id and (outside or mail.email_to):
                to = ", ".join([*outside[:20].mapped("display_name"), *([mail.email_to] if mail.email_to else [])])
                record = self.env[mail.model].browse(mail.res_id)
                self.env["kehu.operation.log"]._kehu_note("mail", record, detail=f"{mail.subject or ''} → {to}"[:500])
        return mails
