from . import test_organisation_handover
from . import test_organisation_closing
from . import test_organisation_tree
