from . import test_printing_layout
from . import test_printing_templates
from . import test_printing_attacks
