from . import backup
from . import contact_form
from . import delivery
from . import login
from . import mask
from . import order_paper
