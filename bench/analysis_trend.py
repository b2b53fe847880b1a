"""Sales by month over the full history, all people.

Ours: the call of the screen, with rights, names, noted changes and the total. Bare: hand-written queries on the summary.
"""

from . import analysis_data


def variants(bench):
    analysis_data.ensure(bench)
    return analysis_data.compared(bench, "sales_trend", "month", "date:month", "month")
