from . import test_receivable_access
from . import test_receivable_figures
from . import test_receivable_guards
from . import test_receivable_performance
from . import test_receivable_race
from . import test_receivable_random
from . import test_receivable_receipt
from . import test_receivable_story
