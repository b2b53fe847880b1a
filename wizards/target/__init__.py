from . import kehu_target_split
