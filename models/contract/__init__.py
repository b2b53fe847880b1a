"""Room contract: what we and a customer have signed, from the draft to the last day.

For: numbered contracts with parties, period, amount and orders; approved before they are in force; reminded of, renewed, printed.
Owns: `kehu.contract`, its number series, the link `sale.order.kehu_contract_id`, and the customer's count of contracts.
May call: rooms system, customer, pool (days of a company), approval and sales, and the host. Those do not know contracts.
"""

from . import exceptions
from . import kehu_dictionary_value
from . import res_company
from . import kehu_contract
from . import kehu_contract_life
from . import kehu_contract_reminder
from . import sale_order
from . import crm_lead
from . import ir_attachment
from . import res_partner
from . import kehu_settings
