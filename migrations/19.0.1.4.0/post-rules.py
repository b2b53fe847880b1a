"""Whoever is asked to approve a document reads it, and changes it by other roles alone: rules of older versions let approvers who also sell
write what they were asked about.

Idempotent.
"""

from odoo import SUPERUSER_ID, api

RULES = (
    "sale_order_rule_kehu_order_approver",
    "sale_order_line_rule_kehu_order_approver",
    "kehu_shipment_rule_order_approver",
    "kehu_shipment_line_rule_order_approver",
    "kehu_receipt_rule_approver",
    "kehu_receipt_allocation_rule_approver",
)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in RULES:
        rule = env.ref(f"kehu_crm.{name}", raise_if_not_found=False)
        if rule:
            rule.write({"perm_write": False, "perm_create": False, "perm_unlink": False})
