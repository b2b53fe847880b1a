import base64
import binascii

from odoo import fields, models

from ...models.system.exceptions import KehuConfigurationError
from ...models.system.kehu_configuration import LARGEST_FILE


class KehuConfigurationFile(models.TransientModel):
    """Download the configuration of the company as a file; upload one, see what it would change, and set it."""

    _name = "kehu.configuration.file"
    _description = "Configuration File"

    name = fields.Char(readonly=True)
    content = fields.Binary(string="Exported File", readonly=True, attachment=False)
    upload = fields.Binary(string="File to Import", attachment=False)
    upload_name = fields.Char()
    state = fields.Selection([("start", "Choose"), ("checked", "Checked"), ("done", "Done")], default="start", readonly=True)
    line_ids = fields.One2many("kehu.configuration.file.line", "file_id", string="What Changes", readonly=True)
    same_count = fields.Integer(readonly=True)
    summary = fields.Char(compute="_compute_summary")

    def _compute_summary(self):
        for page in self:
            counts = {
                kind: len(page.line_ids.filtered(lambda line, kind=kind: line.action == kind)) for kind in ("create", "update", "ignored")
            }
            page.summary = self.env._(
                "%(new)s new, %(changed)s changed, %(ignored)s left out, %(same)s as they are already.",
                new=counts["create"],
                changed=counts["update"],
                ignored=counts["ignored"],
                same=page.same_count,
            )

    def action_export(self):
        """Download the configuration of the company."""
        self.ensure_one()
        text = self.env["kehu.configuration"].kehu_export()
        today = fields.Date.context_today(self)
        self.write({"name": f"kehu_crm_{self.env.company.id}_{today}.json", "content": base64.b64encode(text.encode())})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content/{self.name}?download=true",
            "target": "download",
        }

    def action_check(self):
        """Show what the uploaded file would change."""
        self.ensure_one()
        self._kehu_show(self.env["kehu.configuration"].kehu_check(self._kehu_text()), "checked")
        return self._kehu_open()

    def action_apply(self):
        """Set what the uploaded file says."""
        self.ensure_one()
        self._kehu_show(self.env["kehu.configuration"].kehu_apply(self._kehu_text()), "done")
        return self._kehu_open()

    def action_back(self):
        """Choose another file."""
        self.write({"state": "start", "upload": False, "line_ids": [fields.Command.clear()]})
        return self._kehu_open()

    def _kehu_text(self):
        """:raises KehuConfigurationError: without a file, or for one that is no text"""
        if not self.upload:
            raise KehuConfigurationError(self.env._("Choose a configuration file first."))
        if len(self.upload) > LARGEST_FILE * 4 // 3 + 4:
            raise KehuConfigurationError(self.env._("This is no configuration file: it is too large. Choose a file that the CRM exported."))
        try:
            return base64.b64decode(self.upload, validate=True).decode("utf-8-sig")
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise KehuConfigurationError(
                self.env._("This is no configuration file, or it is damaged. Choose a file that the CRM exported.")
            ) from error

    def _kehu_show(self, told, state):
        rows = [fields.Command.create(line) for line in told if line["action"] != "same" or line["note"]]
        self.write({"line_ids": [fields.Command.clear(), *rows], "same_count": len(told) - len(rows), "state": state})

    def _kehu_open(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_configuration_file_action")
        return {**action, "res_id": self.id, "views": [(False, "form")]}


class KehuConfigurationFileLine(models.TransientModel):
    _name = "kehu.configuration.file.line"
    _description = "Change by a Configuration File"

    file_id = fields.Many2one("kehu.configuration.file", required=True, ondelete="cascade", index=True)
    model = fields.Char(string="Kind", readonly=True)
    record = fields.Char(readonly=True)
    action = fields.Selection(
        [("create", "New"), ("update", "Changed"), ("same", "As It Is"), ("ignored", "Left Out")], string="What Happens", readonly=True
    )
    note = fields.Char(string="What Changes", readonly=True)
