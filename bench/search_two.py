"""Search for two Chinese characters in the list of customers, as a salesperson: rows and count, own customers and those of the pool.

Host: its own contact list with its search by name, e-mail, code, tax number and registry. Raw: two characters in the index, without rights.
"""

import json

from odoo.tools import SQL

from .my_customers import LIST, spec_for

HOST_COLUMNS = ("complete_name", "email", "ref", "vat", "company_registry")


def searches(bench, user, term, host_columns=HOST_COLUMNS):
    """Print how PostgreSQL looks the term up.

    :return: variants of page 1 and count with a term: our list, and the host's contact list if it can find the same
    """
    domain = [("kehu_is_customer", "=", True), ("display_name", "ilike", term)]
    print_plans(bench, user, domain)
    our_spec, host_spec = spec_for(bench, user, LIST), spec_for(bench, user)

    def shown(found):
        return [record["id"] for record in found["records"]], found["length"]

    def ours(env):
        return shown(env["res.partner"].web_search_read(domain, our_spec, limit=80, count_limit=10001))

    def host(env):
        found = [("is_company", "=", True), *["|"] * (len(host_columns) - 1), *((name, "ilike", term) for name in host_columns)]
        return shown(env["res.partner"].web_search_read(found, host_spec, limit=80, count_limit=10001))

    return {"Kehu": (user, ours), "host: contacts": (user, host)}


def print_plans(bench, user, domain):
    """Print by which indexes the page and the count are found; at a size that matters no table of partners is read whole."""
    from odoo import api

    with bench.registry.cursor() as cr:
        env = api.Environment(cr, user, {"lang": "zh_CN", "tz": "Asia/Shanghai"})
        partners = env["res.partner"]
        cr.execute("select reltuples from pg_class where oid = 'res_partner'::regclass")
        large = cr.fetchone()[0] > 100_000
        for what, options in (("page", {"order": partners._order, "limit": 80}), ("count", {"limit": 10001})):
            query = partners._search(domain, **options)
            ((plan,),) = env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query.select()))
            nodes = list(walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
            ways = [
                " ".join(filter(None, (node["Node Type"], node.get("Index Name") or node.get("Relation Name"))))
                for node in nodes
                if "Scan" in node["Node Type"] and (node.get("Index Name") or node.get("Relation Name"))
            ]
            print(f"kehu:    {what}: {', '.join(dict.fromkeys(ways))}")
            whole = [node for node in nodes if node["Node Type"] == "Seq Scan" and node.get("Relation Name") == "res_partner"]
            assert not (large and whole), "AssertionError: the whole table of partners is read"
        cr.rollback()


def walk(node):
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


def variants(bench):
    from odoo.addons.kehu_crm.models.customer import partner_search_sql as search_sql

    term = "华强"

    def raw(env):
        expression = SQL.identifier(search_sql.PAIRS), SQL(", ").join(map(SQL.identifier, (*search_sql.TEXTS, *search_sql.PHONES)))
        condition = SQL(
            "active is true and kehu_is_customer is true and %s(%s) @> ARRAY[%s] and (user_id = %s or kehu_pool_id is not null)",
            *expression,
            term,
            env.uid,
        )
        rows = env.execute_query(
            SQL("select id, complete_name, phone, user_id from res_partner where %s order by complete_name, id desc limit 80", condition)
        )
        ((count,),) = env.execute_query(SQL("select count(*) from res_partner where %s", condition))
        return [row[0] for row in rows], count

    return {**searches(bench, bench.seller, term), "raw SQL": (bench.seller, raw)}
