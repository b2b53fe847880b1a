"""Give many customers of the pool to a salesperson: owner, history, contacts, row locks.

Host: a write of user_id in one call, as an administrator without our add-on's engine would do in SQL terms: the
closest is the host's own write on partners that are not customers. Raw: update and history row in SQL.
"""

WRITES = True  # though rolled back, see `harness.tidy`


def pooled(env, count):
    """:return: ids of customers in the pool, always the same"""
    env.cr.execute("select id from res_partner where kehu_is_customer and kehu_pool_id is not null and user_id is null and active "
                   "order by id limit %s", (count,))
    return [row[0] for row in env.cr.fetchall()]


def variants(bench):
    def ours(env):
        partners = env["res.partner"].browse(pooled(env, bench.batch))
        partners.kehu_assign(bench.seller, "bench")
        return len(partners)

    def host(env):
        ids = pooled(env, bench.batch)
        # plain partners of the host: outside the CRM, so that our engine has no say
        env.cr.execute("update res_partner set kehu_is_customer = false, kehu_customer_id = null, kehu_pool_id = null "
                       "where id = any(%s)", (ids,))
        env.invalidate_all()
        partners = env["res.partner"].browse(ids)
        partners.write({"user_id": bench.seller})
        return len(partners)

    def raw(env):
        ids = pooled(env, bench.batch)
        env.cr.execute("update res_partner set user_id = %s, kehu_pool_id = null, write_uid = %s, write_date = now() at time zone 'UTC' "
                       "where id = any(%s)", (bench.seller, env.uid, ids))
        env.cr.execute("insert into kehu_assignment (partner_id, kind, user_id, date, author_id, reason) "
                       "select id, 'assign', %s, now() at time zone 'UTC', %s, 'bench' from res_partner where id = any(%s)",
                       (bench.seller, env.uid, ids))
        return env.cr.rowcount

    return {"Kehu": (bench.director, ours), "host: write user_id": (bench.director, host), "raw SQL": (bench.director, raw)}
