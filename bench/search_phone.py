"""Search by a part of a phone number in the list of customers, as a salesperson: rows and count.

Host: its search with the phone number added, as it is written.
"""

from .search_two import HOST_COLUMNS, searches


def variants(bench):
    with bench.registry.cursor() as cr:
        cr.execute(
            "select phone from res_partner where user_id = %s and kehu_is_customer is true and phone like '021-%%' "
            # not the first one, whose digits are all the same
            "order by md5(id::text) limit 1",
            (bench.seller,),
        )
        part = cr.fetchone()[0][5:11]
    return searches(bench, bench.seller, part, host_columns=(*HOST_COLUMNS, "phone"))
