from . import kehu_shipment_ship
from . import kehu_shipment_receive
