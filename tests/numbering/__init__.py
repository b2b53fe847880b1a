from . import test_numbering_patterns
from . import test_numbering_screen
from . import test_numbering_records
from . import test_numbering_race
from . import test_numbering_tour
