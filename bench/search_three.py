"""Search for three Chinese characters in the list of customers, as a salesperson: rows and count.

Host: see `search_two`.
"""

from .search_two import searches


def variants(bench):
    return searches(bench, bench.seller, "苏州华")
