"""Room importer: workbooks of customers come in, each row into the pool or back with a reason.

For: templates that say which column fills which field, batches that check a file (nothing is written) and import what is good.
Owns: `kehu.import.template`, its fields, `kehu.import.batch` with its rows, columns and problems. Files are read by `tools/workbook*.py`,
without ORM; each row waits in `kehu.import.row` between the check and the import.
May call: rooms system, customer and pool; customers are made by plain `create`, so every rule of those rooms holds here too.
"""

from . import exceptions
from . import base_template
from . import base_snapshot
from . import kehu_import_template_field
from . import base
from . import kehu_import_template
from . import kehu_import_template_export
from . import kehu_import_batch
from . import kehu_import_batch_read
from . import kehu_import_batch_run
from . import kehu_import_batch_fix
from . import kehu_import_batch_undo
from . import kehu_import_batch_keep
from . import kehu_import_row
from . import kehu_import_stop
from . import kehu_import_mapping
from . import kehu_import_problem
from . import res_partner
from . import res_partner_names
from . import base_partner_merge
from . import product_template
from . import hr_department
from . import hr_employee
from . import res_company
from . import kehu_settings
