"""The clock of the pool stands on a third day that customers do not have yet: that of their last opportunity.

Idempotent: it is computed anew from what is there.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, split_every

CHUNK = 5000  # customers whose opportunities are looked at in one go


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    partners = env["res.partner"]
    env["crm.lead"].flush_model(["kehu_customer_id"])
    rows = env.execute_query(
        SQL("SELECT DISTINCT kehu_customer_id FROM crm_lead WHERE kehu_customer_id IS NOT NULL AND type = 'opportunity' ORDER BY 1")
    )
    for ids in split_every(CHUNK, [row[0] for row in rows]):
        env.add_to_compute(partners._fields["kehu_last_opportunity"], partners.browse(ids))
        env.flush_all()
        env.invalidate_all()
