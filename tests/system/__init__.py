from . import test_system_access
from . import test_system_configuration
from . import test_system_ground
from . import test_system_hoot
from . import test_system_logs
from . import test_system_words
from . import test_system_settings
from . import test_system_uninstall
