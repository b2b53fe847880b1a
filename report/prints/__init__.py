"""Prints: the Chinese business layout that every printed document of the CRM stands on.

For: quotes, orders, opportunities, delivery notes, contracts on A4: parties, lines, totals in figures and capitals, seals, page n of m.
Owns: the layout `kehu_crm.print_layout` with its parts, the words on it in one language or two, the numbers of its pages.
May call: rooms system, customer and sales, and the host. A document joins by a report with `kehu_print` set and a template of its own.
"""

from . import kehu_print
from . import ir_actions_report
from . import sale_order
from . import crm_lead
