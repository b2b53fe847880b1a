"""Customers are found by more than before: make their pinyin keys anew, and drop the indexes that the new ones replace.

Idempotent: only keys that differ are written.
"""

from odoo.addons.kehu_crm.tools.pinyin import pinyin_key
from odoo.tools import SQL
from odoo.tools.sql import drop_index

REPLACED = ("res_partner__kehu_pinyin_index", "res_partner__kehu_mobile_index")
CHUNK = 5000  # partners whose names are read in one go


def migrate(cr, version):
    for name in REPLACED:
        drop_index(cr, name, "res_partner")
    last = 0
    while True:
        cr.execute(
            SQL(
                "SELECT id, name, kehu_pinyin FROM res_partner WHERE kehu_customer_id IS NOT NULL AND id > %s ORDER BY id LIMIT %s",
                last,
                CHUNK,
            )
        )
        rows = cr.fetchall()
        if not rows:
            break
        last = rows[-1][0]
        changed = [(partner_id, key) for partner_id, name, old in rows if (key := pinyin_key(name) or None) != (old or None)]
        if changed:
            cr.execute(
                SQL(
                    """UPDATE res_partner p SET kehu_pinyin = made.key
                         FROM unnest(%s::int[], %s::text[]) AS made(id, key) WHERE p.id = made.id""",
                    [partner_id for partner_id, _key in changed],
                    [key for _id, key in changed],
                )
            )
