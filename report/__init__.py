from . import approval
from . import prints
from . import sales
from . import receivable
