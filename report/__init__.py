from . import approval
from . import prints
from . import contract
from . import sales
from . import receivable
from . import credit
from . import target
from . import mask
