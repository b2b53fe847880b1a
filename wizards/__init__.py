from . import customer
from . import followup
from . import pool
from . import approval
from . import duplicate
