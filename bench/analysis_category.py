"""Sales by product category over the full history, all people.

Ours: the call of the screen, with rights, names, noted changes and the total. Bare: one hand-written query on the summary.
"""

from . import analysis_data

BARE = "select category_id, sum(untaxed) from kehu_sales_summary where facet = 'category' group by 1"


def variants(bench):
    analysis_data.ensure(bench)
    ours, bare, host = analysis_data.compared("sales_products", "category", "categ_id", BARE)
    return {"Kehu": (bench.director, ours), "bare query on the summary": (bench.director, bare), "host": (bench.director, host)}
