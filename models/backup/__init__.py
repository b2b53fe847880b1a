"""Room backup: copies of the whole database with its files, and the way back.

For: backups by hand and on a schedule, kept by number and days, proved by a trial restore, downloaded, restored into a new database or over
this one. The host's own dump and restore do it, in a process of its own (`tools/backup_worker.py`).
Owns: `kehu.backup` (a file), `kehu.backup.job` (one piece of work), `kehu.backup.plan` (the schedule, one record). Engine `backup`.
May call: room system; the time zone of the company (room pool). Nobody calls it.
"""

from . import exceptions
from . import kehu_backup_access
from . import kehu_backup
from . import kehu_backup_job
from . import kehu_backup_plan
