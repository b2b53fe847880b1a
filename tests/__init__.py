# Rooms in their order; each names its files. Names of test files are unique in the whole add-on: two of the same name shadow each other.
from .system import *
from .customer import *
from .followup import *
from .call import *
from .pool import *
from .duplicate import *
from .lookup import *
from .approval import *
from .product import *
from .sales import *
from .contract import *
from .receivable import *
from .credit import *
from .target import *
from .importer import *
from .analysis import *
from .story import *
