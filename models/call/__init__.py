"""Room call: telephone calls, and lists of customers to be called with a script.

For: calls with outcome and callback, call lists that are built from a filter, shared out and worked off, and their statistics.
Owns: `kehu.phone.call`, `kehu.call.list`, `kehu.call.line`, `kehu.call.report`, and the link on `calendar.event`.
May call: system, customer, followup and the host. A call that reached somebody writes a contact record, which alone moves dates.
"""

from . import exceptions
from . import kehu_call_links_mixin
from . import kehu_call_list
from . import kehu_call_line
from . import kehu_call_line_take
from . import kehu_call_list_build
from . import kehu_phone_call
from . import calendar_event
from . import res_partner
from . import base_partner_merge
from . import kehu_call_report
