"""Search by the initials of a name's pinyin in the list of customers, as a salesperson: rows and count.

Host: it knows no pinyin, so its search by the column in which we keep it.
"""

from .search_two import searches


def variants(bench):
    return searches(bench, bench.seller, "szhq", host_columns=("complete_name", "email", "ref", "vat", "company_registry", "kehu_pinyin"))
