from . import kehu_ownership_change
