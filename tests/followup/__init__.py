from . import test_followup_records
from . import test_followup_zones
