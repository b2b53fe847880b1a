from odoo import api, fields, models

from ...models.customer.exceptions import KehuFolderError


class KehuFolderChange(models.TransientModel):
    """Put customers and contacts into a favourite folder, or take them out of one."""

    _name = "kehu.folder.change"
    _description = "Add to Folder"

    partner_ids = fields.Many2many("res.partner", string="Customers and Contacts", required=True, readonly=True)
    partner_count = fields.Integer(compute="_compute_partner_count")
    mode = fields.Selection([("add", "Put In"), ("remove", "Take Out")], required=True, default="add")
    folder_id = fields.Many2one("kehu.folder", domain="[('user_id', '=', uid)]", ondelete="cascade")

    @api.model
    def default_get(self, fields):
        """Take the customers and contacts that are ticked in the list; other partners are no matter of folders."""
        values = super().default_get(fields)
        if "partner_ids" in fields and self.env.context.get("active_model") == "res.partner":
            chosen = (
                self.env["res.partner"]
                .with_context(active_test=False)
                .search([("id", "in", self.env.context.get("active_ids") or []), ("kehu_customer_id", "!=", False)])
            )
            if not chosen:
                raise KehuFolderError(self.env._("Folders hold customers and contacts of the CRM. Tick some of them in the list first."))
            values["partner_ids"] = [(6, 0, chosen.ids)]
        return values

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    def action_apply(self):
        """Change the folder, and say what was done.

        :raises KehuFolderError: no folder was chosen
        """
        self.ensure_one()
        folder = self.folder_id
        if not folder:
            raise KehuFolderError(self.env._("Choose a folder, or type the name of a new one."))
        # the folders and those in them are checked by the folder itself
        if self.mode == "add":
            folder.partner_ids = [(4, partner.id) for partner in self.partner_ids]
            message = self.env._("%(count)s are now in folder “%(name)s”.", count=len(self.partner_ids), name=folder.name)
        else:
            folder.partner_ids = [(3, partner.id) for partner in self.partner_ids]
            message = self.env._("%(count)s are no longer in folder “%(name)s”.", count=len(self.partner_ids), name=folder.name)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }
