from . import test_followup_records
from . import test_followup_zones
from . import test_followup_reminders
from . import test_followup_schedule
from . import test_followup_deletion
from . import test_followup_plan
from . import test_followup_tours
