"""Waiting for me, the number in the systray: 2,000 open documents among many finished ones.

OCA: `res.users.review_user_count`, which its systray calls. Raw: the count in SQL, without rights or companies.
"""
from . import approval


def variants(bench):
    registry, other = approval.kehu(), approval.oca()

    def ours(env):
        return env["kehu.approval.request"].kehu_waiting_count()["count"]

    def oca(env):
        return sum(group["pending_count"] for group in env["res.users"].review_user_count())

    def raw(env):
        env.cr.execute("select count(*) from kehu_approval_request_decider_rel where user_id = %s", (env.uid,))
        return env.cr.fetchone()[0]

    me = approval.approver(registry)
    return {
        "Kehu": (me, ours, registry),
        **({"OCA base_tier_validation": (approval.approver(other), oca, other)} if other else {}),
        "raw SQL": (me, raw, registry),
    }
