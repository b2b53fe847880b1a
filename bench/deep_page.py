"""A page in the middle of all customers, as the director turns to it.

Host: the same list by offset, as it searches itself. Raw: the page by its first name and id, once these are known.
"""

from .my_customers import LIST, spec_for

PAGE = 80


def variants(bench):
    with bench.registry.cursor() as cr:
        cr.execute("select count(*) from res_partner where active is true and kehu_is_customer is true")
        offset = cr.fetchone()[0] // 2
        cr.execute(
            "select complete_name, id from res_partner where active is true and kehu_is_customer is true "
            "order by complete_name, id desc offset %s limit 1",
            (offset,),
        )
        first = cr.fetchone()
    domain = [("kehu_is_customer", "=", True)]
    spec = spec_for(bench, bench.director, LIST)

    def ours(env):
        found = env["res.partner"].web_search_read(domain, spec, offset=offset, limit=PAGE, count_limit=10001)
        return [record["id"] for record in found["records"]]

    def host(env):
        partners = env["res.partner"]
        # what `search_fetch` of the host does: the page is cut out when all columns are read
        query = partners._search(domain, order=partners._order)
        query.offset, query.limit = offset, PAGE
        records = partners._fetch_query(query, partners._determine_fields_to_fetch(spec))
        return [record["id"] for record in records.web_read(spec)]

    def raw(env):
        env.cr.execute(
            "select id, complete_name, phone, city from res_partner where active is true and kehu_is_customer is true "
            "and complete_name >= %s and (complete_name > %s or id <= %s) order by complete_name, id desc limit %s",
            (first[0], first[0], first[1], PAGE),
        )
        return [row[0] for row in env.cr.fetchall()]

    return {"Kehu": (bench.director, ours), "host: by offset": (bench.director, host), "raw SQL: by key": (bench.director, raw)}
