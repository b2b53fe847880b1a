from . import crm_quotation_partner
from . import kehu_shipment_ship
from . import kehu_shipment_receive
