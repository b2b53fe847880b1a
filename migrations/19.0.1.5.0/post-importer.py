"""Offer the export through a template in the lists whose model has one; an update alone makes no entry in their menus. Imports of other
models than customers and products are for whoever made them: directors read all of those two.

Idempotent: a model that has its entry keeps it, and a rule that was changed stays.
"""

from odoo import SUPERUSER_ID, api

MODELS = ("res.partner", "crm.lead", "product.template", "product.product", "product.category")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["kehu.import.template"]._kehu_bind_export()
    for name, path in (("batch", ""), ("problem", "batch_id.")):
        rule = env.ref(f"kehu_crm.kehu_import_{name}_rule_director", raise_if_not_found=False)
        if rule and rule.domain_force == "[(1, '=', 1)]":
            rule.domain_force = f"[('{path}template_id.model_id.model', 'in', {MODELS})]"
