from . import test_call_log
from . import test_call_lists
from . import test_call_work
from . import test_call_access
from . import test_call_races
from . import test_call_growth
from . import test_call_tour
from . import test_call_story
