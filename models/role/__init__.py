"""Room role: who may do what, told and checked.

For: the check of the policy, the answers “what may this person do” and “who may see this customer”, roles made by administrators, extra
rights with an end date.
Owns: `kehu.role`, `kehu.role.grant`, `kehu.policy.finding`, `kehu.rights` (who asks the host as somebody else) and the dialogs of the
answers (wizards/role).
May call: every room; it reads what they say. Nobody calls it.
Rights are enforced by the host: by its groups, access rows and rules. This room makes some of them and tells where all come from.
"""

from . import exceptions
from . import kehu_policy_finding
from . import kehu_rights
from . import kehu_role
from . import kehu_role_grant
from . import res_groups
from . import res_users
from . import exporting
from . import kehu_configuration
