"""Import 10,000 customers with contacts from .xlsx: ten columns, three names of related records, duplicate check on.

Host: `base_import.execute_import` of the same sheet in its batches of 2,000, tracking off as the web client sends it. Bare: batched
`create()` of the same values, without file, check and staging. Goals: 5 times the host's rows a second, 0.6 of bare, 0.1 query a row,
40 MB above the start.
"""
from . import import_sheet

WRITES = True  # though rolled back, see `harness.tidy`
ROUNDS = 2
ROWS_OF_BATCH = 20  # 10,000 with the batch of 500


def variants(bench):
    with bench.registry.cursor() as cr:
        from odoo import api
        env = api.Environment(cr, bench.director, {"lang": "zh_CN"})
        cells = import_sheet.rows(env, ROWS_OF_BATCH * bench.batch)
    content = import_sheet.workbook(cells)

    def ours(env):
        with import_sheet.Memory() as memory:
            done = import_sheet.ours(env, content)
        print(f"kehu:  {done} customers with contacts, {memory.megabytes:.0f} MB above the start")
        return done

    def host(env):
        with import_sheet.Memory() as memory:
            done = import_sheet.host(env, content)
        print(f"kehu:  {done} customers by the host, {memory.megabytes:.0f} MB above the start")
        return done

    return {
        "Kehu: check and import": (bench.director, ours),
        "host's own import": (bench.director, host),
        "bare batched create()": (bench.director, lambda env: import_sheet.bare(env, cells)),
    }
