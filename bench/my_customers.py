"""My customers, page 1: the list as a salesperson opens it, rows and count.

Host: its own contact list, filtered to my companies, without our indexes: it has none on the salesperson. Raw: one page and the count in
SQL, without rights or records.
"""

import re

from lxml import etree

LIST = "kehu_crm.res_partner_view_list_kehu"


def list_spec(env, model, view=False):
    """:return: the specification that the web client sends for a list: all columns; of a list that reads what it shows (see
    static/src/customer/lean_list.js), those without the optional ones that are switched off and needed by nothing else"""
    text = env[model].get_views([(view, "list")])["views"]["list"]["arch"]
    arch = etree.fromstring(text)
    lean = arch.get("js_class") == "kehu_lean_list"
    spec = {}
    for node in arch.xpath("//field[not(ancestor::field)]"):
        name = node.get("name")
        if lean and node.get("optional") == "hide" and len(re.findall(rf"\b{name}\b", text)) == 1:
            continue
        kind = env[model]._fields[name].type
        hidden = node.get("column_invisible") in ("1", "True")
        if kind in ("many2one", "many2many", "reference"):
            spec[name] = {"fields": {} if hidden else {"display_name": {}}}
        else:
            spec[name] = {}
    return spec


def spec_for(bench, user, view=None):
    """:return: the same for a person and the xml id of a view; made before the measuring, as a client loads a view once"""
    from odoo import api

    with bench.registry.cursor() as cr:
        env = api.Environment(cr, user, {"lang": "zh_CN", "tz": "Asia/Shanghai"})
        return list_spec(env, "res.partner", env.ref(view).id if view else False)


def without_our_indexes(env):
    """Take them out until the transaction is rolled back."""
    env.cr.execute(
        """select string_agg(quote_ident(relname), ', ') from pg_class c join pg_index i on i.indexrelid = c.oid
            where i.indrelid = 'res_partner'::regclass and relname like 'res_partner_kehu%'"""
    )
    env.cr.execute(f"drop index {env.cr.fetchone()[0]}")


def pages(bench, user, ours_domain, host_domain, raw_condition, values=()):
    """:return: variants of page 1 and count: our list, the host's contact list, and SQL"""

    our_spec, host_spec = spec_for(bench, user, LIST), spec_for(bench, user)

    def shown(found):
        return [record["id"] for record in found["records"]], found["length"]

    def ours(env):
        return shown(env["res.partner"].web_search_read(ours_domain, our_spec, limit=80, count_limit=10001))

    def host(env):
        without_our_indexes(env)
        return shown(env["res.partner"].web_search_read(host_domain, host_spec, limit=80, count_limit=10001))

    def raw(env):
        where = f"active is true and kehu_is_customer is true and {raw_condition}"
        env.cr.execute(
            f"select id, complete_name, phone, city from res_partner where {where} order by complete_name, id desc limit 80", values
        )
        rows = [row[0] for row in env.cr.fetchall()]
        env.cr.execute(f"select count(*) from (select from res_partner where {where} limit 10001) counted", values)
        return rows, env.cr.fetchone()[0]

    def host_mine(env):
        without_our_indexes(env)
        env["res.partner"].web_search_read(
            [("is_company", "=", True), ("user_id", "=", env.uid)], host_spec, limit=80, count_limit=10001)

    found = {"Kehu": (user, ours), "host: contacts": (user, host), "raw SQL": (user, raw)}
    if user != bench.seller:
        found["host: contacts filtered to mine alone"] = (user, host_mine)
    return found


def variants(bench):
    return pages(
        bench,
        bench.seller,
        [("kehu_is_customer", "=", True), ("user_id", "=", bench.seller)],
        [("is_company", "=", True), ("user_id", "=", bench.seller)],
        "user_id = %s",
        (bench.seller,),
    )
