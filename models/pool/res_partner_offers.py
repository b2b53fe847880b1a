from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _kehu_archives_in(self, names):
        """Who manages a pool may archive what waits in it."""
        if super()._kehu_archives_in(names):
            return True
        if not self.has_access("write") or not self.env.user.has_group("kehu_crm.group_kehu_user"):
            return False
        # sudo: kehu.pool - whether this person manages one
        return bool(self.env["kehu.pool"].sudo().search_count([("manager_ids", "in", self.env.uid)], limit=1))
