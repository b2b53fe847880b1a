"""Sales by product category over the full history, all people.

Ours: the call of the screen, with rights, names, noted changes and the total. Bare: hand-written queries on the summary.
"""

from . import analysis_data


def variants(bench):
    analysis_data.ensure(bench)
    return analysis_data.compared(
        bench,
        "sales_products",
        "category",
        "categ_id",
        "category_id",
        "name.complete_name",
        "left join product_category name on name.id = row.category_id",
    )
