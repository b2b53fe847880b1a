from . import contact_form
from . import delivery
