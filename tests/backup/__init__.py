from . import test_backup_files
from . import test_backup_rights
from . import test_backup_runs
from . import test_backup_plan
from . import test_backup_database
from . import test_backup_download
