from . import kehu_folder_change
