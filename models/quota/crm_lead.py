from odoo import models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "kehu.quota.mixin"]

    def _kehu_quota_customers(self):
        return self.sudo().partner_id.kehu_customer_id  # sudo: res.partner - whose customer it is
