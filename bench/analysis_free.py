"""Sales by product over the full history: what no summary answers, from the lines.

Raw: the query that somebody would write by hand for the same five columns: untaxed, total, margin, quantity and lines. Host: its report,
of the same five figures and of one.
"""

from . import analysis_data

RAW = """select line.product_id, sum(round(line.price_subtotal / o.currency_rate, 2)), sum(round(line.price_total / o.currency_rate, 2)),
                sum(line.margin::numeric / o.currency_rate), sum((line.product_uom_qty * sold.factor / unit.factor)::numeric), count(*)
           from sale_order_line line
           join (select id, currency_rate::numeric from sale_order where state = 'sale') o on o.id = line.order_id
           join product_product product on product.id = line.product_id
           join product_template template on template.id = product.product_tmpl_id
           join uom_uom sold on sold.id = line.product_uom_id join uom_uom unit on unit.id = template.uom_id
          where line.display_type is null and line.is_downpayment is not true group by 1"""

FIVE = ("price_subtotal:sum", "price_total:sum", "margin:sum", "product_uom_qty:sum", "__count")


def variants(bench):
    analysis_data.ensure(bench)

    def ours(env):
        figures = env["kehu.analysis"].get_figures("sales_products", {"preset": "all"}, "product", "untaxed")
        return len(figures["rows"]) and round(figures["total"]["untaxed"], 2)

    def raw(env):
        env.cr.execute(RAW)
        return round(float(sum(row[1] for row in env.cr.fetchall())), 2)

    return {
        "Kehu": (bench.director, ours),
        "raw SQL": (bench.director, raw),
        "host, the same five figures": (bench.director, analysis_data.host("product_id", FIVE)),
        "host, one figure": (bench.director, analysis_data.host("product_id")),
    }
