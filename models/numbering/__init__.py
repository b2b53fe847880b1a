"""Room numbering: one screen for the numbers that customers and documents bear.

For: prefix, date, digits, starting again, gaps and next number of each number series, per company; numbers of contacts, opportunities,
approval requests, and of orders where they shall differ from those of their quotes.
Owns: `kehu.numbering`, which keeps nothing but the document and the company: all else is the host's `ir.sequence`, which draws the numbers
(`models/system/ir_sequence.py`).
May call: every room that has documents. Nobody calls it.
"""

from . import exceptions
from . import ir_sequence
from . import kehu_numbering
from . import res_company
from . import res_partner
from . import crm_lead
from . import kehu_approval_request
from . import sale_order
