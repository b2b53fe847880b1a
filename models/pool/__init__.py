"""Room pool: who holds a customer, and where customers without an owner wait.

For: assign, claim, return, transfer, each through one method with row locks and a history that nobody can write by hand; the policy of
a pool: limits (`res_partner_limits`), the clock of a customer (`kehu_pool_policy`, `res_partner_clock`), the nightly run (`kehu_pool_run`).
Owns: `kehu.pool` and its policy, `kehu.assignment`, runs and warnings, and the ownership and clock of customers.
May call: system, customer, followup. Later rooms hook into `_kehu_owner_changed` of room customer.
"""

from . import exceptions
from . import kehu_pool
from . import kehu_assignment
from . import res_partner
from . import base_partner_merge
from . import res_company
from . import kehu_pool_policy
from . import kehu_pool_level_rule
from . import res_partner_clock
from . import res_partner_terms
from . import res_partner_offers
from . import kehu_contact_record
from . import res_partner_activities
from . import res_partner_bulk  # before the limits, which also look at many at once
from . import res_partner_limits
from . import res_partner_lock
from . import res_partner_keeping
from . import res_partner_levels
from . import res_partner_spread
from . import kehu_pool_warning
from . import kehu_pool_run_line
from . import kehu_pool_run
from . import base_partner_merge_history
from . import kehu_settings
from . import leaving
