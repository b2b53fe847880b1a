"""Room organisation: companies, departments and people as one tree, and what happens to the work of those who leave.

For: the screen “Organisation”, closing a department with its people and logins, handing over what somebody who leaves was doing.
Owns: `kehu.organisation` (calls of the screen), `kehu.handover` with its lines, the order of departments.
May call: system, customer, followup, pool (its gateway), approval, sales, contract, importer, receivable. Nobody calls it.
Everything is done with the rights of who does it, by the methods of the rooms that own the records; nothing is written past them.
"""

from . import exceptions
from . import hr_department
from . import kehu_handover_kind
from . import kehu_handover
from . import kehu_organisation
