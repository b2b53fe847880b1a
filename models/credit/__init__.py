"""Room credit: how much a customer may owe, and what we write to those who owe too long.

For: the customer's credit (limit, used, left) and what happens above it; statements of account; dunning letters in levels, with holds.
Owns: `kehu.dunning.level`, `kehu.dunning.letter`, `kehu.statement.letter`, `res.partner.kehu_credit_*`, `sale.order.kehu_credit_*`, the
holds of customer and order.
May call: rooms system, customer, pool (days of a company), approval, sales and receivable, and the host. Those do not know this room.
"""

from . import exceptions
from . import res_company
from . import kehu_settings
from . import res_partner_credit
from . import sale_order_credit
from . import res_partner_statement
from . import kehu_statement_letter
from . import mail_tracking_value
from . import kehu_dunning_level
from . import kehu_dunning_letter
from . import kehu_dunning_run
from . import dunning_hold
