from odoo import models

LOOKUP_MENU = "kehu_crm.kehu_lookup_menu"


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Service agents and finance meet the public search where some company opens it to them.

        Menus are kept in memory for each person; changes of the policy clear that, see ``res.company``.
        """
        hidden = super()._load_menus_blacklist()
        menu = self.env.ref(LOOKUP_MENU, raise_if_not_found=False)
        user = self.env.user
        if not menu or user.has_group("kehu_crm.group_kehu_user"):
            return hidden
        # sudo: res.company - whether any company opens the search to that role
        companies = self.env["res.company"].sudo()
        for role in ("service", "finance"):
            if user.has_group(f"kehu_crm.group_kehu_{role}") and companies.search_count([(f"kehu_lookup_{role}", "=", True)], limit=1):
                return hidden
        return [*hidden, menu.id]
