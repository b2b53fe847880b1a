from .test_printing_layout import *
from .test_printing_templates import *
from . import test_printing_attacks
