from . import test_role_policy
