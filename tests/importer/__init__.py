from . import test_importer_batch
from . import test_importer_template
from . import test_importer_workbook
from . import test_importer_duplicates
from . import test_importer_run
from . import test_importer_undo
