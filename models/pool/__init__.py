"""Room pool: who holds a customer, and where customers without an owner wait.

For: assign, claim, return, transfer, each through one method with row locks and a history that nobody can write by hand.
Owns: `kehu.pool`, `kehu.assignment`, and the ownership of customers (`user_id`, `kehu_pool_id`, `kehu_assigned_on` of `res.partner`).
May call: system, customer, followup. Later rooms hook into `_kehu_owner_changed` of room customer.
"""

from . import exceptions
from . import kehu_pool
from . import kehu_assignment
from . import res_partner
from . import base_partner_merge
