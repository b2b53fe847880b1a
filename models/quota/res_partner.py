from odoo import api, models

from .kehu_quota_use import LISTING, Listing


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "kehu.quota.mixin"]

    def _kehu_quota_customers(self):
        return self.sudo().kehu_customer_id  # sudo: res.partner - whose customer it is; the reading itself is the host's matter

    def _compute_display_name(self):
        """Names with e-mails, which any model shows of its partners where the client asks for it, and with the rights of the system."""
        if self.env.context.get("show_email"):
            self.sudo(False)._kehu_count_views()
        return super()._compute_display_name()

    @api.readonly
    @api.model
    def get_mention_suggestions(self, search, limit=8):
        """Whom one mentions is chosen by name: people with a quota are not told the e-mails of customers with it, and nobody counts."""
        if not self.env["kehu.quota.use"]._kehu_is_counting("view"):
            return super().get_mention_suggestions(search, limit)
        result = super(ResPartner, self.with_context(**{LISTING: Listing()})).get_mention_suggestions(search, limit)
        told = [partner for partner in result.get("res.partner", ()) if partner.get("email")]
        # sudo: res.partner - whether it is a customer
        customers = set(self.browse([partner["id"] for partner in told]).sudo().filtered("kehu_customer_id").ids)
        for partner in told:
            if partner["id"] in customers:
                partner["email"] = False
        return result

    def _build_vcard(self):
        """A card for the address book of a telephone shows all there is."""
        self._kehu_count_views()
        return super()._build_vcard()


class KehuContactPhone(models.Model):
    _name = "kehu.contact.phone"
    _inherit = ["kehu.contact.phone", "kehu.quota.mixin"]

    _kehu_ways = frozenset({"number", "number_key", "display_name"})

    def _kehu_quota_customers(self):
        return self.sudo().partner_id.kehu_customer_id  # sudo: res.partner - whose customer it is
