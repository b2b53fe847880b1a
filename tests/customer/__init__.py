from . import test_customer_access
from . import test_customer_card
from . import test_customer_guards
from . import test_customer_mail
from . import test_customer_words
from . import test_customer_folder
