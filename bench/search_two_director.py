"""Search for two Chinese characters in the list of customers, as the director: rows and count.

Host: see `search_two`.
"""

from .search_two import searches


def variants(bench):
    return searches(bench, bench.director, "华强")
