from . import kehu_duplicate_check
