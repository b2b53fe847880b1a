# Run in an Odoo shell on a database without demo data: install kehu_crm with its own demo data, not the host's.
# Odoo loads a module's demo data only where all it depends on has the demo flag; the flag is taken back afterwards,
# so that a later update of Odoo's modules does not bring in theirs.
from odoo.modules.registry import Registry

env.cr.execute("UPDATE ir_module_module SET demo = true WHERE state = 'installed' AND NOT demo RETURNING id")
flagged = [row[0] for row in env.cr.fetchall()]
env.cr.commit()
name = env.cr.dbname
registry = Registry.new(name, update_module=True, install_modules=["kehu_crm"], new_db_demo=True)
with registry.cursor() as cr:
    cr.execute("UPDATE ir_module_module SET demo = false WHERE id = ANY(%s)", (flagged,))
    cr.execute("SELECT demo FROM ir_module_module WHERE name = 'kehu_crm'")
    assert cr.fetchone()[0], "AssertionError: the demo data of kehu_crm did not load"
    cr.commit()
print("kehu:done")
