from . import test_contract_story
from . import test_contract_guards
from . import test_contract_access
from . import test_contract_orders
from . import test_contract_reminder
from . import test_contract_renewal
from . import test_contract_customers
from . import test_contract_print
