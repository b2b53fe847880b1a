from . import sales
from . import receivable
