"""The search for duplicates over the whole base by name: groups and members written, ready to decide.

Host: the merge wizard, started by name. Raw: the groups by key, only counted.
"""


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
        wizard = env["base.partner.merge.automatic.wizard"].sudo().create({"group_by_name": True, "maximum_group": 100000})
        wizard.action_start_manual_process()
        return True

    def raw(env):
        env.cr.execute("select kehu_name_key, array_agg(id) from res_partner where kehu_is_customer and active "
                       "group by kehu_name_key having count(*) > 1")
        env.cr.fetchall()
        return True

    return {"Kehu": (bench.director, ours), "host: merge wizard by name": (bench.director, host), "raw SQL": (bench.director, raw)}
