"""Waiting for me, the list: 80 rows and their count, as it opens.

Ours reads all columns of its list. OCA: orders that can be reviewed by me, which is what its systray opens, with six columns.
Raw: the rows and the count in SQL, without rights or records.
"""
from . import approval
from .my_customers import list_spec

LIST = "kehu_crm.kehu_approval_request_view_list_decide"
COLUMNS = ("name", "amount_total", "date_order", "validation_status")


def variants(bench):
    from odoo import api

    registry, other = approval.kehu(), approval.oca()
    me = approval.approver(registry)
    with registry.cursor() as cr:
        env = api.Environment(cr, me, {"lang": "zh_CN", "tz": "Asia/Shanghai"})
        spec = list_spec(env, "kehu.approval.request", env.ref(LIST).id)

    def ours(env):
        found = env["kehu.approval.request"].web_search_read(
            [("decider_ids", "in", [env.uid])], spec, limit=80, count_limit=10001, order="date_due, turn_on, id")
        return len(found["records"]), found["length"]

    def oca(env):
        found = env["sale.order"].web_search_read(
            [("can_review", "=", True)],
            {**{name: {} for name in COLUMNS}, **{name: {"fields": {"display_name": {}}} for name in ("partner_id", "user_id")}},
            limit=80, count_limit=10001)
        return len(found["records"]), found["length"]

    def raw(env):
        env.cr.execute(
            """select r.id, r.name, r.subject, r.requester_id, r.turn_on, r.date_due, r.step_name
                 from kehu_approval_request_decider_rel d join kehu_approval_request r on r.id = d.request_id
                where d.user_id = %s order by r.date_due, r.turn_on, r.id limit 80""", (env.uid,))
        rows = env.cr.fetchall()
        env.cr.execute("select count(*) from kehu_approval_request_decider_rel where user_id = %s", (env.uid,))
        return len(rows), env.cr.fetchone()[0]

    return {
        "Kehu": (me, ours, registry),
        **({"OCA base_tier_validation": (approval.approver(other), oca, other)} if other else {}),
        "raw SQL": (me, raw, registry),
    }
