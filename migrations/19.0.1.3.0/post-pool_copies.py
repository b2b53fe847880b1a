"""A contact record with the same content as another one of the same year resets no clock: tell again which records count.

What is the same content does not depend on width and script any more. Idempotent: only what differs is written.
"""

from odoo import SUPERUSER_ID, api
from odoo.addons.kehu_crm.models.pool.kehu_contact_record import content_key
from odoo.tools import SQL, split_every

CHUNK = 5000  # records, or customers, that are looked at in one go


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    records = env["kehu.contact.record"]
    records.flush_model(["content", "result", "content_key"])
    last = 0
    while rows := env.execute_query(
        SQL("SELECT id, content, result, content_key FROM kehu_contact_record WHERE id > %s ORDER BY id LIMIT %s", last, CHUNK)
    ):
        last = rows[-1][0]
        changed = [
            (record_id, key) for record_id, content, result, old in rows if (key := content_key(content, result) or None) != (old or None)
        ]
        if changed:
            env.cr.execute(
                SQL(
                    """UPDATE kehu_contact_record record SET content_key = made.key
                         FROM unnest(%s::int[], %s::text[]) AS made(id, key) WHERE record.id = made.id""",
                    [record_id for record_id, _key in changed],
                    [key for _id, key in changed],
                )
            )
    records.invalidate_model(["content_key"])
    spoken = env.execute_query(SQL("SELECT DISTINCT partner_id FROM kehu_contact_record ORDER BY partner_id"))
    for customer_ids in split_every(CHUNK, [row[0] for row in spoken]):
        records._kehu_refresh_effect(list(customer_ids))
