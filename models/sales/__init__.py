"""Room sales: opportunities, quotes and orders of CRM customers.

For: quote → 转为订单 → submit → approved → confirmed by the host; what belongs to a customer moves with its owner; departments.
Owns: the `kehu_` fields of `sale.order`, `sale.order.line` and `crm.lead`, and the customer's counts of them. No model of its own.
May call: rooms system, customer and approval, and the host. Orders of partners outside the CRM stay as the host has them.
"""

from . import exceptions
from . import derived
from . import res_company
from . import kehu_settings
from . import sale_order
from . import sale_order_line
from . import customer_access
from . import sale_order_opportunity
from . import kehu_product_interest
from . import crm_lead
from . import crm_lead_quotes
from . import crm_team
from . import ir_ui_menu
from . import ir_qweb_fields
from . import res_currency
from . import res_partner
from . import base_partner_merge
from . import customer_deals
