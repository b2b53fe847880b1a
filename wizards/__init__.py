from . import customer
from . import followup
from . import call
from . import pool
from . import approval
from . import contract
from . import sales
from . import duplicate
