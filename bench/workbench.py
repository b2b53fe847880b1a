"""Open the workbench: its layout and all its panels, as a salesperson.

Host: what its client asks for from the home page to the list of contacts: menus, the action, the views, 80 rows and their count. Beside it
the same for a director, who may see everything.
"""

from .my_customers import list_spec


def variants(bench):
    from odoo import api

    with bench.registry.cursor() as cr:
        env = api.Environment(cr, bench.seller, {"lang": "zh_CN", "tz": "Asia/Shanghai"})
        spec = list_spec(env, "res.partner")
        action = env.ref("contacts.action_contacts").id

    def ours(env):
        workbench = env["kehu.workbench"]
        workbench.get_layout()
        workbench.get_panels([])

    def panels(env):
        env["kehu.workbench"].get_panels([])

    def host(env):
        env["ir.ui.menu"].load_web_menus(False)
        env["ir.actions.actions"]._for_xml_id("contacts.action_contacts")
        env["ir.actions.act_window"].browse(action).sudo()._get_action_dict()
        env["res.partner"].get_views([(False, "kanban"), (False, "list"), (False, "form"), (False, "search")], {"action_id": action})
        env["res.partner"].web_search_read([("is_company", "=", True)], spec, limit=80, count_limit=10001)

    return {
        "Kehu: layout and all panels": (bench.seller, ours),
        "Kehu: all panels": (bench.seller, panels),
        "Kehu: layout and all panels of a director": (bench.director, ours),
        "host: home to list of contacts": (bench.seller, host),
    }
