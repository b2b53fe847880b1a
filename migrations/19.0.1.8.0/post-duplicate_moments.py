"""Keys of moments had a blank in them, by which no duplicate was found: where a rule looks at such a field, the keys are made again."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    rules = env["kehu.duplicate.rule"].with_context(active_test=False)
    names = [name for name, field in env["res.partner"]._fields.items() if field.type == "datetime"]
    if rules.search([("field_name", "in", names)], limit=1):
        rules._kehu_refill_keys()
