from . import test_approval_access
from . import test_approval_activity
from . import test_approval_attack
from . import test_approval_concurrency
from . import test_approval_desk
from . import test_approval_flow
from . import test_approval_guard
from . import test_approval_document
