"""Money that was freed of an order counts no longer for the instalments that it was named for: these add up anew. Idempotent."""

from odoo import SUPERUSER_ID, api
from odoo.fields import Domain


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    freed = Domain("kind", "=", "free") & Domain("state", "=", "approved")
    named = Domain("instalment_id", "!=", False) & Domain("receipt_id.advance_use_ids", "any", freed)
    parts = env["kehu.receipt.allocation"].search(named).instalment_id
    parts |= parts.order_id.kehu_instalment_ids | parts.contract_id.kehu_instalment_ids
    for field in env.registry.field_computed[parts._fields["amount_received"]]:
        if field.store:
            env.add_to_compute(field, parts)
    env.flush_all()
