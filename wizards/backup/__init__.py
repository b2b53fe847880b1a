from . import kehu_backup_restore
from . import kehu_backup_plan_change
from . import kehu_backup_drop
