# One line per room. Test file names are unique in the whole add-on: two of the same name shadow each other.
from .system import test_system_access, test_system_ground
from .customer import test_customer_access, test_customer_card
from .followup import test_followup_records
from .pool import test_pool_access, test_pool_concurrency, test_pool_ownership, test_pool_story, test_pool_wizard
from .approval import test_approval_access, test_approval_concurrency, test_approval_flow, test_approval_guard
from .sales import test_sales_access, test_sales_documents, test_sales_story
from .receivable import test_receivable_access, test_receivable_figures, test_receivable_performance, test_receivable_race
from .receivable import test_receivable_random, test_receivable_receipt, test_receivable_story
from .importer import test_importer_batch, test_importer_workbook
from .story import test_click_robot, test_demo, test_main_job, test_menus, test_tours
