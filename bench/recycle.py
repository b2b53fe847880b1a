"""Look over all owned customers for those that fall into the pool tonight: with policy per level, exemptions and delivered warnings.

Ours locks what it finds, as the job does before it moves anything. Raw: the one query somebody would write by hand for two rules, one
level and a time zone, without warnings; with the same locks, and only reading.
Host: no such thing, so there is no third variant.
"""

from odoo import fields

from .data import IDLE, LEVEL_IDLE, NO_DEAL

WRITES = True  # though rolled back, see `harness.tidy`


def variants(bench):
    from odoo import SUPERUSER_ID, api

    with bench.registry.cursor() as cr:
        level = api.Environment(cr, SUPERUSER_ID, {}).ref("kehu_crm.kehu_pool_default").level_rule_ids.level_id.id

    def ours(env):
        company = env.company
        run = env["kehu.pool.run"].new({"company_id": company.id, "date": company._kehu_today(), "last_id": 0})
        return len(run._kehu_candidates(limit=10**9))

    def raw(env, lock=""):
        env.cr.execute(
            """select id, user_id, due from (
                 select p.id, p.user_id,
                        least(greatest((p.kehu_assigned_on at time zone 'UTC' at time zone %(zone)s)::date, p.kehu_effective_contact)
                              + case when p.kehu_level_id = %(level)s then %(level_idle)s else %(idle)s end,
                              case when p.kehu_level_id = %(level)s then null else
                              greatest((p.kehu_assigned_on at time zone 'UTC' at time zone %(zone)s)::date, p.kehu_last_deal)
                                + %(no_deal)s end) as due
                   from res_partner p
                  where p.kehu_is_customer and p.active and p.user_id is not null and p.kehu_locked is not true) q
                where due <= %(today)s order by id""" + lock,
            {
                "zone": env.company.kehu_timezone,
                "level": level,
                "level_idle": LEVEL_IDLE,
                "idle": IDLE,
                "no_deal": NO_DEAL,
                "today": fields.Date.to_string(env.company._kehu_today()),
            },
        )
        return len(env.cr.fetchall())

    def locking(env):
        return raw(env, " for no key update skip locked")

    return {
        "Kehu": (SUPERUSER_ID, ours),
        "raw SQL, locking them too": (SUPERUSER_ID, locking),
        "raw SQL, only reading": (SUPERUSER_ID, raw),
    }
