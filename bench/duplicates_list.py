"""Duplicates of 80 customers on four keys (name, phone, e-mail, tax number), masked for the salesperson who asks.

Host: `same_vat_partner_id` of 80 partners, which sees one key. Raw: the four keys in one statement, without rights, names or reasons.
"""

COUNT = 80
SEEN = {}  # found in the first round, which is thrown away


def some_customers(env, count):
    """:return: ids of that many customers from all over the base, always the same"""
    if count not in SEEN:
        env.cr.execute("select id from res_partner where kehu_is_customer and active and kehu_name_key is not null "
                       "order by md5(id::text) limit %s", (count,))
        SEEN[count] = [row[0] for row in env.cr.fetchall()]
    return SEEN[count]


def specs():
    """:return: rules for the four keys, whatever rules the database has"""
    from odoo.addons.kehu_crm.models.duplicate.matching import Spec
    return [Spec(number, field, "normalised", 0.6, "keep", "customers", "tell", False, False)
            for number, field in enumerate(("name", "phone", "email", "vat"), start=1)]


def variants(bench):
    def ours(env):
        partners = env["res.partner"].browse(some_customers(env, COUNT))
        partners._kehu_duplicates(specs())
        return len(partners)

    def host(env):
        partners = env["res.partner"].browse(some_customers(env, COUNT))
        partners.mapped("same_vat_partner_id")
        return len(partners)

    def raw(env):
        ids = some_customers(env, COUNT)
        env.cr.execute(
            """
            select p.id, d.id from res_partner p
              join lateral (select id from res_partner where kehu_name_key = p.kehu_name_key
                     union select id from res_partner where kehu_phone_key = p.kehu_phone_key
                     union select id from res_partner where kehu_mobile_key = p.kehu_phone_key
                     union select id from res_partner where email_normalized = p.email_normalized and kehu_customer_id is not null
                     union select id from res_partner where kehu_vat_key = p.kehu_vat_key) d on d.id <> p.id
             where p.id = any(%s)""", (ids,))
        env.cr.fetchall()
        return len(ids)

    def raw_told(env):
        ids = some_customers(env, COUNT)
        env.cr.execute(
            """
            select p.id, d.id, c.complete_name, owner.name from res_partner p
              join lateral (select id, kehu_customer_id from res_partner where kehu_name_key = p.kehu_name_key and active
                     union select id, kehu_customer_id from res_partner where kehu_phone_key = p.kehu_phone_key and active
                     union select id, kehu_customer_id from res_partner where kehu_mobile_key = p.kehu_phone_key and active
                     union select id, kehu_customer_id from res_partner where email_normalized = p.email_normalized
                       and kehu_customer_id is not null and active
                     union select id, kehu_customer_id from res_partner where kehu_vat_key = p.kehu_vat_key and active) d on d.id <> p.id
              join res_partner c on c.id = d.kehu_customer_id
              left join res_users u on u.id = c.user_id left join res_partner owner on owner.id = u.partner_id
             where p.id = any(%s)""", (ids,))
        env.cr.fetchall()
        return len(ids)

    return {
        "Kehu": (bench.seller, ours),
        "host: same_vat_partner_id": (bench.director, host),
        "raw SQL": (bench.director, raw),
        "raw SQL with names and owners": (bench.director, raw_told),
    }
