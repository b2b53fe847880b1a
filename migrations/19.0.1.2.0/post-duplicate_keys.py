"""Names are folded better than before (股份 is a legal form too), so the keys of customers that exist are made again."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    api.Environment(cr, SUPERUSER_ID, {})["kehu.duplicate.rule"]._kehu_refill_keys()
