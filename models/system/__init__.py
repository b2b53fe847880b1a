"""Room system: what every other room stands on.

For: engine tokens (who may write what only code may write), the business dictionary, roles, and who oversees which department.
Owns: `kehu.settings` (the one settings page), `kehu.dictionary.value`, `kehu.dictionary.area`, `kehu.word.mixin` (words to choose from),
`kehu.engine.log.mixin`, `kehu.department.mixin` and `kehu.salesperson.mixin` (whose a document is), the logs `kehu.operation.log` and
`kehu.login.log` with `kehu.operation.log.mixin` for the documents they follow, `kehu.configuration` (all of it as a file), the CRM's
groups, department overseers and the user's home department.
May call: the host only.
"""

from . import engine
from . import exceptions
from . import usage
from . import kehu_settings
from . import kehu_configuration
from . import kehu_word_mixin
from . import kehu_word_names
from . import kehu_word_merge
from . import hr_department
from . import hr_employee
from . import kehu_dictionary_value
from . import kehu_dictionary_area
from . import kehu_engine_log_mixin
from . import kehu_department_mixin
from . import res_company
from . import res_groups
from . import res_users

# behind the users: partners are set up with the columns of users in place
from . import kehu_operation_log_mixin
from . import kehu_operation_log
from . import kehu_login_log
from . import kehu_login_guard
from . import res_device
from . import logged_acts
from . import res_country_state
from . import ir_sequence
