"""One typed name looked up among all customers by similarity, as the form does while somebody types.

Raw: the same search by pairs of characters in SQL, without scores, sounds, rights or reasons; and pg_trgm on the key at 0.5, which finds
fewer, and nothing at all in a database whose locale knows no Chinese.
"""

from .duplicates_list import some_customers


def typed(env):
    """:return: a name that is like that of a customer in the middle of the base, with one more word"""
    env.cr.execute("select name from res_partner where id = %s", (some_customers(env, 1)[0],))
    return env.cr.fetchone()[0].replace("有限公司", "集团有限公司")


def variants(bench):
    def ours(env):
        from odoo.addons.kehu_crm.models.duplicate.matching import Probe, Spec
        spec = Spec(1, "name", "similar", 0.6, "open", "customers", "tell", False, False)
        env["res.partner"]._kehu_search_candidates([Probe({"name": typed(env)})], [spec])
        return True

    def raw(env):
        from odoo.addons.kehu_crm.tools import folding
        core = folding.name_core(typed(env))
        env.cr.execute(
            """
            select id, name from res_partner p
             where kehu_name_grams is not null and string_to_array(kehu_name_grams, ' ') && %s and active and kehu_is_customer
          order by (select 2.0 * count(*) from unnest(string_to_array(kehu_name_grams, ' ')) gram where gram = any(%s))
                   / (cardinality(string_to_array(kehu_name_grams, ' ')) + %s) desc limit 50""",
            (folding.telling_grams(core, 0.6), folding.name_grams(core), len(folding.name_grams(core))))
        env.cr.fetchall()
        return True

    def trigram(env):
        from odoo.addons.kehu_crm.tools import folding
        key = folding.name_key(typed(env))
        env.cr.execute("set local pg_trgm.similarity_threshold = 0.5")
        env.cr.execute("select id, similarity(kehu_name_key, %s) s from res_partner where kehu_name_key %% %s "
                       "and active and kehu_is_customer order by s desc limit 20", (key, key))
        env.cr.fetchall()
        return True

    return {"Kehu": (bench.seller, ours), "raw SQL": (bench.director, raw),
            "raw SQL: pg_trgm, no index": (bench.director, trigram)}
