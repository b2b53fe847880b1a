from . import kehu_receivable
from . import kehu_receivable_customer
