"""Room analysis: what managers decide from, at a million order lines, and no more than the reader may see.

For: one screen with conditions, chart, table, drill, comparison, Excel; figures from a summary that is right to the cent at any moment.
Owns: `kehu.sales.summary` (added up by month) and `kehu.sales.change` (what has to be added up again), the triggers that fill the latter,
`kehu.analysis` (the calls of the screen; an analysis is a small class, see `provider.py`), `kehu.analysis.filter` (kept conditions),
`kehu.report` and `kehu.report.page` (what people put together themselves; see `report_sources.py`).
May call: all rooms. Nobody calls it.
"""

from . import exceptions
from . import scope
from . import sale_order
from . import res_company
from . import kehu_sales_change
from . import kehu_sales_summary
from . import provider
from . import sales_analyses
from . import customer_analyses
from . import contribution_analyses
from . import followup_analyses
from . import receivable_analyses
from . import funnel_analyses
from . import kehu_assignment
from . import pool_analyses
from . import staff_analyses
from . import workbook
from . import kehu_analysis
from . import kehu_analysis_export
from . import kehu_analysis_filter
from . import report_sources
from . import kehu_report_shared
from . import kehu_report
from . import kehu_report_figures
from . import kehu_report_page
from . import kehu_report_export
from . import res_users
