from . import test_click_robot
from . import test_demo
from . import test_main_job
from . import test_menus
from . import test_tours
