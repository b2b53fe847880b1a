"""Order lines for the measurements of the analyses: made once, by INSERT … SELECT, and added up.

How many, says the environment variable KEHU_BENCH_LINES (1,000,000 unless set): five lines in an order, 200 people in ten departments,
three years, customers drawn at random from those of the bench, 20 categories of 50 products each.
"""

import datetime
import os

from . import bulk

MARK = "kehu_bench.lines"
PER_ORDER = 5
FIRST, DAYS = datetime.date(datetime.date.today().year - 2, 1, 1), 1095


def ensure(bench):
    """:return: number of lines"""
    from odoo import SUPERUSER_ID, api

    count = int(os.environ.get("KEHU_BENCH_LINES", "1000000"))
    with bench.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        parameter = env["ir.config_parameter"]
        if parameter.get_param(MARK) != str(count):
            _make(env, count)
            parameter.set_param(MARK, str(count))
            env.flush_all()
            cr.execute("analyze sale_order, sale_order_line, product_product, product_template")
            env["kehu.sales.summary"].action_rebuild()
            cr.commit()
            cr._cnx.autocommit = True
            cr.execute("vacuum analyze sale_order, sale_order_line, kehu_sales_summary, kehu_sales_change, product_product")
            cr._cnx.autocommit = False
    return count


def _make(env, count):
    cr = env.cr
    categories = env["product.category"].create([{"name": f"类别{number:02d}"} for number in range(20)])
    products = env["product.product"].create(
        [
            {"name": f"商品{number:04d}", "type": "consu", "categ_id": categories[number % 20].id, "taxes_id": [(5, 0, 0)]}
            for number in range(1000)
        ]
    )
    partner = env["res.partner"].search([("user_id", "!=", False), ("kehu_is_customer", "=", True)], order="id", limit=1)
    order = env["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": products[0].id, "product_uom_qty": 1, "price_unit": 100})]}
    )
    env.flush_all()
    cr.execute("select coalesce(max(id), 0) from sale_order")
    base = cr.fetchone()[0]
    cr.execute(
        """create temp table bench_buyer on commit drop as
           select id, user_id, kehu_department_id, row_number() over (order by id) - 1 as number
             from res_partner where kehu_is_customer and active and user_id is not null"""
    )
    cr.execute("create unique index on bench_buyer (number)")
    cr.execute("analyze bench_buyer")
    cr.execute("select count(*) from bench_buyer")
    buyers = cr.fetchone()[0]
    amount = "100 + w.number % 9000 + w.number % 97 / 100.0"
    _copy(
        cr,
        "sale_order",
        order.id,
        {
            "id": f"{base} + w.number",
            "name": "'BA' || w.number",
            "access_token": "null",
            "state": "'sale'",
            **dict.fromkeys(("partner_id", "partner_invoice_id", "partner_shipping_id", "kehu_customer_id"), "c.id"),
            "user_id": "c.user_id",
            "kehu_department_id": "c.kehu_department_id",
            "date_order": f"'{FIRST}'::timestamp + abs(hashint4(w.number)::bigint) % {DAYS} * interval '1 day' + interval '4 hours'",
            **dict.fromkeys(("amount_total", "amount_untaxed"), f"{PER_ORDER} * ({amount})"),
        },
        f"generate_series(1, {count // PER_ORDER}) as w(number) join bench_buyer c on c.number = w.number::bigint * 7919 % {buyers}",
    )
    _copy(
        cr,
        "sale_order_line",
        order.order_line.id,
        {
            "id": "nextval('sale_order_line_id_seq')",
            "order_id": f"{base} + w.number",
            "state": "'sale'",
            "product_id": f"{products[0].id} + abs(hashint4(w.number * {PER_ORDER} + part.number)::bigint) % 1000",
            **dict.fromkeys(("price_subtotal", "price_total", "price_unit", "margin"), amount),
        },
        f"generate_series(1, {count // PER_ORDER}) as w(number) cross join generate_series(1, {PER_ORDER}) as part(number)",
    )
    cr.execute("select setval('sale_order_id_seq', (select max(id) from sale_order))")
    cr.execute("delete from sale_order where id = %s", (order.id,))


def _copy(cr, table, template, own, source):
    columns = [name for name in bulk.template(cr, table, template) if name not in own]
    names = ", ".join(f'"{name}"' for name in [*own, *columns])
    values = ", ".join([*own.values(), *(f't."{name}"' for name in columns)])
    with bulk.laid_aside(cr, (table,)):
        cr.execute("set local session_replication_role = replica")  # all is added up afterwards
        row = f"(select * from {table} where id = {template}) t"
        cr.execute(f"insert into {table} ({names}) select {values} from {source} cross join {row}")
        cr.execute("set local session_replication_role = origin")


def compared(bench, name, dimension, host_group, key, label="", joins=""):
    """Return the variants of one question that the summary answers.

    The first bare query says what the screen says: for each key its name and five figures, the largest first, and the five totals. Only
    this one compares like with like. The second one adds up a single figure and names nothing, nor does the host's report.

    :param str key: column of the summary, ``row``
    :param str label: SQL of its name; empty: that of a month
    :param str joins: SQL of the tables that the name comes from
    """
    label = label or "to_char(row.month, 'YYYY-MM')"
    company = bench.once(lambda env: env.company.id, bench.director)[2]
    facet = {"user_id": "person", "month": "person", "category_id": "category", "state_id": "place"}[key]
    sums = ", ".join(f"sum(row.{measure})" for measure in ("untaxed", "total", "margin", "quantity", "line_count"))
    same = f"""select row.{key}, {label}, {sums} from kehu_sales_summary row {joins}
                where row.facet = '{facet}' and row.company_id = {company} group by 1, 2 order by {1 if key == "month" else "3 desc"}"""
    one = f"""select row.{key}, sum(row.untaxed) from kehu_sales_summary row
               where row.facet = '{facet}' and row.company_id = {company} group by 1"""

    def ours(env):
        screen = env["kehu.analysis"].with_context(allowed_company_ids=[company])  # as the client sends it
        figures = screen.get_figures(name, {"preset": "all"}, dimension, "untaxed")
        return len(figures["rows"]) and round(figures["total"]["untaxed"], 2)

    def bare(env):
        env.cr.execute(same)
        totals = [sum(map(float, column)) for column in list(zip(*env.cr.fetchall(), strict=True))[2:]]
        return round(totals[0], 2)

    def single(env):
        env.cr.execute(one)
        return round(float(sum(row[1] for row in env.cr.fetchall())), 2)

    return {
        "Kehu": (bench.director, ours),
        "bare query on the summary, the same answer": (bench.director, bare),
        "bare query on the summary, one figure, no names": (bench.director, single),
        "host": (bench.director, host(host_group)),
    }


def host(group, measures=("price_subtotal:sum",)):
    """Return the function that asks the host's report for measures, the untaxed amount first, by one of its fields."""

    def report(env):
        rows = env["sale.report"]._read_group([("state", "=", "sale")], [group], measures)
        return round(sum(row[1] for row in rows), 2)

    return report
