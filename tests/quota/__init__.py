from . import test_quota
from . import test_quota_doors
from . import test_quota_races
