from . import test_mask
from . import test_mask_sweep
