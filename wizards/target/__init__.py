from . import kehu_target_split
from . import kehu_commission_run
