from odoo import api, fields, models
from odoo.tools import SQL

from .hidden import names_by_number

NEWEST = 1000  # attachments that a customer's tab goes through; older ones are found in their document


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    kehu_document = fields.Char(string="Document", compute="_compute_kehu_document", export_string_translation=False)

    def _compute_res_name(self):
        """An attachment that a form merely asks about tells no name of what one may not read."""
        hidden = self.filtered(lambda attachment: names_by_number(attachment, attachment.res_model, attachment.res_id))
        hidden.res_name = False
        return super(IrAttachment, self - hidden)._compute_res_name()

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "lang")
    def _compute_kehu_document(self):
        """Name the document an attachment hangs on, where one may read it; one query per kind of document."""
        self.kehu_document = False
        for model, attachments in self.filtered("res_id").grouped("res_model").items():
            if model not in self.env or not self.env[model].has_access("read"):
                continue
            documents = self.env[model].browse(attachments.mapped("res_id")).exists()._filtered_access("read")
            names = {document.id: document.display_name for document in documents}
            for attachment in attachments:
                attachment.kehu_document = names.get(attachment.res_id, False)

    def action_kehu_download(self):
        """Hand this file to the browser."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/web/content/{self.id}?download=true", "target": "download"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _kehu_attachment_sources(self):
        """Return whose attachments belong to a customer; a room adds its documents.

        :return: {model: its field that names the customer}
        :rtype: dict[str, str]
        """
        return {"res.partner": "kehu_customer_id"}

    def action_kehu_attachments(self):
        """Open the attachments of this customer, of its contacts and of its documents, as far as one may read those."""
        self.ensure_one()
        self.check_access("read")
        statements = []
        for model, path in self._kehu_attachment_sources().items():
            documents = self.env[model]
            if not documents.has_access("read"):
                continue
            query = documents.with_context(active_test=False)._search([(path, "=", self.id)])
            statements.append(
                SQL("SELECT id FROM ir_attachment WHERE res_model = %s AND res_field IS NULL AND res_id IN %s", model, query.subselect())
            )
        self.env["ir.attachment"].flush_model(["res_model", "res_field", "res_id"])
        rows = self.env.execute_query(SQL("%s ORDER BY id DESC LIMIT %s", SQL(" UNION ALL ").join(statements), NEWEST))
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.ir_attachment_action_kehu_customer")
        action["domain"] = [("id", "in", [row[0] for row in rows])]
        return action
