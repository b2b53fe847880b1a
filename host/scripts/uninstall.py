# Run in an Odoo shell: uninstall kehu_crm and print what it leaves behind, one line each.
from odoo.modules.registry import Registry

name = env.cr.dbname
env.cr.execute("SELECT model, array_agg(res_id) FROM ir_model_data WHERE module = 'kehu_crm' AND model NOT LIKE 'ir.%'"
               " AND model NOT LIKE 'kehu.%' GROUP BY model")
owned = {env[model]._table: ids for model, ids in env.cr.fetchall()}
env["ir.module.module"].search([("name", "=", "kehu_crm")]).button_immediate_uninstall()
env.cr.commit()
with Registry(name).cursor() as cr:
    looks = {
        "state of the module": "SELECT name FROM ir_module_module WHERE name = 'kehu_crm' AND state != 'uninstalled'",
        "xml id": "SELECT module || '.' || name FROM ir_model_data WHERE module = 'kehu_crm'",
        "model": "SELECT model FROM ir_model WHERE model LIKE 'kehu.%'",
        "field": "SELECT model || '.' || name FROM ir_model_fields WHERE name LIKE 'kehu\\_%' OR model LIKE 'kehu.%'",
        "view": "SELECT name FROM ir_ui_view WHERE key LIKE 'kehu\\_crm.%' OR arch_db::text LIKE '%kehu\\_%'",
        "menu": "SELECT name::text FROM ir_ui_menu WHERE action IN (SELECT 'ir.actions.act_window,' || id FROM ir_act_window"
                " WHERE res_model LIKE 'kehu.%')",
        "action": "SELECT name::text FROM ir_act_window WHERE res_model LIKE 'kehu.%'",
        "scheduled action": "SELECT cron_name FROM ir_cron WHERE cron_name LIKE '%kehu%'",
        "parameter": "SELECT key FROM ir_config_parameter WHERE key LIKE 'kehu%'",
        "table": "SELECT tablename FROM pg_tables WHERE tablename LIKE 'kehu\\_%'",
        "database view": "SELECT viewname FROM pg_views WHERE viewname LIKE 'kehu\\_%'",
        "column": "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE column_name LIKE 'kehu\\_%'",
        "sequence": "SELECT code FROM ir_sequence WHERE code LIKE 'kehu%'",
        "index": "SELECT indexname FROM pg_indexes WHERE indexname LIKE '%kehu%'",
        "group": "SELECT name::text FROM res_groups WHERE name::text LIKE '%ehu%'",
        "note of a constraint": "SELECT name FROM ir_model_constraint WHERE name LIKE '%kehu\\_%'",
        "name of a record": "SELECT module || '.' || name FROM ir_model_data WHERE model LIKE 'kehu.%'",
        "attachment": "SELECT name FROM ir_attachment WHERE res_model LIKE 'kehu.%' OR url LIKE '/kehu_crm/%'",
    }
    for what, sql in looks.items():
        cr.execute(sql)
        for row in cr.fetchall():
            print("kehu:" + f"{what} left: {row[0]}")
    for table, ids in owned.items():
        cr.execute(f"SELECT id FROM {table} WHERE id = ANY(%s)", [ids])
        for row in cr.fetchall():
            print("kehu:" + f"row left: {table} {row[0]}")
print("kehu:done")
