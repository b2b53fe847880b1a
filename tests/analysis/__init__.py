from . import test_analysis_periods
from . import test_analysis_summary
from . import test_analysis_race
from . import test_analysis_rights
from . import test_analysis_screen
from . import test_analysis_sets
from . import test_analysis_entries
from . import test_analysis_tours
