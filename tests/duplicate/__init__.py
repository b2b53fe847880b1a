from . import test_duplicate_folding
from . import test_duplicate_find
from . import test_duplicate_save
from . import test_duplicate_search
from . import test_duplicate_access
from . import test_duplicate_concurrency
