"""The last confirmed order of a customer is one with an amount, and one dated in the future counts from the day it was entered.

Also counts the failed guesses of the log of public searches, which were rows without a hit. Idempotent: both are read from what is there.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["sale.order"].flush_model()
    env["res.partner"].flush_model(["kehu_last_deal"])
    env.execute_query(
        SQL(
            """UPDATE res_partner customer
                  SET kehu_last_deal = deal.day
                 FROM (SELECT partner.id,
                              max(timezone(COALESCE(company.kehu_timezone, 'UTC'), timezone('UTC',
                                  CASE WHEN sale.date_order <= now() AT TIME ZONE 'UTC' THEN sale.date_order ELSE sale.create_date END
                              ))::date) AS day
                         FROM res_partner partner
                    LEFT JOIN sale_order sale ON sale.kehu_customer_id = partner.id AND sale.state = 'sale' AND sale.amount_total > 0
                    LEFT JOIN res_company company ON company.id = sale.company_id
                        WHERE partner.kehu_last_deal IS NOT NULL OR sale.id IS NOT NULL
                     GROUP BY partner.id) deal
                WHERE deal.id = customer.id AND customer.kehu_is_customer AND customer.kehu_last_deal IS DISTINCT FROM deal.day
            RETURNING customer.id"""
        )
    )
    env["res.partner"].invalidate_model(["kehu_last_deal"])
    cr.execute("UPDATE kehu_lookup_log SET miss_count = 1 WHERE kind <> 'name' AND way = 'search' AND hit_count = 0 AND miss_count IS NULL")
