from . import test_workbench_panels
from . import test_workbench_layout
from . import test_workbench_recipe
from . import test_workbench_tour
from . import test_workbench_people
from . import test_workbench_trail
from . import test_workbench_cards
