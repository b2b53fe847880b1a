from . import kehu_credit_limit
from . import kehu_statement
from . import kehu_statement_print
from . import kehu_dunning_hold
from . import kehu_dunning_report
