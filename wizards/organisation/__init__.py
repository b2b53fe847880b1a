from . import kehu_handover_start
from . import kehu_department_closing
