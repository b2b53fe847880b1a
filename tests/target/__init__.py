from . import test_target_credit
from . import test_target_rules
from . import test_target_figures
from . import test_target_access
from . import test_target_split
from . import test_target_commission
from . import test_target_budget
from . import test_target_print
