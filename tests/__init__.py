# One line per room. Test file names are unique in the whole add-on: two of the same name shadow each other.
from .importer import test_importer_batch, test_importer_workbook
from .receivable import test_receivable_figures
from .approval import test_approval_concurrency, test_approval_flow, test_approval_guard
from .sales import test_sales_story
