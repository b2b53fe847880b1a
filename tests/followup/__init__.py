from . import test_followup_records
