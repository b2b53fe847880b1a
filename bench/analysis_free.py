"""Sales by product over the full history: what no summary answers, from the lines.

Raw: the query that somebody would write by hand for the same five columns: untaxed, total, margin, quantity and lines. Host: its report, of
one column.
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


def variants(bench):
    analysis_data.ensure(bench)
    ours, raw, host = analysis_data.compared("sales_products", "product", "product_id", RAW)
    return {"Kehu": (bench.director, ours), "raw SQL": (bench.director, raw), "host": (bench.director, host)}
