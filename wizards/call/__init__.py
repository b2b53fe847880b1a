from . import kehu_call_desk
from . import kehu_call_share
