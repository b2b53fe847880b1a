"""Assign the customers of the pool, at most 50,000, to one salesperson in one call, contacts followed and one history row each.

Its peak memory is printed. Raw: the hand-written statements for the same: history rows, owner and department of customers and of contacts.
Host: see `assign`.
"""

from pathlib import Path

from .assign import pooled

WRITES = True  # though rolled back, see `harness.tidy`


def peak_memory(reset=False):
    """:return: the most memory in MB that this process has had since the last reset; 0 where the system does not tell"""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0)


def variants(bench):
    def count(env):
        env.cr.execute(
            "select count(*) from res_partner where kehu_is_customer and kehu_pool_id is not null and user_id is null and active"
        )
        return min(env.cr.fetchone()[0], 50000)

    def ours(env):
        partners = env["res.partner"].browse(pooled(env, count(env)))
        before = peak_memory(reset=True)
        partners.kehu_assign(bench.seller, "bench")
        print(f"kehu:    {len(partners)} customers, peak memory {peak_memory() - before:.0f} MB above the start")
        return len(partners)

    def raw(env):
        ids = pooled(env, count(env))
        env.cr.execute("select d.id from hr_employee e join hr_version v on v.id = e.current_version_id "
                       "join hr_department d on d.id = v.department_id where e.user_id = %s limit 1", (bench.seller,))
        values = {"ids": ids, "seller": bench.seller, "uid": env.uid, "department": (env.cr.fetchone() or [None])[0]}
        env.cr.execute(
            """insert into kehu_assignment (partner_id, kind, old_user_id, user_id, pool_id, date, author_id, reason, company_id)
               select id, 'assign', user_id, %(seller)s, kehu_pool_id, now() at time zone 'UTC', %(uid)s, 'bench', company_id
                 from res_partner where id = any(%(ids)s)""",
            values,
        )
        for column in ("id", "parent_id"):
            env.cr.execute(
                "update res_partner set user_id = %(seller)s, kehu_department_id = %(department)s, kehu_home_pool_id = kehu_pool_id, "
                "kehu_pool_id = null, kehu_assigned_on = now() at time zone 'UTC', "
                "write_uid = %(uid)s, write_date = now() at time zone 'UTC' where " + column + " = any(%(ids)s)",
                values,
            )
        return len(ids)

    return {"Kehu": (bench.director, ours), "raw SQL": (bench.director, raw)}
