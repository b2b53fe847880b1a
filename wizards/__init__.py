from . import pool
from . import approval
