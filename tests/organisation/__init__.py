from . import test_organisation_handover
from . import test_organisation_closing
from . import test_organisation_tree
from . import test_organisation_concurrency
from . import test_organisation_tour
from . import test_organisation_first_steps
