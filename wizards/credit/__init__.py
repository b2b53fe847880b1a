from . import kehu_credit_limit
