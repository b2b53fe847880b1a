from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_sales_fulfilment import FulfilmentCommon


@tagged("post_install", "-at_install")
class TestSalesFulfilmentTour(FulfilmentCommon, HttpCase):
    def test_ship_in_two_parts(self):
        """In Chinese: three leave, then the rest, and the receipt is recorded."""
        self.env["res.lang"]._activate_lang("zh_CN")
        seller = self.user_seller
        seller.write({"password": seller.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        order = self._create_order().sudo()
        if not self.by_hand:
            self.skipTest("the host's inventory delivers here: the dialog is not offered")
        with mute_logger("odoo.http"):  # one refusal is part of it
            self.start_tour(f"/odoo/kehu-orders/{order.id}", "kehu_fulfilment", login=seller.login, timeout=180)
        self.env.invalidate_all()
        self.assertEqual((order.kehu_delivery_state, order.kehu_received_by), ("signed", "李四"))
        shipments = order.kehu_shipment_ids.sorted("id")
        self.assertEqual(
            [shipment.line_ids.mapped(lambda line: (line.product_id, line.quantity)) for shipment in shipments],
            [[(self.pump, 3)], [(self.pump, 7), (self.valve, 4)]],
        )
        self.assertEqual((shipments[0].carrier, shipments[0].waybill), ("顺丰速运", "SF1234567890"))
        self.assertEqual(shipments.recorded_by_id, seller)
