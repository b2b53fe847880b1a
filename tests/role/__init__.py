from . import test_role_policy
from . import test_role_answers
from . import test_role_configuration
from . import test_role_configuration_tour
from . import test_role_roles
from . import test_role_grants
from . import test_role_tour
