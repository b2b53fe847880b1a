from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "kehu.quota.mixin"]

    def _kehu_quota_customers(self):
        return self.sudo().kehu_customer_id  # sudo: res.partner - whose customer it is; the reading itself is the host's matter

    def _build_vcard(self):
        """A card for the address book of a telephone shows all there is."""
        self._kehu_count_views()
        return super()._build_vcard()
