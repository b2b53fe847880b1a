"""Sales by product over the full history: what no summary answers, from the lines.

Raw: the query that somebody would write by hand. Host: its report.
"""

from . import analysis_data

RAW = """select line.product_id, sum(line.price_subtotal) from sale_order_line line join sale_order sale on sale.id = line.order_id
          where sale.state = 'sale' and line.display_type is null and line.is_downpayment is not true group by 1"""


def variants(bench):
    analysis_data.ensure(bench)
    ours, raw, host = analysis_data.compared("sales_products", "product", "product_id", RAW)
    return {"Kehu": (bench.director, ours), "raw SQL": (bench.director, raw), "host": (bench.director, host)}
