"""Room sales: opportunities, quotes and orders of CRM customers.

For: quote → 转为订单 → submit → approved → confirmed by the host; what belongs to a customer moves with its owner; departments.
Owns: the `kehu_` fields of `sale.order`, `sale.order.line` and `crm.lead`, floor prices and discount limits of products, categories and
people, the customer's counts of documents, `kehu.big.deal` (what the directors were told) and `kehu.shipment` (what left, who signed).
`kehu.stage.event` remembers which stages opportunities entered, left and skipped.
`kehu.visitor.count` counts what comes in by the web form (`controllers/contact_form.py`), which makes leads.
May call: rooms system, customer and approval, and the host. Orders of partners outside the CRM stay as the host has them.
"""

from . import exceptions
from . import derived
from . import kehu_dictionary_value
from . import product_price_limit
from . import res_company
from . import kehu_settings
from . import down_payment
from . import sale_order
from . import sale_order_line
from . import kehu_shipment
from . import sale_order_line_fulfilment
from . import sale_order_fulfilment
from . import customer_access
from . import sale_order_opportunity
from . import kehu_product_interest
from . import sale_order_terms
from . import sale_order_price
from . import kehu_big_deal
from . import crm_lead
from . import crm_lead_quotes
from . import kehu_stage_event
from . import crm_lead_stages
from . import kehu_visitor_count
from . import crm_lead_visitor
from . import crm_team
from . import ir_ui_menu
from . import ir_actions_report
from . import mail_template
from . import payment_link_wizard
from . import ir_qweb_fields
from . import res_currency
from . import res_partner
from . import base_partner_merge
from . import customer_deals
