"""Room quota: how many customers a person opens, lists and exports on one day.

For: keeping somebody who is about to leave from taking the customers along, and telling administrators in time.
Owns: `kehu.quota.use` (who used how much), `kehu.quota.seen` (which customers were opened), the limits ``kehu_quota_`` of companies and
``quota_`` of roles, and `kehu.quota.mixin`, which counts what the host reads of a model.
May call: rooms system, customer, call, approval (caches) and role. Nobody calls it.
"""

from . import kehu_quota_use
from . import kehu_quota_seen
from . import kehu_quota_mixin
from . import res_partner
from . import crm_lead
from . import calls
from . import beside
from . import exporting
from . import forms
from . import res_company
from . import kehu_settings
from . import kehu_role
