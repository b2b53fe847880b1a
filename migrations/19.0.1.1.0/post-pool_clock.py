"""The clock of the pool stands on two days that customers of the first version do not have yet: find them in their records and orders.

Idempotent: both are computed anew from what is there.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, split_every

CHUNK = 5000  # customers whose records are looked at in one go


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    records = env["kehu.contact.record"]
    spoken = [row[0] for row in env.execute_query(SQL("SELECT DISTINCT partner_id FROM kehu_contact_record ORDER BY partner_id"))]
    for customer_ids in split_every(CHUNK, spoken):
        records._kehu_refresh_effect(list(customer_ids))
    env["sale.order"].flush_model()
    env.execute_query(
        SQL(
            """UPDATE res_partner customer
                  SET kehu_last_deal = deal.day
                 FROM (SELECT sale.kehu_customer_id AS id,
                              max(timezone(COALESCE(company.kehu_timezone, 'UTC'), timezone('UTC', sale.date_order))::date) AS day
                         FROM sale_order sale JOIN res_company company ON company.id = sale.company_id
                        WHERE sale.state = 'sale' AND sale.kehu_customer_id IS NOT NULL
                     GROUP BY sale.kehu_customer_id) deal
                WHERE deal.id = customer.id AND customer.kehu_last_deal IS DISTINCT FROM deal.day
            RETURNING customer.id"""
        )
    )
    env["res.partner"].invalidate_model(["kehu_last_deal"])
