"""Customers of everybody, page 1: the list as the director opens it, rows and count.

Host: its own contact list, filtered to companies that have a salesperson. Raw: see `my_customers`.
"""

from .my_customers import pages


def variants(bench):
    return pages(
        bench,
        bench.director,
        [("kehu_is_customer", "=", True), ("user_id", "!=", False)],
        [("is_company", "=", True), ("user_id", "!=", False)],
        "user_id is not null",
    )
