from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """The favourite folders in which its reader keeps a customer or contact."""

    _inherit = "res.partner"

    kehu_folder_ids = fields.Many2many(
        "kehu.folder",
        string="My Folders",
        compute="_compute_kehu_folder_ids",
        search="_search_kehu_folder_ids",
        groups="base.group_user",
        help="Your own favourite folders that hold this customer or contact. Nobody else sees them.",
    )

    @api.depends_context("uid")
    def _compute_kehu_folder_ids(self):
        self.env["kehu.folder"].flush_model(["partner_ids", "name", "color", "sequence", "user_id"])
        folders, rows = defaultdict(list), self.env["kehu.folder"]
        if self._origin.ids:
            for partner_id, folder_id, name, color in self.env.execute_query(
                SQL(
                    """SELECT rel.partner_id, f.id, f.name, f.color FROM kehu_folder_partner_rel rel
                         JOIN kehu_folder f ON f.id = rel.folder_id
                        WHERE rel.partner_id = ANY(%s) AND f.user_id = %s ORDER BY f.sequence, f.name, f.id""",
                    self._origin.ids,
                    self.env.uid,
                )
            ):
                folders[partner_id].append(folder_id)
                # what is shown of them, and what their rule asks for
                for column, value in (("name", name), ("color", color), ("user_id", self.env.uid)):
                    rows._fields[column]._insert_cache(rows.browse(folder_id), [value])
        for partner in self:
            partner.kehu_folder_ids = [fields.Command.set(folders.get(partner._origin.id, []))]

    @api.model
    def _search_kehu_folder_ids(self, operator, value):
        """Find by own folders alone, whatever ids are asked for."""
        if operator not in ("in", "any"):
            return NotImplemented
        own = Domain("user_id", "=", self.env.uid)
        folders = self.env["kehu.folder"]
        if operator == "any":
            wanted = value if isinstance(value, Domain) else Domain("id", "in", value)
        else:
            wanted = Domain("id", "in", [item for item in value if isinstance(item, int) and item])
            wanted |= Domain("name", "in", [item for item in value if isinstance(item, str)])
        found = self._kehu_folder_query(folders.search(own & wanted))
        if operator == "in" and False in value:
            return Domain("id", "in", found) | Domain("id", "not in", self._kehu_folder_query(folders.search(own)))
        return Domain("id", "in", found)

    @api.model
    def _kehu_folder_query(self, folders):
        """Return the subquery of the partners in some folders."""
        self.env["kehu.folder"].flush_model(["partner_ids"])
        return SQL("(SELECT partner_id FROM kehu_folder_partner_rel WHERE folder_id = ANY(%s))", folders.ids)

    def action_kehu_open_card(self):
        """Open a customer or contact with the card of its kind."""
        self.ensure_one()
        self.check_access("read")
        card = "res_partner_view_form_kehu" if self.kehu_is_customer else "res_partner_view_form_kehu_contact"
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.id,
            "views": [(self.env.ref(f"kehu_crm.{card}").id, "form")],
        }
