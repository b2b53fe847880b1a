"""The search for duplicates over the whole base by name: groups and members written, ready to decide.

Host: the merge wizard, started by name. It groups contacts too, writes a row and asks twice for each group, and takes minutes to hours for
them all, so it is stopped after its first ones: the ratio is for those few against all of ours. Raw: the groups by key, only read.
"""

FIRST = 1000  # groups of the host's wizard


def variants(bench):
    def ours(env):
        from odoo.addons.kehu_crm.models.duplicate.matching import Spec
        from odoo.addons.kehu_crm.models.system.engine import as_engine
        rule = env["kehu.duplicate.rule"].search([("field_name", "=", "name"), ("match", "=", "normalised")], limit=1)
        spec = Spec(rule.id, "name", "normalised", 0.6, "keep", "customers", "tell", False, False)
        search = as_engine(env["kehu.duplicate.search"].sudo(), "duplicate").create({"state": "running"})
        search._kehu_group_equal(spec)
        return True

    def host(env):
        wizard = env["base.partner.merge.automatic.wizard"].sudo().create({"group_by_name": True, "maximum_group": FIRST})
        wizard.action_start_manual_process()
        return True

    def raw(env):
        env.cr.execute("select kehu_name_key, array_agg(id) from res_partner where kehu_is_customer and active "
                       "group by kehu_name_key having count(*) > 1")
        env.cr.fetchall()
        return True

    return {
        "Kehu": (bench.director, ours),
        f"host: merge wizard by name, {FIRST} groups": (bench.director, host),
        "raw SQL": (bench.director, raw),
    }
