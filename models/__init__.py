# A room uses only rooms above it; see docs/architecture.md.
from . import system
from . import customer
from . import followup
from . import call
from . import pool
from . import duplicate
from . import lookup
from . import approval
from . import product
from . import sales
from . import contract
from . import importer
from . import receivable
from . import credit
from . import target
from . import analysis
from . import workbench
