"""A level exempts from the rules of the pool when a manager has confirmed it: what exempts today goes on to do so.

Idempotent as long as nobody has set a level since: it only looks at customers of levels that exempt.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    cr.execute(
        """UPDATE res_partner SET kehu_level_confirmed = TRUE
            WHERE kehu_is_customer AND kehu_level_confirmed IS NOT TRUE
              AND kehu_level_id IN (SELECT level_id FROM kehu_pool_exempt_level_rel UNION SELECT level_id FROM kehu_pool_level_rule)"""
    )
    api.Environment(cr, SUPERUSER_ID, {})["res.partner"].invalidate_model(["kehu_level_confirmed"])
