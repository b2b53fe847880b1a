"""My customers, page 1: the list as a salesperson opens it, rows and count.

Host: its own contact list, filtered to my companies. Raw: one page and the count in SQL, without rights or records.
"""


def list_spec(env, model, view=False):
    """:return: the specification that the web client sends for a list view"""
    from lxml import etree
    arch = etree.fromstring(env[model].get_views([(view, "list")])["views"]["list"]["arch"])
    spec = {}
    for node in arch.xpath("//field[not(ancestor::field)]"):
        kind = env[model]._fields[node.get("name")].type
        spec[node.get("name")] = {"fields": {"display_name": {}}} if kind in ("many2one", "many2many", "reference") else {}
    return spec


def variants(bench):
    def ours(env):
        view = env.ref("kehu_crm.res_partner_view_list_kehu").id
        found = env["res.partner"].web_search_read(
            [("kehu_is_customer", "=", True), ("user_id", "=", env.uid)], list_spec(env, "res.partner", view),
            limit=80, count_limit=10001)
        return len(found["records"]), found["length"]

    def host(env):
        found = env["res.partner"].web_search_read(
            [("is_company", "=", True), ("user_id", "=", env.uid)], list_spec(env, "res.partner"),
            limit=80, count_limit=10001)
        return len(found["records"]), found["length"]

    def raw(env):
        env.cr.execute("select id, complete_name, phone, city from res_partner where active and kehu_is_customer and user_id = %s "
                       "order by complete_name, id desc limit 80", (env.uid,))
        rows = env.cr.fetchall()
        env.cr.execute("select count(*) from res_partner where active and kehu_is_customer and user_id = %s", (env.uid,))
        return len(rows), env.cr.fetchone()[0]

    return {"Kehu": (bench.seller, ours), "host: contacts": (bench.seller, host), "raw SQL": (bench.seller, raw)}
