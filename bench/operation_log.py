"""Saving customers, each with five changed fields as a form sends them: what the log of operations costs.

The other variant neither reads the old and new values nor keeps them. Both do what is done before a commit, where the log is written, and
are rolled back.
"""

from unittest.mock import patch

WRITES = True
ROUNDS = 31
SAVED = 10  # customers, one after another


def _save(env, first, logged):
    customers = env["res.partner"].search(
        [("kehu_is_customer", "=", True), ("user_id", "=", env.uid), ("id", ">=", first)], order="id", limit=SAVED
    )
    if logged:
        return _change(env, customers)
    with patch.object(type(customers), "_kehu_logged_values", lambda self, names: {}):
        return _change(env, customers)


def _change(env, customers):
    for number, customer in enumerate(customers):
        values = {"street": f"基准路{number}号", "phone": f"0512-6288{number:04d}", "function": "采购", "zip": "215000", "comment": "基准"}
        customer.web_save(values, {"display_name": {}, "phone": {}, "street": {}})
        env.cr.flush()
    return len(customers)


def variants(bench):
    from odoo import api

    with bench.registry.cursor() as cr:
        mine = [("kehu_is_customer", "=", True), ("user_id", "=", bench.seller)]
        first = api.Environment(cr, bench.seller, {})["res.partner"].search(mine, order="id", limit=1).id
    return {
        "with the log": (bench.seller, lambda env: _save(env, first, True)),
        "without": (bench.seller, lambda env: _save(env, first, False)),
    }
