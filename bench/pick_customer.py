"""Pick a customer or a contact in a many2one by two Chinese characters, as a salesperson: the first eight.

Host: the names by its own search.
"""

from odoo.fields import Domain

from .search_two import HOST_COLUMNS

TERM = "华强"


def variants(bench):
    def ours(env):
        return [row[0] for row in env["res.partner"].name_search(TERM, limit=8)]

    def host(env):
        records = env["res.partner"].search_fetch(
            Domain.OR(Domain(name, "ilike", TERM) for name in HOST_COLUMNS), ["display_name"], limit=8
        )
        return [record.id for record in records if record.display_name]

    return {"Kehu": (bench.seller, ours), "host: name_search": (bench.seller, host)}
