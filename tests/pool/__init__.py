from . import test_pool_access
from . import test_pool_calls
from . import test_pool_claim
from . import test_pool_concurrency
from . import test_pool_ownership
from . import test_pool_story
from . import test_pool_wizard
