from . import kehu_print_choose
