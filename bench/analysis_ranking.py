"""Sales by salesperson over the full history, all people.

Ours: the call of the screen, with rights, names, noted changes and the total. Bare: hand-written queries on the summary.
"""

from . import analysis_data


def variants(bench):
    analysis_data.ensure(bench)
    return analysis_data.compared(
        bench,
        "sales_ranking",
        "user",
        "user_id",
        "user_id",
        "name.name",
        "left join res_users person on person.id = row.user_id left join res_partner name on name.id = person.partner_id",
    )
