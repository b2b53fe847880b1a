"""Look over all owned customers for those that fall into the pool tonight: with policy per level, exemptions and delivered warnings.

Raw: the one query somebody would write by hand for two rules, one level and a time zone, without warnings.
Host: no such thing, so there is no third variant.
"""

from odoo import fields

IDLE, NO_DEAL, LEVEL_IDLE = 30, 180, 60
MARK = "kehu_bench.recycle"


def prepare(env):
    """Spread the dates of the owned customers by a hash of their number, and give the default pool a policy."""
    pool = env.ref("kehu_crm.kehu_pool_default")
    level = env["kehu.customer.level"].search([], limit=1)
    if not pool.idle_days:
        pool.write(
            {
                "idle_days": IDLE,
                "no_deal_days": NO_DEAL,
                "warn_days": 0,
                "level_rule_ids": [(0, 0, {"level_id": level.id, "idle_days": LEVEL_IDLE, "no_deal_days": 0})],
            }
        )
    parameter = env["ir.config_parameter"].sudo()
    if not parameter.get_param(MARK):
        env.cr.execute(
            """update res_partner
                  set kehu_assigned_on = now() at time zone 'UTC' - (abs(hashint4(id)) %% 720) * interval '1 hour' - interval '10 days',
                      kehu_effective_contact = case when id %% 3 > 0 then current_date - abs(hashint4(id * 3)) %% 35 end,
                      kehu_last_deal = case when id %% 4 = 0 then current_date - abs(hashint4(id * 5)) %% 190 end,
                      kehu_level_id = case when id %% 5 = 0 then %s end
                where kehu_is_customer and user_id is not null""",
            (level.id,),
        )
        parameter.set_param(MARK, "1")
        env.cr.commit()
        env.cr.execute("analyze res_partner")
    env.cr.commit()
    return level.id


def variants(bench):
    from odoo import SUPERUSER_ID, api

    with bench.registry.cursor() as cr:
        level = prepare(api.Environment(cr, SUPERUSER_ID, {}))

    def ours(env):
        company = env.company
        run = env["kehu.pool.run"].new({"company_id": company.id, "date": company._kehu_today(), "last_id": 0})
        return len(run._kehu_candidates(limit=10**9))

    def raw(env):
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
                where due <= %(today)s order by id""",
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

    return {"Kehu": (SUPERUSER_ID, ours), "raw SQL": (SUPERUSER_ID, raw)}
