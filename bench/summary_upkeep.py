"""Confirming an order of ten lines: what it costs that the summary of sales is kept right.

The other variant has the triggers of the summary switched off for its transaction, in which nothing else differs: both say so of each
trigger beforehand. Orders of the bench are confirmed without approval; the transaction is rolled back.
"""

WRITES = True
ROUNDS = 15
LINES = 10


def _confirm(env, triggers):
    env.cr.execute("update kehu_approval_flow set active = false")
    env.cr.execute("select tgrelid::regclass::text, tgname from pg_trigger where tgname like 'kehu\\_sales\\_%' and not tgisinternal")
    for table, name in env.cr.fetchall():
        env.cr.execute(f'alter table {table} {"enable" if triggers else "disable"} trigger "{name}"')
    order = env["sale.order"].search([("state", "=", "draft"), ("name", "like", "BU%")], order="id", limit=1)
    order.action_confirm()
    env.flush_all()
    return order.state


def _ensure(bench):
    from odoo import SUPERUSER_ID, api

    with bench.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if not env["sale.order"].search_count([("state", "=", "draft"), ("name", "like", "BU%")]):
            product = env["product.product"].create({"name": "基准", "type": "consu", "taxes_id": [(5, 0, 0)]})
            partner = env["res.partner"].search([("user_id", "!=", False), ("kehu_is_customer", "=", True)], order="id", limit=1)
            lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 1, "price_unit": 100 + number}) for number in range(LINES)]
            env["sale.order"].create({"name": "BU1", "partner_id": partner.id, "user_id": partner.user_id.id, "order_line": lines})
            cr.commit()


def variants(bench):
    _ensure(bench)
    # the superuser of the add-on confirms; rights cost the same in both
    return {
        "with the summary kept right": (1, lambda env: _confirm(env, True)),
        "triggers off": (1, lambda env: _confirm(env, False)),
    }
