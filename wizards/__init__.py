from . import customer
from . import pool
from . import approval
from . import duplicate
