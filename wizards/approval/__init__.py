from . import kehu_approval_decide
from . import kehu_approval_submit
