from . import kehu_approval_queue
