"""Calls and places on call lists hold the number of a customer."""

from odoo import models


class KehuCallLine(models.Model):
    _name = "kehu.call.line"
    _inherit = ["kehu.call.line", "kehu.quota.mixin"]

    _kehu_ways = frozenset({"number", "number_key"})

    def _kehu_quota_customers(self):
        return self.sudo().partner_id.kehu_customer_id  # sudo: res.partner - whose customer it is


class KehuPhoneCall(models.Model):
    _name = "kehu.phone.call"
    _inherit = ["kehu.phone.call", "kehu.quota.mixin"]

    _kehu_ways = frozenset({"number", "number_key"})

    def _kehu_quota_customers(self):
        return self.sudo().partner_id.kehu_customer_id  # sudo: res.partner - whose customer it is
