from . import kehu_receivable
