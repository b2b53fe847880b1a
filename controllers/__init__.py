from . import contact_form
from . import delivery
from . import order_paper
