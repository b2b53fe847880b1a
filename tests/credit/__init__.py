from . import test_credit_limit
from . import test_credit_statement
from . import test_credit_dunning
from . import test_credit_race
from . import test_credit_privacy
