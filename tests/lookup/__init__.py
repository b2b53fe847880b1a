from . import test_lookup_concurrency
from . import test_lookup_leaks
from . import test_lookup_search
from . import test_lookup_tours
from . import test_lookup_typed
