"""Receivables per customer: the first page of 80 and its count, what most is owed first, as finance opens the list.

Raw: the sums per customer with their ages in SQL over the stored columns, without rights or records. Data: those of `receivables`.
"""
from . import receivables

LIST = "kehu_crm.kehu_receivable_customer_view_list"
OPEN = [("settled", "=", False)]


def variants(bench):
    from odoo import api

    from .my_customers import list_spec

    user = receivables.ensure(bench.registry)
    with bench.registry.cursor() as cr:
        env = api.Environment(cr, user, {"lang": "zh_CN", "tz": "Asia/Shanghai"})
        spec = list_spec(env, "kehu.receivable.customer", env.ref(LIST).id)

    def ours(env):
        found = env["kehu.receivable.customer"].web_search_read(OPEN, spec, limit=80, count_limit=10001, order="amount_due desc, id")
        return [row["id"] for row in found["records"]], found["length"]

    def raw(env):
        sums = """select min(id) as id, kehu_customer_id, sum(amount_total), sum(kehu_amount_invoiced), sum(kehu_amount_received),
                         sum(kehu_amount_due) as due, min(kehu_date_due), max(kehu_last_receipt_date),
                         sum(case when kehu_date_due >= current_date then kehu_amount_due end),
                         sum(case when current_date - kehu_date_due between 1 and 30 then kehu_amount_due end),
                         sum(case when current_date - kehu_date_due between 31 and 60 then kehu_amount_due end),
                         sum(case when current_date - kehu_date_due between 61 and 90 then kehu_amount_due end),
                         sum(case when current_date - kehu_date_due > 90 then kehu_amount_due end)
                    from sale_order where kehu_customer_id is not null and state = 'sale' and amount_total <> 0
                   group by kehu_customer_id, company_id having bool_or(kehu_receipt_state <> 'settled')"""
        env.cr.execute(f"{sums} order by due desc, id limit 80")
        page = [row[0] for row in env.cr.fetchall()]
        env.cr.execute(f"select count(*) from (select from ({sums}) s limit 10001) counted")
        return page, env.cr.fetchone()[0]

    return {"Kehu": (user, ours), "raw SQL": (user, raw)}
