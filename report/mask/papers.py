from odoo import models


class KehuPrint(models.AbstractModel):
    _inherit = "kehu.print"

    def _kehu_phone_of(self, partner):
        """Phones of customers are printed with stars, when they are hidden from who prints."""
        phone, roles = super()._kehu_phone_of(partner), self.env["kehu.role"]
        ours = partner.sudo()._kehu_uncovered()  # sudo: res.partner - whose it is
        return phone if ours or "phone" not in roles._kehu_hidden_of(self.env.uid) else roles._kehu_covered("phone", phone)


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _kehu_print_customer_facts(self):
        roles = self.env["kehu.role"]
        hidden = roles._kehu_hidden_of(self.env.uid)
        return [(key, roles._kehu_covered(key, text) if key in hidden else text) for key, text in super()._kehu_print_customer_facts()]
