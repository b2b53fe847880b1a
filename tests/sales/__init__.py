from . import test_sales_access
from . import test_sales_customers
from . import test_sales_deletion
from . import test_sales_documents
from . import test_sales_prints
from . import test_sales_prints_capitals
from . import test_sales_story
from . import test_sales_opportunity
