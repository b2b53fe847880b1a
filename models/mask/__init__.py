"""Room mask: phones, e-mails, amounts and costs that a role hides from its members.

For: people who work with customers and documents without being told how to reach the customers, or what is paid.
Owns: the ticks ``hide_`` of roles, and what the host answers for their members: whatever they read, search, sort, group, export, print or
copy comes through methods of the host that are overridden here once for all models. The program itself reads everything, so that an order
is confirmed and a mail sent as for anybody else.
May call: all rooms that show such values in ways of their own (customer, call, lookup, sales, analysis, workbench, printing) and role.
Nobody calls it.
"""

from . import kehu_role
from . import base
from . import people
from . import shown
from . import figures
from . import prints
