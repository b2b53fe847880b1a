from . import test_product_search
from . import test_product_category
from . import test_product_pictures
