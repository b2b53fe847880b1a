from . import kehu_approval_decide
from . import kehu_approval_submit
from . import kehu_approval_decide_changes
