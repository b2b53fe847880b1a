"""Room workbench: what a person finds after logging in, and does from there.

For: panels of what waits for the one who looks, arranged by each person, or by the administrator for a role.
Owns: the list of panels, one provider each, `kehu.workbench.layout`, `kehu.notice`, `kehu.visit`, `kehu.card`, and the messages that let
numbers on the screen follow.
May call: all other rooms, through their fields and public methods; no room calls this one.
A new panel: docs/workbench.md.
"""

from . import exceptions
from . import kehu_workbench_layout
from . import kehu_workbench
from . import kehu_workbench_plan
from . import kehu_workbench_approval
from . import kehu_workbench_money
from . import kehu_workbench_sales
from . import kehu_notice
from . import kehu_visit
from . import kehu_workbench_people
from . import kehu_sale_trail
from . import kehu_card
from . import refresh
from . import ir_http
