"""Check of a file of 10,000 customers against check and import of it; goal: under a fifth of the time.

The second variant answers another question, so their results are not compared.
"""
from . import import_sheet
from .import_customers import ROWS_OF_BATCH

WRITES = True
ROUNDS = 2


def variants(bench):
    with bench.registry.cursor() as cr:
        from odoo import api
        cells = import_sheet.rows(api.Environment(cr, bench.director, {"lang": "zh_CN"}), ROWS_OF_BATCH * bench.batch)
    content = import_sheet.workbook(cells)

    def checked(env):
        with import_sheet.Memory() as memory:
            done = import_sheet.checked(env, content).row_count
        print(f"kehu:  {done} rows checked, {memory.megabytes:.0f} MB above the start")
        return done

    return {
        "Kehu: check": (bench.director, checked),
        "Kehu: check and import": (bench.director, lambda env: import_sheet.ours(env, content)),
    }
