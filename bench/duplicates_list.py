"""Duplicates of 80 customers on four keys (name, phone, e-mail, tax number), masked for the salesperson who asks.

Host: `same_vat_partner_id` of 80 partners, which sees one key. Raw: one statement that says the same, by which key which customer is found,
with its name, its owner or pool, in the companies one works in and without pairs known to be different; without rights, masks or scores.
Beside it a statement that gives ids alone: another question, so its answer is not compared.
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
        found = partners._kehu_duplicates(specs())
        return sorted((partner.id, candidate["id"], candidate["owner"] or None, candidate["pool"] or None)
                      for partner, candidates in found.items() for candidate in candidates)

    def host(env):
        partners = env["res.partner"].browse(some_customers(env, COUNT))
        partners.mapped("same_vat_partner_id")

    def raw(env):
        env.cr.execute(
            """
            select p.id, c.id, c.complete_name, owner.name, coalesce(pool.name ->> %(lang)s, pool.name ->> 'en_US'), array_agg(d.field)
              from res_partner p
              join lateral (select id, 'name' as field from res_partner where kehu_name_key = p.kehu_name_key
                 union all select id, 'phone' from res_partner where kehu_phone_key = p.kehu_phone_key or kehu_mobile_key = p.kehu_phone_key
                 union all select id, 'email' from res_partner where email_normalized = p.email_normalized and kehu_customer_id is not null
                 union all select id, 'vat' from res_partner where kehu_vat_key = p.kehu_vat_key) d on d.id <> p.id
              join res_partner c on c.id = d.id and c.active and c.kehu_is_customer
                and (c.company_id is null or c.company_id = coalesce(p.company_id, %(company)s))
              left join res_users u on u.id = c.user_id left join res_partner owner on owner.id = u.partner_id
              left join kehu_pool pool on pool.id = c.kehu_pool_id
             where p.id = any(%(ids)s) and not exists (
                   select from kehu_duplicate_exclusion e where e.partner_id = least(p.id, c.id) and e.other_id = greatest(p.id, c.id))
             group by p.id, c.id, owner.name, pool.name""",
            {"ids": some_customers(env, COUNT), "company": env.company.id, "lang": env.lang})
        return sorted((partner, customer, owner, pool) for partner, customer, _name, owner, pool, _fields in env.cr.fetchall())

    def raw_ids(env):
        env.cr.execute(
            """
            select p.id, d.id from res_partner p
              join lateral (select id from res_partner where kehu_name_key = p.kehu_name_key
                     union select id from res_partner where kehu_phone_key = p.kehu_phone_key
                     union select id from res_partner where kehu_mobile_key = p.kehu_phone_key
                     union select id from res_partner where email_normalized = p.email_normalized and kehu_customer_id is not null
                     union select id from res_partner where kehu_vat_key = p.kehu_vat_key) d on d.id <> p.id
             where p.id = any(%s)""", (some_customers(env, COUNT),))
        env.cr.fetchall()

    return {
        "Kehu": (bench.seller, ours),
        "host: same_vat_partner_id": (bench.director, host),
        "raw SQL that says the same": (bench.seller, raw),
        "raw SQL, ids alone": (bench.seller, raw_ids),
    }
