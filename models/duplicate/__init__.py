"""Room duplicate: is this customer known already?

For: rules that say what makes two customers the same and what then happens, keys kept with each customer, the one search behind the form,
saving, imports and the search over the whole base, groups of duplicates to merge, and pairs that are known to be different.
Owns: `kehu.duplicate.rule`, `.exclusion`, `.search`, `.group`, `.member` and the key columns of `res.partner`. Folding is
`tools/folding.py` and `tools/folding_reach.py`, plain Python; the SQL of the search is `matching.py`.
May call: rooms system, customer and pool, and the host's merge of contacts.
"""

from . import exceptions
from . import kehu_duplicate_rule
from . import kehu_settings
from . import kehu_duplicate_exclusion
from . import kehu_duplicate_lock
from . import kehu_duplicate_search
from . import kehu_duplicate_group
from . import res_partner_keys
from . import res_partner
from . import res_partner_signup
from . import res_users
from . import crm_lead
from . import base_partner_merge
