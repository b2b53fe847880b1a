from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.text import is_visible
from ..system.values import check_types
from .exceptions import KehuFolderError

MOST = 10000  # partners that one folder holds


class KehuFolder(models.Model):
    """A favourite folder of one user: customers and contacts kept together by hand, and written to together.

    A folder is private. A customer that goes to a colleague drops out of sight in the folder as everywhere, and is there again when its
    reader may see it again.
    """

    _name = "kehu.folder"
    _description = "Favourite Folder"
    _order = "sequence, name, id"

    name = fields.Char(required=True, help="What keeps these customers together, such as “Invite to the fair”.")
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    user_id = fields.Many2one(
        "res.users",
        string="Whose",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.uid,
        copy=False,
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "kehu_folder_partner_rel",
        "folder_id",
        "partner_id",
        string="Customers and Contacts",
        domain=[("kehu_customer_id", "!=", False)],
        copy=False,
    )
    partner_count = fields.Integer(string="In It", compute="_compute_counts")
    email_count = fields.Integer(string="With an E-mail Address", compute="_compute_counts")
    has_sms = fields.Boolean(compute="_compute_has_sms", export_string_translation=False)

    _name_uniq = models.UniqueIndex(
        "(user_id, name)",
        "You have a folder of this name already. Choose another name, or add to that one.",
    )

    @api.depends_context("uid")
    @api.depends("partner_ids")
    def _compute_counts(self):
        """Count what the reader may see."""
        members = self._kehu_members()
        partners = self.env["res.partner"]
        visible = partners.search([("id", "in", sorted(set().union(*members.values())))]) if members else partners
        mailable = set(visible.filtered("email_normalized").ids)
        visible = set(visible.ids)
        for folder in self:
            inside = members.get(folder._origin.id, set())
            folder.partner_count = len(inside & visible)
            folder.email_count = len(inside & mailable)

    def _compute_has_sms(self):
        self.has_sms = "sms.composer" in self.env

    # -- create, write -------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check(vals)
        folders = super().create(vals_list)
        folders._kehu_check_added({})
        return folders

    def write(self, vals):
        self._kehu_check(vals)
        before = self._kehu_members() if "partner_ids" in vals else None
        result = super().write(vals)
        if before is not None:
            self._kehu_check_added(before)
        return result

    def _kehu_check(self, vals):
        check_types(self, vals, KehuFolderError)
        if not self.env.su and vals.get("user_id", self.env.uid) != self.env.uid:
            raise KehuFolderError(self.env._("A folder belongs to who made it. Ask your colleague to make a folder of their own."))
        if "name" in vals and vals["name"] and not is_visible(vals["name"]):
            raise KehuFolderError(self.env._("A folder needs a name that can be read: blanks alone are none. Type one."))

    def _kehu_check_added(self, before):
        """Let in only customers and contacts that may be read.

        :param dict before: {folder's id: partners' ids} of what was in there
        """
        after = self._kehu_members()
        added = self.env["res.partner"].browse(set().union(*(inside - before.get(folder_id, set()) for folder_id, inside in after.items())))
        added.check_access("read")
        for folder in self:
            if len(after.get(folder.id, ())) > MOST:
                raise KehuFolderError(
                    self.env._(
                        "Folder “%(name)s” would hold more than %(most)s customers and contacts. Make a second folder.",
                        name=folder.name,
                        most=MOST,
                    )
                )
        strangers = added.filtered(lambda partner: not partner.kehu_customer_id)
        if strangers:
            raise KehuFolderError(
                self.env._(
                    "“%(name)s” is no customer or contact of the CRM and cannot be put into a folder.", name=strangers[0].display_name
                )
            )

    def _kehu_members(self):
        """Return {folder's id: set of partners' ids}, also of partners out of the reader's sight."""
        self.flush_model(["partner_ids"])
        members = defaultdict(set)
        if self._origin.ids:
            for folder_id, partner_id in self.env.execute_query(
                SQL("SELECT folder_id, partner_id FROM kehu_folder_partner_rel WHERE folder_id = ANY(%s)", self._origin.ids)
            ):
                members[folder_id].add(partner_id)
        return members

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_open_partners(self):
        """Open the customers and contacts in the folder as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_folder_partner_action")
        return {**action, "display_name": self.name, "domain": [("kehu_folder_ids", "in", self.ids)]}

    def action_send_email(self):
        """Open the host's composer for one e-mail to each in the folder who has an address; none sees the others.

        :raises KehuFolderError: nobody in it has an address
        """
        self.ensure_one()
        self.check_access("read")
        partners = self.env["res.partner"].search([("kehu_folder_ids", "in", self.ids), ("email_normalized", "!=", False)])
        if not partners:
            raise KehuFolderError(
                self.env._("Nobody in folder “%(name)s” has an e-mail address. Enter one on the card of a customer first.", name=self.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("E-mail to %(count)s in “%(folder)s”", count=len(partners), folder=self.name),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_composition_mode": "mass_mail",
                "default_model": "res.partner",
                "default_res_ids": partners.ids,
                "default_email_add_signature": True,
            },
        }

    def action_send_sms(self):
        """Open the host's composer for one text message to each in the folder who has a number.

        :raises KehuFolderError: text messages are not installed, or nobody in it has a number
        """
        self.ensure_one()
        self.check_access("read")
        if "sms.composer" not in self.env:
            raise KehuFolderError(self.env._("Text messages are not installed. Ask your administrator to install the app SMS."))
        partners = self.env["res.partner"].search([("kehu_folder_ids", "in", self.ids)])
        numbers = [name for name in partners._phone_get_number_fields() if name in partners._fields]
        partners = partners.filtered(lambda partner: any(partner[name] for name in numbers))
        if not partners:
            raise KehuFolderError(
                self.env._("Nobody in folder “%(name)s” has a phone number. Enter one on the card of a customer first.", name=self.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Text Message to %(count)s in “%(folder)s”", count=len(partners), folder=self.name),
            "res_model": "sms.composer",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_composition_mode": "mass",
                "default_res_model": "res.partner",
                "default_res_ids": partners.ids,
                "default_mass_keep_log": True,
            },
        }
